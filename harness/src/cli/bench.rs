//! `interloper bench`: how fast the engines and the simulation are.
//!
//! Never judges the numbers.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Found, Result, list, output};
use crate::analysis::speed;

/// Measures the engines and the simulation against a bare loop of `near_vm_runner`, on one core.
#[derive(Debug, Args)]
#[command(after_help = "All kinds of run make the same contract calls, by turns. Bare is 1.

Examples:
  interloper bench
  interloper bench --time 10s --json")]
pub(super) struct Bench {
    /// How long each kind of run is timed, for each case.
    #[arg(long, value_name = "TIME", value_parser = super::fuzz::time, default_value = "2s")]
    time: Duration,
    /// The folder of targets; the one that comes along where this is not said.
    #[arg(long, value_name = "FOLDER")]
    targets: Option<PathBuf>,
    /// Shows JSON: times in nanoseconds, ratios to the bare loop.
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(super) fn run(&self) -> Result {
        let along = match &self.targets {
            Some(folder) => Some(folder.clone()),
            None => list::targets_folder()?,
        };
        let folder = along.ok_or(
            "there is no `targets` folder here or above: give one with `--targets FOLDER`",
        )?;
        let table = speed::run(&folder, self.time)?;
        if self.json {
            output::result(&serde_json::to_string_pretty(&table.to_json())?);
        } else {
            output::result(table.to_string().trim_end());
        }
        Ok(Found::Nothing)
    }
}
