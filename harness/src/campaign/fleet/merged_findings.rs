//! The findings of several processes in one place, each bug once.
//!
//! Never runs a process and never prints.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use crate::finding::{self, Error, Finding, Stored, Written};
use crate::types::Fingerprint;

/// What all processes have found so far.
#[derive(Debug)]
pub struct MergedFindings {
    /// Where the processes keep their findings.
    folder: PathBuf,
    /// The files that were there before.
    earlier: BTreeSet<OsString>,
    /// Where each process puts a copy of a finding once it is kept.
    copies: PathBuf,
    found: BTreeMap<Fingerprint, Finding>,
}

impl MergedFindings {
    /// Nothing found yet. What is in `folder` now is from earlier campaigns.
    #[must_use]
    pub fn new(folder: PathBuf, copies: PathBuf) -> Self {
        // A folder that cannot be read has no names; the process that writes there reports the problem.
        let entries = std::fs::read_dir(&folder).into_iter().flatten();
        let earlier = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
        Self { folder, earlier, copies, found: BTreeMap::new() }
    }

    /// Looks for findings that were not there the last time. Passes each on, with its file and the findings
    /// before it. It is kept already: the processes write it before they copy it.
    ///
    /// # Errors
    /// If the copies cannot be read.
    pub fn poll(
        &mut self,
        on_finding: &mut dyn FnMut(&Finding, &Written, &[&Finding]),
    ) -> Result<(), Error> {
        for (copy, finding) in finding::read_all(&self.copies)? {
            if self.found.contains_key(&finding.fingerprint) {
                continue;
            }
            let name = copy.file_name().unwrap_or_default();
            let path = self.folder.join(name);
            let count = match finding::read(&path) {
                Ok(Stored::Finding(kept)) => kept.count,
                _ => finding.count,
            };
            let written = Written { path, count, news: !self.earlier.contains(name) };
            on_finding(&finding, &written, &self.found.values().collect::<Vec<_>>());
            self.found.insert(finding.fingerprint, finding);
        }
        Ok(())
    }

    /// How many different findings there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// All findings, in the order of their fingerprints.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.found.into_values().collect()
    }
}
