//! `interloper reach`: how much of each target a campaign reaches, in one table.
//!
//! Parses and prints. `campaign` runs the cases.

use std::time::Duration;

use clap::Args;

use super::{Found, Result, list, output};
use crate::campaign::{Budget, CampaignOptions, LoadOptions, LoadedTarget, Statistics};
use crate::report;
use crate::types::Seed;

/// Shows how much of targets fuzzing reaches: the methods that succeed, and the windows that open.
#[derive(Debug, Args)]
#[command(
    after_help = "Methods are those that operations call. A window is the gap between a call and its callback: columns
count those in which another operation ran, those that opened, and those that the code can open. `after`
columns say after how many executions the last method first succeeded, the first window opened, and one was
first entered.

Exit status: 0 done, 2 if a target cannot be loaded or run.

Examples:
  interloper reach vault staking
  interloper reach vault --runs 500 --each
  interloper reach path/to/folder --time 60s --seed 3"
)]
pub(super) struct ReachCommand {
    /// Targets: names from `interloper list`, or folders with a `target.toml`.
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// The build to run, for targets that have it [default: each target's `default-build`].
    #[arg(long, value_name = "NAME")]
    build: Option<String>,
    /// How long to fuzz each target: `90s`, `10m`.
    #[arg(long, value_name = "TIME", value_parser = super::fuzz::time)]
    time: Option<Duration>,
    /// How many cases to run of each target [default: 2000, if there is no `--time`].
    #[arg(long, value_name = "N")]
    runs: Option<u64>,
    /// The random seed.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Lists each method and each window.
    #[arg(long)]
    each: bool,
    /// Prints JSON.
    #[arg(long, conflicts_with = "each")]
    json: bool,
}

/// How many cases run if neither a time nor a number is given.
const DEFAULT_RUNS: u64 = 2_000;

impl ReachCommand {
    pub(super) fn run(&self) -> Result {
        let mut rows = Vec::new();
        let mut failed = 0;
        for target in &self.targets {
            match self.one(target) {
                Ok(row) => rows.push(row),
                Err(error) => {
                    failed += 1;
                    output::note(&format!("{target}:"));
                    output::error(&*error);
                }
            }
        }
        if self.json {
            let rows: Vec<_> = rows
                .iter()
                .map(|(target, statistics)| serde_json::json!({"target": target, "statistics": statistics}))
                .collect();
            output::result(&report::harmless_json(&rows));
        } else if !rows.is_empty() {
            output::result(report::reach_table(&rows, self.each).trim_end());
        }
        match failed {
            0 => Ok(Found::Nothing),
            _ => Err(format!("{failed} of {} targets did not run", self.targets.len()).into()),
        }
    }

    fn one(&self, target: &str) -> Result<(String, Statistics)> {
        let place = list::find(target)?;
        let load = |build| {
            LoadedTarget::load(&place, &LoadOptions { build, ..LoadOptions::default() }, Vec::new())
        };
        let mut loaded = load(None)?;
        if let Some(build) = &self.build
            && loaded.target().builds.contains(build)
        {
            loaded = load(Some(build.clone()))?;
        }
        let runs = self.runs.or_else(|| self.time.is_none().then_some(DEFAULT_RUNS));
        let budget = Budget { time: self.time, runs, findings: None };
        let options =
            CampaignOptions { seed: Seed(self.seed), budget, ..CampaignOptions::default() };
        let (_, statistics) = loaded.campaign(options).run(&mut |_| {})?;
        Ok((loaded.target().name.clone(), statistics))
    }
}
