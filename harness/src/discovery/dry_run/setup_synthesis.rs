//! Finds calls for the set-up after which there is something to lose: users deposit NEAR and tokens, and calls
//! are added that make other calls possible, by users, by the owner, or by the contract's own account.
//!
//! A call stays only if nothing that was possible before is lost, and something new is possible or paid in.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::transaction::ExecutionStatus;
use serde_json::Value;

use super::attempts::{Attempts, Callable, Caller, callables, caller_of};
use super::sandbox::Sandbox;
use crate::chain::{AccountRecord, World, called_method};
use crate::discovery::Error;
use crate::discovery::draft::{Draft, SetupCall};
use crate::scenario::{Arguments, Operation};
use crate::trace::{Observation, same_state};
use crate::types::{AccountId, NearToken};

/// The most calls that are added to a set-up.
const MAX_CALLS: usize = 24;
/// What users deposit: the first amount that the contract keeps.
const DEPOSITS: [NearToken; 4] = [
    NearToken::from_near(3),
    NearToken::from_near(1),
    NearToken::from_millinear(100),
    NearToken::from_near(10),
];
/// Smaller amounts pay for storage.
const WORTHWHILE: NearToken = NearToken::from_millinear(10);
/// The most rounds through all methods.
const ROUNDS: usize = 5;
/// How many calls of one method by one account are weighed in a round.
const WEIGHED: usize = 3;
/// How many failing calls of one method by one account are kept to try again.
const KEPT_FAILURES: usize = 3;
/// How many calls of one method by one account the set-up has.
const SAME_CALLER: usize = 2;

/// Finds calls for the set-up of a draft.
pub(super) struct SetupSynthesis<'a> {
    sandbox: Sandbox<'a>,
    attempts: &'a Attempts,
    draft: &'a Draft,
    /// A call that succeeds, for each method and user.
    possible: BTreeMap<Caller, Operation>,
    /// Calls that fail, each with another failure, for each method and user that has none that succeeds.
    failing: BTreeMap<Caller, Vec<Operation>>,
    /// What users could call before any of these calls.
    from_start: BTreeSet<Caller>,
    /// Everything that was ever seen to happen, as text.
    seen: BTreeSet<String>,
    /// Methods that succeeded for the owner and for no user.
    owner_only: BTreeSet<(AccountId, String)>,
    calls: Vec<SetupCall>,
}

/// Calls for the set-up, and what finding them showed.
#[derive(Debug, Default)]
pub(super) struct Synthesis {
    pub(super) calls: Vec<SetupCall>,
    /// Methods that succeeded for the owner and for no user.
    pub(super) owner_only: BTreeSet<(AccountId, String)>,
}

impl<'a> SetupSynthesis<'a> {
    pub(super) fn new(sandbox: Sandbox<'a>, attempts: &'a Attempts, draft: &'a Draft) -> Self {
        Self {
            sandbox,
            attempts,
            draft,
            possible: BTreeMap::new(),
            failing: BTreeMap::new(),
            from_start: BTreeSet::new(),
            seen: BTreeSet::new(),
            owner_only: BTreeSet::new(),
            calls: Vec::new(),
        }
    }

    /// The calls to add to the set-up, in order.
    pub(super) fn run(mut self) -> Result<Synthesis, Error> {
        let draft = self.draft;
        let under_test = draft.contracts.iter().filter(|contract| contract.under_test);
        let privileged: Vec<_> = std::iter::once(&draft.owner)
            .chain(under_test.map(|contract| &contract.id))
            .cloned()
            .collect();
        self.survey()?;
        self.from_start = self.possible.keys().cloned().collect();
        self.deposits()?;
        for _ in 0..ROUNDS {
            let before = self.calls.len();
            self.round(draft.users(), true)?;
            self.round(&privileged, false)?;
            if self.calls.len() == before || self.is_full() {
                break;
            }
        }
        let possible = self.possible.keys();
        for (contract, method, _) in possible {
            self.owner_only.remove(&(contract.clone(), method.clone()));
        }
        Ok(Synthesis { calls: self.calls, owner_only: self.owner_only })
    }

