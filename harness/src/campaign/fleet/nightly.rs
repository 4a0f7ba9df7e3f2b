//! A campaign over many targets, as it runs every night: slices of time, each a process of its own.
//!
//! A process that ends badly costs its slice and nothing else, and memory is given back after each.
//! Never prints, and keeps nothing in memory that is not on the disk after every slice.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::process::{Command, Process};
use super::{Share, Tally, next};

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
pub enum News<'a> {
    /// Slices are running: how all targets fare, running slices included, and since when.
    Progress(&'a [Share], &'a [Tally], Duration),
    /// A target's slice has ended.
    Ended(usize, &'a Share),
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
        command: &dyn Fn(usize, u64, Duration) -> Command,
        tell: &mut dyn FnMut(News<'_>),
    ) -> std::io::Result<Vec<Share>> {
        let began = Instant::now();
        let mut shares = vec![Share::default(); self.targets.len()];
        let mut running: Vec<(usize, Process)> = Vec::new();
        let mut seed = self.seed;
        loop {
            let left = self.time.saturating_sub(began.elapsed());
            while running.len() < self.jobs.max(1) && left >= Duration::from_secs(1) {
                let Some(index) = next(&shares) else { break };
                let slice = self.slice().min(left);
                running.push((index, Process::start(&command(index, seed, slice), slice + GRACE)?));
                shares[index].running += 1;
                seed = seed.wrapping_add(1);
            }
            if running.is_empty() {
                return Ok(shares);
            }
            std::thread::sleep(LOOK);
            self.look_after(&mut running, &mut shares, tell)?;
            let tallies: Vec<_> =
                (0..shares.len()).map(|index| under_way(&running, index)).collect();
            tell(News::Progress(&shares, &tallies, began.elapsed()));
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
        shares: &mut [Share],
        tell: &mut dyn FnMut(News<'_>),
    ) -> std::io::Result<()> {
        let mut index = 0;
        while index < running.len() {
            let Some(ended) = running[index].1.ended()? else {
                index += 1;
                continue;
            };
            let (target, _) = running.remove(index);
            match ended {
                Ok(tally) => shares[target].ended(&tally),
                Err(failure) => {
                    shares[target].failed(failure.reason);
                    if !failure.result.is_empty() {
                        tell(News::Left(&failure.result));
                    }
                }
            }
            tell(News::Ended(target, &shares[target]));
        }
        Ok(())
    }
}

/// What the running slices of a target have come to so far.
fn under_way(running: &[(usize, Process)], target: usize) -> Tally {
    let own = running.iter().filter(|(index, _)| *index == target);
    own.fold(Tally::default(), |mut sum, (_, process)| {
        sum.add(&process.tally());
        sum
    })
}
