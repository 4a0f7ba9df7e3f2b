//! Runs a recorded case: first in first out on one shard, or in the order that was recorded.
//!
//! Never compares, except to follow the recorded order.

use std::collections::{BTreeMap, VecDeque};

use near_primitives::receipt::VersionedReceiptEnum;
use near_primitives_core::hash::CryptoHash;
use serde_json::Value;

use super::case::{Case, ExpectedDistribution, ExpectedOutcome, Order, UnknownAction};
use super::compare::{Difference, Names, status};
use super::recordings::Recording;
use super::{Engines, protocol};
use crate::chain::{
    self, Lane, Layout, Outcome, PendingReceipt, Transaction, UnsupportedVersion, World,
};
use crate::types::{AccountId, BlockHeight, OperationId, ReceiptName};
use crate::vm::Engine;

/// How many blocks a case may take: far more than a yield's time-out.
const MAX_BLOCKS: u64 = 10_000;

/// What running a case gave.
pub(super) struct Run {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) world: World,
    /// Transactions by their hash.
    pub(super) transactions: BTreeMap<CryptoHash, usize>,
}

/// Why a case did not run to its end.
pub(super) enum Error {
    Action(UnknownAction),
    Chain(chain::Error),
    Differs(Difference),
    Version(UnsupportedVersion),
}

impl From<chain::Error> for Error {
    fn from(error: chain::Error) -> Self {
        Self::Chain(error)
    }
}

pub(super) fn run(recording: &Recording, engines: &Engines) -> Result<Run, Error> {
    let Recording { case, contracts, .. } = recording;
    let world = case.genesis(contracts, protocol(case).map_err(Error::Version)?);
    let engine = engines.engine(case.protocol_version);
    let blocks = case.transactions(contracts).map_err(Error::Action)?;
    let mut run = Run { outcomes: Vec::new(), world, transactions: BTreeMap::new() };
    match case.order {
        Order::Fifo => run.first_in_first_out(engine, &blocks)?,
        Order::Given => Follower::new(&mut run, engine, case, &blocks).follow()?,
    }
    Ok(run)
}

impl Run {
    fn first_in_first_out(
        &mut self,
        engine: &dyn Engine,
        blocks: &[Vec<Transaction>],
    ) -> Result<(), Error> {
        let mut blocks = blocks.iter();
        let mut number = 0;
        for _ in 0..MAX_BLOCKS {
            self.world.next_block();
            for transaction in blocks.next().into_iter().flatten() {
                self.submit(transaction, number);
                number += 1;
            }
            self.run_block(engine)?;
            let over = self.world.is_quiet() && self.world.next_timeout().is_none();
            if over && blocks.len() == 0 {
                break;
            }
        }
        Ok(())
    }

    /// One block of one shard: local receipts first, then what came in, oldest first.
    fn run_block(&mut self, engine: &dyn Engine) -> Result<(), Error> {
        let now = self.world.height();
        let due = self.world.in_flight().filter(|entry| entry.earliest <= now);
        let mut due: Vec<_> = due.map(|entry| (entry.lane, entry.sequence)).collect();
        due.sort_by_key(|(lane, sequence)| (*lane != Lane::Local, *sequence));
        for (_, sequence) in due {
            self.deliver(engine, sequence)?;
        }
        Ok(())
    }

    fn submit(&mut self, transaction: &Transaction, number: usize) {
        let root = ReceiptName::root(OperationId::at(number));
        let outcome = self.world.submit(transaction, root);
        self.transactions.insert(outcome.id, number);
        self.outcomes.push(outcome);
    }

    fn deliver(&mut self, engine: &dyn Engine, sequence: u64) -> Result<(), Error> {
        let delivered = self.world.deliver(engine, sequence, None)?;
        self.outcomes.extend(delivered.outcomes);
        Ok(())
    }
}

/// Follows a recorded order: each receipt must be among those that are deliverable when it ran.
struct Follower<'a> {
    run: &'a mut Run,
    engine: &'a dyn Engine,
    layout: Layout,
    expected: &'a [ExpectedOutcome],
    transactions: Vec<&'a Transaction>,
    /// Distributions that have not come yet, in the order in which they did.
    distributions: VecDeque<&'a ExpectedDistribution>,
    /// Receipts by their names in the recording.
    ids: BTreeMap<String, CryptoHash>,
}

