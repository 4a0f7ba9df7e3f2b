//! Infers one method's arguments: the entry points of this room.
//!
//! Calls the contract a bounded number of times for each method.

use std::collections::BTreeSet;

use serde_json::Value;

use super::abi_completion;
use super::argument_type::ArgumentType;
use super::input_type::InputType;
use super::probe::{Probe, ProbeCall, ProbeOutcome};
use super::serde_error::SerdeError;
use super::trials::{JsonPosition, Result, Trials};
use super::value::infer_value;
use crate::arguments::template::BytesForm;
use crate::arguments::values::show;
use crate::types::{AccountId, NearToken};
use crate::vm::comparison::Comparisons;

/// Which part of a call is inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Its input.
    Input,
    /// A text inside its JSON input, which the contract may parse.
    Text {
        /// The input, with any text in this place.
        input: &'a Value,
        /// Where the text is, as a JSON pointer.
        pointer: &'a str,
        /// How the text shows bytes, if it does.
        form: Option<BytesForm>,
    },
    /// The result of one of the promises that the method is the callback of.
    PromiseResult {
        /// Which of them.
        number: usize,
        /// The callback's input meanwhile.
        input: &'a [u8],
    },
}

/// Infers a method's arguments: how the method is called, and which part of the call is inferred.
#[derive(Clone, Debug)]
pub struct ArgumentInference<'a> {
    /// The contract.
    pub probe: &'a Probe<'a>,
    /// The method.
    pub method: &'a str,
    /// The predecessor.
    pub caller: &'a AccountId,
    /// The attached deposit.
    pub deposit: NearToken,
    /// The results of the promises that the method is the callback of.
    pub results: &'a [&'a [u8]],
    /// Which part of the call is inferred.
    pub subject: Subject<'a>,
    /// Names that members may have.
    pub names: &'a BTreeSet<String>,
    /// An account that exists.
    pub user: &'a AccountId,
}

impl ArgumentInference<'_> {
    /// The JSON type of the subject; `None` if the method does not report JSON errors.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn infer(&self) -> Result<Option<ArgumentType>> {
        // Every method that reads JSON rejects this.
        let Some(failure) = self.failure(b"\x01")? else { return Ok(None) };
        if SerdeError::of(&failure).is_none() {
            return Ok(None);
        }
        self.with_trials(|trials| infer_value(trials, &JsonPosition::whole())).map(Some)
    }

    /// Completes what an ABI says; `None` if the contract reads something else.
    ///
    /// # Errors
    /// If the engine fails.
    pub(in crate::discovery) fn complete(&self, abi: &InputType) -> Result<Option<InputType>> {
        let unread = |failure: Option<String>| failure.as_deref().is_some_and(SerdeError::is_one);
        match abi {
            InputType::Json(abi) => {
                let whole = JsonPosition::whole();
                let shape =
                    self.with_trials(|trials| abi_completion::complete(trials, &whole, abi))?;
                let example = shape.example(self.user).to_string();
                let refused = unread(self.failure(example.as_bytes())?);
                Ok((!refused).then_some(InputType::Json(shape)))
            }
            InputType::Nothing => {
                Ok((!unread(self.failure(b"\x01")?)).then_some(InputType::Nothing))
            }
            InputType::Borsh(_) => {
                let json = self.failure(b"\x01")?.as_deref().and_then(SerdeError::of).is_some();
                Ok((!json).then(|| abi.clone()))
            }
            InputType::Unknown => Ok(None),
        }
    }

    /// The failure of a call with these bytes as the subject.
    pub(in crate::discovery) fn failure(&self, bytes: &[u8]) -> Result<Option<String>> {
        Ok(self.call(bytes)?.failure)
    }

    /// Calls the method with these bytes as the subject.
    pub(super) fn call(&self, bytes: &[u8]) -> Result<ProbeOutcome> {
        Ok(self.run(bytes, false)?.0)
    }

    /// Calls the method with these bytes as the subject, and says what the contract compared.
    pub(super) fn compared(&self, bytes: &[u8]) -> Result<Comparisons> {
        Ok(self.run(bytes, true)?.1)
    }

    fn run(&self, bytes: &[u8], compare: bool) -> Result<(ProbeOutcome, Comparisons)> {
        let mut results = self.results.to_vec();
        let with_text;
        let input = match self.subject {
            Subject::Input => bytes,
            Subject::Text { input, pointer, form } => {
                let mut input = input.clone();
                if let Some(place) = input.pointer_mut(pointer) {
                    *place = match form {
                        Some(form) => show(bytes, form),
                        None => String::from_utf8_lossy(bytes).into(),
                    };
                }
                with_text = input.to_string();
                with_text.as_bytes()
            }
            Subject::PromiseResult { number, input } => {
                results[number] = bytes;
                input
            }
        };
        let call = ProbeCall {
            method: self.method,
            input,
            caller: self.caller,
            deposit: self.deposit,
            results: &results,
            view: false,
        };
        if compare {
            return self.probe.call_comparing(&call);
        }
        Ok((self.probe.call(&call)?, Comparisons::default()))
    }

    fn with_trials<T>(&self, infer: impl FnOnce(&Trials<'_>) -> Result<T>) -> Result<T> {
        let call = |bytes: &[u8]| self.failure(bytes);
        infer(&Trials::new(&call, self.names, self.user))
    }
}
