//! Which receipts may run next, and the delivery of one of them. The chain never chooses.

use std::collections::VecDeque;
use std::sync::Arc;

use near_primitives::receipt::VersionedReceiptEnum;

use super::Error;
use super::fault::InjectedFault;
use super::layout::Layout;
use super::order::{Step, Turn};
use super::outcome::Outcome;
use super::receipt_queue::{Arrival, Lane, PendingReceipt};
use super::world::World;
use crate::types::{AccountId, BlockHeight};
use crate::vm::{Engine, YieldStatus};

/// What delivering a receipt led to.
#[derive(Debug)]
pub struct Delivered {
    /// The delivery itself, which [`explain`](super::explain) needs.
    pub step: Step,
    /// What ran, in order: nothing if the receipt only brought data, more than one outcome if it
    /// created instant receipts.
    pub outcomes: Vec<Outcome>,
}

impl World {
    /// The receipts that may legally run next under some shard layout and some delay, oldest first.
    pub fn deliverable(&self) -> impl Iterator<Item = &PendingReceipt> {
        self.receipts.deliverable()
    }

    /// The receipts that may run next if a receipt may also overtake bigger ones between the same two
    /// accounts, oldest first.
    pub fn deliverable_relaxed(&self) -> impl Iterator<Item = &PendingReceipt> {
        self.receipts.deliverable_relaxed()
    }

    /// The receipts that may run next if nothing is ever late: of those that can come soonest, all that
    /// keep no other from coming in the same block. Oldest first.
    #[must_use]
    pub fn deliverable_calm(&self) -> Vec<&PendingReceipt> {
        let due = |entry: &PendingReceipt| entry.earliest.max(self.height);
        let Some(soonest) = self.receipts.queue().map(due).min() else { return Vec::new() };
        let soon = |entry: &&PendingReceipt| due(entry) == soonest;
        // A group that has begun comes whole: what is left of it would have to wait for a block.
        let unfinished = |entry: &PendingReceipt| {
            let receiver = entry.destination();
            let turn = self.turns.get(receiver).filter(|_| soonest == self.height)?;
            let (lane, origin) = turn.current()?;
            let of_group = |other: &&PendingReceipt| {
                other.lane == *lane && other.origin == *origin && other.destination() == receiver
            };
            let left = self.receipts.queue().filter(soon).any(|other| of_group(&other));
            left.then(|| of_group(&entry))
        };
        let next = self.deliverable().filter(soon);
        next.filter(|entry| unfinished(entry).unwrap_or(true)).collect()
    }

    /// Whether a transaction of `signer` could enter the chain now without making a receipt late: if a
    /// receipt has come to the signer in this block, the transaction begins the next one.
    #[must_use]
    pub fn has_time_for(&self, signer: &AccountId) -> bool {
        let due = |entry: &PendingReceipt| entry.earliest <= self.height;
        !self.turns.contains_key(signer) || !self.receipts.queue().any(due)
    }