impl<'a> Follower<'a> {
    fn new(
        run: &'a mut Run,
        engine: &'a dyn Engine,
        case: &'a Case,
        blocks: &'a [Vec<Transaction>],
    ) -> Self {
        Self {
            run,
            engine,
            layout: case.layout(),
            expected: &case.expect.outcomes,
            transactions: blocks.iter().flatten().collect(),
            distributions: case.expect.distributed.iter().collect(),
            ids: BTreeMap::new(),
        }
    }

    fn follow(mut self) -> Result<(), Error> {
        for (done, expected) in self.expected.iter().enumerate() {
            // Instant receipts give several outcomes to one delivery.
            if done == self.run.outcomes.len() {
                self.advance_to(expected.block)?;
                match expected.id.strip_prefix("tx").and_then(|number| number.parse().ok()) {
                    Some(number) => self.submit(number)?,
                    None => self.deliver_named(expected)?,
                }
            }
            if let Some(outcome) = self.run.outcomes.get(done) {
                let names = expected.receipts.iter().cloned();
                self.ids.extend(names.zip(outcome.receipts.iter().copied()));
            }
        }
        self.advance_to(BlockHeight::MAX)
    }

    fn submit(&mut self, number: usize) -> Result<(), Error> {
        let Some(transaction) = self.transactions.get(number) else {
            return Err(impossible(&format!("tx{number}"), "the case has no such transaction"));
        };
        self.run.submit(transaction, number);
        Ok(())
    }

    /// Advances to a block, as far as anything is left to come before it: distributions have no
    /// outcome, so what is left of them in a block comes at its end.
    fn advance_to(&mut self, height: BlockHeight) -> Result<(), Error> {
        while let Some(next) = self.distributions.front().filter(|next| next.block < height) {
            self.run.world.advance_to(next.block);
            let world = &mut self.run.world;
            deliver_distribution(world, self.engine, &self.layout, next)?;
            self.distributions.pop_front();
        }
        if height < BlockHeight::MAX {
            self.run.world.advance_to(height);
        }
        Ok(())
    }

    /// Delivers what it takes for this receipt to run: it must be possible now.
    fn deliver_named(&mut self, expected: &ExpectedOutcome) -> Result<(), Error> {
        let Some(id) = self.ids.get(&expected.id).copied() else {
            return Err(impossible(&expected.id, "nothing created it"));
        };
        self.deliver_silent()?;
        let Some(attempt) = self.with_distributions(expected, id)? else {
            return Err(impossible(&expected.id, "it is not deliverable"));
        };
        self.run.world = attempt.world;
        self.run.outcomes.extend(attempt.outcomes);
        Ok(())
    }

    /// Delivers the receipt after as few of the distributions that come to its shard in this block as
    /// the recording allows. Their places among the block's receipts are recorded only in part: those
    /// with the receipt's own source keep their order with it, for the others the outcome tells
    /// whether they came before it.
    fn with_distributions(
        &mut self,
        expected: &ExpectedOutcome,
        id: CryptoHash,
    ) -> Result<Option<Attempt>, Error> {
        let mut best = self.attempt(&self.run.world, id);
        let shard = self.layout.shard_of(&expected.executor);
        let here = |next: &&ExpectedDistribution| {
            next.block == expected.block && self.shard(next).as_ref() == Some(&shard)
        };
        let due: Vec<_> = self.distributions.iter().copied().filter(here).collect();
        let mut world = self.run.world.clone();
        for (index, next) in due.iter().enumerate() {
            let must = match &best {
                None => true,
                Some(best) if best.entry.lane == Lane::Local => break,
                Some(best) if self.order(&world, next, &best.entry) == Some(false) => break,
                Some(best) => due[index..]
                    .iter()
                    .any(|later| self.order(&world, later, &best.entry) == Some(true)),
            };
            if !must && best.as_ref().is_some_and(|best| best.fits(expected)) {
                break;
            }
            deliver_distribution(&mut world, self.engine, &self.layout, next)?;
            let later = self.attempt(&world, id);
            let fits = later.as_ref().is_some_and(|later| later.fits(expected));
            if later.is_some() && (must || fits) {
                best = later;
                let came = |next: &&ExpectedDistribution| {
                    due[..=index].iter().any(|came| std::ptr::eq(*came, *next))
                };
                self.distributions.retain(|next| !came(next));
            }
        }
        Ok(best)
    }

