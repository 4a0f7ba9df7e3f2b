//! `interloper fuzz --jobs`: the same command in several processes, and what they find in one place.
//!
//! Never runs a case.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::{Found, Fuzz, Loaded, Result, bar, note_fallback, output, progress, summary};
use crate::campaign::process::Command;
use crate::campaign::{Statistics, jobs};
use crate::finding::{self, Finding, Known};
use crate::types::Fingerprint;

/// What all processes have found so far, each bug once.
struct Haul<'a> {
    fuzz: &'a Fuzz,
    /// Where the processes put their findings, which are merged there.
    folder: PathBuf,
    known: Known,
    findings: BTreeMap<Fingerprint, Finding>,
}

impl Fuzz {
    pub(super) fn run_jobs(&self, loaded: &Loaded, jobs: u64) -> Result {
        let scratch = tempfile::tempdir()?;
        let program = std::env::current_exe()?;
        let commands: Vec<_> =
            (0..jobs).map(|job| self.command(&program, scratch.path(), (job, jobs))).collect();
        let known = Known::load(&loaded.folder)?;
        let folder = scratch.path().join("findings");
        let mut haul = Haul { fuzz: self, folder, known, findings: BTreeMap::new() };
        loaded.engines.instrumented.fallbacks().iter().for_each(note_fallback);
        let bar = bar();
        let mut problem = None;
        let ended = jobs::run(&commands, self.budget().time, &mut |statistics| {
            let findings = haul.findings.len();
            bar.set_message(progress(&Statistics { findings, ..statistics.clone() }));
            let looked = bar.suspend(|| haul.look());
            problem = problem.take().or(looked.err());
            problem.is_some() || haul.findings.len() >= self.max_findings.max(1)
        })?;
        bar.finish_and_clear();
        if !ended.left.is_empty() {
            output::result(ended.left.trim_end());
        }
        problem.map_or(Ok(()), Err)?;
        haul.look()?;
        haul.count()?;
        let news = haul.news();
        let statistics = Statistics { findings: news, ..ended.statistics };
        self.note(&statistics)?;
        let findings: Vec<_> = haul.findings.into_values().collect();
        summary(loaded, &findings, &statistics);
        match ended.errors.into_iter().next() {
            Some(error) => Err(format!("one of the processes ended badly: {error}").into()),
            None if news > 0 => Ok(Found::Something),
            None => Ok(Found::Nothing),
        }
    }

    /// What one of the processes runs.
    fn command(&self, program: &Path, scratch: &Path, (job, jobs): (u64, u64)) -> Command {
        let statistics = scratch.join(format!("statistics-{job}"));
        let mut arguments: Vec<OsString> = vec!["fuzz".into(), self.target.target.clone().into()];
        let mut push = |flag: &str, value: OsString| arguments.extend([flag.into(), value]);
        for (flag, value) in self.target.flags() {
            push(flag, value.into());
        }
        let budget = self.budget();
        if let Some(time) = budget.time {
            push("--time", format!("{}s", time.as_secs().max(1)).into());
        }
        if let Some(runs) = budget.runs {
            let share = runs / jobs + u64::from(job < runs % jobs);
            push("--runs", share.to_string().into());
        }
        push("--seed", self.seed.wrapping_add(job).to_string().into());
        push("--max-findings", self.max_findings.to_string().into());
        push("--network", format!("{:?}", self.network).to_lowercase().into());
        if let Some(driver) = self.driver.to_possible_value() {
            push("--driver", driver.get_name().into());
        }
        if !self.blind.is_empty() {
            let names: Vec<_> = self.blind.iter().map(ToString::to_string).collect();
            push("--blind", names.join(",").into());
        }
        let corpus = self.corpus.clone().unwrap_or_else(|| scratch.join("corpus"));
        push("--corpus", corpus.into());
        push("--findings", scratch.join("findings").into());
        push("--statistics", statistics.clone().into());
        Command { program: program.to_owned(), arguments, statistics }
    }
}

impl Haul<'_> {
    /// Keeps and shows what is new.
    fn look(&mut self) -> Result<()> {
        for (_, finding) in finding::read_all(&self.folder)? {
            if !self.findings.contains_key(&finding.fingerprint) {
                self.fuzz.show(&finding, &self.known)?;
                self.findings.insert(finding.fingerprint, finding);
            }
        }
        Ok(())
    }

    /// Adds to the files how often each was found again after it was shown.
    fn count(&mut self) -> Result<()> {
        for (_, finding) in finding::read_all(&self.folder)? {
            let Some(shown) = self.findings.get_mut(&finding.fingerprint) else { continue };
            let again =
                Finding { count: finding.count.saturating_sub(shown.count), ..finding.clone() };
            if again.count > 0 && self.known.reason(&finding.fingerprint).is_none() {
                finding::write(&self.fuzz.findings, &again)?;
            }
            *shown = finding;
        }
        Ok(())
    }

    /// How many were not known.
    fn news(&self) -> usize {
        let unknown = |fingerprint: &&Fingerprint| self.known.reason(fingerprint).is_none();
        self.findings.keys().filter(unknown).count()
    }
}
