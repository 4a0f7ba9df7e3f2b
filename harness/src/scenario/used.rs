//! What a scenario uses already: its numbers and texts, which new values like to repeat.
//!
//! Never holds more than a few of each.

use serde_json::Value;

use super::target::{Method, Target};
use super::{Arguments, Operation};

/// More would only make each less likely.
const MOST: usize = 64;

/// Numbers and texts, each once, in the order in which they were seen.
#[derive(Default)]
pub(super) struct Used {
    numbers: Vec<u128>,
    texts: Vec<String>,
}

impl Used {
    /// What the target's set-up and these operations use, and what its contracts own.
    pub(super) fn of(target: &Target, operations: &[Operation]) -> Self {
        let mut used = Self::default();
        for account in target.accounts.iter().filter(|account| account.contract.is_some()) {
            used.number(account.balance.as_yoctonear());
        }
        for operation in operations.iter().chain(target.setup.iter().map(|setup| &setup.operation))
        {
            used.number(operation.deposit.as_yoctonear());
            match (&operation.arguments, target.method_of(operation)) {
                (Arguments::Json(value), _) => used.value(value),
                (Arguments::Bytes(_), Some(method)) => used.values(method, operation),
                (Arguments::Bytes(_), None) => {}
            }
        }
        used
    }

    pub(super) fn numbers(&self) -> &[u128] {
        &self.numbers
    }

    pub(super) fn texts(&self) -> &[String] {
        &self.texts
    }

    fn values(&mut self, method: &Method, operation: &Operation) {
        let values = method.argument_values(&operation.arguments).unwrap_or_default();
        for (_, value) in &values {
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => {
                if let Some(number) = number.as_u64() {
                    self.number(number.into());
                }
            }
            Value::String(text) => match text.parse() {
                Ok(number) => self.number(number),
                Err(_) => self.text(text),
            },
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => members.values().for_each(|member| self.value(member)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn number(&mut self, number: u128) {
        if number > 1 && self.numbers.len() < MOST && !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty()
            && self.texts.len() < MOST
            && !self.texts.iter().any(|known| known == text)
        {
            self.texts.push(text.to_owned());
        }
    }
}
