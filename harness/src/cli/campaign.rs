//! `interloper campaign`: a folder of targets for a night.
//!
//! Never decides who gets the time: `campaign::nightly` does.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::wishes::Wishes;
use super::{Found, Result, list, output};
use crate::campaign::fleet::nightly::{News, Nightly};
use crate::campaign::fleet::process::Command;
use crate::campaign::fleet::{Share, Tally};
use crate::campaign::windows;
use crate::finding::{self, Finding, Known};
use crate::report::{self, FoundIn, Line, Row, SUMMARY_SCHEMA, Suite, Summary, duration};
use crate::targets::Target;

/// Fuzzes all targets of a folder, and gives most time to those that still show something new.
#[derive(Debug, Args)]
#[command(
    after_help = "What it leaves in the output folder: `findings/`, `corpus/TARGET/`, and after every slice
of time `summary.txt`, `summary.html`, `findings.html`, `findings.sarif`, `junit.xml`. The next
campaign with the same folder goes on from there and says what is new.

Exit status: 0 nothing found, 1 something found, 2 could not run.

Examples:
  interloper campaign targets --time 10m
  interloper campaign fuzz-targets --time 8h --jobs 4 --output nightly"
)]
pub(super) struct CampaignCommand {
    /// A folder with targets in it, or one target.
    targets: PathBuf,
    /// How long: `90s`, `10m`, `8h`.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = super::fuzz::time)]
    time: Duration,
    /// How many processes run at once.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// The first seed; one that was not used before if not said.
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Which of the targets' builds runs, where a target has it.
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// Where everything is kept.
    #[arg(long, value_name = "FOLDER", default_value = "campaign")]
    output: PathBuf,
}

/// What is the same during the whole campaign.
struct Night<'a> {
    command: &'a CampaignCommand,
    targets: Vec<(String, PathBuf)>,
    /// One for each target that can be read.
    wishes: Vec<Option<Wishes>>,
    before: Option<Summary>,
    program: PathBuf,
}

impl CampaignCommand {
    pub(super) fn run(&self) -> Result {
        let targets = list::targets_in(&self.targets)?;
        if targets.is_empty() {
            let folder = self.targets.display();
            return Err(format!(
                "{folder} has no targets: give a folder of folders with a `target.toml`"
            )
            .into());
        }
        std::fs::create_dir_all(&self.output)
            .map_err(|error| format!("cannot write {}: {error}", self.output.display()))?;
        let before = read_summary(&self.output.join("summary.json"))?;
        let program = std::env::current_exe()?;
        let wishes = |(_, folder): &(String, PathBuf)| {
            Target::load(folder, None, &[]).ok().map(|target| Wishes::of(&target))
        };
        let wishes = targets.iter().map(wishes).collect();
        let night = Night { command: self, targets, wishes, before, program };
        let summary = night.run()?;
        output::result(summary.text(night.before.as_ref()).trim_end());
        let ran = summary.rows.iter().any(|row| row.tally.executions > 0);
        if !ran {
            return Err("no target could be run: the reasons are above".into());
        }
        Ok(if summary.fingerprints().is_empty() { Found::Nothing } else { Found::Something })
    }
}

/// The campaign before, where there was one.
fn read_summary(path: &Path) -> Result<Option<Summary>> {
    let Ok(text) = std::fs::read_to_string(path) else { return Ok(None) };
    let summary: Summary = serde_json::from_str(&text).map_err(|error| {
        format!("{} is no summary of a campaign: {error}; move it away", path.display())
    })?;
    Ok((summary.schema == SUMMARY_SCHEMA).then_some(summary))
}