    /// The number that the next receipt will get: those made from now on have it or a higher one.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.receipts.next_sequence()
    }

    /// Every receipt on its way, oldest first, also those that must wait for an older one.
    pub fn in_flight(&self) -> impl Iterator<Item = &PendingReceipt> {
        self.receipts.queue()
    }

    /// Whether no receipt is left to run. Yields may still wait for their time-out.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.receipts.queue().next().is_none()
    }

    /// The block in which the next yield times out, if one waits.
    #[must_use]
    pub fn next_timeout(&self) -> Option<BlockHeight> {
        if self.receipts.has_yields() { self.receipts.next_timeout() } else { None }
    }

    /// Whether delivering this receipt now would run nothing: the receipt that waits for its data lacks
    /// other data, or it waits itself. Such a delivery commutes with every other.
    #[must_use]
    pub fn is_silent(&self, entry: &PendingReceipt) -> bool {
        let receiver = entry.receipt.receiver_id();
        match entry.receipt.versioned_receipt() {
            VersionedReceiptEnum::Action(action) => {
                !self.receipts.has_all(receiver, action.input_data_ids())
            }
            VersionedReceiptEnum::Data(data) => !self.receipts.completes(receiver, data.data_id),
            VersionedReceiptEnum::PromiseResume(data) => {
                let yields = self.yields.get(receiver);
                let status = yields.and_then(|yields| yields.status(&data.data_id));
                let late = data.data.is_none() && status == Some(YieldStatus::ResumeInitiated);
                late || !self.receipts.is_yielded(receiver, data.data_id)
            }
            VersionedReceiptEnum::PromiseYield(_)
            | VersionedReceiptEnum::GlobalContractDistribution(_) => false,
        }
    }

    /// Delivers the receipt numbered `sequence`, and runs it if all its data is there. Advances to the
    /// first block in which this receipt can legally be delivered.
    ///
    /// # Errors
    /// When the engine fails.
    ///
    /// # Panics
    /// When no such receipt is on its way: that is the caller's mistake.
    pub fn deliver(
        &mut self,
        engine: &dyn Engine,
        sequence: u64,
        fault: Option<InjectedFault>,
    ) -> Result<Delivered, Error> {
        let entry = self.receipts.take(sequence).expect("only receipts on their way are delivered");
        self.advance_to(entry.earliest);
        self.take_turn(&entry);
        let mut delivered = Delivered { step: Step::of(&entry, self.height), outcomes: Vec::new() };
        let mut due = VecDeque::new();
        if let Arrival::Runs(entry) = self.arrive(entry) {
            let (outcome, instant) = self.execute(engine, entry, fault, false)?;
            delivered.outcomes.push(outcome);
            due.extend(instant);
        }
        // Instant receipts run right after the one that created them, in order.
        while let Some(entry) = due.pop_front() {
            if let Arrival::Runs(entry) = self.arrive(entry) {
                let (outcome, instant) = self.execute(engine, entry, None, true)?;
                delivered.outcomes.push(outcome);
                due.extend(instant);
            }
        }
        Ok(delivered)
    }

    /// Makes sure that this block is one in which the receipt can come after all that came before.
    fn take_turn(&mut self, entry: &PendingReceipt) {
        if self.protocol.layout != Layout::Apart {
            return;
        }
        let receiver = entry.destination();
        let mut turn = self.turns.get(receiver).cloned().unwrap_or_default();
        // What is local and new in this block goes before what is local and has waited.
        let waited = entry.lane == Lane::Local && entry.earliest < self.height;
        let behind = waited && self.receipts.has_local(receiver, self.height);
        if behind || !turn.take(&entry.origin, entry.lane) {
            self.next_block();
            turn = Turn::default();
            turn.take(&entry.origin, entry.lane);
        }
        self.turns.insert_mut(receiver.clone(), turn);
    }

    fn arrive(&mut self, entry: PendingReceipt) -> Arrival {
        let receipt = Arc::clone(&entry.receipt);
        let receiver = receipt.receiver_id();
        match receipt.versioned_receipt() {
            VersionedReceiptEnum::Action(action) => {
                self.receipts.arrive(entry, action.input_data_ids())
            }
            VersionedReceiptEnum::Data(data) => self.receipts.arrive_data(receiver, &data),
            VersionedReceiptEnum::PromiseYield(action) => {
                let data_id = action.input_data_ids()[0];
                self.receipts.arrive_yield(entry, data_id);
                Arrival::Nothing
            }
            VersionedReceiptEnum::PromiseResume(data) => {
                let mut yields = self.yields.get(receiver).cloned().unwrap_or_default();
                let status = yields.status(&data.data_id);
                if data.data.is_none() && status == Some(YieldStatus::ResumeInitiated) {
                    return Arrival::Nothing;
                }
                let arrival = self.receipts.arrive_resume(receiver, &data);
                if matches!(arrival, Arrival::Runs(_)) {
                    yields.remove(&data.data_id);
                    self.yields.insert_mut(receiver.clone(), yields);
                }
                arrival
            }
            VersionedReceiptEnum::GlobalContractDistribution(distribution) => {
                self.distribute(&entry, &distribution);
                Arrival::Nothing
            }
        }
    }
}
