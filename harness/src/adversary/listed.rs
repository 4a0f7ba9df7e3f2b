//! Faults that a scenario names.
//!
//! Never adds one.

use std::collections::BTreeMap;

use super::{Rule, Verdict};
use crate::chain::{Forced, InFlight};
use crate::decision::Chooser;
use crate::types::ReceiptName;

/// Makes the named receipts fail.
#[derive(Clone, Debug, Default)]
pub struct Listed(BTreeMap<ReceiptName, Forced>);

impl Listed {
    /// The faults of a scenario.
    pub fn new(faults: impl IntoIterator<Item = (ReceiptName, Forced)>) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl Rule for Listed {
    fn verdict(&mut self, entry: &InFlight, _: &mut dyn Chooser) -> Verdict {
        self.0.get(&entry.name).map_or(Verdict::Pass, |forced| Verdict::Fail(*forced))
    }
}
