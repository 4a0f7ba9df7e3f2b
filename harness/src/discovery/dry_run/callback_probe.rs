//! Finds out which promise results a contract's callbacks accept: calls a callback with invalid results, and
//! reads its errors.
//!
//! Calls the callback alone, in the state in which it ran. Never judges what it does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::observations::DryRun;
use super::promise_result::{CalledMethod, ObservedCallback};
use crate::arguments::integer::NumberForm;
use crate::chain::Protocol;
use crate::discovery::Error;
use crate::discovery::argument_inference::example_values::VARIATIONS;
use crate::discovery::argument_inference::{
    ArgumentInference, ArgumentType, ExampleValues, Probe, ProbeCall, ProbeOutcome, Subject,
};
use crate::discovery::interface::standards;
use crate::types::{AccountId, NearToken};
use crate::vm::{ContractCode, Engine};

/// The most answers to one method.
const MOST: usize = 8;
/// Results with which a callback is tried if its errors do not describe them.
const GUESSES: [&str; 6] = ["null", "true", "false", "\"0\"", "\"1\"", "1"];

/// Answers by account and method, the usual one first.
pub(super) type KnownAnswers = BTreeMap<CalledMethod, Vec<Vec<u8>>>;

/// Calls callbacks with different promise results.
pub(super) struct CallbackProbe<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) protocol: &'a Protocol,
    /// The code of the contracts.
    pub(super) codes: &'a BTreeMap<AccountId, Arc<ContractCode>>,
    pub(super) values: &'a ExampleValues,
    /// Names that members may have.
    pub(super) names: &'a BTreeSet<String>,
}

