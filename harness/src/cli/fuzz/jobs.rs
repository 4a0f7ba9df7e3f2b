//! `interloper fuzz --jobs`: the same command in several processes, and what they find in one place.
//!
//! Never runs a case.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::keep::show;
use super::{
    Found, Fuzz, LoadedTarget, Result, bar, note_fallback, note_missing_account, output, progress,
    summary,
};
use crate::campaign::Statistics;
use crate::campaign::fleet::jobs;
use crate::campaign::fleet::process::Command;
use crate::finding::{self, Finding, Stored, Written};
use crate::types::Fingerprint;

/// What all processes have found so far, each bug once.
struct Haul {
    /// Where the processes keep their findings.
    folder: PathBuf,
    /// What was there before, by file name.
    earlier: BTreeSet<OsString>,
    /// Where they put a copy of each, once it is kept.
    copies: PathBuf,
    found: BTreeMap<Fingerprint, Finding>,
}

impl Fuzz {
    pub(super) fn run_jobs(&self, loaded: &LoadedTarget, jobs: u64) -> Result {
        let scratch = tempfile::tempdir()?;
        let program = std::env::current_exe()?;
        let mut haul = Haul::new(self.findings.clone(), copies(scratch.path()))?;
        let commands: Vec<_> =
            (0..jobs).map(|job| self.command(&program, scratch.path(), (job, jobs))).collect();
        loaded.engines().instrumented.fallbacks().iter().for_each(note_fallback);
        let bar = bar();
        let mut problem = None;
        let ended = jobs::run(&commands, self.budget().time, &mut |ended| {
            let findings = haul.found.len();
            bar.set_message(progress(&Statistics { findings, ..ended.statistics.clone() }));
            let looked = bar.suspend(|| {
                show_left(&std::mem::take(&mut ended.left));
                haul.look()
            });
            problem = problem.take().or(looked.err());
            problem.is_some() || haul.found.len() >= self.max_findings.max(1)
        })?;
        bar.finish_and_clear();
        show_left(&ended.left);
        problem.map_or(Ok(()), Err)?;
        haul.look()?;
        let findings: Vec<_> = haul.found.into_values().collect();
        let statistics = Statistics { findings: findings.len(), ..ended.statistics };
        self.note(&statistics)?;
        statistics.missing_accounts.iter().for_each(note_missing_account);
        summary(loaded, &findings, &statistics);
        self.note_wishes(loaded.target(), &statistics)?;
        match ended.errors.into_iter().next() {
            Some(error) => Err(format!("one of the processes ended badly: {error}").into()),
            None if findings.is_empty() => Ok(Found::Nothing),
            None => Ok(Found::Something),
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
        push("--findings", self.findings.clone().into());
        push("--copies", copies(scratch).into());
        push("--statistics", statistics.clone().into());
        Command { program: program.to_owned(), arguments, statistics }
    }
}

/// Where the processes put copies of their findings.
fn copies(scratch: &Path) -> PathBuf {
    scratch.join("findings")
}

/// What a process that ended badly could not keep.
fn show_left(left: &str) {
    if !left.is_empty() {
        output::result(left.trim_end());
    }
}

impl Haul {
    fn new(folder: PathBuf, copies: PathBuf) -> Result<Self> {
        let earlier = match std::fs::read_dir(&folder) {
            Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect::<Result<_>>()?,
            // Whoever writes there will say what is wrong with it.
            Err(_) => BTreeSet::new(),
        };
        Ok(Self { folder, earlier, copies, found: BTreeMap::new() })
    }

    /// Shows what is new. It is kept already: the processes do that, and go on or are killed as they
    /// will.
    fn look(&mut self) -> Result<()> {
        for (copy, finding) in finding::read_all(&self.copies)? {
            if self.found.contains_key(&finding.fingerprint) {
                continue;
            }
            let name = copy.file_name().unwrap_or_default();
            let path = self.folder.join(name);
            let count = match finding::read(&path) {
                Ok(Stored::Finding(kept)) => kept.count,
                _ => finding.count,
            };
            let written = Written { path, count, news: !self.earlier.contains(name) };
            show(&finding, &written, self.found.values());
            self.found.insert(finding.fingerprint, finding);
        }
        Ok(())
    }
}
