//! What contracts pass when they call themselves: so callbacks show what they take that say nothing when
//! asked.
//!
//! Only reads what happened, and never replaces what a contract has said.

use std::collections::BTreeMap;

use near_primitives::action::Action;
use near_primitives::receipt::Receipt;
use serde_json::Value;

use super::draft::Draft;
use super::hearing::Called;
use super::shape::{Shape, TextKind, amount, member, object};
use super::survey::{Arguments, Method, Source};
use crate::chain::action_receipt;
use crate::types::AccountId;

/// The first input that each method got from its own contract.
pub(super) type Passed = BTreeMap<Called, Vec<u8>>;

/// Notes what the receipt passes, where an account calls itself.
pub(super) fn note(passed: &mut Passed, receipt: &Receipt) {
    let account = receipt.receiver_id();
    let Some(action) = action_receipt(receipt).filter(|_| account == receipt.predecessor_id())
    else {
        return;
    };
    for action in action.actions() {
        if let Action::FunctionCall(call) = action {
            let called = (account.clone(), call.method_name.clone());
            passed.entry(called).or_insert_with(|| call.args.clone());
        }
    }
}

/// Says of methods of which nothing else is known what they are passed. Whether there were any.
pub(super) fn fill(draft: &mut Draft, passed: &Passed) -> bool {
    let mut news = false;
    for contract in &mut draft.contracts {
        let unknown = |method: &&mut Method| method.arguments == Arguments::Unknown;
        for method in contract.methods.iter_mut().filter(unknown) {
            let input = passed.get(&(contract.id.clone(), method.name.clone()));
            let value = input.and_then(|input| serde_json::from_slice(input).ok());
            let Some(value @ Value::Object(_)) = value else { continue };
            method.arguments = Arguments::Json(shape(&value));
            method.source = Source::Passed;
            method.past_arguments = true;
            news = true;
        }
    }
    news
}

/// What looks like this value.
fn shape(value: &Value) -> Shape {
    match value {
        Value::Null => Shape::Null,
        Value::Bool(_) => Shape::Bool,
        Value::Number(number) if number.is_u64() => Shape::number("u32"),
        Value::Number(number) if number.is_i64() => Shape::number("i32"),
        Value::Number(_) => Shape::Fraction,
        Value::String(text) if text.parse::<u128>().is_ok() => amount("u128"),
        Value::String(text) if text.contains('.') && text.parse::<AccountId>().is_ok() => {
            Shape::Text(TextKind::Account)
        }
        Value::String(_) => Shape::Text(TextKind::Plain),
        Value::Array(items) => match items.first() {
            Some(item) => Shape::List(Box::new(shape(item))),
            None => Shape::Example(value.clone()),
        },
        Value::Object(members) => {
            object(members.iter().map(|(name, value)| member(name, shape(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_show_what_is_like_them() {
        let value = json!({
            "amount": "250", "by": "alice.near", "message": "250 for alice", "parts": [1, 2],
            "last": true, "change": -1, "share": 0.5, "none": null, "empty": [],
        });
        assert_eq!(
            shape(&value).describe(),
            "{ amount: u128 as text, by: account, change: i32, empty: [], last: bool, \
             message: text, none: null, parts: [u32], share: f64 }"
        );
    }
}
