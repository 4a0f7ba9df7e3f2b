//! Changes scenarios on their structure: one argument, one operation, one step, one fault at a time.
//!
//! What goes in fits the target and so does what comes out. Never runs anything, so the receipts that it names are
//! those that the scenario names already, or guesses.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng as _};

use super::context::used;
use super::generate::{self, from_fuzzer_bytes, signer};
use crate::adversary::{DELAYS, PuppetCall, PuppetTransfer};
use crate::arguments::abi;
use crate::arguments::draw::Draw;
use crate::arguments::template::Parameters;
use crate::arguments::used::Used;
use crate::arguments::values;
use crate::arguments::values::Context;
use crate::scenario::{Arguments, Fault, FaultKind, Operation, Scenario, Step};
use crate::targets::{Method, Target};
use crate::types::{NearToken, OperationId, ReceiptName, Seed};

/// How often a change is tried before an unchanged scenario is given back.
const ATTEMPTS: usize = 16;

/// One kind of change, and how often it is drawn compared with the others.
type Change = (u32, fn(&mut Scenario, &Target, &mut Draw<'_>));

const CHANGES: &[Change] = &[
    (6, reseed),
    (6, change_arguments),
    (3, change_deposit),
    (2, change_gas),
    (3, change_signer),
    (2, change_through),
    (3, replace_operation),
    (5, duplicate_operation),
    (3, drop_operation),
    (2, swap_operations),
    (4, insert_operation),
    (5, move_step),
    (3, swap_steps),
    (2, truncate_schedule),
    (3, insert_step),
    (2, drop_step),
    (4, add_fault),
    (2, drop_fault),
    (2, move_fault),
    (2, change_fault),
];

/// The scenario with one to three changes. It fits the target if `scenario` does, and has at most `max_size` bytes
/// in its binary form unless not even its smallest operation does.
#[must_use]
pub fn mutate(
    scenario: &Scenario,
    target: &Target,
    generator: &mut impl RngCore,
    max_size: usize,
) -> Scenario {
    let draw = &mut Draw::random(generator);
    let mut changed = scenario.clone();
    let mut left = 1 + draw.weighted([5, 2, 1]);
    for _ in 0..ATTEMPTS {
        let before = changed.clone();
        let (_, change) = CHANGES[draw.weighted(CHANGES.iter().map(|(weight, _)| *weight))];
        change(&mut changed, target, draw);
        left -= usize::from(changed != before);
        if left == 0 {
            break;
        }
    }
    shorten(&mut changed, max_size);
    changed
}

/// Operations of both, with the steps and faults of each kept. Fits the target if both do; `max_size` as in [`mutate`].
#[must_use]
pub fn crossover(
    one: &Scenario,
    other: &Scenario,
    target: &Target,
    generator: &mut impl RngCore,
    max_size: usize,
) -> Scenario {
    let draw = &mut Draw::random(generator);
    let mut child = one.clone();
    let room = (target.limits.operations as usize).saturating_sub(child.operations.len());
    if room > 0 && draw.chance(50) {
        append(&mut child, other, target, room);
    } else {
        let index = draw.below(child.operations.len());
        if let Some(operation) = draw.pick(&other.operations) {
            child.operations[index] = operation.clone();
        }
    }
    if draw.chance(30) {
        child.rest = other.rest.clone();
    }
    shorten(&mut child, max_size);
    child
}

/// [`mutate`] for libFuzzer: bytes in, at most `max_size` bytes out. Bytes that are no scenario become one first.
#[must_use]
pub fn mutate_bytes(bytes: &[u8], target: &Target, max_size: usize, seed: Seed) -> Vec<u8> {
    let scenario = from_fuzzer_bytes(bytes, target);
    let mut generator = ChaCha8Rng::seed_from_u64(seed.0);
    bounded(mutate(&scenario, target, &mut generator, max_size).to_bytes(), bytes, max_size)
}

/// [`crossover`] for libFuzzer: as [`mutate_bytes`].
#[must_use]
pub fn crossover_bytes(
    one: &[u8],
    other: &[u8],
    target: &Target,
    max_size: usize,
    seed: Seed,
) -> Vec<u8> {
    let read = |bytes| from_fuzzer_bytes(bytes, target);
    let mut generator = ChaCha8Rng::seed_from_u64(seed.0);
    bounded(
        crossover(&read(one), &read(other), target, &mut generator, max_size).to_bytes(),
        one,
        max_size,
    )
}

/// The new bytes where they are short enough, else what there is room for of the old ones.
fn bounded(new: Vec<u8>, old: &[u8], max_size: usize) -> Vec<u8> {
    if new.len() <= max_size { new } else { old[..old.len().min(max_size)].to_vec() }
}

/// Drops steps, then faults, then operations from the end until the binary form has at most so many bytes.
fn shorten(scenario: &mut Scenario, max_size: usize) {
    while scenario.to_bytes().len() > max_size {
        if scenario.schedule.pop().is_none() && scenario.faults.pop().is_none() {
            let Some(last) = scenario.ids().skip(1).next_back() else { return };
            scenario.remove_operation(last);
        }
    }
}

/// Appends at most `room` operations of another scenario, with their steps and faults.
fn append(scenario: &mut Scenario, other: &Scenario, target: &Target, room: usize) {
    let mut other = other.clone();
    while other.operations.len() > room {
        other.remove_operation(OperationId::at(other.operations.len() - 1));
    }
    scenario.append(other);
    scenario.schedule.truncate(target.limits.steps());
}

fn reseed(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    scenario.rest = generate::rest(draw);
}

/// Draws an operation, and hands it over with its method and what the others use.
fn with_operation(
    scenario: &mut Scenario,
    target: &Target,
    draw: &mut Draw<'_>,
    change: impl FnOnce(&mut Operation, &Method, &Used, &mut Draw<'_>),
) {
    let used = used(target, &scenario.operations);
    let index = draw.below(scenario.operations.len());
    let Some(operation) = scenario.operations.get_mut(index) else { return };
    if let Some(method) = target.method_of(operation) {
        change(operation, method, &used, draw);
    }
}

fn change_arguments(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    with_operation(scenario, target, draw, |operation, method, used, draw| {
        let (accounts, actors) = (target.account_ids(), target.actor_ids());
        let (signer, words) = (&operation.signer, &target.words[..]);
        let context = Context { accounts: &accounts, actors: &actors, signer, used, words };
        operation.arguments = match (&method.parameters, &operation.arguments) {
            (Parameters::Json(template), Arguments::Json(value)) => {
                let mut value = value.clone();
                values::change(template, &mut value, &context, draw);
                Arguments::Json(value)
            }
            (Parameters::Borsh(parameters), Arguments::Bytes(bytes)) => {
                let changed = abi::decode_all(parameters, bytes).and_then(|mut values| {
                    let index = draw.below(values.len());
                    values::change(
                        &parameters.get(index)?.template,
                        &mut values[index],
                        &context,
                        draw,
                    );
                    abi::encode_all(parameters, &values).ok()
                });
                changed.map_or_else(
                    || generate::arguments(&method.parameters, &context, draw),
                    Arguments::Bytes,
                )
            }
            _ => generate::arguments(&method.parameters, &context, draw),
        };
    });
}

fn change_deposit(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    with_operation(scenario, target, draw, |operation, method, used, draw| {
        let current = operation.deposit.as_yoctonear();
        operation.deposit = generate::deposit(draw, |draw| {
            values::change_amount(&method.deposit, current, used, draw)
        });
    });
}

fn change_gas(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    with_operation(scenario, target, draw, |operation, method, used, draw| {
        let gas = values::change_amount(&method.gas, operation.gas.as_gas().into(), used, draw);
        operation.gas = generate::gas(gas);
    });
}

fn change_signer(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    with_operation(scenario, target, draw, |operation, method, used, draw| {
        operation.signer = signer(method, draw).clone();
        if method.parameters.mention_signer() {
            let (accounts, actors) = (target.account_ids(), target.actor_ids());
            let (signer, words) = (&operation.signer, &target.words[..]);
            let context = Context { accounts: &accounts, actors: &actors, signer, used, words };
            operation.arguments = generate::arguments(&method.parameters, &context, draw);
        }
    });
}

/// Has a contract of the attacker's make a call, or nobody's.
fn change_through(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    let index = draw.below(scenario.operations.len());
    let Some(operation) = scenario.operations.get_mut(index) else { return };
    operation.through = match &operation.through {
        Some(_) => None,
        None => (0..8).find_map(|_| generate::through(target, &operation.signer, draw)),
    };
}

fn replace_operation(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    let new = generate::operation(target, &scenario.operations, draw);
    let index = draw.below(scenario.operations.len());
    if let Some(operation) = scenario.operations.get_mut(index) {
        *operation = new;
    }
}

fn has_room(scenario: &Scenario, target: &Target) -> bool {
    scenario.operations.len() < target.limits.operations as usize
}

fn duplicate_operation(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    let Some(operation) =
        draw.pick(&scenario.operations).filter(|_| has_room(scenario, target)).cloned()
    else {
        return;
    };
    let id = OperationId::at(draw.below(scenario.operations.len() + 1));
    scenario.insert_operation(id, operation);
}

fn insert_operation(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    if has_room(scenario, target) {
        let operation = generate::operation(target, &scenario.operations, draw);
        let id = OperationId::at(draw.below(scenario.operations.len() + 1));
        scenario.insert_operation(id, operation);
    }
}

fn drop_operation(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    if scenario.operations.len() > 1 {
        scenario.remove_operation(OperationId::at(draw.below(scenario.operations.len())));
    }
}

fn swap_operations(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    let count = scenario.operations.len();
    if count > 1 {
        let mut any = || OperationId::at(draw.below(count));
        scenario.swap_operations(any(), any());
    }
}

fn move_step(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    let count = scenario.schedule.len();
    if count > 1 {
        let step = scenario.schedule.remove(draw.below(count));
        scenario.schedule.insert(draw.below(count), step);
    }
}

fn swap_steps(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    let count = scenario.schedule.len();
    if count > 1 {
        let index = draw.below(count - 1);
        scenario.schedule.swap(index, index + 1);
    }
}

fn truncate_schedule(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    scenario.schedule.truncate(draw.below(scenario.schedule.len()));
}

fn drop_step(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    if !scenario.schedule.is_empty() {
        scenario.schedule.remove(draw.below(scenario.schedule.len()));
    }
}

/// Starts an operation that no step starts yet, or delivers a receipt.
fn insert_step(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    if scenario.schedule.len() >= target.limits.steps() {
        return;
    }
    let open = scenario.ids().map(Step::Start);
    let open: Vec<_> = open.filter(|step| !scenario.schedule.contains(step)).collect();
    let step = match draw.pick(&open).filter(|_| draw.chance(60)) {
        Some(start) => start.clone(),
        None => Step::Deliver(guess(scenario, draw)),
    };
    scenario.schedule.insert(draw.below(scenario.schedule.len() + 1), step);
}

/// A receipt that the schedule delivers, or one that there may well be.
fn receipt(scenario: &Scenario, draw: &mut Draw<'_>) -> ReceiptName {
    match draw.pick(&scenario.schedule) {
        Some(Step::Deliver(receipt)) if draw.chance(70) => receipt.clone(),
        _ => guess(scenario, draw),
    }
}

fn guess(scenario: &Scenario, draw: &mut Draw<'_>) -> ReceiptName {
    let root = ReceiptName::root(OperationId::at(draw.below(scenario.operations.len())));
    (0..draw.weighted([1, 4, 2, 1]))
        .fold(root, |parent, _| parent.child([0, 1, 2][draw.weighted([5, 2, 1])]))
}

fn add_fault(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    let receipt = receipt(scenario, draw);
    let known = scenario.faults.iter().any(|fault| fault.receipt == receipt);
    if !known && scenario.faults.len() < target.limits.receipts as usize {
        let kind = kind(scenario, target, draw);
        scenario.faults.push(Fault { receipt, kind });
    }
}

/// A fault that there may be in this target: half of the time a panic, which most callbacks cannot tell
/// from other failures.
fn kind(scenario: &Scenario, target: &Target, draw: &mut Draw<'_>) -> FaultKind {
    let puppets = target.puppets().next().is_some();
    let mut kinds = FaultKind::menu(puppets);
    kinds.extend(target.answers().map(|answer| FaultKind::Answer(answer.to_vec())));
    kinds.extend(DELAYS.iter().map(|blocks| FaultKind::Delay(*blocks)));
    kinds.extend(draw.pick(&scenario.operations).filter(|_| puppets).map(|operation| {
        FaultKind::Call(PuppetCall {
            receiver: operation.receiver.clone(),
            method: operation.method.clone(),
            arguments: operation.arguments.bytes(),
            deposit: operation.deposit,
        })
    }));
    let under_test = target.under_test().next().filter(|_| puppets);
    kinds.extend(under_test.map(|account| {
        let amount = NearToken::from_millinear(10);
        FaultKind::Transfer(PuppetTransfer { receiver: account.id.clone(), amount })
    }));
    kinds.retain(|kind| !target.faults_off.contains(kind.name()));
    let usual = draw.chance(50);
    let drawn = if usual { kinds.first() } else { draw.pick(&kinds) };
    drawn.cloned().unwrap_or(FaultKind::Panic)
}

fn change_fault(scenario: &mut Scenario, target: &Target, draw: &mut Draw<'_>) {
    let kind = kind(scenario, target, draw);
    let index = draw.below(scenario.faults.len());
    if let Some(fault) = scenario.faults.get_mut(index) {
        fault.kind = kind;
    }
}

fn drop_fault(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    if !scenario.faults.is_empty() {
        scenario.faults.remove(draw.below(scenario.faults.len()));
    }
}

fn move_fault(scenario: &mut Scenario, _: &Target, draw: &mut Draw<'_>) {
    let receipt = receipt(scenario, draw);
    let known = scenario.faults.iter().any(|fault| fault.receipt == receipt);
    let index = draw.below(scenario.faults.len());
    if let Some(fault) = scenario.faults.get_mut(index).filter(|_| !known) {
        fault.receipt = receipt;
    }
}
