//! Receipts that have not run: on their way, postponed until their data arrives, or yielded.
//!
//! Knows which of them may legally run next. Never runs one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use near_primitives::receipt::{
    DataReceipt, Receipt, ReceiptEnum, ReceiptV0, VersionedReceiptEnum,
};
use near_primitives_core::hash::CryptoHash;

use super::fees;
use crate::types::{AccountId, BlockHeight, Gas, ReceiptName};

/// How a receipt travels, which decides what it may overtake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// ViaContract the list of receipts from one account's shard to another's.
    Shards,
    /// A transaction of an account to itself: ahead of that list, in the transaction's own block.
    Local,
}

/// How, from where and since when a receipt travels.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) origin: AccountId,
    pub(super) lane: Lane,
    pub(super) earliest: BlockHeight,
    pub(super) distribution: Option<Arc<Distribution>>,
}

impl Route {
    /// The route of a receipt that goes to its receiver's shard.
    pub(super) fn from(origin: AccountId, lane: Lane, earliest: BlockHeight) -> Self {
        Self { origin, lane, earliest, distribution: None }
    }
}

/// How far a global contract has come on its way from shard to shard.
#[derive(Debug)]
pub(super) struct Distribution {
    /// The shard that it goes to.
    pub(super) target: AccountId,
    /// Shards that it has been to, in order.
    pub(super) delivered: Vec<AccountId>,
}

/// A receipt that has not run.
#[derive(Clone, Debug)]
pub struct PendingReceipt {
    /// Order of creation in this world.
    pub sequence: u64,
    /// Its name.
    pub name: ReceiptName,
    /// The shard that sends it, by an account of it: the one whose transaction or receipt created it.
    /// Not always the predecessor: refunds come from `system`, and what an instant receipt creates
    /// comes from the shard on which that one ran.
    pub origin: AccountId,
    /// How it travels.
    pub lane: Lane,
    /// The first block in which it can run.
    pub earliest: BlockHeight,
    /// The receipt.
    pub receipt: Arc<Receipt>,
    distribution: Option<Arc<Distribution>>,
}

impl PendingReceipt {
    /// The shard that it goes to, by an account of it: the receiver, or where a global contract's
    /// distribution goes next.
    #[must_use]
    pub fn destination(&self) -> &AccountId {
        match &self.distribution {
            Some(distribution) => &distribution.target,
            None => self.receipt.receiver_id(),
        }
    }

    /// Shards that a distribution has been to.
    pub(super) fn delivered_shards(&self) -> &[AccountId] {
        self.distribution.as_ref().map_or(&[], |distribution| &distribution.delivered)
    }
}

/// What a receipt's arrival leads to.
#[derive(Debug)]
pub(super) enum Arrival {
    /// This action receipt runs now.
    Runs(PendingReceipt),
    /// Nothing runs: the receipt waits, or the one that waits for it still lacks other data, or no
    /// receipt waits for it.
    Nothing,
}

#[derive(Clone, Debug)]
struct Timeout {
    account: AccountId,
    data_id: CryptoHash,
    expires_at: BlockHeight,
    name: ReceiptName,
}

type DataKey = (AccountId, CryptoHash);

/// All receipts that have not run.
#[derive(Clone, Debug, Default)]
pub(super) struct ReceiptQueue {
    next_sequence: u64,
    queue: BTreeMap<u64, PendingReceipt>,
    received: BTreeMap<DataKey, Option<Arc<[u8]>>>,
    postponed: BTreeMap<CryptoHash, (PendingReceipt, usize)>,
    waiting: BTreeMap<DataKey, CryptoHash>,
    yielded: BTreeMap<DataKey, PendingReceipt>,
    timeouts: VecDeque<Timeout>,
}

impl ReceiptQueue {
    /// Sends a receipt on its way.
    pub(super) fn send(&mut self, receipt: Receipt, name: ReceiptName, route: Route) -> u64 {
        let entry = self.stamp(receipt, name, route);
        let sequence = entry.sequence;
        self.queue.insert(sequence, entry);
        sequence
    }

    /// Numbers a receipt without sending it, for receipts that run at once.
    pub(super) fn stamp(
        &mut self,
        receipt: Receipt,
        name: ReceiptName,
        route: Route,
    ) -> PendingReceipt {
        let Route { origin, lane, earliest, distribution } = route;
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let receipt = Arc::new(receipt);
        PendingReceipt { sequence, name, origin, lane, earliest, receipt, distribution }
    }

