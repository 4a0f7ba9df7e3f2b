//! Where coverage goes besides the campaign's own search.
//!
//! Never decides anything: it is told.

use crate::vm::comparison::Comparisons;

/// Receives what a case showed while the search learns from it. libFuzzer's counters are one.
pub(crate) trait CoverageSink {
    /// A counter of the case that was above zero, and its value.
    fn count(&self, counter: usize, count: u8);

    /// What the contracts compared in the case.
    #[cfg_attr(
        not(feature = "libfuzzer"),
        expect(dead_code, reason = "only libFuzzer looks at it")
    )]
    fn compared(&self, compared: &Comparisons);
}

/// Drops everything: the search learns alone.
impl CoverageSink for () {
    fn count(&self, _: usize, _: u8) {}

    fn compared(&self, _: &Comparisons) {}
}
