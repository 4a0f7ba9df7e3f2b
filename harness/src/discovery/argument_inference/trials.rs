//! Tries JSON values at one position of a method's input, within a budget of calls.
//!
//! Everything before the position is valid and nothing follows it, so what the contract says is about the
//! value at the position, or about something that is missing after it.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::serde_error::SerdeError;
use crate::types::AccountId;
use crate::vm::Error;

/// Calls that the inference of one input may cost.
const BUDGET: u32 = 2_000;
/// How deep values may nest.
const DEPTH: usize = 8;
/// The most members of one object.
pub(super) const MAX_MEMBERS: usize = 64;

/// The error is the engine's. A contract that fails is an answer.
pub(super) type Result<T> = std::result::Result<T, Error>;

/// A position in a JSON text: what is written before it and after it.
#[derive(Clone)]
pub(super) struct JsonPosition {
    pub(super) before: String,
    after: String,
    /// How many levels may still nest below it.
    pub(super) depth: usize,
}

/// Tries values and reads what the contract says about them.
pub(super) struct Trials<'a> {
    /// Calls the method with this input, and returns its failure.
    call: &'a dyn Fn(&[u8]) -> Result<Option<String>>,
    /// Names that members may have.
    pub(super) names: &'a BTreeSet<String>,
    /// An account that exists.
    pub(super) user: &'a AccountId,
    left: Cell<u32>,
}

impl JsonPosition {
    /// The whole input.
    pub(super) fn whole() -> Self {
        Self { before: String::new(), after: String::new(), depth: DEPTH }
    }

    /// A position inside the value at this one.
    pub(super) fn inner(&self, before: &str, after: &str) -> Self {
        Self {
            before: format!("{}{before}", self.before),
            after: format!("{after}{}", self.after),
            depth: self.depth.saturating_sub(1),
        }
    }
}

impl<'a> Trials<'a> {
    pub(super) fn new(
        call: &'a dyn Fn(&[u8]) -> Result<Option<String>>,
        names: &'a BTreeSet<String>,
        user: &'a AccountId,
    ) -> Self {
        Self { call, names, user, left: Cell::new(BUDGET) }
    }

    /// Tries a value, written as JSON. The error may be about any part of the input.
    pub(super) fn error_anywhere(
        &self,
        position: &JsonPosition,
        text: &str,
    ) -> Result<Option<SerdeError>> {
        let Some(left) = self.left.get().checked_sub(1) else { return Ok(None) };
        self.left.set(left);
        let input = format!("{}{text}{}", position.before, position.after);
        Ok((self.call)(input.as_bytes())?.as_deref().and_then(SerdeError::of))
    }

    /// Tries a value, written as JSON. Returns the error only if it is about this value.
    pub(super) fn error_at(
        &self,
        position: &JsonPosition,
        text: &str,
    ) -> Result<Option<SerdeError>> {
        let (start, end) = (position.before.len(), position.before.len() + text.len());
        // Everything before the value is valid, so an error after it is about the value too, unless it
        // asks for more input: types that read a text and check it afterwards report late.
        let about_this = |error: &SerdeError| {
            (start..=end).contains(&error.position)
                || (error.position > end && !error.asks_for_more())
        };
        Ok(self.error_anywhere(position, text)?.filter(about_this))
    }

    pub(super) fn accepts(&self, position: &JsonPosition, text: &str) -> Result<bool> {
        Ok(self.error_at(position, text)?.is_none())
    }

    /// Whether most of the budget is spent.
    pub(super) fn nearly_spent(&self) -> bool {
        self.left.get() < BUDGET / 4
    }
}
