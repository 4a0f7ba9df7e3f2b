//! Why an executed order is possible: one shard layout, with delays, on which the real chain does the
//! same.
//!
//! Each account gets a shard of its own, which allows every order that any layout allows. A chunk runs
//! local receipts first, then incoming ones, grouped by the shard that sent them. A receipt that comes later
//! than it could has waited in the buffer of the shard that sent it. Never runs anything.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::receipt_queue::{Lane, PendingReceipt};
use crate::types::{AccountId, BlockHeight, ReceiptName};

/// One delivery: a receipt has come to its account, in this block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Order of creation.
    pub sequence: u64,
    /// The receipt's name.
    pub name: ReceiptName,
    /// Whose shard sent it.
    pub origin: AccountId,
    /// Whose shard it came to.
    pub receiver: AccountId,
    /// How it travelled.
    pub lane: Lane,
    /// The first block in which it could have come: that of its transaction if it is local,
    /// otherwise the one after the block in which it was made.
    pub earliest: BlockHeight,
    /// The block in which it came.
    pub block: BlockHeight,
}

impl Step {
    /// The delivery of `entry` in `block`.
    #[must_use]
    pub fn of(entry: &PendingReceipt, block: BlockHeight) -> Self {
        Self {
            sequence: entry.sequence,
            name: entry.name.clone(),
            origin: entry.origin.clone(),
            receiver: entry.destination().clone(),
            lane: entry.lane,
            earliest: entry.earliest,
            block,
        }
    }

    fn has_waited(&self) -> bool {
        self.block > self.earliest
    }
}

/// What the network must be like for an order to come about. A weaker network allows more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Order kept between each two accounts, one block a hop.
    Calm,
    /// Order kept between each two accounts, any delay.
    #[default]
    Congested,
    /// Any delay, and a receipt may overtake a bigger one between the same two accounts.
    Relaxed,
}

impl Network {
    /// The network in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Calm => "calm: one block a hop, and order kept between each two accounts",
            Self::Congested => "congested: any delay, and order kept between each two accounts",
            Self::Relaxed => "relaxed: any delay, and small receipts overtake bigger ones",
        }
    }
}

/// How one receipt came to its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The receipt.
    pub name: ReceiptName,
    /// The block in which it came and was looked at.
    pub block: BlockHeight,
    /// How many blocks it waited beyond the one that every hop takes.
    pub waited: u64,
}

/// A layout and delays that produce an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The least network that it takes.
    pub network: Network,
    /// Account ids at which new shards begin, as shard layouts of the public network have them.
    pub boundaries: Vec<AccountId>,
    /// How each receipt came, in order.
    pub hops: Vec<Hop>,
    /// Chunks that are full before a local receipt has run, so that it waits in the queue of its own
    /// shard.
    pub full_chunks: BTreeSet<(BlockHeight, AccountId)>,
}

/// Why no layout produces an order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A receipt came before it could.
    #[error("{0} came in block {1}, but could not come before block {2}")]
    TooEarly(ReceiptName, BlockHeight, BlockHeight),
    /// Time went back.
    #[error("{0} came in block {1}, after something of a later block")]
    Backwards(ReceiptName, BlockHeight),
    /// In one block an account saw receipts of one shard, then of another, then of the first again.
    #[error("{0} came in block {1} apart from the others of its shard, which come as one list")]
    Interleaved(ReceiptName, BlockHeight),
    /// A local receipt came after others that must come after it.
    #[error("{0} is local to its account, but others came to that account before it")]
    LocalTooLate(ReceiptName),
}

