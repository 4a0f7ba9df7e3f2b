//! `interloper benchmark`: whether the known bugs of targets are found.
//!
//! Parses and prints. The targets say what they expect, and `analysis::benchmark` compares.

mod from_scratch;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Found, Result, TargetArguments, list, output};
use crate::analysis::benchmark::{self, Row, Verdict};
use crate::campaign::{Budget, CampaignOptions, FeedbackSource};
use crate::chain::NEWEST_VERSION;
use crate::types::Seed;

/// How long each build is fuzzed by default.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// Fuzzes targets whose bugs are known, and says whether each bug is found and each fixed build is silent.
///
/// A target names its bugs in the table `[expect]` of its `target.toml`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all as expected, 1 a bug was missed or a fixed build has a finding, 2 error.

Examples:
  interloper benchmark
  interloper benchmark vault staking --seeds 5
  interloper benchmark --runs 2000 --json
  interloper benchmark --without profit
  interloper benchmark --only broken --runs 5000 --each-without
  interloper benchmark --only silent --time 10m
  interloper benchmark --init made --time 30s"
)]
pub(super) struct Benchmark {
    /// Feedback that the search must not use, to measure what it is worth. A comma-separated list of outcomes,
    /// windows, reads, results, edges, comparisons.
    #[arg(long, alias = "blind", value_name = "SOURCES", value_delimiter = ',')]
    disable_feedback: Vec<FeedbackSource>,
    /// The targets [default: all in the folder `targets` here or above].
    targets: Vec<String>,
    /// How long to fuzz each build at most: `90s`, `10m` [default: 60s, if there is no `--runs`].
    #[arg(long, value_name = "TIME", value_parser = super::fuzz::time)]
    time: Option<Duration>,
    /// How many cases to run for each build at most.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// How many random seeds to try for each build.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// The first random seed.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Only builds with a bug, or only builds that must stay silent.
    #[arg(long, value_name = "WHICH")]
    only: Option<Which>,
    /// Leaves an invariant out, to see which bugs it finds. You can give this option several times.
    #[arg(long, value_name = "INVARIANT")]
    without: Vec<String>,
    /// Ignores the targets' own `target.toml`. Makes each target again from its contracts, as `interloper init`
    /// does, in this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["only", "without", "seeds"])]
    init: Option<PathBuf>,
    /// With `--init`: a folder with the contracts' ABIs, each named NAME.json.
    #[arg(long, value_name = "FOLDER", requires = "init")]
    abi: Option<PathBuf>,
    /// Then runs without each invariant in turn, and checks that some bug is missed without it.
    #[arg(long, conflicts_with_all = ["json", "without"])]
    each_without: bool,
    /// Prints JSON, with the result for each seed.
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

impl Benchmark {
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
                    output::result(&row.line());
                    row.surprises().iter().for_each(|text| output::note(text));
                }
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return Err("none of these targets says what to expect\n  help: add `[expect]` to a `target.toml`, as targets/TARGET.md shows".into());
        }
        if self.json {
            output::result(&serde_json::to_string_pretty(&benchmark::to_json(&rows))?);
        } else {
            output::result(&benchmark::summary(&rows));
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
                "`--without {name}`: there is no such invariant\n  help: the invariants are {}",
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
        for name in benchmark::sole_explanations(rows) {
            let mut lost = Vec::new();
            for row in rows.iter().filter(|row| row.expected == [name.clone()]) {
                let (target, build) = (&row.target, row.build.clone());
                let left = self.row(target, build, Vec::new(), std::slice::from_ref(&name))?;
                if left.verdict() == Verdict::Silent {
                    lost.push(target.clone());
                }
            }
            all &= !lost.is_empty();
            output::result(&benchmark::ablation_line(&name, &lost));
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
                sources: FeedbackSource::all_but(&self.disable_feedback),
                seed: Seed(seed),
                budget: self.budget(),
                ..CampaignOptions::default()
            });
            trials.push(benchmark::trial(&campaign, &expected)?);
        }
        Ok(Row { target: loaded.target().name.clone(), build, expected, trials })
    }
}
