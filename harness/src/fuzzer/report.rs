//! What a run found, and how it went.
//!
//! Only data and its text.

use crate::campaign::Statistics;
use crate::finding::Finding;
use crate::report::{plain, untested};

/// What a run found, and how it went.
#[derive(Clone, Debug)]
#[must_use = "a report may hold findings: look at them, or call `assert_no_findings`"]
pub struct Report {
    /// Bugs that were not known, in the order in which they were found.
    pub findings: Vec<Finding>,
    /// Bugs that the target's `known.toml` lists.
    pub known: Vec<Finding>,
    /// How it went.
    pub statistics: Statistics,
}

impl Report {
    /// The findings as plain text, one after the other: what breaks, the shortest case, and how to read it.
    #[must_use]
    pub fn text(&self) -> String {
        let texts: Vec<_> = self.findings.iter().map(plain).collect();
        texts.join("\n")
    }

    /// If nothing was tested between a call and its callback: that it was not, and why. A run without findings
    /// proves little then: `interloper fuzz` names the methods that never succeeded.
    #[must_use]
    pub fn untested(&self) -> Option<String> {
        untested(&self.statistics.reach)
    }

    /// Ends a test that must not find anything.
    ///
    /// # Panics
    /// If there is a finding that is not known. The message is the [`text`](Self::text) of all findings.
    ///
    /// ```should_panic
    /// # fn main() -> Result<(), interloper::Error> {
    /// let fuzzer = interloper::Fuzzer::load("targets/vault")?.build("broken").runs(2_000);
    /// fuzzer.run(|_| {})?.assert_no_findings();
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn assert_no_findings(&self) {
        let executions = self.statistics.executions;
        let count = self.findings.len();
        assert!(count == 0, "{count} found in {executions} executions\n\n{}", self.text());
    }
}
