//! The order of receipts: which may come next, and why an executed order is possible, compared with models
//! that are too simple to be wrong.
//!
//! Never runs a contract: only senders and receivers matter here.

use std::collections::BTreeSet;
use std::sync::Arc;

use interloper::chain::{
    Impossible, Lane, NEWEST_VERSION, Network, PendingReceipt, Protocol, Step, Transaction, World,
    explain,
};
use interloper::types::{AccountId, NearToken, OperationId, ReceiptName};
use interloper::vm::{Call, Engine, Error, Outcome};
use near_primitives::transaction::{Action, TransferAction};
use proptest::prelude::*;

const ACCOUNTS: [&str; 4] = ["a.near", "b.near", "c.near", "d.near"];

struct NoContracts;

impl Engine for NoContracts {
    fn call(&self, _: Call<'_>) -> Result<Outcome, Error> {
        unreachable!("the tests only send transfers")
    }
}

/// One step of a test.
#[derive(Clone, Debug)]
enum Move {
    /// Sends this many transfers in one transaction; more of them make a bigger receipt.
    Send {
        from: usize,
        to: usize,
        transfers: usize,
    },
    /// Delivers one of the receipts that may come next.
    Deliver(usize),
    NextBlock,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    // The last account does not exist: transfers to it come back as refunds.
    let send = (0..3_usize, 0..4_usize, 1..4_usize);
    let send = send.prop_map(|(from, to, transfers)| Move::Send { from, to, transfers });
    let one = prop_oneof![send, any::<usize>().prop_map(Move::Deliver), Just(Move::NextBlock)];
    proptest::collection::vec(one, 1..60)
}

fn id(index: usize) -> AccountId {
    ACCOUNTS[index].parse().expect("an account id")
}

fn world() -> World {
    let protocol = Protocol::new(NEWEST_VERSION).expect("it is supported");
    let mut world = World::new(Arc::new(protocol));
    (0..3).for_each(|index| world.add_account(id(index), NearToken::from_near(1000), None));
    world
}

/// Makes the moves and then delivers all pending receipts. If `relaxed`, receipts may overtake each other.
fn play(moves: &[Move], relaxed: bool, mut look: impl FnMut(&World)) -> Vec<Step> {
    let (mut world, mut steps, mut sent) = (world(), Vec::new(), 0);
    let mut deliver = |world: &mut World, choice: usize| {
        let next: Vec<u64> = if relaxed {
            world.deliverable_relaxed().map(|entry| entry.sequence).collect()
        } else {
            world.deliverable().map(|entry| entry.sequence).collect()
        };
        if let Some(sequence) = next.get(choice % next.len().max(1)) {
            steps.push(world.deliver(&NoContracts, *sequence, None).expect("no contract").step);
        }
    };
    for made in moves {
        look(&world);
        match made {
            Move::Send { from, to, transfers } => {
                let deposit = NearToken::from_yoctonear(1);
                let transfer = Action::Transfer(TransferAction { deposit });
                let actions = vec![transfer; *transfers];
                let (signer, receiver) = (id(*from), id(*to));
                let transaction = Transaction::new(signer, receiver, actions);
                world.submit(&transaction, ReceiptName::root(OperationId(sent)));
                sent += 1;
            }
            Move::Deliver(choice) => deliver(&mut world, *choice),
            Move::NextBlock => world.next_block(),
        }
    }
    while !world.is_quiet() {
        look(&world);
        deliver(&mut world, 0);
    }
    steps
}

fn receiver(entry: &PendingReceipt) -> &AccountId {
    entry.receipt.receiver_id()
}

/// The receipts that may come next, by the definition: no older receipt is pending between the same two
/// accounts, and no local receipt is pending at the receiver, unless it is that receipt.
fn naive_deliverable(world: &World) -> Vec<u64> {
    let all: Vec<_> = world.in_flight().collect();
    let blocks = |entry: &PendingReceipt, other: &PendingReceipt| {
        let same_way = (&other.origin, receiver(other), other.lane)
            == (&entry.origin, receiver(entry), entry.lane);
        let local = other.lane == Lane::Local && entry.lane != Lane::Local;
        (same_way && other.sequence < entry.sequence)
            || (local && receiver(other) == receiver(entry))
    };
    let free = all.iter().filter(|entry| !all.iter().any(|other| blocks(entry, other)));
    free.map(|entry| entry.sequence).collect()
}

