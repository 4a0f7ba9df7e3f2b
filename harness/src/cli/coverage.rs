//! `interloper coverage`: what a campaign, or a corpus, reaches of a target.
//!
//! Does not look for findings.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::analysis::coverage_report::{self, Cases};
use crate::campaign::corpus::Corpus;
use crate::report;
use crate::scenario::Scenario;
use crate::types::Seed;

/// Shows what fuzzing reaches: which methods succeed, how they fail, and which code runs.
#[derive(Debug, Args)]
#[command(after_help = "If a method never succeeds, improve its arguments in target.toml first.
Functions have names if the contract exports them or was built with a name section.

Exit status: 0 done, 2 error.

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
    /// The random seed.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Runs the cases in this folder instead of new ones.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["runs", "seed"])]
    corpus: Option<PathBuf>,
    /// Prints which methods ran between which call and its callback, and which never did.
    #[arg(long, conflicts_with = "json")]
    interleavings: bool,
    /// Writes a page with all functions to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Writes the source lines that ran to this file, in the lcov format. Needs contracts with debug
    /// information.
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Prints JSON.
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
                "no contract of this target has debug information\n  help: build it with `debug = 1` and `strip = false` \
                 in its profile, without wasm-opt, and give it with `--contract`",
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
            return Err(format!("{} has no case of this target\n  help: `interloper corpus check` says why each does not fit", folder.display()).into());
        }
        Ok(Some(cases.into_iter().map(|(_, scenario)| scenario).collect()))
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| format!("cannot write {}: {error}", file.display()).into())
}
