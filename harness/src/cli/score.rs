//! `interloper score`: all targets whose bugs are known, and whether they are found.
//!
//! Never decides what is right: the targets say what they expect.

mod made;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Found, Result, TargetArguments, list, output};
use crate::analysis::benchmark::{self, Row, Trial, Verdict};
use crate::campaign::{Budget, CampaignOptions, FeedbackSource};
use crate::chain::NEWEST_VERSION;
use crate::types::Seed;

/// How long each build is fuzzed where nothing else is said.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// Fuzzes every build of which a target says what to expect, and compares.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all is as expected, 1 a bug was missed or a right build alarmed, 2 could not run.

Examples:
  interloper score
  interloper score vault staking --seeds 5
  interloper score --runs 2000 --json
  interloper score --without profit
  interloper score --only broken --runs 5000 --each-without
  interloper score --only silent --time 10m
  interloper score --init made --time 30s"
)]
pub(super) struct Score {
    /// What not to learn from cases: any of outcomes, windows, reads, results, edges, comparisons.
    #[arg(long, value_name = "SOURCES", value_delimiter = ',')]
    blind: Vec<FeedbackSource>,
    /// The targets; all that come along where none is named.
    targets: Vec<String>,
    /// How long each build is fuzzed at most: `90s`, `10m`. A minute where neither this nor `--runs` is given.
    #[arg(long, value_name = "TIME", value_parser = super::fuzz::time)]
    time: Option<Duration>,
    /// How many executions at most.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// How many seeds each build is fuzzed with.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Only builds with a bug, or only those that must stay silent.
    #[arg(long, value_name = "WHICH")]
    only: Option<Which>,
    /// Leaves an invariant out: shows what is lost. May be given several times.
    #[arg(long, value_name = "INVARIANT")]
    without: Vec<String>,
    /// Does not use the targets' own `target.toml`: makes each anew out of the contracts under test, as
    /// `interloper init` does, into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["only", "without", "seeds"])]
    init: Option<PathBuf>,
    /// With `--init`: the folder with the contracts' ABIs, each called NAME.json.
    #[arg(long, value_name = "FOLDER", requires = "init")]
    abi: Option<PathBuf>,
    /// Afterwards leaves out each invariant that explains a bug, one at a time: something must be lost.
    #[arg(long, conflicts_with_all = ["json", "without"])]
    each_without: bool,
    /// Prints JSON, with every seed by itself.
    #[arg(long)]
    json: bool,
}

/// Which builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    /// Those with a bug.
    Broken,
    /// Those that must stay silent.
    Silent,
}

impl Score {
    pub(super) fn run(&self) -> Result {
        self.check_names()?;
        if let Some(folder) = &self.init {
            return self.run_made(folder);
        }
        let mut rows = Vec::new();
        for target in self.targets()? {
            for (build, expected) in self.builds(&target)? {
                let row = self.row(&target, build, expected, &self.without)?;
                if !self.json {
                    output::result(&line(&row));
                    row.trials
                        .iter()
                        .filter_map(|trial| explain(&row, trial))
                        .for_each(|text| output::note(&text));
                }
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Err("none of these targets says what to expect: add `[expect]` to a `target.toml`, as targets/TARGET.md shows".into());
        }
        if self.json {
            output::result(&serde_json::to_string_pretty(&json(&rows))?);
        } else {
            output::result(&summary(&rows));
        }
        let mut good = rows.iter().all(|row| row.verdict().is_good());
        if self.each_without {
            good &= self.all_needed(&rows)?;
        }
        Ok(if good { Found::Nothing } else { Found::Something })
    }

    fn check_names(&self) -> Result<()> {
        let known = crate::invariant::built_in();
        let known: Vec<_> = known.iter().map(|invariant| invariant.name()).collect();
        match self.without.iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(format!(
                "`--without {name}` names no invariant: there are {}",
                known.join(", ")
            )
            .into()),
            None => Ok(()),
        }
    }

    fn targets(&self) -> Result<Vec<String>> {
        if !self.targets.is_empty() {
            return Ok(self.targets.clone());
        }
        let folder = list::targets_folder()?;
        Ok(folder.map(|folder| list::names(&folder)).transpose()?.unwrap_or_default())
    }

    /// The builds to fuzz, with what each is expected to break.
    fn builds(&self, target: &str) -> Result<Vec<(String, Vec<String>)>> {
        let target = crate::targets::Target::load(&list::find(target)?, None, &[])?;
        let mut builds: Vec<_> = target.expect.into_iter().collect();
        builds.retain(|(_, expected)| match self.only {
            None => true,
            Some(Which::Broken) => !expected.is_empty(),
            Some(Which::Silent) => expected.is_empty(),
        });
        Ok(builds)
    }

