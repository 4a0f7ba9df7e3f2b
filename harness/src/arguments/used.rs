//! What a scenario uses already: its numbers and texts, which new values like to repeat.
//!
//! Never holds more than a few of each.

use serde_json::Value;

/// More would only make each less likely.
const MOST: usize = 64;

/// Numbers and texts, each once, in the order in which they were seen.
#[derive(Default)]
pub(crate) struct Used {
    numbers: Vec<u128>,
    texts: Vec<String>,
}

impl Used {
    pub(crate) fn numbers(&self) -> &[u128] {
        &self.numbers
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    pub(crate) fn value(&mut self, value: &Value) {
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

    pub(crate) fn number(&mut self, number: u128) {
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