/// Runs the chunks of the witness as a shard does: local receipts, then delayed local receipts, then one
/// incoming list after the other.
fn run_chunks(steps: &[Step]) -> Vec<(u64, AccountId, u64)> {
    let chunks: BTreeSet<_> = steps.iter().map(|step| (step.block, &step.receiver)).collect();
    let mut ran = Vec::new();
    for (block, account) in chunks {
        let here = |step: &&Step| step.block == block && step.receiver == *account;
        let mut here: Vec<_> = steps.iter().filter(here).collect();
        let lists: Vec<_> = here.iter().map(|step| (step.lane, step.origin.clone())).collect();
        let list = |step: &&Step| {
            let list = (step.lane, step.origin.clone());
            let place = lists.iter().position(|other| *other == list);
            (
                step.lane != Lane::Local,
                step.lane == Lane::Local && step.block > step.earliest,
                place,
            )
        };
        here.sort_by_key(list);
        ran.extend(here.iter().map(|step| (block, account.clone(), step.sequence)));
    }
    ran
}

proptest! {
    #[test]
    fn deliverable_receipts_are_those_of_the_naive_model(moves in moves()) {
        play(&moves, false, |world| {
            let deliverable: Vec<_> = world.deliverable().map(|entry| entry.sequence).collect();
            assert_eq!(deliverable, naive_deliverable(world));
            let relaxed: BTreeSet<_> =
                world.deliverable_relaxed().map(|entry| entry.sequence).collect();
            assert!(deliverable.iter().all(|sequence| relaxed.contains(sequence)));
        });
    }

    #[test]
    fn every_order_has_a_layout_that_produces_it(moves in moves(), relaxed in any::<bool>()) {
        let steps = play(&moves, relaxed, |_| {});
        let witness = explain(&steps).expect("it is possible");
        prop_assert_eq!(witness.hops.len(), steps.len());
        prop_assert!(relaxed || witness.network <= Network::Congested);
        let accounts: BTreeSet<_> =
            steps.iter().flat_map(|step| [&step.origin, &step.receiver]).collect();
        prop_assert_eq!(witness.boundaries.len(), accounts.len().saturating_sub(1));
        let mut executed: Vec<_> = steps
            .iter()
            .map(|step| (step.block, step.receiver.clone(), step.sequence))
            .collect();
        executed.sort_by_key(|(block, account, _)| (*block, account.clone()));
        prop_assert_eq!(run_chunks(&steps), executed);
        for (block, account) in &witness.full_chunks {
            let others = |step: &Step| step.lane != Lane::Local && step.receiver == *account;
            let ran = steps.iter().any(|step| step.block == *block && others(step));
            prop_assert!(!ran, "the chunk of {} in block {} was full", account, block);
        }
    }
}

fn step(sequence: u64, origin: &str, earliest: u64, block: u64) -> Step {
    Step {
        sequence,
        name: ReceiptName::root(OperationId(u32::try_from(sequence).expect("a small number"))),
        origin: origin.parse().expect("an account id"),
        receiver: "a.near".parse().expect("an account id"),
        lane: Lane::Shards,
        earliest,
        block,
    }
}

#[test]
fn the_weakest_network_is_named() {
    let network = |steps: &[Step]| explain(steps).map(|witness| witness.network);
    let calm = [step(0, "b.near", 1, 1), step(1, "c.near", 1, 1), step(2, "b.near", 2, 2)];
    assert_eq!(network(&calm), Ok(Network::Calm));
    let late = [step(1, "c.near", 1, 1), step(0, "b.near", 1, 2)];
    assert_eq!(network(&late), Ok(Network::Congested));
    let overtaken = [step(1, "b.near", 1, 1), step(0, "b.near", 1, 1)];
    assert_eq!(network(&overtaken), Ok(Network::Relaxed));
}

#[test]
fn an_order_that_no_layout_produces_is_refused() {
    let early = [step(0, "b.near", 3, 2)];
    assert!(matches!(explain(&early), Err(Impossible::TooEarly(..))));
    let backwards = [step(0, "b.near", 1, 3), step(1, "c.near", 1, 2)];
    assert!(matches!(explain(&backwards), Err(Impossible::Backwards(..))));
    let torn = [step(0, "b.near", 1, 1), step(1, "c.near", 1, 1), step(2, "b.near", 1, 1)];
    assert!(matches!(explain(&torn), Err(Impossible::Interleaved(..))));
    let mut local = step(1, "a.near", 1, 2);
    local.lane = Lane::Local;
    let late = [step(0, "b.near", 1, 1), local];
    assert!(matches!(explain(&late), Err(Impossible::LocalTooLate(..))));
}
