//! Learns what contracts want to hear from those that they call: by answering nonsense, and reading what
//! their callbacks say to it.
//!
//! A callback is asked by itself, in the state in which it came. Never judges what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::ask::{Asking, Subject};
use super::hearing::{Called, Hearing};
use super::invent::{Inventor, VARIATIONS};
use super::look::Seen;
use super::probe::{Answer, Probe, Question};
use super::shape::Shape;
use super::standards;
use crate::arguments::integer::NumberForm;
use crate::chain::Protocol;
use crate::types::AccountId;
use crate::vm::{ContractCode, Engine, Error};

/// Most answers to one method.
const MOST: usize = 8;
/// What a callback is tried with that says nothing about what it hears.
const GUESSES: [&str; 6] = ["null", "true", "false", "\"0\"", "\"1\"", "1"];

/// Answers by account and method, the usual one first.
pub(super) type Known = BTreeMap<Called, Vec<Vec<u8>>>;

/// Asks callbacks.
pub(super) struct Listener<'a> {
    pub(super) engine: &'a dyn Engine,
    pub(super) protocol: &'a Protocol,
    /// The code of the contracts.
    pub(super) codes: &'a BTreeMap<AccountId, Arc<ContractCode>>,
    pub(super) inventor: &'a Inventor,
    /// Names that members may have.
    pub(super) names: &'a BTreeSet<String>,
}

impl Listener<'_> {
    /// Learns what those answer that `wanted` names.
    pub(super) fn learn(
        &self,
        seen: &Seen,
        wanted: impl Fn(&AccountId) -> bool,
        known: &mut Known,
    ) -> Result<bool, Error> {
        let before = known.len();
        for hearings in seen.hearings.values() {
            for number in 0..hearings[0].heard.len() {
                let Some(called) = &hearings[0].heard[number] else { continue };
                if !wanted(&called.0) || known.contains_key(called) {
                    continue;
                }
                if let Some(answers) = self.answers(hearings, number, known)? {
                    known.insert(called.clone(), answers);
                }
            }
        }
        Ok(known.len() > before)
    }

    fn answers(
        &self,
        hearings: &[Hearing],
        number: usize,
        known: &Known,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let Some(probe) = self.probe(&hearings[0]) else { return Ok(None) };
        let results = results(&hearings[0], known);
        let results: Vec<&[u8]> = results.iter().map(Vec::as_slice).collect();
        let asking = Asking {
            probe: &probe,
            method: &hearings[0].method,
            caller: &hearings[0].contract,
            deposit: 0,
            results: &results,
            subject: Subject::Result { number, input: &hearings[0].input },
            names: self.names,
            someone: &self.inventor.someone,
        };
        let method = hearings[0].heard[number].as_ref().map_or("", |(_, method)| method);
        Ok(match asking.learn()?.or_else(|| standards::answer(method)) {
            Some(Shape::Null | Shape::Anything) => Some(vec![b"null".to_vec()]),
            Some(Shape::Bool) => Some(vec![b"true".to_vec(), b"false".to_vec()]),
            Some(shape) => Some(self.ranked(hearings, number, known, &shape)?),
            None => self.guessed(hearings, number, known)?,
        })
    }

    fn probe(&self, hearing: &Hearing) -> Option<Probe<'_>> {
        Some(Probe {
            engine: self.engine,
            protocol: self.protocol,
            code: Arc::clone(self.codes.get(&hearing.contract)?),
            account: hearing.contract.clone(),
            storage: hearing.storage.clone(),
        })
    }

    /// What the callback does when it hears this.
    fn hear(
        &self,
        hearing: &Hearing,
        number: usize,
        known: &Known,
        answer: &[u8],
    ) -> Result<Option<Answer>, Error> {
        let Some(probe) = self.probe(hearing) else { return Ok(None) };
        let results = results(hearing, known);
        let mut results: Vec<&[u8]> = results.iter().map(Vec::as_slice).collect();
        results[number] = answer;
        let question = Question {
            method: &hearing.method,
            input: &hearing.input,
            caller: &hearing.contract,
            deposit: 0,
            results: &results,
            view: false,
        };
        probe.ask(&question).map(Some)
    }

    /// Values of this shape: first the one upon which the callbacks do most.
    fn ranked(
        &self,
        hearings: &[Hearing],
        number: usize,
        known: &Known,
        shape: &Shape,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut ranked = Vec::new();
        for value in self.values(shape, hearings) {
            let (mut done, text) = (0, value.to_string().into_bytes());
            for hearing in hearings {
                let answer = self.hear(hearing, number, known, &text)?;
                let answer = answer.filter(|answer| answer.failure.is_none());
                done += answer.map_or(0, |answer| {
                    1 + answer.promises.len() + usize::from(answer.storage != hearing.storage)
                });
            }
            ranked.push((std::cmp::Reverse(done), text));
        }
        ranked.sort_by_key(|(done, _)| *done);
        ranked.truncate(MOST);
        Ok(ranked.into_iter().map(|(_, text)| text).collect())
    }

    /// Different values of a shape, amounts in the callbacks' arguments among them.
    fn values(&self, shape: &Shape, hearings: &[Hearing]) -> Vec<Value> {
        let invented = (0..VARIATIONS).map(|variation| self.inventor.for_call(shape, variation));
        let mut values: Vec<_> = invented.collect();
        if matches!(shape, Shape::Integer(_, NumberForm::Text)) {
            hearings.iter().for_each(|hearing| values.extend(amounts(&hearing.input)));
        }
        let mut told = BTreeSet::new();
        values.retain(|value| told.insert(value.to_string()));
        values
    }

    /// Answers after which the callback does not do what it does after an empty one, and that one last.
    fn guessed(
        &self,
        hearings: &[Hearing],
        number: usize,
        known: &Known,
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let hearing = &hearings[0];
        let (mut found, mut told) = (Vec::new(), Vec::new());
        let amounts = amounts(&hearing.input).into_iter().map(|amount| amount.to_string());
        let guesses = GUESSES.iter().map(|guess| (*guess).to_owned()).chain(amounts);
        for guess in std::iter::once(String::new()).chain(guesses) {
            let Some(answer) = self.hear(hearing, number, known, guess.as_bytes())? else { break };
            let did = (answer.failure, answer.storage, answer.promises);
            if !told.contains(&did) {
                told.push(did);
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

/// What the callback hears as far as it is known.
fn results(hearing: &Hearing, known: &Known) -> Vec<Vec<u8>> {
    let usual = |called: &Called| known.get(called).and_then(|answers| answers.first()).cloned();
    hearing.heard.iter().map(|called| called.as_ref().and_then(usual).unwrap_or_default()).collect()
}

/// Amounts in JSON arguments: numbers as text.
fn amounts(input: &[u8]) -> Vec<Value> {
    let Ok(Value::Object(members)) = serde_json::from_slice(input) else { return Vec::new() };
    let amount = |value: &Value| value.as_str().is_some_and(|text| text.parse::<u128>().is_ok());
    members.into_iter().map(|(_, value)| value).filter(amount).take(MOST).collect()
}
