//! Passing the same item twice in one call must not pay more than two separate calls.

use std::collections::BTreeSet;

use serde_json::Value;

use super::balances::{AssetBalance, near_slack};
use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::{Observation, OperationView};
use crate::types::{NearToken, OperationId};

/// Longer lists are not taken apart.
const MOST_ITEMS: usize = 8;

/// Passing the same item twice in one call must not pay its caller more than two separate calls.
///
/// **Looks at** operations with a list in their JSON arguments that names something twice. The same case runs with
/// one call for each item, in their order, and with the list without its duplicates. If the caller ends with more
/// than in both, in NEAR or in tokens, the contract paid for the same item twice. Lists of the same length are taken
/// apart together.
///
/// **Ignores** decimal strings, which are amounts and not names; a list of numbers next to a list of names that
/// are all different; the deposits of the additional calls; single yoctoNEAR; and items of which the first is
/// refused in a call of its own.
///
/// **Example**: `claim([1, 1])` checks all seasons before it marks them as paid, and pays for season 1 twice.
#[derive(Clone, Copy, Debug)]
pub struct Aliasing;

/// Arguments that name something twice, and other arguments to compare with.
#[derive(Debug, PartialEq)]
struct Duplicate {
    /// The argument that holds the list.
    name: String,
    /// The arguments with one item each.
    apart: Vec<Value>,
    /// The arguments with each item once.
    distinct: Value,
}

impl Invariant for Aliasing {
    fn name(&self) -> &'static str {
        "aliasing"
    }

    fn rule(&self) -> &'static str {
        "Passing the same item twice in one call pays no more than two separate calls."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for (index, call) in seen.ids().zip(&seen.calls) {
            let Some(duplicate) = call.arguments.as_ref().and_then(Duplicate::of) else { continue };
            if seen.failed(index) {
                continue;
            }
            let mut gain = None;
            for arguments in [&duplicate.apart[..], std::slice::from_ref(&duplicate.distinct)] {
                let other = counterfactuals.with_arguments(index, arguments)?;
                gain = gain_over(seen, index, &other, arguments.len());
                if gain.is_none() {
                    break;
                }
            }
            let Some(gain) = gain else { continue };
            return Ok(Some(violation(call, &duplicate, &gain)));
        }
        Ok(None)
    }
}

/// What the caller has more than in the same case with so many calls in place of this one. Deposits of the
/// additional calls are given back.
fn gain_over(
    seen: &Observation,
    operation: OperationId,
    other: &Observation,
    calls: usize,
) -> Option<String> {
    if !other.complete || other.failed(operation) {
        return None;
    }
    let call = &seen[operation];
    let additional = u128::try_from(calls.saturating_sub(1)).unwrap_or(u128::MAX);
    let deposits = call.deposit.as_yoctonear().saturating_mul(additional);
    let other =
        AssetBalance::of(other, &call.signer).with_near(NearToken::from_yoctonear(deposits));
    let slack = near_slack(seen, &call.signer);
    let (asset, more) = AssetBalance::of(seen, &call.signer).gain_over(&other, slack)?;
    Some(asset.show(more))
}

fn violation(call: &OperationView, duplicate: &Duplicate, gain: &str) -> Violation {
    let (name, calls) = (&duplicate.name, duplicate.apart.len());
    let summary = format!(
        "{} got {gain} more from {} by naming something twice in `{name}`",
        call.signer, call.method
    );
    Violation::new(&Aliasing, &call.signer, &call.method, summary)
        .severity(Severity::Critical)
        .detail(format!("compared with {calls} calls, one for each item"))
}

impl Duplicate {
    fn of(arguments: &Value) -> Option<Self> {
        let lists = arguments.as_object()?.iter();
        let lists: Vec<(&String, &Vec<Value>)> =
            lists.filter_map(|(name, value)| Some((name, value.as_array()?))).collect();
        let twice = lists.iter().filter(|(_, items)| {
            (2..=MOST_ITEMS).contains(&items.len())
                && !items.iter().any(is_amount)
                && distinct(items).len() < items.len()
        });
        // A list of names says more about what is named than a list of numbers does.
        let (name, items) = twice.min_by_key(|(_, items)| !names(items))?;
        let parallel: Vec<_> =
            lists.iter().filter(|(_, other)| other.len() == items.len()).collect();
        let others_differ = |(_, other): &&&(&String, &Vec<Value>)| {
            names(other) && !other.iter().any(is_amount) && distinct(other).len() == other.len()
        };
        if !names(items) && parallel.iter().any(|list| others_differ(&list)) {
            return None;
        }
        let keep = |positions: &[usize]| {
            let mut kept = arguments.clone();
            for (name, items) in &parallel {
                let items = positions.iter().map(|position| items[*position].clone());
                kept[name.as_str()] = items.collect();
            }
            kept
        };
        let apart = (0..items.len()).map(|position| keep(&[position])).collect();
        let distinct = keep(&distinct(items));
        Some(Self { name: (*name).clone(), apart, distinct })
    }
}

/// Positions of the first of equal items each.
fn distinct(items: &[Value]) -> Vec<usize> {
    let mut known = BTreeSet::new();
    (0..items.len()).filter(|position| known.insert(items[*position].to_string())).collect()
}

fn names(items: &[Value]) -> bool {
    items.iter().all(Value::is_string)
}

/// Whether it is a decimal string, which is how NEAR's JSON writes amounts, or says nothing.
fn is_amount(item: &Value) -> bool {
    match item {
        Value::String(text) => text.parse::<u128>().is_ok(),
        Value::Number(_) => false,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_lists_with_duplicates_are_taken_apart() {
        assert_eq!(Duplicate::of(&json!({ "ids": [1, 2], "memo": "x" })), None);
        let found = Duplicate::of(&json!({ "ids": [1, 1], "memo": "x" })).expect("a duplicate");
        let one = json!({ "ids": [1], "memo": "x" });
        let expected = Duplicate {
            name: "ids".to_owned(),
            apart: vec![one.clone(), one.clone()],
            distinct: one,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn amounts_are_no_names() {
        assert_eq!(Duplicate::of(&json!({ "min_amounts": ["1", "1"] })), None);
        assert_eq!(Duplicate::of(&json!({ "to": ["a", "b"], "weights": [5, 5] })), None);
    }

    #[test]
    fn lists_of_the_same_length_are_taken_apart_together() {
        let arguments = json!({ "amounts": ["3", "4"], "ids": ["a", "a"], "notes": ["x"] });
        let found = Duplicate::of(&arguments).expect("a duplicate");
        assert_eq!(found.name, "ids");
        assert_eq!(found.apart[1], json!({ "amounts": ["4"], "ids": ["a"], "notes": ["x"] }));
        assert_eq!(found.distinct, json!({ "amounts": ["3"], "ids": ["a"], "notes": ["x"] }));
    }
}
