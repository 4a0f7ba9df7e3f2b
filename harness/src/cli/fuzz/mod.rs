//! `interloper fuzz`: a campaign on one target.
//!
//! Parses and prints. `campaign` runs the cases.

mod jobs;
mod session;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::campaign::corpus::Shared;
use crate::campaign::fleet::Assignment;
use crate::campaign::goal_report::GoalReport;
use crate::campaign::{
    Budget, CampaignOptions, Driver, FeedbackSource, FindingSink, MissingAccount, Statistics,
};
use crate::chain::Network;
use crate::finding::{Finding, Known, Written};
use crate::fuzzer::DEFAULT_TIME;
use crate::report;
use crate::scenario::Scenario;
use crate::targets::Target;
use crate::types::Seed;
use crate::vm::UninstrumentedContract;
use session::{Outlets, Session};

/// Fuzzes one target: runs random cases until one breaks an invariant.
///
/// A case is a few transactions with an order of their receipts and injected failures. A case that breaks an
/// invariant is confirmed, shrunk, explained, and written to the folder of findings.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
#[command(after_help = "Exit status: 0 nothing found, 1 findings, 2 error.

Examples:
  interloper fuzz vault
  interloper fuzz vault --time 10m --max-findings 5
  interloper fuzz vault --build fixed --runs 100000
  interloper fuzz vault --build fixed --time 10m --jobs 4
  interloper fuzz path/to/folder --contract me.near=me.wasm --seed 7")]
pub(super) struct Fuzz {
    #[command(flatten)]
    target: TargetArguments,
    /// How long to fuzz: `90s`, `10m`, `8h` [default: 60s, if there is no `--runs`].
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Duration>,
    /// How many cases to run.
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// The random seed. The same seed with the same `--runs` gives the same result.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// What chooses the next case.
    #[arg(long, value_name = "DRIVER", default_value = "own")]
    driver: DriverName,
    /// Feedback that the search must not use, to measure what it is worth. A comma-separated list of outcomes,
    /// windows, reads, results, edges, comparisons.
    #[arg(long, alias = "blind", value_name = "SOURCES", value_delimiter = ',')]
    disable_feedback: Vec<FeedbackSource>,
    /// Stops after this many different findings. Known findings do not count.
    #[arg(long, value_name = "N", default_value_t = 1)]
    max_findings: usize,
    /// Prints at the end how often each method ran between a call and its callback.
    #[arg(long)]
    interleavings: bool,
    /// Prints at the end everything that was noticed without any harm that could be shown, with details. Otherwise
    /// the most frequent observations are printed, one line each. They do not change the exit status.
    #[arg(long)]
    observations: bool,
    /// How receipts may be reordered: `calm`, `congested` (receipts wait in queues), or `relaxed` (any order
    /// that the protocol allows).
    #[arg(long, value_name = "NETWORK", default_value = "congested", value_parser = network)]
    network: Network,
    /// A folder of cases to start from. Cases that show something new are added to it.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
    /// How many processes to run, at best one for each core. They share their corpus, so what they find depends
    /// on their speed. `--runs` counts the cases of all of them.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "interleavings",
        value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: u16,
    /// The folder for findings.
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
}

/// How many methods that never succeeded are named at the end.
const MOST_NEVER: usize = 8;

/// Where a slice keeps what it finds.
pub(super) struct SliceOutput {
    pub(super) corpus: PathBuf,
    pub(super) findings: PathBuf,
}

impl Fuzz {
    pub(super) fn run(&self) -> Result {
        let loaded = self.target.load()?;
        match self.jobs {
            1 => self.run_alone(&loaded, Outlets::default()),
            jobs => self.run_jobs(&loaded, jobs.into()),
        }
    }

    /// Runs as one process of several, and reports to the one that started it.
    pub(super) fn run_assigned(assignment: Assignment<Self>) -> Result {
        let Assignment { options, statistics, copies } = assignment;
        let loaded = options.target.load()?;
        options.run_alone(&loaded, Outlets { statistics: Some(statistics), copies })
    }

