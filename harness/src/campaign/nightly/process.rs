//! One slice of time of one target: a process, its statistics and its last words.
//!
//! Never lets a process outlive this one's interest in it: what is dropped is ended.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::Tally;

/// Longest last words of a process that are kept.
const MOST_WORDS: usize = 2_000;

/// Exit codes of a process that did what it should: nothing found, something found.
const GOOD: [i32; 2] = [0, 1];

/// What runs.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Where it leaves its statistics, as a [`Tally`] in JSON.
    pub statistics: PathBuf,
}

/// A process that is running.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    statistics: PathBuf,
    words: tempfile::NamedTempFile,
    end: Instant,
}

impl Process {
    pub(super) fn start(command: &Command, longest: Duration) -> std::io::Result<Self> {
        let _ = std::fs::remove_file(&command.statistics);
        let words = tempfile::NamedTempFile::new()?;
        let child = std::process::Command::new(&command.program)
            .args(&command.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(words.reopen()?)
            .spawn()?;
        let (statistics, end) = (command.statistics.clone(), Instant::now() + longest);
        Ok(Self { child, statistics, words, end })
    }

    /// What it has done so far, as far as it has said.
    pub(super) fn tally(&self) -> Tally {
        let text = std::fs::read_to_string(&self.statistics).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Where it has ended: what it did, or why it did not.
    pub(super) fn ended(&mut self) -> std::io::Result<Option<Result<Tally, String>>> {
        let Some(status) = self.child.try_wait()? else {
            if Instant::now() < self.end {
                return Ok(None);
            }
            self.child.kill()?;
            self.child.wait()?;
            return Ok(Some(Err("it did not end when its time was over".to_owned())));
        };
        if status.code().is_some_and(|code| GOOD.contains(&code)) {
            return Ok(Some(Ok(self.tally())));
        }
        let mut words = String::new();
        let read = self.words.reopen()?.take(1 << 20).read_to_string(&mut words);
        let words = if read.is_ok() { words.trim() } else { "it said nothing that is text" };
        let last = words.chars().rev().take(MOST_WORDS).collect::<Vec<_>>();
        let last: String = last.into_iter().rev().collect();
        Ok(Some(Err(format!("{status}: {last}"))))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.statistics);
        // Where it has ended already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
