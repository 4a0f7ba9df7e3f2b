//! What becomes of a finding: it is kept, and then shown.
//!
//! Never shows what is not on the disk, but for what cannot be put there: that is shown whole.

use std::path::PathBuf;

use super::{Result, output};
use crate::finding::{self, Finding, Known, Written};
use crate::report;

/// Keeps what a campaign finds.
pub(super) struct Keeper {
    /// Where findings are written.
    pub(super) folder: PathBuf,
    /// Where they are written as well, for somebody else to show them.
    pub(super) copies: Option<PathBuf>,
    /// What is no news.
    pub(super) known: Known,
    /// What was shown before.
    pub(super) shown: Vec<Finding>,
}

impl Keeper {
    /// Keeps a finding before it shows it: what is on a screen can be lost. Whether it is one that
    /// nobody knew of.
    pub(super) fn keep(&mut self, finding: &Finding) -> Result<bool> {
        if let Some(reason) = self.known.reason(&finding.fingerprint) {
            output::note(&format!(
                "{} in {}: known, {}",
                finding.fingerprint.short(),
                finding.violation.method,
                report::harmless(reason, 200)
            ));
            return Ok(false);
        }
        let written = finding::write(&self.folder, finding).inspect_err(|_| {
            output::result(&report::text(finding, None));
            output::result(&finding::to_json(finding));
        })?;
        match &self.copies {
            // Only now: who shows it may be sure that it is kept.
            Some(copies) => drop(finding::write(copies, finding)?),
            None => show(finding, &written, &self.shown),
        }
        self.shown.push(finding.clone());
        Ok(true)
    }

    /// Those that nobody knew of.
    pub(super) fn news<'a>(&self, findings: &'a [Finding]) -> Vec<&'a Finding> {
        findings
            .iter()
            .filter(|finding| self.known.reason(&finding.fingerprint).is_none())
            .collect()
    }

    /// Adds to the files how often each was found again.
    pub(super) fn count(&self, findings: &[Finding]) -> Result<()> {
        for finding in self.news(findings).into_iter().filter(|finding| finding.count > 1) {
            let again = Finding { count: finding.count - 1, ..finding.clone() };
            finding::write(&self.folder, &again)?;
        }
        Ok(())
    }
}

/// Shows a finding that was kept, with those shown before that are in the same place.
pub(super) fn show<'a>(
    finding: &Finding,
    written: &Written,
    before: impl IntoIterator<Item = &'a Finding>,
) {
    let file = written.path.display().to_string();
    output::result(&report::text_among(finding, Some(&file), before));
    if !written.news {
        output::note(&format!("found {} times by now, counting earlier campaigns", written.count));
    }
}
