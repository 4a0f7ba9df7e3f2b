//! Which receipts may run next, and the running of one of them.
//!
//! Never chooses.

use std::sync::Arc;

use near_primitives::receipt::VersionedReceiptEnum;

use super::Error;
use super::flight::{Arrival, InFlight, Lane};
use super::order::{Step, Turn};
use super::outcome::Outcome;
use super::protocol::Layout;
use super::world::World;
use crate::types::{AccountId, BlockHeight};
use crate::vm::{ContractCode, Engine, YieldStatus};

/// What happens to a receipt's function calls instead of what the account's own contract would do.
#[derive(Clone, Debug)]
pub enum Forced {
    /// The first call panics before it does anything.
    Panic,
    /// The first call burns all its gas and fails for that.
    OutOfGas,
    /// The account is not there: the receipt fails, deposits go back.
    MissingAccount,
    /// The contract has no such method.
    MissingMethod,
    /// Other code runs instead. The last call gets the input, those before it an empty one.
    Run(Substitute),
}

impl Forced {
    /// Whether the receipt fails for it, whatever the contract is.
    #[must_use]
    pub fn fails(&self) -> bool {
        !matches!(self, Self::Run(_))
    }
}

/// Code that runs instead of an account's own.
#[derive(Clone)]
pub struct Substitute {
    /// The code.
    pub code: Arc<ContractCode>,
    /// The function that is called, whatever the receipt calls.
    pub method: &'static str,
    /// Its input, instead of the call's own; `None` leaves that.
    pub input: Option<Arc<[u8]>>,
}

impl std::fmt::Debug for Substitute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Substitute").field("input", &self.input).finish_non_exhaustive()
    }
}

/// What came of delivering a receipt.
#[derive(Debug)]
pub struct Delivered {
    /// The delivery itself, for whoever wants to explain the order later.
    pub step: Step,
    /// What ran, in order: nothing where the receipt only brought data, more than one where it made
    /// receipts that run at once.
    pub outcomes: Vec<Outcome>,
}

impl World {
    /// The receipts that may legally run next under some shard layout and some delay, oldest first.
    pub fn deliverable(&self) -> impl Iterator<Item = &InFlight> {
        self.flight.deliverable()
    }

    /// The receipts that may run next where a receipt may also overtake bigger ones between the same
    /// two accounts, oldest first.
    pub fn deliverable_relaxed(&self) -> impl Iterator<Item = &InFlight> {
        self.flight.deliverable_relaxed()
    }

    /// The receipts that may run next where nothing is ever late: of those that can come soonest, all
    /// that leave nobody behind whose turn is in the same block. Oldest first.
    #[must_use]
    pub fn deliverable_calm(&self) -> Vec<&InFlight> {
        let due = |entry: &InFlight| entry.earliest.max(self.height);
        let Some(soonest) = self.flight.queue().map(due).min() else { return Vec::new() };
        let soon = |entry: &&InFlight| due(entry) == soonest;
        // A group that has begun comes whole: what is left of it would have to wait for a block.
        let unfinished = |entry: &InFlight| {
            let receiver = entry.receipt.receiver_id();
            let turn = self.turns.get(receiver).filter(|_| soonest == self.height)?;
            let (lane, origin) = turn.current()?;
            let of_group = |other: &&InFlight| {
                other.lane == *lane
                    && other.origin == *origin
                    && other.receipt.receiver_id() == receiver
            };
            let left = self.flight.queue().filter(soon).any(|other| of_group(&other));
            left.then(|| of_group(&entry))
        };
        let next = self.deliverable().filter(soon);
        next.filter(|entry| unfinished(entry).unwrap_or(true)).collect()
    }

    /// Whether a transaction of `signer` could enter the chain now without anything coming late for it:
    /// where something has come to the signer in this block, it begins the next one.
    #[must_use]
    pub fn has_time_for(&self, signer: &AccountId) -> bool {
        let due = |entry: &InFlight| entry.earliest <= self.height;
        !self.turns.contains_key(signer) || !self.flight.queue().any(due)
    }

