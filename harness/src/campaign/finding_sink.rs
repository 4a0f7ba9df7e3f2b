//! Where a campaign's findings go: into a folder, before anything is shown of them.
//!
//! Never prints.

use std::path::PathBuf;

use crate::finding::{self, Error, Finding, Known, Written};

/// Writes findings into a folder, except those that the target lists as known.
#[derive(Debug)]
pub struct FindingSink {
    folder: PathBuf,
    copies: Option<PathBuf>,
    known: Known,
}

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept<'a> {
    /// It was written.
    Written(Written),
    /// The target's `known.toml` lists it, for this reason. Nothing was written.
    Known(&'a str),
}

impl FindingSink {
    /// Writes into `folder`. If there is a folder for `copies`, each finding is written there as well, once it
    /// is in `folder`: another process may rely on that.
    #[must_use]
    pub fn new(folder: PathBuf, copies: Option<PathBuf>, known: Known) -> Self {
        Self { folder, copies, known }
    }

    /// Writes a finding that is not known.
    ///
    /// # Errors
    /// If it cannot be written. Show the finding in that case: it is nowhere else.
    pub fn keep(&self, finding: &Finding) -> Result<Kept<'_>, Error> {
        if let Some(reason) = self.known.reason(&finding.fingerprint) {
            return Ok(Kept::Known(reason));
        }
        let written = finding::write(&self.folder, finding)?;
        if let Some(copies) = &self.copies {
            finding::write(copies, finding)?;
        }
        Ok(Kept::Written(written))
    }

    /// The findings that are not known.
    pub fn new_ones<'f>(&self, findings: &'f [Finding]) -> Vec<&'f Finding> {
        let is_new = |finding: &&Finding| self.known.reason(&finding.fingerprint).is_none();
        findings.iter().filter(is_new).collect()
    }

    /// Adds to the files how often each finding occurred again after it was kept.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn count_repeats(&self, findings: &[Finding]) -> Result<(), Error> {
        for finding in self.new_ones(findings).into_iter().filter(|finding| finding.count > 1) {
            let again = Finding { count: finding.count - 1, ..finding.clone() };
            finding::write(&self.folder, &again)?;
        }
        Ok(())
    }
}
