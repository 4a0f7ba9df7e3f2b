//! Finds the methods that create a contract's first state, and arguments with which they succeed.
//!
//! Calls them on the empty state only.

use std::collections::BTreeSet;

use serde_json::Value;

use super::argument_search::search;
use super::contract_interface::Initializer;
use super::input_discovery::input_type;
use super::method_probe::{CallContext, MethodProbe, Result};
use super::schema::Abi;
use crate::discovery::argument_inference::example_values::VARIATIONS;
use crate::discovery::argument_inference::{
    ArgumentType, InputType, Probe, ProbeCall, ProbeOutcome,
};
use crate::types::NearToken;

/// What trying all methods as initializers showed.
#[derive(Debug, Default)]
pub(super) struct Initializers {
    /// Those that succeeded, the likeliest first, each with its outcome.
    pub(super) found: Vec<(Initializer, ProbeOutcome)>,
    /// Those that look like initializers and failed with every value that was tried, each with its failure.
    pub(super) failed: Vec<(String, String)>,
}

/// Tries every method as an initializer.
pub(super) fn initializers(
    methods: &MethodProbe<'_>,
    method_names: &[String],
    abi: Option<&Abi>,
    names: &BTreeSet<String>,
) -> Result<Initializers> {
    let mut all = Initializers::default();
    for name in method_names {
        let context = methods.context(name, true)?;
        let (input, _) = input_type(methods, name, &context, abi, names)?;
        let shape = match input {
            InputType::Json(shape) => shape,
            InputType::Nothing => ArgumentType::Object(Vec::new()),
            InputType::Borsh(_) | InputType::Unknown => continue,
        };
        let named_so = abi.is_some_and(|abi| abi.is_initializer(name)) || rank(name) < UNRANKED;
        let found = if named_so {
            search(methods, name, &context, &shape)?
        } else {
            first_success(methods, name, &context, &shape)?
        };
        match found {
            Err(failure) if named_so => all.failed.push((name.clone(), failure)),
            Err(_) => {}
            Ok((arguments, outcome)) => {
                let writes = !outcome.storage.is_empty();
                if writes && (named_so || refuses_again(methods, name, &arguments, &outcome)?) {
                    let initializer = Initializer { method: name.clone(), arguments };
                    all.found.push((initializer, outcome));
                }
            }
        }
    }
    all.found.sort_by_key(|(initializer, _)| rank(&initializer.method));
    Ok(all)
}

/// Tries values until the call succeeds. The inner error is the failure with the first value.
fn first_success(
    methods: &MethodProbe<'_>,
    method: &str,
    context: &CallContext<'_>,
    shape: &ArgumentType,
) -> Result<std::result::Result<(Value, ProbeOutcome), String>> {
    let mut first_failure = None;
    for variation in 0..VARIATIONS {
        let arguments = methods.values.for_setup(shape, variation);
        let mut outcome = methods.call(method, context, arguments.to_string().as_bytes())?;
        match outcome.failure.take() {
            None => return Ok(Ok((arguments, outcome))),
            Some(failure) => {
                first_failure.get_or_insert(failure);
            }
        }
    }
    Ok(Err(first_failure.unwrap_or_default()))
}

/// Whether a second call of the method fails since the contract is initialized already.
fn refuses_again(
    methods: &MethodProbe<'_>,
    method: &str,
    arguments: &Value,
    outcome: &ProbeOutcome,
) -> Result<bool> {
    let again = Probe { storage: outcome.storage.clone(), ..methods.probe.clone() };
    let input = arguments.to_string();
    let failure = again
        .call(&ProbeCall {
            method,
            input: input.as_bytes(),
            caller: &methods.probe.account,
            deposit: NearToken::ZERO,
            results: &[],
            view: false,
        })?
        .failure;
    Ok(failure.unwrap_or_default().to_ascii_lowercase().contains("already"))
}

/// The rank of names that do not suggest an initializer.
const UNRANKED: usize = 5;

/// How likely a method of this name is the initializer: the lower, the likelier.
fn rank(method: &str) -> usize {
    match method {
        "new" => 0,
        "init" | "initialize" | "initialise" => 1,
        "new_default_meta" | "new_default" => 2,
        _ if method.starts_with("new_") || method.starts_with("init_") => 3,
        "constructor" | "create" | "setup" | "set_up" => 4,
        _ => UNRANKED,
    }
}
