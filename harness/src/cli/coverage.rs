//! `interloper coverage`: what a campaign, or a corpus, reaches of a target.
//!
//! Never looks for findings.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::analysis::coverage_report::{self, Cases};
use crate::campaign::corpus::Corpus;
use crate::report;
use crate::scenario::Scenario;
use crate::types::Seed;

/// Shows what a campaign reaches of a target: methods and how they end, and the code that runs.
#[derive(Debug, Args)]
#[command(after_help = "A method that never succeeds is the first thing to mend in a target.
Functions have names where the contract was built with its name section, or exports them.

Examples:
  interloper coverage vault
  interloper coverage vault --interleavings
  interloper coverage vault --runs 50000 --html coverage.html
  interloper coverage vault --corpus campaign/corpus/vault
  interloper coverage vault --contract vault.near=with-debug-information.wasm --lcov vault.lcov")]
pub(super) struct Coverage {
    #[command(flatten)]
    target: TargetArguments,
    /// How many cases to run.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    runs: u64,
    /// The start of all random numbers.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Runs the cases of this folder instead of a campaign's.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["runs", "seed"])]
    corpus: Option<PathBuf>,
    /// Shows what ran in which window, and what never did, instead of the code.
    #[arg(long, conflicts_with = "json")]
    interleavings: bool,
    /// Writes a page with all functions there.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes the lines of the sources that ran there, as lcov has them. Needs contracts with debug
    /// information.
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Shows JSON.
    #[arg(long)]
    json: bool,
}

impl Coverage {
    pub(super) fn run(&self) -> Result {
        let loaded = self.target.load()?;
        let (engines, simulation) = (loaded.engines(), loaded.checker().simulation);
        let cases = self.cases(&loaded)?;
        let cases = match &cases {
            Some(cases) => Cases::These(cases),
            None => Cases::Campaign(Seed(self.seed), self.runs),
        };
        let report = coverage_report::run(loaded.target(), engines, simulation, cases)?;
        for fallback in engines.instrumented.fallbacks() {
            output::note(&format!(
                "the contract with the hash {} runs without coverage: {}",
                fallback.code, fallback.reason
            ));
        }
        if let Some(file) = &self.html {
            write(file, &report::coverage_html(&loaded.target().name, &report))?;
        }
        if let Some(file) = &self.lcov {
            let lines = report::lcov(&report).ok_or(
                "no contract of this target has debug information: build it with `debug = 1` and \
                 `strip = false` in its profile, without wasm-opt, and give it with `--contract`",
            )?;
            write(file, &lines)?;
        }
        if self.interleavings {
            output::result(report.windows.text(loaded.target()).trim_end());
        } else if self.json {
            output::result(&report::harmless_json(&report));
        } else {
            output::result(&report::coverage(&report));
        }
        Ok(Found::Nothing)
    }

    /// The cases of the corpus, where one is given.
    fn cases(&self, loaded: &LoadedTarget) -> Result<Option<Vec<Scenario>>> {
        let Some(folder) = &self.corpus else { return Ok(None) };
        let cases = Corpus::at(folder).read(loaded.target())?.cases;
        if cases.is_empty() {
            return Err(format!("{} holds no case of this target", folder.display()).into());
        }
        Ok(Some(cases.into_iter().map(|(_, scenario)| scenario).collect()))
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}
