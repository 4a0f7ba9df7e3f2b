//! `interloper campaign`: a folder of targets for a night.
//!
//! Parses and prints. `campaign::fleet` decides which target runs.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::fuzz::{Fuzz, SliceOutput};
use super::{Found, Result, list, output, worker};
use crate::campaign::fleet::nightly::{Nightly, NightlyEvent, new_findings};
use crate::campaign::fleet::process::Command;
use crate::campaign::fleet::{Assignment, TargetProgress};
use crate::campaign::goal_report::GoalReport;
use crate::campaign::{Statistics, windows};
use crate::finding;
use crate::report::{self, Row, SUMMARY_SCHEMA, Summary, duration};
use crate::targets::Target;

/// Fuzzes all targets in a folder, for example every night.
///
/// Time goes in slices to the targets, most of it to those that still show something new.
#[derive(Debug, Args)]
#[command(
    after_help = "The output folder holds `findings/`, `corpus/TARGET/`, and after every slice of time `summary.txt`,
`summary.html`, `findings.html`, `findings.sarif` and `junit.xml`. The next campaign with the same
folder continues from there and marks what is new.

Exit status: 0 nothing found, 1 findings, 2 error.

Examples:
  interloper campaign targets --time 10m
  interloper campaign fuzz-targets --time 8h --jobs 4 --output nightly"
)]
pub(super) struct CampaignCommand {
    /// A folder of targets, or one target.
    targets: PathBuf,
    /// How long to fuzz: `90s`, `10m`, `8h`.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = super::fuzz::time)]
    time: Duration,
    /// How many processes to run at the same time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// The first random seed [default: one that earlier campaigns in this folder did not use].
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// The build to run, for targets that have it.
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// The output folder.
    #[arg(long, value_name = "FOLDER", default_value = "campaign")]
    output: PathBuf,
}

/// What is the same during the whole campaign.
struct Night<'a> {
    command: &'a CampaignCommand,
    targets: Vec<(String, PathBuf)>,
    /// One for each target that can be read.
    goals: Vec<Option<GoalReport>>,
    before: Option<Summary>,
    first_seed: u64,
}

impl CampaignCommand {
    pub(super) fn run(&self) -> Result {
        let targets = list::targets_in(&self.targets)?;
        if targets.is_empty() {
            let folder = self.targets.display();
            return Err(format!(
                "{folder} has no targets\n  help: give a folder whose folders each have a `target.toml`"
            )
            .into());
        }
        std::fs::create_dir_all(&self.output)
            .map_err(|error| format!("cannot write {}: {error}", self.output.display()))?;
        let before = read_summary(&self.output.join("summary.json"))?;
        let goals = |(_, folder): &(String, PathBuf)| {
            Target::load(folder, None, &[]).ok().map(|target| GoalReport::of(&target))
        };
        let goals = targets.iter().map(goals).collect();
        // A seed that the campaign before has not come to.
        let next = before.as_ref().map_or(0, |before| before.next_seed);
        let first_seed = self.seed.unwrap_or(next);
        let night = Night { command: self, targets, goals, before, first_seed };
        let summary = night.run()?;
        output::result(summary.text(night.before.as_ref()).trim_end());
        if !summary.ran() {
            return Err("no target could run: the reasons are above".into());
        }
        Ok(if summary.fingerprints().is_empty() { Found::Nothing } else { Found::Something })
    }
}

/// The summary of the campaign before, if there was one.
fn read_summary(path: &Path) -> Result<Option<Summary>> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(None) };
    let summary: Summary = serde_json::from_str(&text).map_err(|error| {
        format!(
            "{} is not a summary of a campaign: {error}\n  help: move the file away",
            path.display()
        )
    })?;
    Ok((summary.schema == SUMMARY_SCHEMA).then_some(summary))
}

