//! What a step of a case has to do with: two steps whose footprints do not meet come to the same in
//! either order.
//!
//! Never looks into a contract: keys are those that the engine saw it touch.

use std::collections::BTreeSet;

use super::progress::Progress;
use crate::scenario::Step;
use crate::trace::Event;
use crate::types::AccountId;

/// What a step has touched.
#[derive(Clone, Debug, Default)]
pub(super) struct Footprint {
    step: Option<Step>,
    read: BTreeSet<(AccountId, Box<[u8]>)>,
    written: BTreeSet<(AccountId, Box<[u8]>)>,
    /// Accounts whose whole record counts as one key, which the step has read and changed.
    whole: BTreeSet<AccountId>,
    /// From whom to whom it has sent something that is not inert: such receipts queue.
    sent: BTreeSet<(AccountId, AccountId)>,
}

impl Footprint {
    /// The footprint of the last step of `after`, which began where there were so many events, and
    /// receipts with numbers below `sequence`. Of accounts in `whole` everything counts as one key.
    pub(super) fn of(
        step: Step,
        after: &Progress<'_>,
        (events, sequence): (usize, u64),
        whole: &BTreeSet<AccountId>,
    ) -> Self {
        let mut footprint = Self { step: Some(step), ..Self::default() };
        for event in &after.events[events..] {
            footprint.add(event, whole);
        }
        let new = after.world.in_flight().filter(|entry| entry.sequence >= sequence);
        let queued = new.filter(|entry| !after.is_inert(entry));
        footprint.sent =
            queued.map(|entry| (entry.origin.clone(), entry.destination().clone())).collect();
        footprint
    }

    fn add(&mut self, event: &Event, whole: &BTreeSet<AccountId>) {
        let executor = &event.outcome.executor;
        if event.outcome.receipt().is_some() && whole.contains(executor) {
            self.whole.insert(executor.clone());
        }
        for touch in &event.outcome.touched {
            let key = (executor.clone(), touch.key.clone());
            // What a failed receipt has written is undone, but it may have failed for what it saw.
            let keys =
                if touch.write && !event.failed() { &mut self.written } else { &mut self.read };
            keys.insert(key);
        }
    }

    /// Whether the two steps come to the same in either order.
    pub(super) fn commutes(&self, other: &Self) -> bool {
        let apart = |one: &BTreeSet<_>, two: &BTreeSet<_>| one.is_disjoint(two);
        self.step != other.step
            && apart(&self.written, &other.written)
            && apart(&self.written, &other.read)
            && apart(&self.read, &other.written)
            && self.whole.is_disjoint(&other.whole)
            && self.sent.is_disjoint(&other.sent)
    }
}