    /// Whether a distribution comes before a receipt; `None` if they come from different shards.
    fn order(
        &self,
        world: &World,
        distribution: &ExpectedDistribution,
        receipt: &PendingReceipt,
    ) -> Option<bool> {
        let distribution = find_distribution(world, &self.layout, distribution)?;
        let same = self.layout.same_shard(&distribution.origin, &receipt.origin);
        same.then_some(distribution.sequence < receipt.sequence)
    }

    fn shard(&self, expected: &ExpectedDistribution) -> Option<AccountId> {
        self.layout.shards(std::iter::empty()).into_iter().nth(expected.shard)
    }

    /// Delivers, on a copy of the world, the receipt that makes this one run: itself, or the one that
    /// brings the last of its data.
    fn attempt(&self, world: &World, id: CryptoHash) -> Option<Attempt> {
        let now = world.height();
        let candidates = world.deliverable().filter(|entry| entry.earliest <= now);
        candidates.filter(|entry| !is_distribution(entry)).find_map(|entry| {
            let entry = entry.clone();
            let mut copy = world.clone();
            let delivered = copy.deliver(self.engine, entry.sequence, None).ok()?;
            let runs = delivered.outcomes.first().is_some_and(|outcome| outcome.id == id);
            runs.then_some(Attempt { entry, world: copy, outcomes: delivered.outcomes })
        })
    }

    /// Delivers everything that runs nothing: such deliveries commute with all others.
    fn deliver_silent(&mut self) -> Result<(), Error> {
        let now = self.run.world.height();
        loop {
            let world = &self.run.world;
            let silent = world
                .deliverable()
                .find(|entry| entry.earliest <= now && world.is_silent(entry))
                .map(|entry| entry.sequence);
            let Some(sequence) = silent else { return Ok(()) };
            self.run.deliver(self.engine, sequence)?;
        }
    }
}

/// The delivery of one receipt, on a copy of the world.
struct Attempt {
    entry: PendingReceipt,
    world: World,
    outcomes: Vec<Outcome>,
}

impl Attempt {
    /// Whether the outcome is the recorded one, ids apart.
    fn fits(&self, expected: &ExpectedOutcome) -> bool {
        let Some(outcome) = self.outcomes.first() else { return false };
        let kind = |status: &Value| {
            if status["success_receipt"].is_string() { Value::Null } else { status.clone() }
        };
        kind(&expected.status) == kind(&status(outcome, &mut Names::default()))
            && expected.gas_burnt == outcome.gas_burnt.as_gas()
            && expected.tokens_burnt == outcome.tokens_burnt.as_yoctonear()
            && expected.logs == outcome.logs
            && expected.receipts.len() == outcome.receipts.len()
    }
}

fn impossible(name: &str, why: &str) -> Error {
    Error::Differs(Difference {
        what: format!("{name} runs now"),
        real: "it did".to_owned(),
        simulated: why.to_owned(),
    })
}

fn deliver_distribution(
    world: &mut World,
    engine: &dyn Engine,
    layout: &Layout,
    expected: &ExpectedDistribution,
) -> Result<(), Error> {
    let Some(entry) = find_distribution(world, layout, expected) else {
        let ExpectedDistribution { block, shard, contract_identifier, nonce } = expected;
        return Err(Error::Differs(Difference {
            what: format!("distribution of {contract_identifier:?}, nonce {nonce}"),
            real: format!("comes to shard {shard} in block {block}"),
            simulated: "it is not on its way there".to_owned(),
        }));
    };
    let sequence = entry.sequence;
    world.deliver(engine, sequence, None)?;
    Ok(())
}

fn find_distribution<'w>(
    world: &'w World,
    layout: &Layout,
    expected: &ExpectedDistribution,
) -> Option<&'w PendingReceipt> {
    let target = layout.shards(std::iter::empty()).into_iter().nth(expected.shard)?;
    world.in_flight().find(|entry| match entry.receipt.versioned_receipt() {
        VersionedReceiptEnum::GlobalContractDistribution(receipt) => {
            *entry.destination() == target
                && entry.earliest <= expected.block
                && *receipt.id() == expected.contract_identifier
                && receipt.nonce() == expected.nonce
        }
        _ => false,
    })
}

fn is_distribution(entry: &PendingReceipt) -> bool {
    let receipt = entry.receipt.versioned_receipt();
    matches!(receipt, VersionedReceiptEnum::GlobalContractDistribution(_))
}