    /// The receipts that may legally run next under some shard layout and delay, oldest first: those
    /// with no older one from the same origin to the same receiver. What is local to an account goes
    /// before all else that comes there.
    pub(super) fn deliverable(&self) -> impl Iterator<Item = &PendingReceipt> {
        let (locals, mut taken) = (self.locals(), BTreeSet::new());
        self.queue.values().filter(move |entry| {
            let receiver = entry.destination();
            taken.insert((&entry.origin, receiver, entry.lane))
                && (entry.lane == Lane::Local || !locals.contains(receiver))
        })
    }

    /// The same where a receipt may also overtake older ones between the same two accounts, if each of
    /// them is bigger: a small one fits into what a congested shard still takes, a bigger one waits.
    pub(super) fn deliverable_relaxed(&self) -> impl Iterator<Item = &PendingReceipt> {
        let locals = self.locals();
        self.queue.values().filter(move |entry| {
            let receiver = entry.destination();
            let older = self.queue.values().take_while(|older| older.sequence < entry.sequence);
            let mut ahead = older.filter(|older| {
                older.origin == entry.origin
                    && older.lane == entry.lane
                    && older.destination() == receiver
            });
            if entry.lane == Lane::Local {
                return ahead.next().is_none();
            }
            !locals.contains(receiver) && ahead.all(|older| fits_better(entry, older))
        })
    }

    /// Whether a receipt that is local to `account` in block `height` is under way.
    pub(super) fn has_local(&self, account: &AccountId, height: BlockHeight) -> bool {
        let fresh = |entry: &&PendingReceipt| entry.lane == Lane::Local && entry.earliest == height;
        self.queue.values().filter(fresh).any(|entry| entry.receipt.receiver_id() == account)
    }

    /// Accounts for which a local receipt is under way.
    fn locals(&self) -> BTreeSet<&AccountId> {
        let locals = self.queue.values().filter(|entry| entry.lane == Lane::Local);
        locals.map(|entry| entry.receipt.receiver_id()).collect()
    }

    /// The number that the next receipt gets.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Every receipt on its way, oldest first.
    pub(super) fn queue(&self) -> impl Iterator<Item = &PendingReceipt> {
        self.queue.values()
    }

    pub(super) fn take(&mut self, sequence: u64) -> Option<PendingReceipt> {
        self.queue.remove(&sequence)
    }

    /// Every receipt that carries a balance: on its way, postponed and yielded.
    pub(super) fn receipts(&self) -> impl Iterator<Item = &Receipt> {
        let postponed = self.postponed.values().map(|(entry, _)| entry);
        let all = self.queue.values().chain(postponed).chain(self.yielded.values());
        all.map(|entry| &*entry.receipt)
    }

    /// Whether a yield waits for a resume or its time-out.
    pub(super) fn has_yields(&self) -> bool {
        !self.yielded.is_empty()
    }

    /// An action receipt has arrived: it runs when all its data is there, otherwise it waits.
    pub(super) fn arrive(&mut self, entry: PendingReceipt, inputs: &[CryptoHash]) -> Arrival {
        let receiver = entry.receipt.receiver_id().clone();
        let mut missing = 0;
        for data_id in inputs {
            let key = (receiver.clone(), *data_id);
            if !self.received.contains_key(&key) {
                self.waiting.insert(key, *entry.receipt.receipt_id());
                missing += 1;
            }
        }
        if missing == 0 {
            return Arrival::Runs(entry);
        }
        self.postponed.insert(*entry.receipt.receipt_id(), (entry, missing));
        Arrival::Nothing
    }

    /// Data has arrived: the receipt that it completes runs now, in this position.
    pub(super) fn arrive_data(&mut self, receiver: &AccountId, data: &DataReceipt) -> Arrival {
        let key = (receiver.clone(), data.data_id);
        self.received.insert(key.clone(), data.data.as_deref().map(Arc::from));
        let Some(id) = self.waiting.remove(&key) else { return Arrival::Nothing };
        let (_, missing) = self.postponed.get_mut(&id).expect("what waits is postponed");
        *missing -= 1;
        if *missing > 0 {
            return Arrival::Nothing;
        }
        let (entry, _) = self.postponed.remove(&id).expect("it was there a line ago");
        Arrival::Runs(entry)
    }

