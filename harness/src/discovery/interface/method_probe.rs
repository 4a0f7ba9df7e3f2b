//! Calls one method after another of a contract, and finds out how each wants to be called.
//!
//! Meets only the preconditions that a contract states before it reads its arguments.

use crate::discovery::argument_inference::precondition::{Precondition, precondition};
use crate::discovery::argument_inference::{ExampleValues, Probe, ProbeCall, ProbeOutcome};
use crate::types::{AccountId, NearToken};
use crate::vm::Error;
use crate::vm::comparison::Comparisons;

/// Promise results with which callbacks are tried, in this order.
const RESULTS: [&[&[u8]]; 6] = [&[b"null"], &[b"\"1\""], &[b"1"], &[b"true"], &[b"[]"], &[b"{}"]];

/// The first inputs of a method of which nothing is known: bytes that no deserializer accepts, and empty
/// JSON, since some methods read their input before they check the caller.
const FIRST: [&[u8]; 2] = [b"\x01", b"{}"];

/// The most preconditions in a row that a method may have.
const MOST_PRECONDITIONS: usize = 10;

/// One yoctoNEAR, which stands for a full-access signature.
const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);

pub(super) type Result<T> = std::result::Result<T, Error>;

/// How a method is called.
#[derive(Clone, Debug)]
pub(super) struct CallContext<'a> {
    pub(super) caller: &'a AccountId,
    pub(super) deposit: NearToken,
    /// The results of the promises that the method is the callback of.
    pub(super) results: &'a [&'a [u8]],
    /// Only the contract itself may call it.
    pub(super) private: bool,
    /// It says that it accepts no deposit.
    pub(super) refuses_deposits: bool,
    /// It requires exactly one yoctoNEAR.
    pub(super) one_yocto: bool,
}

impl<'a> CallContext<'a> {
    fn call<'q>(&self, method: &'q str, input: &'q [u8]) -> ProbeCall<'q>
    where
        'a: 'q,
    {
        ProbeCall {
            method,
            input,
            caller: self.caller,
            deposit: self.deposit,
            results: self.results,
            view: false,
        }
    }
}

/// Calls a contract's methods.
#[derive(Debug)]
pub(super) struct MethodProbe<'a> {
    /// The contract, with the state in which each call starts.
    pub(super) probe: Probe<'a>,
    /// Example values for arguments.
    pub(super) values: &'a ExampleValues,
}

impl MethodProbe<'_> {
    /// How the method wants to be called, as far as it says so before it reads its arguments.
    pub(super) fn context(&self, method: &str, as_owner: bool) -> Result<CallContext<'_>> {
        let caller = if as_owner { &self.probe.account } else { &self.values.user };
        let mut context = CallContext {
            caller,
            deposit: NearToken::ZERO,
            results: &[],
            private: false,
            refuses_deposits: false,
            one_yocto: false,
        };
        for input in FIRST {
            context = self.meet_preconditions(method, context, input)?;
        }
        for input in FIRST {
            let with_deposit = CallContext { deposit: ONE_YOCTO, ..context.clone() };
            let failure = self.call(method, &with_deposit, input)?.failure;
            context.refuses_deposits |=
                failure.as_deref().and_then(precondition) == Some(Precondition::NoDeposit);
        }
        Ok(context)
    }

    /// Changes the context until the method states no further precondition that can be met.
    pub(super) fn meet_preconditions<'c>(
        &'c self,
        method: &str,
        mut context: CallContext<'c>,
        input: &[u8],
    ) -> Result<CallContext<'c>> {
        for _ in 0..MOST_PRECONDITIONS {
            let outcome = self.call(method, &context, input)?;
            match outcome.failure.as_deref().and_then(precondition) {
                Some(Precondition::Private) if !context.private => {
                    context.private = true;
                    context.caller = &self.probe.account;
                }
                Some(Precondition::OneYocto) if context.deposit.is_zero() => {
                    context.deposit = ONE_YOCTO;
                    context.one_yocto = true;
                }
                Some(Precondition::PromiseResults) => {
                    let tried = RESULTS.iter().position(|results| *results == context.results);
                    let Some(next) = RESULTS.get(tried.map_or(0, |tried| tried + 1)) else { break };
                    context.results = next;
                }
                _ => break,
            }
        }
        Ok(context)
    }

    /// Calls the method.
    pub(super) fn call(
        &self,
        method: &str,
        context: &CallContext<'_>,
        input: &[u8],
    ) -> Result<ProbeOutcome> {
        self.probe.call(&context.call(method, input))
    }

    /// Calls the method, and says which unequal operands the contract compared.
    pub(super) fn call_comparing(
        &self,
        method: &str,
        context: &CallContext<'_>,
        input: &[u8],
    ) -> Result<(ProbeOutcome, Comparisons)> {
        self.probe.call_comparing(&context.call(method, input))
    }

    /// Whether the method succeeds as a view.
    pub(super) fn succeeds_as_view(
        &self,
        method: &str,
        context: &CallContext<'_>,
        input: &[u8],
    ) -> Result<bool> {
        let outcome = self.probe.call(&ProbeCall {
            method,
            input,
            caller: context.caller,
            deposit: NearToken::ZERO,
            results: context.results,
            view: true,
        })?;
        Ok(outcome.failure.is_none())
    }
}
