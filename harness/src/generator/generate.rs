//! Makes scenarios that fit a target.
//!
//! Most have two or three operations, and often the same caller does the same thing again: acting once more in the
//! window is the central attack. Faults and schedule stay empty, they are left to the random rest.

use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng as _};
use serde_json::Value;

use super::context::used;
use crate::adversary::{ANSWERS, SpoofedCallback, ViaContract};
use crate::arguments::abi;
use crate::arguments::draw::Draw;
use crate::arguments::template::Parameters;
use crate::arguments::values;
use crate::arguments::values::Context;
use crate::scenario::{Arguments, FallbackScheduler, Operation, Scenario};
use crate::targets::{Method, Role, Target};
use crate::types::{AccountId, Duration, Gas, NearToken, Seed};

/// How often a scenario has one, two, three or more operations.
const COUNT_WEIGHTS: [u32; 4] = [10, 45, 30, 15];

/// A scenario that fits the target. The same generator state gives the same scenario.
#[must_use]
pub fn generate(target: &Target, generator: &mut impl RngCore) -> Scenario {
    scenario(target, &mut Draw::random(generator))
}

/// A scenario that fits the target, made from a fuzzer's bytes. However few there are, there is a scenario.
#[must_use]
pub fn generate_from_bytes(target: &Target, bytes: &mut Unstructured<'_>) -> Scenario {
    scenario(target, &mut Draw::bytes(bytes))
}

/// What libFuzzer's bytes mean: either form of a scenario if it can be read and fits the target, else raw
/// material for [`generate_from_bytes`]. Always a scenario that fits.
#[must_use]
pub fn from_fuzzer_bytes(bytes: &[u8], target: &Target) -> Scenario {
    match Scenario::read(bytes, "") {
        Ok(scenario) if target.validate(&scenario).is_ok() => scenario,
        _ => generate_from_bytes(target, &mut Unstructured::new(bytes)),
    }
}

fn scenario(target: &Target, draw: &mut Draw<'_>) -> Scenario {
    let limit = target.limits.operations as usize;
    let count = match draw.weighted(COUNT_WEIGHTS) + 1 {
        4 => 4 + draw.below(limit.saturating_sub(3)),
        count => count,
    };
    let mut operations = Vec::new();
    for _ in 0..count.min(limit) {
        operations.push(operation(target, &operations, draw));
    }
    Scenario { operations, rest: rest(draw), ..Scenario::default() }
}

/// Up to three operations that prepare a world, of everyone who may call, privileged actors too. The same
/// generator state gives the same operations.
#[must_use]
pub fn generate_history(target: &Target, generator: &mut impl RngCore) -> Vec<Operation> {
    let draw = &mut Draw::random(generator);
    let mut operations = Vec::new();
    for _ in 0..1 + draw.below(3) {
        let method = &target.methods[draw.weighted(target.methods.iter().map(|one| one.weight))];
        let callers: Vec<_> = method.actors.iter().chain(&method.privileged).collect();
        let Some(signer) = draw.pick(&callers) else { continue };
        let mut operation = call(target, method, signer, &operations, draw);
        operation.through = None;
        if !method.privileged.contains(signer) || keeps_role(target, method, &operation) {
            operations.push(operation);
        }
    }
    operations
}

/// Whether a privileged actor's call passes no role to an actor who signs in cases: a finding would blame the
/// privileged actor after all. Only the call of a method that others may call too, of a contract that is not under
/// test, may name one: a token's transfer.
fn keeps_role(target: &Target, method: &Method, operation: &Operation) -> bool {
    let is_tested = target.account(&method.contract).is_some_and(|account| account.under_test);
    if !is_tested && !method.actors.is_empty() {
        return true;
    }
    let arguments = operation.arguments.bytes();
    let mut others = target.actors.iter().filter(|actor| actor.role != Role::Privileged);
    others.all(|actor| {
        let id = actor.id.as_bytes();
        arguments.windows(id.len()).all(|bytes| bytes != id)
    })
}

/// A new seed for what the schedule leaves open.
pub(super) fn rest(draw: &mut Draw<'_>) -> FallbackScheduler {
    let seed = draw.between(0, u128::from(u64::MAX));
    FallbackScheduler::Random(Seed(u64::try_from(seed).unwrap_or(0)))
}

/// The calls that small cases are made of: every method that is drawn at all, by one user and every
/// attacker, with at most so many choices of arguments each; and where the attacker may have a contract,
/// the first of the user's calls made by that, the user having signed. The same seed gives the same calls.
#[must_use]
pub fn calls(target: &Target, seed: Seed, variants: u32) -> Vec<Operation> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed.0);
    let draw = &mut Draw::random(&mut generator);
    let mut calls: Vec<Operation> = Vec::new();
    for method in target.methods.iter().filter(|method| method.weight_in_cases() > 0) {
        for signer in representatives(target, method) {
            let mut known = 0;
            // Where a method allows fewer, more draws only repeat them.
            for _ in 0..variants.saturating_mul(4) {
                let mut call = call(target, method, signer, &[], draw);
                call.through = None;
                if known < variants && !calls.contains(&call) {
                    calls.push(call);
                    known += 1;
                }
            }
        }
    }
    calls.extend(relayed(target, &calls));
    calls
}