    /// A yield begins to wait.
    pub(super) fn arrive_yield(&mut self, entry: PendingReceipt, data_id: CryptoHash) {
        self.yielded.insert((entry.receipt.receiver_id().clone(), data_id), entry);
    }

    /// A resume has arrived: the yielded receipt runs now, unless it is gone already.
    pub(super) fn arrive_resume(&mut self, receiver: &AccountId, data: &DataReceipt) -> Arrival {
        let key = (receiver.clone(), data.data_id);
        let Some(entry) = self.yielded.remove(&key) else { return Arrival::Nothing };
        self.received.insert(key, data.data.as_deref().map(Arc::from));
        Arrival::Runs(entry)
    }

    /// Whether all data that a receipt with these inputs needs has arrived.
    pub(super) fn has_all(&self, receiver: &AccountId, inputs: &[CryptoHash]) -> bool {
        inputs.iter().all(|id| self.received.contains_key(&(receiver.clone(), *id)))
    }

    /// Whether this data is the last that some postponed receipt waits for.
    pub(super) fn completes(&self, receiver: &AccountId, data_id: CryptoHash) -> bool {
        let waiting = self.waiting.get(&(receiver.clone(), data_id));
        waiting.is_some_and(|id| self.postponed[id].1 == 1)
    }

    /// Whether a yield waits for this data.
    pub(super) fn is_yielded(&self, receiver: &AccountId, data_id: CryptoHash) -> bool {
        self.yielded.contains_key(&(receiver.clone(), data_id))
    }

    /// Takes the data that a receipt was waiting for.
    pub(super) fn take_received(
        &mut self,
        receiver: &AccountId,
        data_id: CryptoHash,
    ) -> Option<Arc<[u8]>> {
        let data = self.received.remove(&(receiver.clone(), data_id));
        data.expect("a receipt runs only when its data is there")
    }

    /// Remembers when a yield runs out of time.
    pub(super) fn expire(
        &mut self,
        account: AccountId,
        data_id: CryptoHash,
        expires_at: BlockHeight,
        name: ReceiptName,
    ) {
        self.timeouts.push_back(Timeout { account, data_id, expires_at, name });
    }

    /// At the end of block `height`: sends a resume without data to each yield that ran out of time.
    pub(super) fn time_out(&mut self, height: BlockHeight) {
        while self.timeouts.front().is_some_and(|timeout| timeout.expires_at <= height) {
            let timeout = self.timeouts.pop_front().expect("it was there a line ago");
            if !self.yielded.contains_key(&(timeout.account.clone(), timeout.data_id)) {
                continue;
            }
            let receipt = Receipt::V0(ReceiptV0 {
                predecessor_id: timeout.account.clone(),
                receiver_id: timeout.account.clone(),
                receipt_id: CryptoHash::hash_borsh((timeout.data_id, height)),
                receipt: ReceiptEnum::PromiseResume(DataReceipt {
                    data_id: timeout.data_id,
                    data: None,
                }),
            });
            let name = timeout.name.timeout();
            self.send(receipt, name, Route::from(timeout.account, Lane::Shards, height + 1));
        }
    }

    /// When the next yield runs out of time.
    pub(super) fn next_timeout(&self) -> Option<BlockHeight> {
        self.timeouts.front().map(|timeout| timeout.expires_at)
    }
}

/// Whether `small` may be forwarded while `big` waits: it takes less gas, or fewer bytes.
fn fits_better(small: &PendingReceipt, big: &PendingReceipt) -> bool {
    let size = |entry: &PendingReceipt| {
        borsh::object_length(&*entry.receipt).expect("a receipt can be serialised")
    };
    gas(&small.receipt) < gas(&big.receipt) || size(small) < size(big)
}

/// Gas that a receipt brings to the shard that it goes to.
fn gas(receipt: &Receipt) -> u64 {
    match receipt.versioned_receipt() {
        VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action) => {
            fees::prepaid_gas(action.actions()).map_or(u64::MAX, Gas::as_gas)
        }
        VersionedReceiptEnum::Data(_)
        | VersionedReceiptEnum::PromiseResume(_)
        | VersionedReceiptEnum::GlobalContractDistribution(_) => 0,
    }
}
