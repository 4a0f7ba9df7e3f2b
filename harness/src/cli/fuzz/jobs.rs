//! `interloper fuzz --jobs`: the same campaign in several processes, and what they find in one place.
//!
//! Never runs a case.

use std::path::Path;

use super::{
    Found, Fuzz, LoadedTarget, Result, bar, note_fallback, note_goals, note_missing_account,
    note_observations, output, progress, show, summary,
};
use crate::campaign::Statistics;
use crate::campaign::fleet::{Assignment, MergedFindings, jobs};
use crate::cli::worker;

impl Fuzz {
    pub(super) fn run_jobs(&self, loaded: &LoadedTarget, jobs: u64) -> Result {
        let scratch = tempfile::tempdir()?;
        let copies = scratch.path().join("findings");
        let mut merged = MergedFindings::new(self.findings.clone(), copies.clone());
        let assigned = (0..jobs).map(|job| Assignment {
            options: self.for_job(job, jobs, scratch.path()),
            statistics: scratch.path().join(format!("statistics-{job}")),
            copies: Some(copies.clone()),
        });
        let commands = assigned
            .map(|assignment| worker::command(&assignment))
            .collect::<std::io::Result<Vec<_>>>()?;
        loaded.engines().instrumented.fallbacks().iter().for_each(note_fallback);
        let bar = bar();
        let mut problem = None;
        let ended = jobs::run(&commands, self.budget().time, &mut |ended| {
            let findings = merged.count();
            bar.set_message(progress(&Statistics { findings, ..ended.statistics.clone() }));
            let polled = bar.suspend(|| {
                show_left(&std::mem::take(&mut ended.left));
                poll(&mut merged)
            });
            problem = problem.take().or(polled.err());
            problem.is_some() || merged.count() >= self.max_findings.max(1)
        })?;
        bar.finish_and_clear();
        show_left(&ended.left);
        problem.map_or(Ok(()), Err)?;
        poll(&mut merged)?;
        let findings = merged.into_findings();
        let statistics = Statistics { findings: findings.len(), ..ended.statistics };
        statistics.missing_accounts.iter().for_each(note_missing_account);
        summary(loaded, &findings, &statistics);
        note_observations(&statistics, self.observations);
        note_goals(loaded.target(), &statistics, &self.findings)?;
        match ended.errors.into_iter().next() {
            Some(error) => Err(format!("one of the processes ended badly: {error}").into()),
            None if findings.is_empty() => Ok(Found::Nothing),
            None => Ok(Found::Something),
        }
    }

    /// The options of one of the processes: its share of the runs, a seed of its own, the same corpus.
    fn for_job(&self, job: u64, jobs: u64, scratch: &Path) -> Self {
        let budget = self.budget();
        Self {
            time: budget.time,
            runs: budget.runs.map(|runs| runs / jobs + u64::from(job < runs % jobs)),
            seed: self.seed.wrapping_add(job),
            jobs: 1,
            corpus: Some(self.corpus.clone().unwrap_or_else(|| scratch.join("corpus"))),
            ..self.clone()
        }
    }
}

/// Shows what the processes have found since the last time.
fn poll(merged: &mut MergedFindings) -> Result<()> {
    Ok(merged.poll(&mut |finding, written, before| {
        show(finding, written, before.iter().copied());
    })?)
}

/// What a process that ended badly could not keep.
fn show_left(left: &str) {
    if !left.is_empty() {
        output::result(left.trim_end());
    }
}