    fn budget(&self) -> Budget {
        let time = self.time.or_else(|| self.runs.is_none().then_some(DEFAULT_TIME));
        Budget { time, runs: self.runs, ..Budget::default() }
    }

    /// Whether each invariant that explains some bug is the only one to see one of them.
    fn all_needed(&self, rows: &[Row]) -> Result<bool> {
        let mut all = true;
        for name in explaining(rows) {
            let mut lost = Vec::new();
            for row in rows.iter().filter(|row| row.expected == [name.clone()]) {
                let (target, build) = (&row.target, row.build.clone());
                let left = self.row(target, build, Vec::new(), std::slice::from_ref(&name))?;
                if left.verdict() == Verdict::Silent {
                    lost.push(target.clone());
                }
            }
            all &= !lost.is_empty();
            let lost = if lost.is_empty() { "NOTHING".to_owned() } else { lost.join(", ") };
            output::result(&format!("without {name:<16} nothing breaks in {lost}"));
        }
        Ok(all)
    }

    /// Fuzzes a build of a target under each seed, but for some of the invariants.
    fn row(
        &self,
        target: &str,
        build: String,
        expected: Vec<String>,
        without: &[String],
    ) -> Result<Row> {
        let arguments = TargetArguments {
            target: target.to_owned(),
            build: Some(build.clone()),
            contract: Vec::new(),
            protocol_version: NEWEST_VERSION,
        };
        let loaded = arguments.load()?.without_invariants(without);
        let mut trials = Vec::new();
        for seed in self.seed..self.seed.saturating_add(self.seeds) {
            let campaign = loaded.campaign(CampaignOptions {
                sources: FeedbackSource::all_but(&self.blind),
                seed: Seed(seed),
                budget: self.budget(),
                ..CampaignOptions::default()
            });
            trials.push(benchmark::trial(&campaign, &expected)?);
        }
        Ok(Row { target: loaded.target().name.clone(), build, expected, trials })
    }
}

/// The invariants that explain a bug alone, in the order of the alphabet.
fn explaining(rows: &[Row]) -> std::collections::BTreeSet<String> {
    let alone = rows.iter().filter(|row| row.expected.len() == 1);
    alone.flat_map(|row| row.expected.iter().cloned()).collect()
}

/// One line of the table.
fn line(row: &Row) -> String {
    let by = match row.verdict() {
        Verdict::Missed => format!("expected {}", row.expected.join(" or ")),
        _ => row.explained_by().join(", "),
    };
    format!(
        "{:<14} {:<8} {:<12} {by:<18} {:>9} executions {:>7.1} s",
        row.target,
        row.build,
        row.verdict().describe(),
        row.executions(),
        row.seconds()
    )
}

/// What went otherwise than expected under one seed.
fn explain(row: &Row, trial: &Trial) -> Option<String> {
    let seed = trial.seed.0;
    if row.expected.is_empty() {
        let found = trial.found.as_ref()?;
        return Some(format!("  seed {seed}: {}: {}", found.invariant, found.summary));
    }
    let others: Vec<_> = trial.others.iter().map(|other| other.invariant.as_str()).collect();
    let others = others.join(", ");
    match (&trial.found, others.is_empty()) {
        (Some(_), true) => None,
        (Some(_), false) => Some(format!("  seed {seed}: before it {others}")),
        (None, true) => Some(format!("  seed {seed}: nothing broke")),
        (None, false) => Some(format!("  seed {seed}: only {others} broke")),
    }
}

fn summary(rows: &[Row]) -> String {
    let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
    let (found, missed) = (count(Verdict::Found), count(Verdict::Missed));
    let (silent, alarms) = (count(Verdict::Silent), count(Verdict::FalseAlarm));
    format!(
        "{found} of {} bugs found, {alarms} false alarms on {} right builds",
        found + missed,
        silent + alarms
    )
}

fn json(rows: &[Row]) -> serde_json::Value {
    let row = |row: &Row| {
        serde_json::json!({
            "target": row.target,
            "build": row.build,
            "expected": row.expected,
            "verdict": row.verdict(),
            "explained_by": row.explained_by(),
            "executions": row.executions(),
            "seconds": row.seconds(),
            "trials": row.trials,
        })
    };
    serde_json::json!({ "rows": rows.iter().map(row).collect::<Vec<_>>() })
}