impl CallbackProbe<'_> {
    /// Finds answers of the accounts that `wanted` selects. Returns whether any is new.
    pub(super) fn find_answers(
        &self,
        dry_run: &DryRun,
        wanted: impl Fn(&AccountId) -> bool,
        known: &mut KnownAnswers,
    ) -> Result<bool, Error> {
        let before = known.len();
        for callbacks in dry_run.callbacks.values() {
            for number in 0..callbacks[0].awaited.len() {
                let Some(called) = &callbacks[0].awaited[number] else { continue };
                if !wanted(&called.0) || known.contains_key(called) {
                    continue;
                }
                if let Some(answers) = self.answers(callbacks, number, known)? {
                    known.insert(called.clone(), answers);
                }
            }
        }
        Ok(known.len() > before)
    }

    fn answers(
        &self,
        callbacks: &[ObservedCallback],
        number: usize,
        known: &KnownAnswers,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let Some(probe) = self.probe(&callbacks[0]) else { return Ok(None) };
        let results = results(&callbacks[0], known);
        let results: Vec<&[u8]> = results.iter().map(Vec::as_slice).collect();
        let inference = ArgumentInference {
            probe: &probe,
            method: &callbacks[0].method,
            caller: &callbacks[0].contract,
            deposit: NearToken::ZERO,
            results: &results,
            subject: Subject::PromiseResult { number, input: &callbacks[0].input },
            names: self.names,
            user: &self.values.user,
        };
        let method = callbacks[0].awaited[number].as_ref().map_or("", |(_, method)| method);
        Ok(match inference.infer()?.or_else(|| standards::answer(method)) {
            Some(ArgumentType::Null | ArgumentType::Anything) => Some(vec![b"null".to_vec()]),
            Some(ArgumentType::Bool) => Some(vec![b"true".to_vec(), b"false".to_vec()]),
            Some(shape) => Some(self.ranked(callbacks, number, known, &shape)?),
            None => self.guessed(callbacks, number, known)?,
        })
    }

    fn probe(&self, callback: &ObservedCallback) -> Option<Probe<'_>> {
        Some(Probe {
            engine: self.engine,
            protocol: self.protocol,
            code: Arc::clone(self.codes.get(&callback.contract)?),
            account: callback.contract.clone(),
            storage: callback.storage.clone(),
        })
    }

    /// What the callback does with this promise result.
    fn call(
        &self,
        callback: &ObservedCallback,
        number: usize,
        known: &KnownAnswers,
        answer: &[u8],
    ) -> Result<Option<ProbeOutcome>, Error> {
        let Some(probe) = self.probe(callback) else { return Ok(None) };
        let results = results(callback, known);
        let mut results: Vec<&[u8]> = results.iter().map(Vec::as_slice).collect();
        results[number] = answer;
        let call = ProbeCall {
            method: &callback.method,
            input: &callback.input,
            caller: &callback.contract,
            deposit: NearToken::ZERO,
            results: &results,
            view: false,
        };
        Ok(Some(probe.call(&call)?))
    }

    /// Values of this type, first the one with which the callbacks do most.
    fn ranked(
        &self,
        callbacks: &[ObservedCallback],
        number: usize,
        known: &KnownAnswers,
        shape: &ArgumentType,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut ranked = Vec::new();
        for value in self.values(shape, callbacks) {
            let (mut done, text) = (0, value.to_string().into_bytes());
            for callback in callbacks {
                let answer = self.call(callback, number, known, &text)?;
                let answer = answer.filter(|answer| answer.failure.is_none());
                done += answer.map_or(0, |answer| {
                    1 + answer.promises.len() + usize::from(answer.storage != callback.storage)
                });
            }
            ranked.push((Reverse(done), text));
        }
        ranked.sort_by_key(|(done, _)| *done);
        ranked.truncate(MOST);
        Ok(ranked.into_iter().map(|(_, text)| text).collect())
    }

    /// Different values of a type, including amounts in the callbacks' own arguments.
    fn values(&self, shape: &ArgumentType, callbacks: &[ObservedCallback]) -> Vec<Value> {
        let examples = (0..VARIATIONS).map(|variation| self.values.for_call(shape, variation));
        let mut values: Vec<_> = examples.collect();
        if matches!(shape, ArgumentType::Integer(_, NumberForm::Text)) {
            callbacks.iter().for_each(|callback| values.extend(amounts(&callback.input)));
        }
        let mut seen_before = BTreeSet::new();
        values.retain(|value| seen_before.insert(value.to_string()));
        values
    }

    /// Results with which the callback behaves differently, the empty one last.
    fn guessed(
        &self,
        callbacks: &[ObservedCallback],
        number: usize,
        known: &KnownAnswers,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let callback = &callbacks[0];
        let (mut found, mut seen_before) = (Vec::new(), Vec::new());
        let amounts = amounts(&callback.input).into_iter().map(|amount| amount.to_string());
        let guesses = GUESSES.iter().map(|guess| (*guess).to_owned()).chain(amounts);
        for guess in std::iter::once(String::new()).chain(guesses) {
            let Some(answer) = self.call(callback, number, known, guess.as_bytes())? else { break };
            let did = (answer.failure, answer.storage, answer.promises);
            if !seen_before.contains(&did) {
                seen_before.push(did);
                found.push(guess.into_bytes());
            }
        }
        if found.len() < 2 {
            return Ok(None);
        }
        found.rotate_left(1);
        found.truncate(MOST);
        Ok(Some(found))
    }
}

/// The promise results of the callback, as far as they are known.
fn results(callback: &ObservedCallback, known: &KnownAnswers) -> Vec<Vec<u8>> {
    let usual =
        |called: &CalledMethod| known.get(called).and_then(|answers| answers.first()).cloned();
    callback
        .awaited
        .iter()
        .map(|called| called.as_ref().and_then(usual).unwrap_or_default())
        .collect()
}

/// Amounts in JSON arguments: numbers written as text.
fn amounts(input: &[u8]) -> Vec<Value> {
    let Ok(Value::Object(members)) = serde_json::from_slice(input) else { return Vec::new() };
    let amount = |value: &Value| value.as_str().is_some_and(|text| text.parse::<u128>().is_ok());
    members.into_iter().map(|(_, value)| value).filter(amount).take(MOST).collect()
}
