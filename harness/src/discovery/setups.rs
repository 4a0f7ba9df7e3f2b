//! Finds the method that makes a contract's first state, and arguments with which it does.
//!
//! A part of [`survey`](super::survey), in a file of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::invent::VARIATIONS;
use super::probe::{Answer, Probe, Question};
use super::shape::Shape;
use super::survey::{Arguments, Result, SetUp, Survey, Surveyor, Way};
use crate::types::AccountId;

impl Surveyor<'_> {
    /// Methods that make a first state, the likeliest first, each with what it did.
    pub(super) fn setups(&self, names: &BTreeSet<String>) -> Result<Vec<(SetUp, Answer)>> {
        let mut found = Vec::new();
        for name in self.method_names() {
            let way = self.way(&name, true)?;
            let (arguments, _) = self.arguments(&name, &way, names)?;
            let shape = match arguments {
                Arguments::Json(shape) => shape,
                Arguments::Nothing => Shape::Object(Vec::new()),
                Arguments::Borsh(_) | Arguments::Unknown => continue,
            };
            let Some((arguments, answer)) = self.first_success(&name, &way, &shape)? else {
                continue;
            };
            if answer.storage.is_empty() || !self.is_setup(&name, &arguments, &answer)? {
                continue;
            }
            found.push((SetUp { method: name, arguments }, answer));
        }
        found.sort_by_key(|(setup, _)| setup_rank(&setup.method));
        Ok(found)
    }

    /// Tries values until the call succeeds.
    fn first_success(
        &self,
        method: &str,
        way: &Way<'_>,
        shape: &Shape,
    ) -> Result<Option<(Value, Answer)>> {
        for variation in 0..VARIATIONS {
            let arguments = self.inventor.for_setup(shape, variation);
            let answer = self.ask(method, way, arguments.to_string().as_bytes())?;
            if answer.failure.is_none() {
                return Ok(Some((arguments, answer)));
            }
        }
        Ok(None)
    }

    /// A set-up is called `new`, or the like, or refuses to be called again.
    fn is_setup(&self, method: &str, arguments: &Value, answer: &Answer) -> Result<bool> {
        if self.abi.is_some_and(|abi| abi.is_setup(method)) || setup_rank(method) < UNRANKED {
            return Ok(true);
        }
        let again = Probe { storage: answer.storage.clone(), ..self.probe.clone() };
        let input = arguments.to_string();
        let question = Question {
            method,
            input: input.as_bytes(),
            caller: &self.probe.account,
            deposit: 0,
            results: &[],
            view: false,
        };
        let failure = again.ask(&question)?.failure.unwrap_or_default();
        Ok(failure.to_ascii_lowercase().contains("already"))
    }
}

/// The rank of names that say nothing.
const UNRANKED: usize = 5;

/// Which set-up is the likeliest, by its name: the lower, the likelier.
fn setup_rank(method: &str) -> usize {
    match method {
        "new" => 0,
        "init" | "initialize" | "initialise" => 1,
        "new_default_meta" | "new_default" => 2,
        _ if method.starts_with("new_") || method.starts_with("init_") => 3,
        "constructor" | "create" | "setup" | "set_up" => 4,
        _ => UNRANKED,
    }
}

impl Survey {
    /// An account that was made up for the set-up turns out to be another one.
    pub(super) fn rename(&mut self, made_up: &AccountId, id: &AccountId) {
        if let Some(setup) = &mut self.setup {
            rename(&mut setup.arguments, made_up, id);
        }
        self.accounts.remove(made_up);
        self.called.remove(made_up);
    }
}

fn rename(value: &mut Value, from: &AccountId, to: &AccountId) {
    match value {
        Value::String(text) if text == from.as_str() => to.as_str().clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        Value::Object(members) => members.values_mut().for_each(|item| rename(item, from, to)),
        _ => {}
    }
}