/// Turns an executed order back into one layout with delays which produces it.
///
/// # Errors
/// If there is none, with the first step that is impossible.
pub fn explain(steps: &[Step]) -> Result<Witness, Impossible> {
    let mut blocks = Blocks::default();
    let mut overtaken = false;
    let mut newest: BTreeMap<(&AccountId, &AccountId, Lane), u64> = BTreeMap::new();
    let mut full_chunks = BTreeSet::new();
    for step in steps {
        blocks.take(step)?;
        let pair = (&step.origin, &step.receiver, step.lane);
        let newest = newest.entry(pair).or_insert(step.sequence);
        overtaken |= step.sequence < *newest;
        *newest = step.sequence.max(*newest);
        if step.lane == Lane::Local {
            let full = step.earliest..step.block;
            full_chunks.extend(full.map(|block| (block, step.receiver.clone())));
        }
    }
    let network = match steps.iter().any(Step::has_waited) {
        _ if overtaken => Network::Relaxed,
        true => Network::Congested,
        false => Network::Calm,
    };
    let hop = |step: &Step| Hop {
        name: step.name.clone(),
        block: step.block,
        waited: step.block - step.earliest,
    };
    let hops = steps.iter().map(hop).collect();
    Ok(Witness { network, boundaries: boundaries(steps), hops, full_chunks })
}

/// One shard for each account that takes part: all but the first begin one.
fn boundaries(steps: &[Step]) -> Vec<AccountId> {
    let accounts = steps.iter().flat_map(|step| [&step.origin, &step.receiver]);
    let accounts: BTreeSet<_> = accounts.collect();
    accounts.into_iter().skip(1).cloned().collect()
}

/// What has come to each account, block by block.
#[derive(Default)]
struct Blocks<'a> {
    block: BlockHeight,
    turns: BTreeMap<&'a AccountId, Turn>,
    /// The block in which something that is not local last came to each account.
    last: BTreeMap<&'a AccountId, BlockHeight>,
    /// The block in which a local receipt that had waited last ran.
    waited: BTreeMap<&'a AccountId, BlockHeight>,
}

impl<'a> Blocks<'a> {
    fn take(&mut self, step: &'a Step) -> Result<(), Impossible> {
        if step.block < step.earliest {
            return Err(Impossible::TooEarly(step.name.clone(), step.block, step.earliest));
        }
        if step.block < self.block {
            return Err(Impossible::Backwards(step.name.clone(), step.block));
        }
        if step.block > self.block {
            self.block = step.block;
            self.turns.clear();
        }
        if step.lane == Lane::Local {
            self.take_local(step)?;
        } else {
            self.last.insert(&step.receiver, step.block);
        }
        if !self.turns.entry(&step.receiver).or_default().take(&step.origin, step.lane) {
            return Err(Impossible::Interleaved(step.name.clone(), step.block));
        }
        Ok(())
    }

    /// Of what is local, that of the block itself goes first, then what has waited, then all else.
    fn take_local(&mut self, step: &'a Step) -> Result<(), Impossible> {
        let at = |blocks: &BTreeMap<_, _>| blocks.get(&step.receiver).copied();
        let after_others = at(&self.last).is_some_and(|last| last >= step.earliest);
        let after_waiting = at(&self.waited) == Some(step.earliest) && !step.has_waited();
        if after_others || after_waiting {
            return Err(Impossible::LocalTooLate(step.name.clone()));
        }
        if step.has_waited() {
            self.waited.insert(&step.receiver, step.block);
        }
        Ok(())
    }
}

/// What an account has seen in one block: groups of receipts, each from one shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn(Vec<(Lane, AccountId)>);

impl Turn {
    /// The group whose receipts are coming at the moment.
    pub(super) fn current(&self) -> Option<&(Lane, AccountId)> {
        self.0.last()
    }

    /// Takes the next receipt in, unless it can only come in a later block.
    pub(super) fn take(&mut self, origin: &AccountId, lane: Lane) -> bool {
        let is = |group: &(Lane, AccountId)| group.0 == lane && group.1 == *origin;
        if self.0.last().is_some_and(is) {
            return true;
        }
        let local_last = lane == Lane::Local && self.0.iter().any(|group| group.0 != Lane::Local);
        if local_last || self.0.iter().any(is) {
            return false;
        }
        self.0.push((lane, origin.clone()));
        true
    }
}