    fn is_full(&self) -> bool {
        self.calls.len() >= MAX_CALLS || self.sandbox.spent()
    }

    /// Tries what users can do now.
    fn survey(&mut self) -> Result<(), Error> {
        for attempt in self.attempts.all(self.draft, self.draft.users()) {
            let caller = caller_of(&attempt);
            if !self.possible.contains_key(&caller) && !self.sandbox.spent() {
                let observation = self.sandbox.run(&attempt)?;
                self.note(&attempt, &observation);
            }
        }
        Ok(())
    }

    /// Notes what a user's call did. Returns whether anything was new.
    fn note(&mut self, attempt: &Operation, observation: &Observation) -> bool {
        let caller = caller_of(attempt);
        let news = self.note_seen(observation);
        if succeeded(observation) {
            self.failing.remove(&caller);
            return self.possible.insert(caller, attempt.clone()).is_none() || news;
        }
        if !self.possible.contains_key(&caller) {
            let failing = self.failing.entry(caller).or_default();
            if news || failing.is_empty() {
                failing.insert(0, attempt.clone());
                failing.truncate(KEPT_FAILURES);
            }
        }
        news
    }

    fn note_seen(&mut self, observation: &Observation) -> bool {
        let mut news = false;
        for event in &observation.events {
            let Some(receipt) = event.outcome.receipt() else { continue };
            let Some(method) = called_method(receipt) else { continue };
            // What companions say to users shows nothing about the contracts under test.
            let parties = [receipt.receiver_id(), receipt.predecessor_id()];
            if !parties.iter().any(|id| observation.parties.under_test.contains(*id)) {
                continue;
            }
            let end = match &event.outcome.status {
                ExecutionStatus::Failure(error) => without_values(&error.to_string(), self.draft),
                _ => String::new(),
            };
            news |= self.seen.insert(format!("{} {method} {end}", receipt.receiver_id()));
        }
        news
    }

    /// Every user calls each method that keeps a deposit. Attackers do not: whatever an attacker gets should
    /// belong to others.
    fn deposits(&mut self) -> Result<(), Error> {
        let draft = self.draft;
        for callable in callables(draft) {
            let method = callable.method;
            if method.refuses_deposits || method.one_yocto {
                continue;
            }
            for user in draft.users() {
                self.deposit(user, callable)?;
            }
        }
        Ok(())
    }

