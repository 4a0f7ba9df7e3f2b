//! A campaign in a process of its own: its statistics and its last words.
//!
//! A process never outlives its parent: it is killed when it is dropped, and it ends by itself when the pipe to
//! its standard input closes.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::campaign::Statistics;

/// Longest last words of a process that are kept.
const MOST_WORDS: usize = 2_000;

/// Most of its output that is read.
const MOST_BYTES: u64 = 1 << 20;

/// Exit codes of a process that did what it should: nothing found, something found.
const GOOD: [i32; 2] = [0, 1];

/// What runs.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What it reads on its standard input, which then stays open for as long as this process is interested.
    pub input: String,
    /// The file with its [`Statistics`], in JSON.
    pub statistics: PathBuf,
}

/// A process that is running.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    statistics: PathBuf,
    result: tempfile::NamedTempFile,
    words: tempfile::NamedTempFile,
    end: Instant,
}

/// A process that ended badly.
#[derive(Debug)]
pub(super) struct Failure {
    /// Why.
    pub(super) reason: String,
    /// Its result so far: a finding that it could not keep is in there, whole.
    pub(super) result: String,
}

impl Process {
    pub(super) fn start(command: &Command, longest: Duration) -> std::io::Result<Self> {
        let _ = std::fs::remove_file(&command.statistics);
        let (result, words) = (tempfile::NamedTempFile::new()?, tempfile::NamedTempFile::new()?);
        let mut child = std::process::Command::new(&command.program)
            .args(&command.arguments)
            .stdin(Stdio::piped())
            .stdout(result.reopen()?)
            .stderr(words.reopen()?)
            .spawn()?;
        if let Some(stdin) = &mut child.stdin {
            // A process that ended at once says why on its standard error.
            let _ = stdin.write_all(command.input.as_bytes());
        }
        let (statistics, end) = (command.statistics.clone(), Instant::now() + longest);
        Ok(Self { child, statistics, result, words, end })
    }

    /// What it has done so far, as far as it has said.
    pub(super) fn statistics(&self) -> Statistics {
        let text = std::fs::read_to_string(&self.statistics).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Where it has ended: what it did, or why it did not.
    pub(super) fn ended(&mut self) -> std::io::Result<Option<Result<Statistics, Failure>>> {
        let Some(status) = self.child.try_wait()? else {
            if Instant::now() < self.end {
                return Ok(None);
            }
            self.child.kill()?;
            self.child.wait()?;
            return Ok(Some(Err(self.failure("it did not end when its time was over".to_owned()))));
        };
        if status.code().is_some_and(|code| GOOD.contains(&code)) {
            return Ok(Some(Ok(self.statistics())));
        }
        let words = text(&self.words).unwrap_or_else(|_| "it said nothing that is text".to_owned());
        // Notes come before it, and may be longer than anybody reads.
        let words = words.rfind("error: ").map_or(words.as_str(), |error| &words[error..]);
        // It is shown in a line, of a table for one.
        let lines: Vec<_> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let words = lines.join("; ");
        let last = words.chars().rev().take(MOST_WORDS).collect::<Vec<_>>();
        let last: String = last.into_iter().rev().collect();
        Ok(Some(Err(self.failure(format!("{status}: {last}")))))
    }

    fn failure(&self, reason: String) -> Failure {
        Failure { reason, result: text(&self.result).unwrap_or_default() }
    }
}

/// What was written to a file, as far as anybody will read.
fn text(file: &tempfile::NamedTempFile) -> std::io::Result<String> {
    let mut text = String::new();
    file.reopen()?.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.statistics);
        // Where it has ended already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
