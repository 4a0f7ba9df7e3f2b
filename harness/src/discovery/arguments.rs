//! Finds out what a method takes, best source first.
//!
//! A part of [`survey`](super::survey), in a file of its own.

use std::collections::BTreeSet;

use super::ask::{Asking, Subject};
use super::survey::{Arguments, Result, Source, Surveyor, Way};
use super::{borsh, difference, standards};

impl Surveyor<'_> {
    pub(super) fn arguments(
        &self,
        method: &str,
        way: &Way<'_>,
        names: &BTreeSet<String>,
    ) -> Result<(Arguments, Source)> {
        let asking = Asking {
            probe: &self.probe,
            method,
            caller: way.caller,
            deposit: way.deposit,
            results: way.results,
            subject: Subject::Input,
            names,
            someone: &self.inventor.someone,
        };
        let said = self.abi.and_then(|abi| abi.arguments(method));
        if let Some(said) = &said
            && let Some(arguments) = asking.complete(said)?
        {
            return Ok((difference::fill(&asking, arguments)?, Source::Abi));
        }
        // There is no ABI, or it is that of another contract.
        if let Some(shape) = asking.learn()? {
            return Ok((Arguments::Json(shape), Source::Asked));
        }
        if let Some(said) = said {
            return Ok((said, Source::Abi));
        }
        if let Some(layouts) = borsh::learn(&asking)? {
            return Ok((Arguments::Borsh(layouts), Source::Asked));
        }
        // The same answer to nonsense and to nothing: the input is not read, or it was not reached.
        let nonsense = asking.failure(b"\x01")?;
        let nothing = asking.failure(b"")?;
        if nonsense.is_none() && nothing.is_none() {
            return Ok((Arguments::Nothing, Source::Asked));
        }
        if let Some(shape) = standards::arguments(method) {
            return Ok((Arguments::Json(shape), Source::Standard));
        }
        if let Some(shape) = difference::learn(&asking)? {
            return Ok((Arguments::Json(shape), Source::Asked));
        }
        // near-sdk reads arguments before the state, so its methods have said by now what they take.
        let talks = nonsense == nothing && !nothing.as_deref().is_some_and(is_silent);
        Ok(if talks {
            (Arguments::Nothing, Source::Asked)
        } else {
            (Arguments::Unknown, Source::Guessed)
        })
    }
}

/// Whether a failure says nothing about its reason.
fn is_silent(failure: &str) -> bool {
    failure.contains("WebAssembly trap") || failure.contains("unreachable")
}