/// For each method the first call of a user's, made by an attacker's contract instead.
fn relayed(target: &Target, calls: &[Operation]) -> Vec<Operation> {
    let role = |id: &AccountId| target.actors.iter().find(|actor| actor.id == *id).map(|a| a.role);
    let Some(attacker) = target.puppets().find(|id| role(id) == Some(Role::Attacker)) else {
        return Vec::new();
    };
    let mut relayed: Vec<Operation> = Vec::new();
    for call in calls.iter().filter(|call| role(&call.signer) == Some(Role::User)) {
        let same =
            |other: &Operation| (&other.receiver, &other.method) == (&call.receiver, &call.method);
        if !relayed.iter().any(same) {
            let through = Some(ViaContract { account: attacker.clone(), callback_of: None });
            relayed.push(Operation { through, ..call.clone() });
        }
    }
    relayed
}

/// One of the users who may call the method, and every attacker: users are alike.
fn representatives<'t>(target: &Target, method: &'t Method) -> Vec<&'t AccountId> {
    let role = |id: &AccountId| {
        target.actors.iter().find(|actor| actor.id == *id).map_or(Role::User, |actor| actor.role)
    };
    let user = method.actors.iter().find(|id| role(id) == Role::User);
    let attackers = method.actors.iter().filter(|id| role(id) == Role::Attacker);
    user.into_iter().chain(attackers).collect()
}

/// An operation that goes with earlier ones: often one of them again, or nearly so.
pub(super) fn operation(target: &Target, earlier: &[Operation], draw: &mut Draw<'_>) -> Operation {
    let known =
        draw.pick(earlier).and_then(|operation| Some((operation, target.method_of(operation)?)));
    let Some((operation, method)) = known else { return fresh(target, earlier, draw) };
    match draw.below(10) {
        0..=3 => operation.clone(),
        4 => call(target, method, &operation.signer, earlier, draw),
        5 => call(target, method, signer(method, draw), earlier, draw),
        _ => fresh(target, earlier, draw),
    }
}

/// A call of any method by anyone who may.
fn fresh(target: &Target, earlier: &[Operation], draw: &mut Draw<'_>) -> Operation {
    let method = &target.methods[draw.weighted(target.methods.iter().map(Method::weight_in_cases))];
    call(target, method, signer(method, draw), earlier, draw)
}

/// Somebody who may call the method.
pub(super) fn signer<'t>(method: &'t Method, draw: &mut Draw<'_>) -> &'t AccountId {
    &method.actors[draw.below(method.actors.len())]
}

/// A call of this method by this account, with arguments, deposit and gas as the target allows them.
pub(super) fn call(
    target: &Target,
    method: &Method,
    signer: &AccountId,
    earlier: &[Operation],
    draw: &mut Draw<'_>,
) -> Operation {
    let used = used(target, earlier);
    let context = Context {
        accounts: &target.account_ids(),
        actors: &target.actor_ids(),
        signer,
        used: &used,
        words: &target.words,
    };
    Operation {
        arguments: arguments(&method.parameters, &context, draw),
        deposit: deposit(draw, |draw| values::amount(&method.deposit, &used, draw)),
        gas: gas(values::amount(&method.gas, &used, draw)),
        signer: signer.clone(),
        receiver: method.contract.clone(),
        method: method.name.clone(),
        through: through(target, signer, draw),
        wait: Duration::ZERO,
    }
}

/// Now and then a contract of the attacker's makes the call: often where it is theirs anyway, seldom
/// where a user would have to sign that.
pub(super) fn through(
    target: &Target,
    signer: &AccountId,
    draw: &mut Draw<'_>,
) -> Option<ViaContract> {
    let attacker = |id: &AccountId| {
        target.actors.iter().any(|actor| actor.id == *id && actor.role == Role::Attacker)
    };
    let puppets: Vec<_> = target.puppets().filter(|id| attacker(id)).collect();
    let own = puppets.contains(&signer);
    if puppets.is_empty() || !draw.chance(if own { 15 } else { 3 }) {
        return None;
    }
    let account = if own { signer.clone() } else { (*draw.pick(&puppets)?).clone() };
    let callback_of = match draw.below(4) {
        0 | 1 => None,
        2 => Some(SpoofedCallback::Failure),
        _ => Some(SpoofedCallback::Success(draw.pick(ANSWERS)?.to_vec())),
    };
    Some(ViaContract { account, callback_of })
}

/// Arguments that the method allows.
pub(super) fn arguments(
    parameters: &Parameters,
    context: &Context<'_>,
    draw: &mut Draw<'_>,
) -> Arguments {
    match parameters {
        Parameters::Json(template) => Arguments::Json(values::value(template, context, draw)),
        Parameters::Bytes(bytes) => Arguments::Bytes(bytes.clone()),
        Parameters::Borsh(parameters) => {
            let values: Vec<Value> = parameters
                .iter()
                .map(|parameter| values::value(&parameter.template, context, draw))
                .collect();
            let bytes = abi::encode_all(parameters, &values);
            Arguments::Bytes(
                bytes.expect("a template was checked against its type when the target was read"),
            )
        }
    }
}

/// A deposit; now and then none or 1 yoctoNEAR where the target says otherwise, since nothing keeps a
/// caller to that.
pub(super) fn deposit(
    draw: &mut Draw<'_>,
    allowed: impl FnOnce(&mut Draw<'_>) -> u128,
) -> NearToken {
    let other = draw.chance(3).then(|| u128::from(draw.chance(50)));
    NearToken::from_yoctonear(other.unwrap_or_else(|| allowed(draw)))
}

/// Gas from an amount, which a target keeps within 64 bits.
pub(super) fn gas(amount: u128) -> Gas {
    Gas::from_gas(u64::try_from(amount).unwrap_or(u64::MAX))
}
