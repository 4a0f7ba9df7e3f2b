//! A caller's result must not depend on what another caller passes between a call and its callback.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::{Counterfactuals, Invariant, Settings, Violation};
use crate::chain::Error;
use crate::trace::{Observation, OperationView};
use crate::types::{AccountId, NearToken, OperationId};

/// So many changes of an operation's arguments are tried at most.
const MOST_CHANGES: usize = 3;

/// A caller's result does not depend on the arguments that another caller passes while a window is open.
///
/// **Looks at** operations of which a later receipt ran with state that another signer's operation had changed in
/// the window, in cases whose conflict graph has a cycle through a contract under test. The same case runs with one
/// argument of that other operation changed, one that names no account. If the first operation then ends otherwise
/// (in its results, its signer's NEAR, or what the contract keeps under its signer's name), and in every serial
/// order the change makes no difference to it, the contract carried something of one caller's into another one's
/// callback.
///
/// **Ignores** prices and queues that callers share, since these show in some serial order, and operations of which
/// a receipt failed, since what is undone for a while may be looked at.
///
/// **Example**: `register(name)` keeps the name in a field until another contract has answered. A second `register` in
/// the window overwrites the field, and the first caller gets the second one's name.
#[derive(Clone, Copy, Debug)]
pub struct Isolation;

impl Invariant for Isolation {
    fn name(&self) -> &'static str {
        "isolation"
    }

    fn rule(&self) -> &'static str {
        "A caller's result does not depend on what another caller passes between a call and its callback."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if counterfactuals.is_serializable(seen) {
            return Ok(None);
        }
        for own in seen.ids() {
            for other in seen.ids().filter(|other| meets(seen, own, *other)) {
                for change in changes(seen[other].arguments.as_ref()) {
                    if depends(seen, counterfactuals, (own, other), &change)? {
                        return Ok(Some(self.violation(seen, (own, other), &change)));
                    }
                }
            }
        }
        Ok(None)
    }
}

impl Isolation {
    fn violation(
        &self,
        seen: &Observation,
        (own, other): (OperationId, OperationId),
        change: &Change,
    ) -> Violation {
        let (own, other) = (&seen[own], &seen[other]);
        let summary = format!(
            "the result of {}'s {} depends on the `{}` that {} passes to {} in between",
            own.signer, own.method, change.name, other.signer, other.method
        );
        Violation::new(self, &own.receiver, &own.method, summary)
            .detail(format!("with {} in its place, {} ends differently", change.to, own.method))
            .detail("one after the other, in every order, it makes no difference")
    }
}

/// Other arguments for an operation.
struct Change {
    /// Which of them is another one.
    name: String,
    /// What it is now.
    to: Value,
    arguments: Value,
}

/// Changes of arguments that keep their shape. Account ids stay, since who is named is not private.
fn changes(arguments: Option<&Value>) -> Vec<Change> {
    let members = arguments.and_then(Value::as_object).into_iter().flatten();
    let changed = members.filter_map(|(name, value)| {
        let to = other_value(value)?;
        let mut arguments = arguments?.clone();
        arguments[name.as_str()] = to.clone();
        Some(Change { name: name.clone(), to, arguments })
    });
    changed.take(MOST_CHANGES).collect()
}

