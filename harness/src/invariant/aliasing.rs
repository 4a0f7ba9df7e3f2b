//! Naming the same thing twice in a list gives no more than naming it in two calls.
//!
//! Looks at operations with a list in their JSON arguments that holds something twice. The same case is
//! run with one call for each item instead, in their order: its signer must not end with less then. A
//! method that means every item, such as a list of amounts, gives as much either way, so it is no
//! violation. Needs no powers: the arguments are the caller's own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;

/// Longer lists are not taken apart.
const MOST_ITEMS: usize = 8;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Aliasing;

impl Invariant for Aliasing {
    fn name(&self) -> &'static str {
        "aliasing"
    }

    fn rule(&self) -> &'static str {
        "A call that names something twice gives no more than two calls."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        laboratory: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for (index, call) in seen.ids().zip(&seen.calls) {
            let Some((name, parts)) = call.arguments.as_ref().and_then(parts) else { continue };
            if seen.failed(index) {
                continue;
            }
            let apart = laboratory.with_arguments(index, &parts)?;
            let gain = seen.wealth(&call.signer).saturating_sub(apart.wealth(&call.signer));
            if gain.is_zero() || !apart.complete {
                continue;
            }
            return Ok(Some(Violation {
                invariant: self.name().to_owned(),
                severity: Severity::Critical,
                account: call.signer.clone(),
                method: call.method.clone(),
                summary: format!(
                    "{} got {} more from {} by naming something twice in `{name}`",
                    call.signer,
                    gain.exact_amount_display(),
                    call.method
                ),
                details: vec![format!("compared with {} calls, one for each item", parts.len())],
            }));
        }
        Ok(None)
    }
}

/// The name of a list that holds something twice, and the arguments with one of its items each.
fn parts(arguments: &Value) -> Option<(String, Vec<Value>)> {
    let (name, items) = arguments.as_object()?.iter().find_map(|(name, value)| {
        let items = value.as_array()?;
        let distinct: BTreeSet<_> = items.iter().map(Value::to_string).collect();
        (distinct.len() < items.len() && items.len() <= MOST_ITEMS).then_some((name, items))
    })?;
    let part = |item: &Value| {
        let mut part = arguments.clone();
        part[name.as_str()] = Value::Array(vec![item.clone()]);
        part
    };
    Some((name.clone(), items.iter().map(part).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_lists_with_duplicates_are_taken_apart() {
        assert_eq!(parts(&json!({ "ids": [1, 2], "memo": "x" })), None);
        let (name, parts) = parts(&json!({ "ids": [1, 1], "memo": "x" })).expect("a duplicate");
        assert_eq!(name, "ids");
        assert_eq!(parts, [json!({ "ids": [1], "memo": "x" }), json!({ "ids": [1], "memo": "x" })]);
    }
}
