//! `interloper bench`: how fast the engines and the simulation are.
//!
//! Parses and prints. `analysis::speed` measures.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Found, Result, list, output};
use crate::analysis::speed;

/// Measures how fast contracts run here, compared to a bare loop of `near-vm-runner`, on one core.
#[derive(Debug, Args)]
#[command(
    after_help = "Every kind of run makes the same contract calls, in turns. The bare loop is 1.

Exit status: 0 done, 2 error.

Examples:
  interloper bench
  interloper bench --time 10s --json"
)]
pub(super) struct Bench {
    /// How long to time each kind of run of each case.
    #[arg(long, value_name = "TIME", value_parser = super::fuzz::time, default_value = "2s")]
    time: Duration,
    /// The folder of targets [default: the folder `targets` here or above].
    #[arg(long, value_name = "FOLDER")]
    targets: Option<PathBuf>,
    /// Prints JSON: times in nanoseconds, and ratios to the bare loop.
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
            "there is no folder `targets` here or above\n  help: give one with `--targets FOLDER`",
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
