//! Rehearses a drafted target: learns which calls make a state in which there is something to lose.
//!
//! Runs whole operations in the simulated chain, one after the other, with nothing in between. Never
//! looks for anything wrong.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::draft::{Draft, Step};
use super::invent::Inventor;
use super::survey::{Arguments, Kind, Method, NEAR};
use super::{Error, shape::Shape};
use crate::chain::{AccountRecord, Protocol, World};
use crate::scenario::Scenario;
use crate::simulation::{Execution, Fixture, Simulation};
use crate::targets::Target;
use crate::trace::Observation;
use crate::types::{AccountId, NearToken};
use crate::vm::Engine;

/// Operations that one rehearsal may run.
const BUDGET: usize = 8_000;
/// How many different values are tried for each call.
const VARIATIONS: usize = 4;
/// The most calls of a set-up that are added.
const MAX_STEPS: usize = 16;
/// What actors put in: the first that is taken.
const SUMS: [u128; 4] = [3 * NEAR, NEAR, NEAR / 10, 10 * NEAR];
/// Sums below this are for storage, and no matter of their own.
const WORTHWHILE: u128 = NEAR / 100;

/// A drafted target that is rehearsed.
pub(super) struct Rehearsal<'a> {
    pub(super) engine: &'a dyn Engine,
    inventors: Vec<Inventor>,
    pub(super) stage: Fixture,
    pub(super) left: usize,
}

/// A call that may be made.
#[derive(Clone)]
pub(super) struct Attempt {
    signer: AccountId,
    receiver: AccountId,
    method: String,
    pub(super) arguments: serde_json::Value,
    deposit: u128,
}

/// A draft, loaded as a target.
pub(super) fn load(draft: &Draft, folder: &Path) -> Result<Target, Error> {
    let file = folder.join(crate::targets::TARGET_FILE);
    Ok(Target::from_text(&draft.text(), &file, None, &[])?)
}

impl<'a> Rehearsal<'a> {
    /// Sets the draft's stage.
    pub(super) fn of(
        draft: &Draft,
        folder: &Path,
        protocol: &Arc<Protocol>,
        engine: &'a dyn Engine,
        inventor: &Inventor,
    ) -> Result<Self, Error> {
        let target = load(draft, folder)?;
        let stage = Fixture::prepare(&target, Arc::clone(protocol), engine)?;
        let inventors = draft.actors.iter();
        let inventors =
            inventors.map(|actor| Inventor { someone: actor.clone(), ..inventor.clone() });
        Ok(Self { engine, inventors: inventors.collect(), stage, left: BUDGET })
    }

    pub(super) fn run(&mut self, attempt: &Attempt) -> Result<Execution, Error> {
        self.left = self.left.saturating_sub(1);
        let scenario: Scenario = serde_json::from_value(json!({ "operations": [{
            "signer": attempt.signer.as_str(),
            "receiver": attempt.receiver.as_str(),
            "method": attempt.method,
            "arguments": attempt.arguments,
            "deposit": format!("{} yocto", attempt.deposit),
        }] }))
        .map_err(|error| Error::Draft(error.to_string()))?;
        let simulation = Simulation { stage: &self.stage, engine: self.engine };
        Ok(simulation.run(&scenario)?)
    }

    /// Goes on from this world.
    fn adopt(&mut self, world: World) {
        self.stage.world = world;
        self.stage.world.next_block();
    }

    /// Calls that put money into the contracts, and calls that make others possible.
    pub(super) fn prepare(&mut self, draft: &Draft) -> Result<Vec<Step>, Error> {
        let mut steps = self.deposits(draft)?;
        let mut opened = false;
        while steps.len() < MAX_STEPS && self.left > 0 {
            let Some(more) = self.opener(draft)? else { break };
            steps.extend(more);
            opened = true;
        }
        // What is possible only now may take money too.
        if opened {
            let known: BTreeSet<_> =
                steps.iter().map(|step| (step.signer.clone(), step.method.clone())).collect();
            let own = |step: &Step| (step.signer.clone(), step.method.clone());
            let later = self.deposits(draft)?.into_iter();
            steps.extend(later.filter(|step| !known.contains(&own(step))));
        }
        steps.truncate(MAX_STEPS);
        Ok(steps)
    }

