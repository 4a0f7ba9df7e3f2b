//! Observations of a campaign: cases that differ from what should be without any harm that could be shown.
//!
//! Counted and told at the end. They are not findings.

use serde::{Deserialize, Serialize};

use crate::invariant::Violation;
use crate::types::AccountId;

/// One kind of observation: what an invariant noticed in a method of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Noticed {
    /// The invariant's name.
    pub invariant: String,
    /// The account that it is about.
    pub account: AccountId,
    /// The method at the root of it.
    pub method: String,
    /// What happened the first time, in a sentence.
    pub summary: String,
    /// What is behind that, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// In how many cases.
    pub count: u64,
}

impl Noticed {
    fn is_like(&self, invariant: &str, account: &AccountId, method: &str) -> bool {
        (self.invariant.as_str(), &self.account, self.method.as_str())
            == (invariant, account, method)
    }
}

/// Counts what was noticed in a case.
pub(super) fn add(known: &mut Vec<Noticed>, observations: &[Violation]) {
    for observation in observations {
        let Violation { invariant, account, method, summary, details, .. } = observation.clone();
        merge(known, &[Noticed { invariant, account, method, summary, details, count: 1 }]);
    }
}

/// Adds what another campaign of the same target noticed.
pub(super) fn merge(known: &mut Vec<Noticed>, others: &[Noticed]) {
    for other in others {
        let same = known
            .iter_mut()
            .find(|own| own.is_like(&other.invariant, &other.account, &other.method));
        match same {
            Some(own) => own.count += other.count,
            None => known.push(other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariant::{Refund, Rollback, Severity};

    #[test]
    fn observations_of_one_kind_are_counted_together() {
        let account: AccountId = "vault.near".parse().expect("a valid id");
        let rollback = Violation::new(&Rollback, &account, "pay", "first").severity(Severity::Info);
        let refund = Violation::new(&Refund, &account, "pay", "other").severity(Severity::Info);
        let mut known = Vec::new();
        add(&mut known, &[rollback.clone(), refund]);
        add(&mut known, &[Violation { summary: "second".to_owned(), ..rollback }]);
        let counts: Vec<_> = known
            .iter()
            .map(|own| (own.invariant.as_str(), own.summary.as_str(), own.count))
            .collect();
        assert_eq!(counts, [("rollback", "first", 2), ("refund", "other", 1)]);
        let both = &mut known.clone();
        merge(both, &known);
        assert_eq!(both.iter().map(|own| own.count).sum::<u64>(), 6);
    }
}
