//! A campaign over many targets, as it runs every night: slices of time, each a process of its own.
//!
//! A process that ends badly costs its slice and nothing else, and memory is given back after each.
//! Never prints, and keeps nothing in memory that is not on the disk after every slice.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::process::{Command, Process};
use super::{TargetProgress, next};
use crate::campaign::Statistics;
use crate::finding::{self, Error, Finding, Known};

/// How often running slices are looked after.
const LOOK: Duration = Duration::from_millis(100);

/// Longest slice. A target that yields nothing is left after it.
const LONGEST_SLICE: Duration = Duration::from_secs(60);

/// Shortest slice: loading a target takes a second of it.
const SHORTEST_SLICE: Duration = Duration::from_secs(2);

/// How many slices each target has at least, where the time is short.
const LEAST_SLICES: u32 = 3;

/// How long a process may go on after its slice before it is ended: shrinking may take a while.
const GRACE: Duration = Duration::from_secs(120);

/// What is to be run, and for how long.
#[derive(Clone, Debug)]
pub struct Nightly {
    /// Each target's name and folder.
    pub targets: Vec<(String, PathBuf)>,
    /// How long all of it may take.
    pub time: Duration,
    /// How many processes run at once.
    pub jobs: usize,
    /// The first seed; every slice has another.
    pub seed: u64,
}

/// Something worth telling.
#[derive(Debug)]
pub enum NightlyEvent<'a> {
    /// Slices are running: how all targets fare, running slices included, and since when.
    Progress(&'a [TargetProgress], &'a [Statistics], Duration),
    /// A target's slice has ended.
    Ended(usize, &'a TargetProgress),
    /// A slice ended badly, and this is what it had to show until then: a finding that could not be
    /// written, for one.
    Left(&'a str),
}

impl Nightly {
    /// Runs until the time is over. `command` says what runs for a target, a seed and a time.
    ///
    /// # Errors
    /// When no process can be started at all. One that ends badly is told in its target's share.
    pub fn run(
        &self,
        command: &dyn Fn(usize, u64, Duration) -> std::io::Result<Command>,
        tell: &mut dyn FnMut(NightlyEvent<'_>),
    ) -> std::io::Result<Vec<TargetProgress>> {
        let began = Instant::now();
        let mut progress = vec![TargetProgress::default(); self.targets.len()];
        let mut running: Vec<(usize, Process)> = Vec::new();
        let mut seed = self.seed;
        loop {
            let left = self.time.saturating_sub(began.elapsed());
            while running.len() < self.jobs.max(1) && left >= Duration::from_secs(1) {
                let Some(index) = next(&progress) else { break };
                let slice = self.slice().min(left);
                running
                    .push((index, Process::start(&command(index, seed, slice)?, slice + GRACE)?));
                progress[index].running += 1;
                seed = seed.wrapping_add(1);
            }
            if running.is_empty() {
                return Ok(progress);
            }
            std::thread::sleep(LOOK);
            self.look_after(&mut running, &mut progress, tell)?;
            let under_way_now: Vec<_> =
                (0..progress.len()).map(|index| under_way(&running, index)).collect();
            tell(NightlyEvent::Progress(&progress, &under_way_now, began.elapsed()));
        }
    }

    /// How long one slice takes: every target has a few.
    fn slice(&self) -> Duration {
        let targets = u32::try_from(self.targets.len().max(1)).unwrap_or(u32::MAX);
        let jobs = u32::try_from(self.jobs.max(1)).unwrap_or(1);
        let each = self.time.saturating_mul(jobs) / targets.saturating_mul(LEAST_SLICES);
        each.clamp(SHORTEST_SLICE, LONGEST_SLICE)
    }

    /// Takes leave of processes that have ended.
    fn look_after(
        &self,
        running: &mut Vec<(usize, Process)>,
        progress: &mut [TargetProgress],
        tell: &mut dyn FnMut(NightlyEvent<'_>),
    ) -> std::io::Result<()> {
        let mut index = 0;
        while index < running.len() {
            let Some(ended) = running[index].1.ended()? else {
                index += 1;
                continue;
            };
            let (target, _) = running.remove(index);
            match ended {
                Ok(statistics) => progress[target].ended(&statistics),
                Err(failure) => {
                    progress[target].failed(failure.reason);
                    if !failure.result.is_empty() {
                        tell(NightlyEvent::Left(&failure.result));
                    }
                }
            }
            tell(NightlyEvent::Ended(target, &progress[target]));
        }
        Ok(())
    }
}

/// What the running slices of a target have come to so far.
fn under_way(running: &[(usize, Process)], target: usize) -> Statistics {
    let own = running.iter().filter(|(index, _)| *index == target);
    own.fold(Statistics::default(), |mut sum, (_, process)| {
        sum.merge(&process.statistics());
        sum
    })
}

/// The findings of each target in a folder of findings, bugs that the target lists as known left out.
///
/// # Errors
/// If a finding or a list of known bugs cannot be read.
pub fn new_findings(
    folder: &Path,
    targets: &[(String, PathBuf)],
) -> Result<Vec<Vec<Finding>>, Error> {
    let all = finding::read_all(folder)?;
    let of = |(name, folder): &(String, PathBuf)| {
        let known = Known::load(folder)?;
        let own = all.iter().map(|(_, finding)| finding).filter(|finding| {
            finding.environment.target == *name && known.reason(&finding.fingerprint).is_none()
        });
        Ok(own.cloned().collect())
    };
    targets.iter().map(of).collect()
}