    /// For each method that keeps the money that it is sent: every user sends some. The attacker does not:
    /// what they get should be theirs neither way.
    fn deposits(&mut self, draft: &Draft) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        let payable: Vec<_> = callable(draft)
            .filter(|(_, method)| !method.refuses_deposits)
            .map(|(contract, method)| (contract.clone(), method.clone()))
            .collect();
        for (contract, method) in payable {
            for number in 0..draft.actors.len() - 1 {
                if let Some(step) = self.deposit(draft, number, &contract, &method)? {
                    steps.push(step);
                }
            }
        }
        Ok(steps)
    }

    fn deposit(
        &mut self,
        draft: &Draft,
        actor: usize,
        contract: &AccountId,
        method: &Method,
    ) -> Result<Option<Step>, Error> {
        for deposit in &SUMS {
            for variation in 0..VARIATIONS {
                let inventor = &self.inventors[actor];
                let Some(arguments) = arguments(inventor, method, variation) else { continue };
                let attempt = Attempt {
                    signer: draft.actors[actor].clone(),
                    receiver: contract.clone(),
                    method: method.name.clone(),
                    arguments,
                    deposit: *deposit,
                };
                let observation = self.run(&attempt)?.observation;
                let paid = paid(&observation, &attempt.signer);
                let kept = succeeded(&observation) && paid >= deposit / 2;
                if kept && changed(&observation, contract) && self.go_on(draft, observation.end)? {
                    return Ok(Some(attempt.step("It keeps the money that it is sent.")));
                }
            }
        }
        Ok(None)
    }

    /// Goes on from this world, unless less is possible there than now.
    fn go_on(&mut self, draft: &Draft, world: World) -> Result<bool, Error> {
        let before = self.open(draft)?;
        let now = self.stage.world.clone();
        self.adopt(world);
        let after = self.open(draft)?;
        if before.is_subset(&after) || after.len() > before.len() {
            return Ok(true);
        }
        self.stage.world = now;
        Ok(false)
    }

    /// A call after which something is possible that was not, and the same by others.
    fn opener(&mut self, draft: &Draft) -> Result<Option<Vec<Step>>, Error> {
        let signers: Vec<_> = std::iter::once(&draft.owner).chain(&draft.actors).cloned().collect();
        let before = self.open(draft)?;
        let attempts = self.attempts(draft, &signers);
        if attempts.iter().all(|attempt| before.contains(&attempt.own())) {
            return Ok(None);
        }
        for attempt in &attempts {
            if self.left == 0 {
                break;
            }
            let observation = self.run(attempt)?.observation;
            if !succeeded(&observation) || !changed(&observation, &attempt.receiver) {
                continue;
            }
            let now = self.stage.world.clone();
            self.adopt(observation.end);
            let after = self.open(draft)?;
            let new = after.difference(&before).next().cloned();
            if let Some((_, method, signer)) = new.filter(|_| after.len() > before.len()) {
                let why = format!("After this, `{method}` by {signer} is possible.");
                let mut steps = vec![attempt.step(&why)];
                self.the_same_by_others(draft, &attempts, attempt, &mut steps)?;
                return Ok(Some(steps));
            }
            self.stage.world = now;
        }
        Ok(None)
    }

    /// What users can do as things stand: contract, method, who.
    fn open(&mut self, draft: &Draft) -> Result<BTreeSet<Own>, Error> {
        let mut open = BTreeSet::new();
        for attempt in self.attempts(draft, &draft.actors[..draft.actors.len() - 1]) {
            if !open.contains(&attempt.own()) && succeeded(&self.run(&attempt)?.observation) {
                open.insert(attempt.own());
            }
        }
        Ok(open)
    }

    /// What opened something for one actor is done for the others too.
    fn the_same_by_others(
        &mut self,
        draft: &Draft,
        attempts: &[Attempt],
        first: &Attempt,
        steps: &mut Vec<Step>,
    ) -> Result<(), Error> {
        let alike = |attempt: &&Attempt| {
            attempt.method == first.method
                && attempt.receiver == first.receiver
                && (attempt.signer != first.signer || attempt.arguments != first.arguments)
                && attempt.deposit == first.deposit
        };
        for attempt in attempts.iter().filter(alike) {
            let done =
                |step: &Step| step.signer == attempt.signer && step.arguments == attempt.arguments;
            if steps.len() >= self.inventors.len() || steps.iter().any(done) {
                continue;
            }
            let observation = self.run(attempt)?.observation;
            if succeeded(&observation)
                && changed(&observation, &attempt.receiver)
                && self.go_on(draft, observation.end)?
            {
                steps.push(attempt.step("The same for somebody else."));
            }
        }
        Ok(())
    }

    /// What the signers may try: every method, with a few values.
    pub(super) fn attempts(&self, draft: &Draft, signers: &[AccountId]) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        for (contract, method) in callable(draft) {
            for signer in signers {
                for (someone, inventor) in self.inventors.iter().enumerate() {
                    let own = inventor.someone == *signer || *signer == draft.owner;
                    for variation in 0..VARIATIONS {
                        // Somebody else's account only once: these are many.
                        if !own && (variation > 0 || someone > 1) {
                            continue;
                        }
                        let Some(arguments) = arguments(inventor, method, variation) else {
                            continue;
                        };
                        let attempt = |deposit| Attempt {
                            signer: signer.clone(),
                            receiver: contract.clone(),
                            method: method.name.clone(),
                            arguments: arguments.clone(),
                            deposit,
                        };
                        attempts.extend(deposits_of(method).into_iter().map(attempt));
                    }
                }
            }
        }
        let mut seen = BTreeSet::new();
        attempts.retain(|attempt: &Attempt| {
            seen.insert((
                attempt.signer.clone(),
                attempt.receiver.clone(),
                attempt.method.clone(),
                attempt.arguments.to_string(),
                attempt.deposit,
            ))
        });
        attempts
    }
}

