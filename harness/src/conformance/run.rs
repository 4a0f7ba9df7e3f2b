//! Runs a recorded case: first in first out on one shard, or in the order that was recorded.
//!
//! Never compares, except where the recorded order cannot be followed.

use std::collections::BTreeMap;

use near_primitives_core::hash::CryptoHash;

use super::case::{Case, Order};
use super::compare::Difference;
use crate::chain::{self, Lane, Outcome, Transaction, World};
use crate::types::ReceiptName;
use crate::vm::Engine;

/// How many blocks a case may take: far more than a yield's time-out.
const MAX_BLOCKS: u64 = 10_000;

/// What came of running a case.
pub(super) struct Run {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) world: World,
    /// Transactions by their hash.
    pub(super) transactions: BTreeMap<CryptoHash, usize>,
}

/// Why a case did not run to its end.
pub(super) enum Error {
    Chain(chain::Error),
    Differs(Difference),
}

impl From<chain::Error> for Error {
    fn from(error: chain::Error) -> Self {
        Self::Chain(error)
    }
}

pub(super) fn run(world: World, engine: &dyn Engine, case: &Case) -> Result<Run, Error> {
    let mut run = Run { outcomes: Vec::new(), world, transactions: BTreeMap::new() };
    match case.order {
        Order::Fifo => run.first_in_first_out(engine, case)?,
        Order::Given => run.as_recorded(engine, case)?,
    }
    Ok(run)
}

impl Run {
    fn first_in_first_out(&mut self, engine: &dyn Engine, case: &Case) -> Result<(), Error> {
        let mut blocks = case.blocks.iter();
        let mut number = 0;
        for _ in 0..MAX_BLOCKS {
            self.world.next_block();
            let block = blocks.next();
            for transaction in block.iter().flat_map(|block| &block.transactions) {
                self.submit(&transaction.transaction(), number);
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
            let delivered = self.world.deliver(engine, sequence, None)?;
            self.outcomes.extend(delivered.outcomes);
        }
        Ok(())
    }

    fn submit(&mut self, transaction: &Transaction, number: usize) {
        let root = ReceiptName::root(u32::try_from(number).expect("few transactions"));
        let outcome = self.world.submit(transaction, root);
        self.transactions.insert(outcome.id, number);
        self.outcomes.push(outcome);
    }

    fn as_recorded(&mut self, engine: &dyn Engine, case: &Case) -> Result<(), Error> {
        let transactions: Vec<_> =
            case.blocks.iter().flat_map(|block| &block.transactions).collect();
        let mut ids: BTreeMap<String, CryptoHash> = BTreeMap::new();
        for (done, expected) in case.expect.outcomes.iter().enumerate() {
            if done == self.outcomes.len() {
                self.world.advance_to(expected.block);
                match expected.id.strip_prefix("tx").and_then(|number| number.parse().ok()) {
                    Some(number) => {
                        let transaction: usize = number;
                        self.submit(&transactions[transaction].transaction(), number);
                    }
                    None => self.deliver_named(engine, &expected.id, &ids)?,
                }
            }
            // Receipts that run at once give several outcomes to one delivery.
            if let Some(outcome) = self.outcomes.get(done) {
                let names = expected.receipts.iter().cloned();
                ids.extend(names.zip(outcome.receipts.iter().copied()));
            }
        }
        Ok(())
    }

    /// Delivers what it takes for the receipt called `name` to run: it must be possible now.
    fn deliver_named(
        &mut self,
        engine: &dyn Engine,
        name: &str,
        ids: &BTreeMap<String, CryptoHash>,
    ) -> Result<(), Error> {
        let impossible = |why: &str| {
            Error::Differs(Difference {
                what: format!("{name} runs now"),
                real: "it did".to_owned(),
                simulated: why.to_owned(),
            })
        };
        let Some(id) = ids.get(name) else { return Err(impossible("nothing made it")) };
        self.deliver_silent(engine)?;
        let now = self.world.height();
        let candidates = self.world.deliverable().filter(|entry| entry.earliest <= now);
        let candidate = candidates.map(|entry| entry.sequence).find(|sequence| {
            // Whoever brings the last data makes it run: try on a copy, which is cheap.
            let mut copy = self.world.clone();
            let delivered = copy.deliver(engine, *sequence, None);
            delivered.is_ok_and(|delivered| {
                delivered.outcomes.first().is_some_and(|outcome| outcome.id == *id)
            })
        });
        let Some(sequence) = candidate else {
            return Err(impossible("it is not deliverable"));
        };
        let delivered = self.world.deliver(engine, sequence, None)?;
        self.outcomes.extend(delivered.outcomes);
        Ok(())
    }

    /// Delivers everything that runs nothing: these commute with all else.
    fn deliver_silent(&mut self, engine: &dyn Engine) -> Result<(), Error> {
        let now = self.world.height();
        loop {
            let world = &self.world;
            let silent = world
                .deliverable()
                .find(|entry| entry.earliest <= now && world.is_silent(entry))
                .map(|entry| entry.sequence);
            let Some(sequence) = silent else { return Ok(()) };
            self.world.deliver(engine, sequence, None)?;
        }
    }
}
