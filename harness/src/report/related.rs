//! Findings that are told together: those of one place are most likely one bug that several invariants
//! see.
//!
//! Never leaves any of them out.

use std::collections::BTreeSet;

use crate::finding::Finding;

/// What is said of two findings in one place.
pub(super) const LIKELY: &str = "in the same place, so most likely one bug";

/// Those of `all` that are in the place of this one, itself left out.
pub(super) fn also<'a>(
    finding: &Finding,
    all: impl IntoIterator<Item = &'a Finding>,
) -> Vec<&'a Finding> {
    let place = finding.place();
    let others = all.into_iter().filter(|other| other.fingerprint != finding.fingerprint);
    others.filter(|other| other.place() == place).collect()
}

/// `1 finding`, `3 findings`, and in how few places they are where that says more: `3 findings in 2
/// places`.
#[must_use]
pub fn count<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let places: Vec<_> = findings.into_iter().map(Finding::place).collect();
    count_places(places.len(), places.into_iter().collect::<BTreeSet<_>>().len())
}

pub(super) fn count_places(findings: usize, places: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let all = format!("{findings} finding{}", plural(findings));
    if places == findings { all } else { format!("{all} in {places} place{}", plural(places)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_where_they_are_fewer() {
        assert_eq!(count_places(0, 0), "0 findings");
        assert_eq!(count_places(1, 1), "1 finding");
        assert_eq!(count_places(2, 2), "2 findings");
        assert_eq!(count_places(2, 1), "2 findings in 1 place");
        assert_eq!(count_places(5, 3), "5 findings in 3 places");
    }
}