    fn run_alone(&self, loaded: &LoadedTarget, outlets: Outlets) -> Result {
        let mut options = CampaignOptions {
            driver: self.driver.of(),
            sources: FeedbackSource::all_but(&self.disable_feedback),
            seed: Seed(self.seed),
            budget: self.budget(),
            network: self.network,
            corpus: Vec::new(),
        };
        let mut corpus = None;
        if let Some(folder) = &self.corpus {
            let (shared, cases) = begin_with(folder, loaded)?;
            (corpus, options.corpus) = (Some(shared), cases);
        }
        let campaign = loaded.campaign(options);
        let known = Known::load(loaded.folder())?;
        let sink = FindingSink::new(self.findings.clone(), outlets.copies.clone(), known);
        let bar = bar();
        let mut session =
            Session { options: self, loaded, outlets, corpus, sink, shown: Vec::new(), bar };
        // Both are changed by what listens to the campaign and looked at by what ends it.
        let (news, problem) = (Cell::new(0), RefCell::new(None));
        let (findings, statistics) = campaign.run_until(
            &mut |event| match session.on_event(event) {
                Ok(more) => news.set(news.get() + more),
                Err(error) => drop(problem.borrow_mut().get_or_insert(error)),
            },
            &mut |_| news.get() >= self.max_findings.max(1) || problem.borrow().is_some(),
        )?;
        if let Some(problem) = problem.into_inner() {
            return Err(problem);
        }
        session.end(&findings, &statistics)
    }

    /// One slice of a campaign over many targets: it runs until its time is over.
    pub(super) fn slice(
        folder: &Path,
        build: Option<String>,
        seed: u64,
        time: Duration,
        output: SliceOutput,
    ) -> Self {
        let target = TargetArguments {
            target: folder.display().to_string(),
            build,
            contract: Vec::new(),
            protocol_version: crate::chain::NEWEST_VERSION,
        };
        Self {
            target,
            // A shorter slice would end before its target is loaded.
            time: Some(Duration::from_secs(time.as_secs().max(1))),
            runs: None,
            seed,
            driver: DriverName::Own,
            disable_feedback: Vec::new(),
            max_findings: usize::MAX,
            interleavings: false,
            observations: false,
            network: Network::Congested,
            corpus: Some(output.corpus),
            jobs: 1,
            findings: output.findings,
        }
    }

    fn budget(&self) -> Budget {
        let time = self.time.or_else(|| self.runs.is_none().then_some(DEFAULT_TIME));
        // The session counts findings: known ones do not count, and the campaign does not know them.
        Budget { time, runs: self.runs, findings: None }
    }
}

/// A corpus, and those of its cases that fit the target as it is now.
fn begin_with(folder: &Path, loaded: &LoadedTarget) -> Result<(Shared, Vec<Scenario>)> {
    let (shared, contents) = Shared::open(folder, loaded.target())?;
    if !contents.unfit.is_empty() {
        output::note(&format!(
            "{} of {} cases of the corpus fit the target; `interloper corpus check` names the others",
            contents.cases.len(),
            contents.cases.len() + contents.unfit.len()
        ));
    }
    Ok((shared, contents.cases.into_iter().map(|(_, scenario)| scenario).collect()))
}

/// What chooses the cases, as an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DriverName {
    /// Interloper's own search.
    Own,
    /// libFuzzer, in this process.
    Libfuzzer,
    /// libFuzzer with its value profile, which also rewards new values in comparisons. Slower.
    LibfuzzerValues,
}

impl DriverName {
    fn of(self) -> Driver {
        match self {
            Self::Own => Driver::Own,
            Self::Libfuzzer => Driver::LibFuzzer { value_profile: false },
            Self::LibfuzzerValues => Driver::LibFuzzer { value_profile: true },
        }
    }
}

