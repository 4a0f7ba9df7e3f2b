//! What a process of a fleet is told when it starts: one line of JSON on its standard input.
//!
//! The options travel as one value, so that an option cannot be forgotten on the way.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::parent_watchdog;

/// What one process does, and where it reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assignment<O> {
    /// The options of its campaign, as the command line understands them.
    pub options: O,
    /// The file that it keeps its [`Statistics`](crate::campaign::Statistics) up to date in.
    pub statistics: PathBuf,
    /// Where it puts a copy of each finding that it has kept. It shows findings itself if there is none.
    pub copies: Option<PathBuf>,
}

impl<O: Serialize> Assignment<O> {
    /// As one line.
    ///
    /// # Errors
    /// If the options have no JSON form.
    pub fn to_line(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

impl<O: DeserializeOwned> Assignment<O> {
    /// Reads the assignment of this process from its standard input. From then on the process ends when the
    /// one that started it does.
    ///
    /// # Errors
    /// If there is no assignment, or no thread can be started.
    pub fn receive() -> std::io::Result<Self> {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let assignment = serde_json::from_str(&line).map_err(|error| {
            let help = "`interloper fuzz --jobs` and `interloper campaign` start this command";
            Error::new(
                ErrorKind::InvalidInput,
                format!("no assignment on stdin: {error}\n  help: {help}"),
            )
        })?;
        parent_watchdog::start()?;
        Ok(assignment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_one_line_that_reads_back() {
        let sent = Assignment {
            options: vec!["a\nb".to_owned()],
            statistics: "statistics-0".into(),
            copies: None,
        };
        let line = sent.to_line().expect("text has a JSON form");
        assert_eq!(line.matches('\n').count(), 1);
        let read: Assignment<Vec<String>> =
            serde_json::from_str(&line).expect("it was just written");
        assert_eq!(
            (read.options, read.statistics, read.copies),
            (sent.options, sent.statistics, None)
        );
    }
}
