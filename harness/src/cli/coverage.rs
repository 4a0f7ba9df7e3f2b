//! `interloper coverage`: what a campaign reaches of a target.
//!
//! Never looks for findings.

use std::path::PathBuf;

use clap::Args;

use super::{Found, Result, TargetArguments, output};
use crate::campaign::survey;
use crate::report;
use crate::simulation::Simulation;
use crate::types::Seed;

/// Shows what a campaign reaches of a target: methods and how they end, and the code that runs.
#[derive(Debug, Args)]
#[command(after_help = "A method that never succeeds is the first thing to mend in a target.
Functions have names where the contract was built with its name section, or exports them.

Examples:
  interloper coverage vault
  interloper coverage vault --runs 50000 --html coverage.html")]
pub(super) struct Coverage {
    #[command(flatten)]
    target: TargetArguments,
    /// How many cases to run.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    runs: u64,
    /// The start of all random numbers.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Writes a page with all functions there.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Shows JSON.
    #[arg(long)]
    json: bool,
}

impl Coverage {
    pub(super) fn run(&self) -> Result {
        let loaded = self.target.load()?;
        let engines = &loaded.engines;
        let simulation = Simulation { stage: &loaded.stage, engine: &engines.instrumented };
        let survey = survey::run(&loaded.target, engines, simulation, Seed(self.seed), self.runs)?;
        for fallback in engines.instrumented.fallbacks() {
            output::note(&format!(
                "the contract with the hash {} runs without coverage: {}",
                fallback.code, fallback.reason
            ));
        }
        if let Some(file) = &self.html {
            let page = report::coverage_html(&loaded.target.name, &survey);
            std::fs::write(file, page)
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
        if self.json {
            output::result(&report::harmless_json(&survey));
        } else {
            output::result(&report::coverage(&survey));
        }
        Ok(Found::Nothing)
    }
}
