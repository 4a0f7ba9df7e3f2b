//! Faults that a scenario names.
//!
//! Never adds one.

use std::collections::BTreeMap;

use super::{FaultKind, Rule, Verdict};
use crate::chain::PendingReceipt;
use crate::decision::Chooser;
use crate::types::ReceiptName;

/// Bends the named receipts.
#[derive(Clone, Debug, Default)]
pub struct ScriptedFaults(BTreeMap<ReceiptName, FaultKind>);

impl ScriptedFaults {
    /// The faults of a scenario.
    pub fn new(faults: impl IntoIterator<Item = (ReceiptName, FaultKind)>) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl Rule for ScriptedFaults {
    fn verdict(&mut self, entry: &PendingReceipt, _: &[FaultKind], _: &mut dyn Chooser) -> Verdict {
        self.0.get(&entry.name).map_or(Verdict::Pass, |kind| Verdict::Inflict(kind.clone()))
    }
}
