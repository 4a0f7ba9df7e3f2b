//! One campaign in several processes, which share what they learn: threads do not make it faster.
//!
//! Never reads a finding. What the processes share are folders.

use std::time::{Duration, Instant};

use super::process::{Command, Process};
use crate::campaign::Statistics;

/// How often the processes are looked after.
const LOOK: Duration = Duration::from_millis(100);

/// How long a process may go on after its time before it is ended: shrinking may take a while.
const GRACE: Duration = Duration::from_secs(120);

/// A process without a time limit gets this long: ten years.
const WITHOUT_END: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How all processes together went.
#[derive(Debug, Default)]
pub struct Ended {
    /// Executions are those of all; behaviours and windows the most that one has seen.
    pub statistics: Statistics,
    /// Why processes ended that should not have.
    pub errors: Vec<String>,
    /// What these had to show: a finding that could not be written, for one.
    pub left: String,
}

/// Runs all commands at once until each has ended, or `enough` says so, which is asked ten times a second
/// and told how it goes. It may take out what it has seen to.
///
/// # Errors
/// When a process cannot be started or looked after.
pub fn run(
    commands: &[Command],
    time: Option<Duration>,
    enough: &mut dyn FnMut(&mut Ended) -> bool,
) -> std::io::Result<Ended> {
    let began = Instant::now();
    let longest = time.map_or(WITHOUT_END, |time| time.saturating_add(GRACE));
    let started = commands.iter().map(|command| Process::start(command, longest));
    let mut running = started.collect::<std::io::Result<Vec<_>>>()?;
    let (mut done, mut ended) = (Statistics::default(), Ended::default());
    loop {
        let mut index = 0;
        while index < running.len() {
            let Some(end) = running[index].ended()? else {
                index += 1;
                continue;
            };
            done.merge(&running.remove(index).statistics());
            if let Err(failure) = end {
                ended.errors.push(failure.reason);
                ended.left.push_str(&failure.result);
            }
        }
        let mut all = done.clone();
        running.iter().for_each(|process| all.merge(&process.statistics()));
        ended.statistics = Statistics { elapsed: began.elapsed(), ..all };
        if enough(&mut ended) || running.is_empty() {
            return Ok(ended);
        }
        std::thread::sleep(LOOK);
    }
}