impl Night<'_> {
    fn run(&self) -> Result<Summary> {
        let nightly = Nightly {
            targets: self.targets.clone(),
            time: self.command.time,
            jobs: self.command.jobs,
            seed: self.first_seed,
        };
        let bar = bar();
        let mut problem = None;
        let mut progress = vec![TargetProgress::default(); self.targets.len()];
        let mut screen = Screen::default();
        progress =
            nightly.run(&|index, seed, time| self.slice(index, seed, time), &mut |event| {
                match event {
                    NightlyEvent::Progress(all, running, since) => {
                        bar.set_message(screen.progress(all, running, since));
                    }
                    NightlyEvent::Left(result) => bar.suspend(|| output::result(result.trim_end())),
                    NightlyEvent::Ended(index, target) => {
                        progress[index] = target.clone();
                        bar.suspend(|| self.tell(index, target));
                        let kept = self.summary(&progress, screen.elapsed).and_then(|summary| {
                            screen.findings = summary.fingerprints().len();
                            self.keep(&summary)
                        });
                        problem = problem.take().or(kept.err());
                    }
                }
            })?;
        bar.finish_and_clear();
        match problem {
            Some(problem) => Err(problem),
            None => self.summary(&progress, screen.elapsed),
        }
    }

    fn slice(&self, index: usize, seed: u64, time: Duration) -> std::io::Result<Command> {
        let (name, folder) = &self.targets[index];
        let output = &self.command.output;
        let kept = SliceOutput {
            corpus: output.join("corpus").join(name),
            findings: output.join("findings"),
        };
        let assignment = Assignment {
            options: Fuzz::slice(folder, self.build_of(folder), seed, time, kept),
            statistics: output.join(format!(".statistics-{name}-{seed}")),
            copies: None,
        };
        worker::command(&assignment)
    }

    /// The build that was asked for, where the target has it.
    fn build_of(&self, folder: &Path) -> Option<String> {
        let build = self.command.build.as_ref()?;
        Target::load(folder, Some(build), &[]).is_ok().then(|| build.clone())
    }

    fn tell(&self, index: usize, target: &TargetProgress) {
        let (name, _) = &self.targets[index];
        let Statistics { executions, behaviours, windows, .. } = &target.total;
        match &target.error {
            Some(error) if target.failed > 0 => {
                output::note(&format!("{name}: ended badly: {}", report::harmless(error, 300)));
            }
            _ if !std::io::stderr().is_terminal() => output::note(&format!(
                "{name}: {executions} executions, {behaviours} behaviours, {windows} windows, {} slices",
                target.slices
            )),
            _ => {}
        }
    }

    fn summary(&self, progress: &[TargetProgress], elapsed: Duration) -> Result<Summary> {
        let findings = new_findings(&self.command.output.join("findings"), &self.targets)?;
        let mut rows = Vec::new();
        for (index, (target, findings)) in progress.iter().zip(&findings).enumerate() {
            let notes = self.notes(index, &target.total)?;
            rows.push(Row::of(&self.targets[index].0, target, notes, findings));
        }
        Ok(Summary::of(rows, self.first_seed, elapsed))
    }

    /// What there is to say about the target's goals and allowances.
    fn notes(&self, index: usize, total: &Statistics) -> Result<Vec<String>> {
        let Some(goals) = self.goals[index].as_ref().filter(|_| total.executions > 0) else {
            return Ok(Vec::new());
        };
        let lines = goals.lines(total, &self.command.output)?;
        Ok(lines.iter().map(report::goal_line).collect())
    }

    /// Writes everything that others read, whole after every slice.
    fn keep(&self, summary: &Summary) -> Result<()> {
        let stored = finding::read_all(&self.command.output.join("findings"))?;
        let files = report::night_files(summary, self.before.as_ref(), &stored)?;
        files.iter().try_for_each(|(name, text)| self.put(name, text))
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.command.output.join(name);
        finding::put(&self.command.output, &path, text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {msg}").expect("a valid template");
    bar.set_style(style);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// What a terminal shows of a campaign that runs.
#[derive(Default)]
struct Screen {
    elapsed: Duration,
    findings: usize,
    behaviours: u64,
    news: Duration,
}

impl Screen {
    /// All targets in one line, and when something new was last seen.
    fn progress(
        &mut self,
        all: &[TargetProgress],
        running: &[Statistics],
        since: Duration,
    ) -> String {
        self.elapsed = since;
        let each = all.iter().map(|target| &target.total).zip(running);
        let executions: u64 = each.clone().map(|(all, now)| all.executions + now.executions).sum();
        let windows = each.clone().map(|(all, now)| all.windows.most(now.windows));
        let windows = windows.fold(windows::WindowCounts::default(), windows::WindowCounts::and);
        let behaviours = each.map(|(all, now)| all.behaviours.max(now.behaviours)).sum();
        if behaviours > self.behaviours {
            (self.behaviours, self.news) = (behaviours, since);
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate for eyes")]
        let rate = executions as f64 / since.as_secs_f64().max(0.001);
        let busy = running.iter().filter(|running| !running.elapsed.is_zero()).count();
        let quiet = duration(since.saturating_sub(self.news).as_secs_f64());
        format!(
            "{}  {executions} executions  {rate:.0}/s  {behaviours} behaviours  {windows} windows  {} findings  {busy} targets running  last new behaviour {quiet} ago",
            duration(since.as_secs_f64()),
            self.findings
        )
    }
}