fn note_fallback(fallback: &UninstrumentedContract) {
    output::note(&format!(
        "the contract with the hash {} runs without coverage: {}",
        fallback.code, fallback.reason
    ));
}

fn note_missing_account(missing_account: &MissingAccount) {
    let account = &missing_account.account;
    output::note(&format!(
        "{}\n  help: let a puppet play it, with these lines in target.toml:\n    [[account]]\n    id = \"{account}\"\n    balance = \"100 NEAR\"\n    contract = \"puppet\"",
        report::missing_account(missing_account)
    ));
}

/// Says what the target's author asked about: goals and allowances.
fn note_goals(target: &Target, statistics: &Statistics, folder: &Path) -> Result<()> {
    let report = GoalReport::of(target);
    let lines = report.lines(statistics, folder)?;
    lines.iter().for_each(|line| output::note(&report::goal_line(line)));
    Ok(())
}

/// Says what was noticed without any harm that could be shown: everything, or the most frequent.
fn note_observations(statistics: &Statistics, all: bool) {
    let lines = report::observations(&statistics.observations, all);
    lines.iter().for_each(|line| output::note(line));
}

/// Shows a finding that was kept, with those shown before that are in the same place.
fn show<'a>(finding: &Finding, written: &Written, before: impl IntoIterator<Item = &'a Finding>) {
    let file = written.path.display().to_string();
    output::result(&report::text_among(finding, Some(&file), before));
    if !written.news {
        output::note(&format!("found {} times by now, counting earlier campaigns", written.count));
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {msg}").expect("a valid template");
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn progress(statistics: &Statistics) -> String {
    let plural = if statistics.findings == 1 { "" } else { "s" };
    format!("{}  {} finding{plural}", pace(statistics), statistics.findings)
}

/// How much ran, and how fast.
fn pace(statistics: &Statistics) -> String {
    let Statistics { executions, behaviours, elapsed, .. } = statistics;
    let (seconds, rate) = (elapsed.as_secs_f64(), statistics.rate());
    let reach = report::reach(statistics);
    format!("{seconds:.0}s  {executions} executions  {rate:.0}/s  {behaviours} behaviours  {reach}")
}

/// Says how the campaign went: first what it found, or that it tested no window; then what never succeeded.
fn summary(loaded: &LoadedTarget, findings: &[Finding], statistics: &Statistics) {
    let target = loaded.target();
    let build = target.build.as_ref().map_or(String::new(), |build| format!(" ({build})"));
    let untested = report::untested(&statistics.reach);
    let headline = match (findings, untested) {
        ([], Some(untested)) => untested,
        ([], None) => "nothing found".to_owned(),
        (some, None) => report::count(some),
        (some, Some(untested)) => format!("{}; {untested}", report::count(some)),
    };
    output::note(&format!("{}{build}: {headline}\n  {}", target.name, pace(statistics)));
    let file = target.file.display().to_string();
    let never = report::never_succeeded(&statistics.reach, &file, MOST_NEVER);
    never.iter().for_each(|line| output::note(line));
}

/// `calm`, `congested` or `relaxed`.
fn network(text: &str) -> std::result::Result<Network, String> {
    match text {
        "calm" => Ok(Network::Calm),
        "congested" => Ok(Network::Congested),
        "relaxed" => Ok(Network::Relaxed),
        _ => Err("not a network; write `calm`, `congested` or `relaxed`".to_owned()),
    }
}

/// `90s`, `10m`, `8h`, or seconds.
pub(super) fn time(text: &str) -> std::result::Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let seconds = match unit {
        'h' => 3_600,
        'm' => 60,
        _ => 1,
    };
    let number: u64 =
        number.parse().map_err(|_| "not a time; write `90s`, `10m` or `8h`".to_owned())?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(|| "the time is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(time("90"), Ok(Duration::from_secs(90)));
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(time("8h"), Ok(Duration::from_secs(28_800)));
        assert!(time("soon").is_err());
        assert!(time("99999999999999999999h").is_err());
    }
}
