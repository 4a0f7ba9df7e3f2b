//! Shrinks what ran before a case, and how long operations wait.

use super::Shrinker;
use crate::scenario::{History, Operation, Scenario};
use crate::simulation::Error;
use crate::types::Duration;

/// Waits that are tried in place of a longer one, in seconds.
const SHORTER: [u64; 5] = [1, 60, 3_600, 86_400, 2_592_000];

impl Shrinker<'_> {
    /// Removes operations from the history: all of them, then half of them at a time, down to single ones.
    pub(super) fn shorten_history(&mut self) -> Result<(), Error> {
        let mut size = self.best.history.len();
        while size > 0 {
            let mut end = self.best.history.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let history = &self.best.history;
                let kept = history[..start].iter().chain(&history[end..]).cloned().collect();
                self.with_history(kept)?;
                end = start;
            }
            size /= 2;
        }
        Ok(())
    }

    /// Removes waits, or makes them shorter.
    pub(super) fn drop_waits(&mut self) -> Result<(), Error> {
        for index in 0..self.best.history.len() {
            for wait in shorter(&self.best.history[index]) {
                let mut history = self.best.history.to_vec();
                history[index].wait = wait;
                if self.with_history(history)? {
                    break;
                }
            }
        }
        for id in self.best.ids() {
            for wait in shorter(&self.best[id]) {
                let mut candidate = self.best.clone();
                candidate[id].wait = wait;
                if self.attempt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }

    fn with_history(&mut self, history: Vec<Operation>) -> Result<bool, Error> {
        let history = History::new(history);
        self.attempt(Scenario { history, ..self.best.clone() })
    }
}

/// Shorter waits than that of an operation, none first.
fn shorter(operation: &Operation) -> Vec<Duration> {
    if operation.wait.is_zero() {
        return Vec::new();
    }
    let some = SHORTER.map(Duration::from_secs);
    let some = some.into_iter().filter(|wait| *wait < operation.wait);
    std::iter::once(Duration::ZERO).chain(some).collect()
}