    fn deposit(&mut self, user: &AccountId, callable: Callable<'_>) -> Result<(), Error> {
        let mut deposits = DEPOSITS.to_vec();
        if let Some(rule) = callable.method.deposit_rule {
            deposits.retain(|deposit| rule.accepts(*deposit));
            deposits.extend(rule.examples());
        }
        for deposit in deposits {
            for attempt in self.attempts.calls(self.draft, callable, user, deposit) {
                if self.is_full() {
                    return Ok(());
                }
                let observation = self.sandbox.run(&attempt)?;
                let kept = paid(&observation, user) >= deposit.saturating_div(2);
                let changed = changed(&observation, callable.contract);
                if !succeeded(&observation) || !kept || !changed {
                    continue;
                }
                let why = format!("`{}` keeps the deposit.", attempt.method);
                if self.weigh(&attempt, observation, Some(why))? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Tries every method once more as each of these accounts, and keeps the calls that open something.
    fn round(&mut self, signers: &[AccountId], users: bool) -> Result<(), Error> {
        let mut weighed: BTreeMap<Caller, usize> = BTreeMap::new();
        for attempt in self.attempts.all(self.draft, signers) {
            if self.is_full() {
                break;
            }
            let caller = caller_of(&attempt);
            if !users && self.users_can(&caller) {
                continue;
            }
            let weighed = weighed.entry(caller.clone()).or_default();
            if *weighed >= WEIGHED || self.count(&caller) >= SAME_CALLER {
                continue;
            }
            let observation = self.sandbox.run(&attempt)?;
            if users {
                self.note(&attempt, &observation);
            }
            let contracts = &self.draft.contracts;
            let changes = contracts.iter().any(|contract| changed(&observation, &contract.id));
            if !succeeded(&observation) || !changes {
                continue;
            }
            if attempt.signer == self.draft.owner {
                self.owner_only.insert((caller.0.clone(), caller.1.clone()));
            }
            *weighed += 1;
            let pays =
                users && self.count(&caller) == 0 && self.pays_in(&observation, &attempt.signer);
            let why = pays.then(|| format!("`{}` keeps what it gets.", attempt.method));
            self.weigh(&attempt, observation, why)?;
        }
        Ok(())
    }

    /// Whether a user can call the method.
    fn users_can(&self, (contract, method, _): &Caller) -> bool {
        self.possible.keys().any(|known| (&known.0, &known.1) == (contract, method))
    }

    /// How many calls of a method by an account the set-up has.
    fn count(&self, caller: &Caller) -> usize {
        let same = |call: &&SetupCall| {
            (&call.receiver, &call.method, &call.signer) == (&caller.0, &caller.1, &caller.2)
        };
        self.calls.iter().filter(same).count()
    }

    /// Whether the signer leaves NEAR or tokens with a contract under test.
    fn pays_in(&self, observation: &Observation, signer: &AccountId) -> bool {
        let gets = observation.holdings.values().zip(observation.held_at_start.values());
        let mut tokens = gets.map(|(after, before)| before.of(signer) > after.of(signer));
        let mut under_test = self.draft.contracts.iter().filter(|contract| contract.under_test);
        let pays = !paid(observation, signer).is_zero() || tokens.any(|less| less);
        pays && under_test.any(|contract| changed(observation, &contract.id))
    }

    /// Keeps a call that succeeded if no other call becomes impossible, and it opens something, or there is
    /// another reason for it. Returns whether it did.
    fn weigh(
        &mut self,
        attempt: &Operation,
        observation: Observation,
        reason: Option<String>,
    ) -> Result<bool, Error> {
        let previous = self.sandbox.adopt(observation.end);
        let mut lost = Vec::new();
        for (caller, witness) in self.possible.clone() {
            if !succeeded(&self.sandbox.run(&witness)?) {
                if (&caller.0, &caller.1) != (&attempt.receiver, &attempt.method) {
                    self.sandbox.restore(previous);
                    return Ok(false);
                }
                lost.push(caller);
            }
        }
        let mut opened = None;
        for (caller, failing) in self.failing.clone() {
            for retry in failing {
                let observation = self.sandbox.run(&retry)?;
                let now = succeeded(&observation);
                if self.note(&retry, &observation) && (opened.is_none() || now) {
                    opened = Some((caller.clone(), now));
                }
                if now {
                    break;
                }
            }
        }
        // A call that only uses up what an earlier one opened would undo it.
        let undoes = lost.iter().any(|caller| !self.from_start.contains(caller));
        let reason = reason.filter(|_| !undoes);
        let why = match (&opened, reason) {
            (Some((caller, true)), _) => {
                Some(format!("After this call, {} can call `{}`.", caller.2, caller.1))
            }
            (_, Some(reason)) => Some(reason),
            (Some((caller, false)), _) => {
                Some(format!("After this call, `{}` by {} gets further.", caller.1, caller.2))
            }
            (None, None) => None,
        };
        let Some(why) = why else {
            self.sandbox.restore(previous);
            return Ok(false);
        };
        for caller in lost {
            let witness = self.possible.remove(&caller);
            self.failing.entry(caller).or_default().extend(witness);
        }
        self.calls.push(call(attempt, why));
        Ok(true)
    }
}

/// A failure without the numbers and accounts in it, which differ from call to call.
fn without_values(failure: &str, draft: &Draft) -> String {
    let mut text = failure.to_owned();
    for id in draft.account_ids() {
        text = text.replace(id.as_str(), "");
    }
    text.retain(|letter| !letter.is_ascii_digit());
    text
}

pub(super) fn call(operation: &Operation, why: String) -> SetupCall {
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
pub(super) fn succeeded(observation: &Observation) -> bool {
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