    /// The number that the next receipt will get: those made from now on have it or a higher one.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.flight.next_sequence()
    }

    /// Every receipt under way, oldest first, also those that must wait for an older one.
    pub fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.flight.queue()
    }

    /// Whether nothing is left to run. Yields may still wait for their time-out.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.flight.queue().next().is_none()
    }

    /// The block in which the next yield runs out of time, where one waits.
    #[must_use]
    pub fn next_timeout(&self) -> Option<BlockHeight> {
        if self.flight.has_yields() { self.flight.next_timeout() } else { None }
    }

    /// Whether delivering this receipt now would run nothing: it brings data that others still wait
    /// for more of, or waits itself. Such a delivery commutes with every other.
    #[must_use]
    pub fn is_silent(&self, entry: &InFlight) -> bool {
        let receiver = entry.receipt.receiver_id();
        match entry.receipt.versioned_receipt() {
            VersionedReceiptEnum::Action(action) => {
                !self.flight.has_all(receiver, action.input_data_ids())
            }
            VersionedReceiptEnum::Data(data) => !self.flight.completes(receiver, data.data_id),
            VersionedReceiptEnum::PromiseResume(data) => {
                let yields = self.yields.get(receiver);
                let status = yields.and_then(|yields| yields.status(&data.data_id));
                let late = data.data.is_none() && status == Some(YieldStatus::ResumeInitiated);
                late || !self.flight.is_yielded(receiver, data.data_id)
            }
            VersionedReceiptEnum::PromiseYield(_)
            | VersionedReceiptEnum::GlobalContractDistribution(_) => false,
        }
    }

    /// Delivers the receipt numbered `sequence`, and lets it run when it has all it waits for. Blocks
    /// pass until it can: one more where this block is over for it, since others came in between.
    ///
    /// # Errors
    /// When the machine fails, or the receipt does something that is not simulated.
    ///
    /// # Panics
    /// When no such receipt is under way: that is the caller's mistake.
    pub fn deliver(
        &mut self,
        engine: &dyn Engine,
        sequence: u64,
        forced: Option<Forced>,
    ) -> Result<Delivered, Error> {
        let entry = self.flight.take(sequence).expect("only receipts under way are delivered");
        self.advance_to(entry.earliest);
        self.take_turn(&entry);
        let mut delivered = Delivered { step: Step::of(&entry, self.height), outcomes: Vec::new() };
        let mut due = vec![(entry, forced)];
        // Receipts that run at once do so right after the one that made them, in order.
        while !due.is_empty() {
            let (entry, forced) = due.remove(0);
            if let Arrival::Runs(entry) = self.arrive(entry) {
                let (outcome, instant) = self.execute(engine, entry, forced)?;
                delivered.outcomes.push(outcome);
                due.extend(instant.into_iter().map(|entry| (entry, None)));
            }
        }
        Ok(delivered)
    }

    /// Makes sure that this block is one in which the receipt can come after all that came before.
    fn take_turn(&mut self, entry: &InFlight) {
        if self.protocol.layout != Layout::Apart {
            return;
        }
        let receiver = entry.receipt.receiver_id();
        let mut turn = self.turns.get(receiver).cloned().unwrap_or_default();
        // What is local and new in this block goes before what is local and has waited.
        let waited = entry.lane == Lane::Local && entry.earliest < self.height;
        let behind = waited && self.flight.has_local(receiver, self.height);
        if behind || !turn.take(&entry.origin, entry.lane) {
            self.next_block();
            turn = Turn::default();
            turn.take(&entry.origin, entry.lane);
        }
        self.turns.insert_mut(receiver.clone(), turn);
    }

    fn arrive(&mut self, entry: InFlight) -> Arrival {
        let receipt = Arc::clone(&entry.receipt);
        let receiver = receipt.receiver_id();
        match receipt.versioned_receipt() {
            VersionedReceiptEnum::Action(action) => {
                self.flight.arrive(entry, action.input_data_ids())
            }
            VersionedReceiptEnum::Data(data) => self.flight.arrive_data(receiver, &data),
            VersionedReceiptEnum::PromiseYield(action) => {
                let data_id = action.input_data_ids()[0];
                self.flight.arrive_yield(entry, data_id);
                Arrival::Nothing
            }
            VersionedReceiptEnum::PromiseResume(data) => {
                let mut yields = self.yields.get(receiver).cloned().unwrap_or_default();
                let status = yields.status(&data.data_id);
                if data.data.is_none() && status == Some(YieldStatus::ResumeInitiated) {
                    return Arrival::Nothing;
                }
                let arrival = self.flight.arrive_resume(receiver, &data);
                if matches!(arrival, Arrival::Runs(_)) {
                    yields.remove(&data.data_id);
                    self.yields.insert_mut(receiver.clone(), yields);
                }
                arrival
            }
            VersionedReceiptEnum::GlobalContractDistribution(distribution) => {
                self.distribute(&distribution);
                Arrival::Nothing
            }
        }
    }
}
