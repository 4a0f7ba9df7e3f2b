//! Finds calls for the set-up after which there is something to lose: users deposit NEAR, and calls are added
//! that make other calls possible.

use std::collections::BTreeSet;

use serde_json::Value;

use super::attempts::{Attempts, Callable, Caller, VARIATIONS, callables, caller_of};
use super::sandbox::Sandbox;
use crate::chain::{AccountRecord, World};
use crate::discovery::Error;
use crate::discovery::draft::{Draft, SetupCall};
use crate::scenario::{Arguments, Operation};
use crate::trace::{Observation, same_state};
use crate::types::{AccountId, NearToken};

/// The most calls that are added to a set-up.
const MAX_CALLS: usize = 16;
/// What users deposit: the first amount that the contract keeps.
const DEPOSITS: [NearToken; 4] = [
    NearToken::from_near(3),
    NearToken::from_near(1),
    NearToken::from_millinear(100),
    NearToken::from_near(10),
];
/// Smaller amounts pay for storage.
const WORTHWHILE: NearToken = NearToken::from_millinear(10);

/// Finds calls for the set-up of a draft.
pub(super) struct SetupSynthesis<'a> {
    pub(super) sandbox: Sandbox<'a>,
    pub(super) attempts: &'a Attempts,
    pub(super) draft: &'a Draft,
}

