//! `interloper conform`: compares the simulated chain with what the real runtime did.
//!
//! Never hides a case: every one that differs is shown with its first difference.

use std::path::PathBuf;

use clap::Args;

use super::{Found, Result, output};
use crate::conformance::{Verdict, check};

/// Compares the simulated chain with what the real runtime did, case by case.
#[derive(Debug, Args)]
#[command(after_help = "The last line says how many cases agree. Exit status 1 where one does not.

Examples:
  interloper conform ../shared/conformance/cases
  interloper conform ../shared/conformance/cases | tail -1")]
pub(super) struct Conform {
    /// The folder with the cases, `*.json`.
    folder: PathBuf,
}

impl Conform {
    pub(super) fn run(&self) -> Result {
        let verdicts = check(&self.folder)?;
        verdicts.iter().for_each(show);
        let agree = verdicts.iter().filter(|verdict| verdict.difference.is_none()).count();
        output::result(&format!("{agree} of {} agree", verdicts.len()));
        Ok(if agree == verdicts.len() { Found::Nothing } else { Found::Something })
    }
}

fn show(verdict: &Verdict) {
    let Some(difference) = &verdict.difference else { return };
    output::result(&format!(
        "{}: {}\n  real       {}\n  simulated  {}",
        verdict.path.display(),
        difference.what,
        difference.real,
        difference.simulated
    ));
}
