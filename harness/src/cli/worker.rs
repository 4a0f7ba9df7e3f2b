//! `interloper worker`: one process of `fuzz --jobs` or `campaign`.
//!
//! Never for people: its options come as JSON on its standard input.

use clap::Args;

use super::Result;
use super::fuzz::Fuzz;
use crate::campaign::fleet::Assignment;
use crate::campaign::fleet::process::Command;

/// The command's name.
const NAME: &str = "worker";

/// Runs one process of `interloper fuzz --jobs` or `interloper campaign`.
///
/// Those commands start it, and write its options as one line of JSON to its standard input. It ends when its
/// standard input does. You do not need to run it yourself.
#[derive(Debug, Args)]
pub(super) struct Worker {}

impl Worker {
    pub(super) fn run(&self) -> Result {
        Fuzz::run_assigned(Assignment::receive()?)
    }
}

/// The process for an assignment.
///
/// # Errors
/// If this program cannot be found.
pub(super) fn command(assignment: &Assignment<Fuzz>) -> std::io::Result<Command> {
    Ok(Command {
        program: std::env::current_exe()?,
        arguments: vec![NAME.into()],
        input: assignment.to_line()?,
        statistics: assignment.statistics.clone(),
    })
}