fn other_value(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(flag) => Some(json!(!flag)),
        Value::Number(number) => Some(match number.as_u64()? {
            0 => json!(1),
            number => json!(number - 1),
        }),
        Value::String(text) => match text.parse::<u128>() {
            Ok(number) => Some(json!(number.checked_sub(1).unwrap_or(1).to_string())),
            Err(_) if text.contains('.') || text.len() == 64 => None,
            Err(_) => Some(json!(format!("{text}x"))),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a receipt of `own` ran with state that `other` changed after `own` had begun. Both went well, no third
/// contract made either call, and they name no account in common: an account that is sent something may pass it on.
fn meets(seen: &Observation, own: OperationId, other: OperationId) -> bool {
    let calls = [own, other].map(|index| &seen[index]);
    let strangers = involved(calls[0]).is_disjoint(&involved(calls[1]))
        && calls.iter().all(|call| call.through.is_none())
        && calls.iter().all(|call| seen.parties.under_test.contains(&call.receiver))
        && went_well(seen, own)
        && went_well(seen, other);
    if !strangers {
        return false;
    }
    let mut begun = false;
    let mut changed: Vec<(&AccountId, &[u8])> = Vec::new();
    for event in &seen.events {
        let executor = &event.outcome.executor;
        if !seen.parties.under_test.contains(executor) {
            continue;
        }
        let operation = event.outcome.name.operation;
        if operation == other && begun {
            let keys = event.accesses().filter(|access| access.changed);
            changed.extend(keys.map(|access| (executor, access.key)));
        } else if operation == own && event.outcome.receipt().is_some() {
            if event.accesses().any(|access| changed.contains(&(executor, access.key))) {
                return true;
            }
            begun = true;
        }
    }
    false
}

/// Who signs, and whom the arguments name.
fn involved(call: &OperationView) -> BTreeSet<&str> {
    let mut names = BTreeSet::from([call.signer.as_str()]);
    let mut values: Vec<&Value> = call.arguments.iter().collect();
    while let Some(value) = values.pop() {
        match value {
            Value::String(text) if other_value(value).is_none() => {
                names.insert(text);
            }
            Value::Array(items) => values.extend(items),
            Value::Object(members) => values.extend(members.values()),
            _ => {}
        }
    }
    names
}

fn went_well(seen: &Observation, operation: OperationId) -> bool {
    !seen.failed(operation) && seen.of(operation).all(|event| !event.outcome.failed())
}

/// Whether `own` ends differently if `other` is called with changed arguments, but in no serial order.
fn depends(
    seen: &Observation,
    counterfactuals: &mut dyn Counterfactuals,
    (own, other): (OperationId, OperationId),
    change: &Change,
) -> Result<bool, Error> {
    let arguments = std::slice::from_ref(&change.arguments);
    let changed = counterfactuals.with_arguments(other, arguments)?;
    let comparable = changed.complete && went_well(&changed, own) && went_well(&changed, other);
    if !comparable || comes_to(seen, own) == comes_to(&changed, own) {
        return Ok(false);
    }
    let mut ends = Vec::new();
    let mut all = counterfactuals.serial(&[], &mut |serial| {
        ends.push(comes_to(serial, own));
        ControlFlow::Continue(())
    })?;
    let (mut ends, mut same) = (ends.into_iter(), true);
    all &= counterfactuals.serial_with_arguments(other, &change.arguments, &mut |serial| {
        same = serial.complete && ends.next().as_ref() == Some(&comes_to(serial, own));
        if same { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(all && same)
}

/// What an operation gave its signer: what its receipts returned, the signer's wealth, and what
/// contracts under test keep under keys with the signer's name.
#[derive(PartialEq, Eq)]
struct End {
    values: Vec<Vec<u8>>,
    wealth: NearToken,
    kept: Vec<(Vec<u8>, Vec<u8>)>,
}

fn comes_to(seen: &Observation, operation: OperationId) -> End {
    let signer = &seen[operation].signer;
    let mut values: Vec<_> = seen
        .of(operation)
        .filter(|event| seen.parties.under_test.contains(&event.outcome.executor))
        .filter_map(|event| event.value().map(<[u8]>::to_vec))
        .collect();
    values.sort();
    let under_test = seen.parties.under_test.iter().filter_map(|id| seen.end.account(id));
    let name = signer.as_bytes();
    let kept = under_test.flat_map(|record| {
        let named = record.storage().iter();
        named
            .filter(|(key, _)| key.windows(name.len()).any(|part| part == name))
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
    });
    End { values, wealth: seen.wealth(signer), kept: kept.collect() }
}
