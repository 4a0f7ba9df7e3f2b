//! Finds out what a method reads as its input, best source first.
//!
//! The order: the ABI if the contract agrees with it, the contract's own errors, its lengths of borsh, the
//! NEAR standards, and last the differences between calls.

use std::collections::BTreeSet;

use super::contract_interface::Evidence;
use super::method_probe::{CallContext, MethodProbe, Result};
use super::schema::Abi;
use super::standards;
use crate::discovery::argument_inference::{
    ArgumentInference, InputType, Subject, borsh, differential_probing, silent_json,
};

/// What the method reads as its input, and how that is known.
pub(super) fn input_type(
    methods: &MethodProbe<'_>,
    method: &str,
    context: &CallContext<'_>,
    abi: Option<&Abi>,
    names: &BTreeSet<String>,
) -> Result<(InputType, Evidence)> {
    let inference = ArgumentInference {
        probe: &methods.probe,
        method,
        caller: context.caller,
        deposit: context.deposit,
        results: context.results,
        subject: Subject::Input,
        names,
        user: &methods.values.user,
    };
    let in_abi = abi.and_then(|abi| abi.arguments(method));
    if let Some(in_abi) = &in_abi
        && let Some(completed) = inference.complete(in_abi)?
    {
        return Ok((differential_probing::fill(&inference, completed)?, Evidence::Abi));
    }
    // There is no ABI, or it belongs to another contract.
    if let Some(shape) = inference.infer()? {
        return Ok((InputType::Json(shape), Evidence::Inferred));
    }
    if let Some(in_abi) = in_abi {
        return Ok((in_abi, Evidence::Abi));
    }
    if let Some(layouts) = borsh::infer(&inference)? {
        return Ok((InputType::Borsh(layouts), Evidence::Inferred));
    }
    silent_input_type(&inference, method)
}

/// The input of a method whose errors say nothing about it.
fn silent_input_type(
    inference: &ArgumentInference<'_>,
    method: &str,
) -> Result<(InputType, Evidence)> {
    let on_invalid = inference.failure(b"\x01")?;
    let on_empty = inference.failure(b"")?;
    if on_invalid.is_none() && on_empty.is_none() {
        return Ok((InputType::Nothing, Evidence::Inferred));
    }
    if let Some(shape) = standards::arguments(method) {
        return Ok((InputType::Json(shape), Evidence::Standard));
    }
    if let Some(shape) = differential_probing::infer(inference)? {
        return Ok((InputType::Json(shape), Evidence::Inferred));
    }
    // near-sdk reads arguments before the state, so a method that reads any has reported an error by now.
    let talks = on_invalid == on_empty && !on_empty.as_deref().is_some_and(is_silent);
    if !talks && let Some(shape) = silent_json::infer(inference)? {
        return Ok((InputType::Json(shape), Evidence::Inferred));
    }
    Ok(if talks {
        (InputType::Nothing, Evidence::Inferred)
    } else {
        (InputType::Unknown, Evidence::Missing)
    })
}

/// Whether a failure does not say its reason.
fn is_silent(failure: &str) -> bool {
    failure.contains("WebAssembly trap") || failure.contains("unreachable")
}