impl Night<'_> {
    fn run(&self) -> Result<Summary> {
        let nightly = Nightly {
            targets: self.targets.clone(),
            time: self.command.time,
            jobs: self.command.jobs,
            seed: self.command.seed.unwrap_or_else(|| self.next_seed()),
        };
        let bar = bar();
        let mut problem = None;
        let mut shares = vec![Share::default(); self.targets.len()];
        let mut screen = Screen::default();
        shares =
            nightly.run(
                &|index, seed, time| self.slice(index, seed, time),
                &mut |news| match news {
                    News::Progress(all, running, since) => {
                        bar.set_message(screen.progress(all, running, since));
                    }
                    News::Left(result) => bar.suspend(|| output::result(result.trim_end())),
                    News::Ended(index, share) => {
                        shares[index] = share.clone();
                        bar.suspend(|| self.tell(index, share));
                        let kept = self.summary(&shares, screen.elapsed).and_then(|summary| {
                            screen.findings = summary.fingerprints().len();
                            self.keep(&summary)
                        });
                        problem = problem.take().or(kept.err());
                    }
                },
            )?;
        bar.finish_and_clear();
        match problem {
            Some(problem) => Err(problem),
            None => self.summary(&shares, screen.elapsed),
        }
    }

    /// A seed that the campaign before has not come to.
    fn next_seed(&self) -> u64 {
        self.before.as_ref().map_or(0, |before| before.next_seed)
    }

    fn slice(&self, index: usize, seed: u64, time: Duration) -> Command {
        let (name, folder) = &self.targets[index];
        let output = &self.command.output;
        let statistics = output.join(format!(".statistics-{name}-{seed}"));
        let mut arguments: Vec<OsString> = vec!["fuzz".into(), folder.into()];
        let mut push = |flag: &str, value: OsString| arguments.extend([flag.into(), value]);
        push("--time", format!("{}s", time.as_secs().max(1)).into());
        push("--seed", seed.to_string().into());
        push("--max-findings", usize::MAX.to_string().into());
        push("--findings", output.join("findings").into());
        push("--corpus", output.join("corpus").join(name).into());
        push("--statistics", statistics.clone().into());
        if let Some(build) = self.build_of(folder) {
            push("--build", build.into());
        }
        Command { program: self.program.clone(), arguments, statistics }
    }

    /// The build that was asked for, where the target has it.
    fn build_of(&self, folder: &Path) -> Option<String> {
        let build = self.command.build.as_ref()?;
        Target::load(folder, Some(build), &[]).is_ok().then(|| build.clone())
    }

    fn tell(&self, index: usize, share: &Share) {
        let (name, _) = &self.targets[index];
        let Tally { executions, behaviours, windows, .. } = &share.total;
        match &share.error {
            Some(error) if share.failed > 0 => {
                output::note(&format!("{name}: ended badly: {}", report::harmless(error, 300)));
            }
            _ if !std::io::stderr().is_terminal() => output::note(&format!(
                "{name}: {executions} executions, {behaviours} behaviours, {windows} windows, {} slices",
                share.slices
            )),
            _ => {}
        }
    }

    fn summary(&self, shares: &[Share], elapsed: Duration) -> Result<Summary> {
        let all = finding::read_all(&self.command.output.join("findings"))?;
        let mut rows = Vec::new();
        for (index, share) in shares.iter().enumerate() {
            let (name, folder) = &self.targets[index];
            let known = Known::load(folder)?;
            let own = all.iter().map(|(_, finding)| finding).filter(|finding| {
                finding.environment.target == *name && known.reason(&finding.fingerprint).is_none()
            });
            rows.push(Row {
                target: name.clone(),
                tally: share.total.clone(),
                slices: share.slices,
                error: share.error.clone(),
                notes: self.notes(index, &share.total)?,
                findings: own.map(Line::of).collect(),
            });
        }
        let slices: u64 = shares.iter().map(|share| share.slices).sum();
        let next_seed = self.command.seed.unwrap_or_else(|| self.next_seed()).wrapping_add(slices);
        Ok(Summary { schema: SUMMARY_SCHEMA, seconds: elapsed.as_secs_f64(), next_seed, rows })
    }

    /// What the target's author wished to know.
    fn notes(&self, index: usize, total: &Tally) -> Result<Vec<String>> {
        let Some(wishes) = &self.wishes[index] else { return Ok(Vec::new()) };
        if total.executions == 0 {
            return Ok(Vec::new());
        }
        wishes.lines(&total.goals, &total.allowed, &self.command.output)
    }

    /// Everything that others read, whole after every slice.
    fn keep(&self, summary: &Summary) -> Result<()> {
        let before = self.before.as_ref();
        let all = finding::read_all(&self.command.output.join("findings"))?;
        let wanted = summary.fingerprints();
        let all: Vec<_> =
            all.into_iter().filter(|(_, f)| wanted.contains(&f.fingerprint)).collect();
        let files: Vec<_> = all.iter().map(|(path, _)| path.display().to_string()).collect();
        let found: Vec<_> = all
            .iter()
            .zip(&files)
            .map(|((_, finding), file)| FoundIn { finding, file: Some(file) })
            .collect();
        self.put("summary.txt", &summary.text(before))?;
        self.put("summary.html", &summary.html(before))?;
        self.put("findings.html", &report::html(&found))?;
        self.put("findings.sarif", &report::sarif(&found))?;
        self.put("junit.xml", &report::junit(&suites(summary, &found)))?;
        let json = serde_json::to_string_pretty(summary)? + "\n";
        self.put("summary.json", &json)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.command.output.join(name);
        finding::put(&self.command.output, &path, text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }
}

/// One suite for each target, those without findings included.
fn suites<'a>(summary: &Summary, found: &[FoundIn<'a>]) -> Vec<Suite<'a>> {
    let of = |row: &Row| {
        let own = |f: &Finding| row.findings.iter().any(|line| line.fingerprint == f.fingerprint);
        Suite {
            name: row.target.clone(),
            findings: found.iter().filter(|found| own(found.finding)).copied().collect(),
            error: row.error.clone().filter(|_| row.tally.executions == 0),
            seconds: Some(row.tally.seconds),
        }
    };
    summary.rows.iter().map(of).collect()
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
    /// All targets in one line, and how long nothing has been new.
    fn progress(&mut self, all: &[Share], running: &[Tally], since: Duration) -> String {
        self.elapsed = since;
        let tallies = all.iter().map(|share| &share.total).zip(running);
        let executions: u64 =
            tallies.clone().map(|(all, now)| all.executions + now.executions).sum();
        let windows = tallies.clone().map(|(all, now)| all.windows.most(now.windows));
        let windows = windows.fold(windows::Coverage::default(), windows::Coverage::and);
        let behaviours = tallies.map(|(all, now)| all.behaviours.max(now.behaviours)).sum();
        if behaviours > self.behaviours {
            (self.behaviours, self.news) = (behaviours, since);
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate for eyes")]
        let rate = executions as f64 / since.as_secs_f64().max(0.001);
        let busy = running.iter().filter(|tally| tally.seconds > 0.0).count();
        let quiet = duration(since.saturating_sub(self.news).as_secs_f64());
        format!(
            "{}  {executions} executions  {rate:.0}/s  {behaviours} behaviours  {windows} windows  {} findings  {busy} targets running  last news {quiet} ago",
            duration(since.as_secs_f64()),
            self.findings
        )
    }
}