/// A contract, one of its methods, and who calls it.
type Own = (AccountId, String, AccountId);

impl Attempt {
    fn own(&self) -> Own {
        (self.receiver.clone(), self.method.clone(), self.signer.clone())
    }

    fn step(&self, why: &str) -> Step {
        Step {
            signer: self.signer.clone(),
            receiver: self.receiver.clone(),
            method: self.method.clone(),
            arguments: self.arguments.clone(),
            deposit: self.deposit,
            why: why.to_owned(),
        }
    }
}

/// Methods that change something, of all contracts.
fn callable(draft: &Draft) -> impl Iterator<Item = (&AccountId, &Method)> {
    draft.contracts.iter().flat_map(|contract| {
        let calls = contract.methods.iter().filter(|method| method.kind == Kind::Call);
        calls.map(|method| (&contract.id, method))
    })
}

/// Values for the method's arguments; `None` where they are no JSON, or the variation gives nothing new.
fn arguments(inventor: &Inventor, method: &Method, variation: usize) -> Option<serde_json::Value> {
    match &method.arguments {
        Arguments::Json(Shape::Object(members)) if members.is_empty() && variation > 0 => None,
        Arguments::Json(shape) => Some(inventor.for_call(shape, variation)),
        Arguments::Nothing | Arguments::Unknown if variation == 0 => Some(json!({})),
        _ => None,
    }
}

/// The deposits worth trying: nothing or what is asked for, and a sum.
fn deposits_of(method: &Method) -> Vec<u128> {
    if method.refuses_deposits {
        return vec![0];
    }
    if method.one_yocto {
        return vec![1];
    }
    match (method.deposits.first(), method.deposits.last()) {
        (Some(first), Some(sum)) if first != sum => vec![*first, *sum],
        (Some(first), _) => vec![*first],
        (None, _) => vec![0, 1, NEAR],
    }
}

/// Whether nothing failed.
fn succeeded(observation: &Observation) -> bool {
    observation.complete && !observation.events.iter().any(|event| event.outcome.failed())
}

/// Whether the account's state is another than before.
fn changed(observation: &Observation, account: &AccountId) -> bool {
    let state = |world: &World| world.account(account).map(|record| record.storage().clone());
    state(&observation.start) != state(&observation.end)
}

/// What the signer has less, gas left out: a worthwhile sum, or nothing.
fn paid(observation: &Observation, signer: &AccountId) -> u128 {
    let has = |world: &World| world.account(signer).map_or(NearToken::ZERO, AccountRecord::balance);
    let paid = has(&observation.start).saturating_sub(has(&observation.end)).as_yoctonear();
    if paid >= WORTHWHILE { paid } else { 0 }
}