impl SetupSynthesis<'_> {
    /// The calls to add to the set-up, in order.
    pub(super) fn calls(mut self) -> Result<Vec<SetupCall>, Error> {
        let mut calls = self.deposits()?;
        let mut opened = false;
        while calls.len() < MAX_CALLS && !self.sandbox.spent() {
            let Some(more) = self.opening_calls()? else { break };
            calls.extend(more);
            opened = true;
        }
        // A method that became possible only now may keep a deposit too.
        if opened {
            let key = |call: &SetupCall| (call.signer.clone(), call.method.clone());
            let known: BTreeSet<_> = calls.iter().map(key).collect();
            let later = self.deposits()?.into_iter();
            calls.extend(later.filter(|call| !known.contains(&key(call))));
        }
        calls.truncate(MAX_CALLS);
        Ok(calls)
    }

    /// Every user calls each method that keeps a deposit. The attacker does not: whatever the attacker gets
    /// should belong to others.
    fn deposits(&mut self) -> Result<Vec<SetupCall>, Error> {
        let mut calls = Vec::new();
        let draft = self.draft;
        for callable in callables(draft).filter(|callable| !callable.method.refuses_deposits) {
            for actor in 0..draft.users().len() {
                calls.extend(self.deposit(actor, callable)?);
            }
        }
        Ok(calls)
    }

    fn deposit(
        &mut self,
        actor: usize,
        callable: Callable<'_>,
    ) -> Result<Option<SetupCall>, Error> {
        let mut deposits = DEPOSITS.to_vec();
        if let Some(rule) = callable.method.deposit_rule {
            deposits.retain(|deposit| rule.accepts(*deposit));
            deposits.extend(rule.examples());
        }
        for deposit in deposits {
            for variation in 0..VARIATIONS {
                let attempt = self.attempts.by_actor(actor, callable, variation, deposit);
                let Some(attempt) = attempt else { continue };
                let observation = self.sandbox.run(&attempt)?;
                let kept = paid(&observation, &attempt.signer) >= deposit.saturating_div(2);
                if succeeded(&observation)
                    && kept
                    && changed(&observation, callable.contract)
                    && self.advance(observation.end)?
                {
                    let why = format!("`{}` keeps the deposit.", attempt.method);
                    return Ok(Some(call(&attempt, why)));
                }
            }
        }
        Ok(None)
    }

    /// Continues from this world, unless users can do less there than now.
    fn advance(&mut self, world: World) -> Result<bool, Error> {
        let before = self.possible()?;
        let previous = self.sandbox.adopt(world);
        let after = self.possible()?;
        if before.is_subset(&after) || after.len() > before.len() {
            return Ok(true);
        }
        self.sandbox.restore(previous);
        Ok(false)
    }

    /// A call after which users can do more, and the same call by other users.
    fn opening_calls(&mut self) -> Result<Option<Vec<SetupCall>>, Error> {
        let draft = self.draft;
        let signers: Vec<_> = std::iter::once(&draft.owner).chain(&draft.actors).cloned().collect();
        let before = self.possible()?;
        let attempts = self.attempts.all(draft, &signers);
        if attempts.iter().all(|attempt| before.contains(&caller_of(attempt))) {
            return Ok(None);
        }
        for attempt in &attempts {
            if self.sandbox.spent() {
                break;
            }
            let observation = self.sandbox.run(attempt)?;
            if !succeeded(&observation) || !changed(&observation, &attempt.receiver) {
                continue;
            }
            let previous = self.sandbox.adopt(observation.end);
            let after = self.possible()?;
            let new = after.difference(&before).next().filter(|_| after.len() > before.len());
            if let Some((_, method, signer)) = new {
                let why = format!("After this call, {signer} can call `{method}`.");
                let mut calls = vec![call(attempt, why)];
                self.same_by_others(&attempts, attempt, &mut calls)?;
                return Ok(Some(calls));
            }
            self.sandbox.restore(previous);
        }
        Ok(None)
    }

    /// What users can do now.
    fn possible(&mut self) -> Result<BTreeSet<Caller>, Error> {
        let users = self.draft.users();
        let mut possible = BTreeSet::new();
        for attempt in self.attempts.all(self.draft, users) {
            let caller = caller_of(&attempt);
            if !possible.contains(&caller) && succeeded(&self.sandbox.run(&attempt)?) {
                possible.insert(caller);
            }
        }
        Ok(possible)
    }

    /// Adds the first call once more for other signers and arguments.
    fn same_by_others(
        &mut self,
        attempts: &[Operation],
        first: &Operation,
        calls: &mut Vec<SetupCall>,
    ) -> Result<(), Error> {
        let alike = |attempt: &&Operation| {
            attempt.method == first.method
                && attempt.receiver == first.receiver
                && (attempt.signer != first.signer || attempt.arguments != first.arguments)
                && attempt.deposit == first.deposit
        };
        for attempt in attempts.iter().filter(alike) {
            let arguments = json_arguments(attempt);
            let done =
                |call: &SetupCall| call.signer == attempt.signer && call.arguments == arguments;
            if calls.len() >= self.draft.actors.len() || calls.iter().any(done) {
                continue;
            }
            let observation = self.sandbox.run(attempt)?;
            if succeeded(&observation)
                && changed(&observation, &attempt.receiver)
                && self.advance(observation.end)?
            {
                calls.push(call(attempt, "The same call for another account.".to_owned()));
            }
        }
        Ok(())
    }
}

fn call(operation: &Operation, why: String) -> SetupCall {
    SetupCall {
        signer: operation.signer.clone(),
        receiver: operation.receiver.clone(),
        method: operation.method.clone(),
        arguments: json_arguments(operation),
        deposit: operation.deposit,
        why,
    }
}

/// The JSON arguments of an operation. Attempts have no others.
fn json_arguments(operation: &Operation) -> Value {
    match &operation.arguments {
        Arguments::Json(value) => value.clone(),
        Arguments::Bytes(_) => Value::Null,
    }
}

/// Whether no receipt failed.
fn succeeded(observation: &Observation) -> bool {
    observation.complete && !observation.events.iter().any(|event| event.outcome.failed())
}

/// Whether the account's state changed.
fn changed(observation: &Observation, account: &AccountId) -> bool {
    !same_state(&observation.start, &observation.end, account)
}

/// What the signer paid without gas, if it is a worthwhile amount.
fn paid(observation: &Observation, signer: &AccountId) -> NearToken {
    let has = |world: &World| world.account(signer).map_or(NearToken::ZERO, AccountRecord::balance);
    let paid = has(&observation.start).saturating_sub(has(&observation.end));
    if paid >= WORTHWHILE { paid } else { NearToken::ZERO }
}
