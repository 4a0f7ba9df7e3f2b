//! The arguments that contracts pass when they call themselves: they show what private callbacks take.
//!
//! Only reads what happened. Never replaces what the contract or its ABI says.

use std::collections::BTreeMap;

use near_primitives::action::Action;
use near_primitives::receipt::Receipt;
use serde_json::Value;

use super::promise_result::CalledMethod;
use crate::chain::action_receipt;
use crate::discovery::argument_inference::argument_type::{amount, member, object};
use crate::discovery::argument_inference::{ArgumentType, InputType, TextKind};
use crate::discovery::draft::Draft;
use crate::discovery::interface::{Evidence, MethodInterface};
use crate::types::AccountId;

/// The first input that each method got from its own contract.
#[derive(Debug, Default)]
pub(super) struct SelfCallArguments(BTreeMap<CalledMethod, Vec<u8>>);

impl SelfCallArguments {
    /// Notes what the receipt passes, if an account calls itself.
    pub(super) fn note(&mut self, receipt: &Receipt) {
        let account = receipt.receiver_id();
        if account != receipt.predecessor_id() {
            return;
        }
        let Some(action) = action_receipt(receipt) else { return };
        for action in action.actions() {
            if let Action::FunctionCall(call) = action {
                let called = (account.clone(), call.method_name.clone());
                self.0.entry(called).or_insert_with(|| call.args.clone());
            }
        }
    }

    /// Adds the arguments to methods whose arguments are unknown. Returns whether there were any.
    pub(super) fn add_to(&self, draft: &mut Draft) -> bool {
        let mut news = false;
        for contract in &mut draft.contracts {
            let unknown = |method: &&mut MethodInterface| method.arguments == InputType::Unknown;
            for method in contract.methods.iter_mut().filter(unknown) {
                let input = self.0.get(&(contract.id.clone(), method.name.clone()));
                let value = input.and_then(|input| serde_json::from_slice(input).ok());
                let Some(value @ Value::Object(_)) = value else { continue };
                method.arguments = InputType::Json(type_of(&value));
                method.evidence = Evidence::SelfCall;
                method.past_arguments = true;
                news = true;
            }
        }
        news
    }
}

/// The type of a value, as far as one value tells.
fn type_of(value: &Value) -> ArgumentType {
    match value {
        Value::Null => ArgumentType::Null,
        Value::Bool(_) => ArgumentType::Bool,
        Value::Number(number) if number.is_u64() => ArgumentType::number("u32"),
        Value::Number(number) if number.is_i64() => ArgumentType::number("i32"),
        Value::Number(_) => ArgumentType::Fraction,
        Value::String(text) if text.parse::<u128>().is_ok() => amount("u128"),
        Value::String(text) if text.contains('.') && text.parse::<AccountId>().is_ok() => {
            ArgumentType::Text(TextKind::Account)
        }
        Value::String(_) => ArgumentType::Text(TextKind::Plain),
        Value::Array(items) => match items.first() {
            Some(item) => ArgumentType::List(Box::new(type_of(item))),
            None => ArgumentType::Example(value.clone()),
        },
        Value::Object(members) => {
            object(members.iter().map(|(name, value)| member(name, type_of(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_give_their_types() {
        let value = json!({
            "amount": "250", "by": "alice.near", "message": "250 for alice", "parts": [1, 2],
            "last": true, "change": -1, "share": 0.5, "none": null, "empty": [],
        });
        assert_eq!(
            type_of(&value).describe(),
            "{ amount: u128 as text, by: account, change: i32, empty: [], last: bool, \
             message: text, none: null, parts: [u32], share: f64 }"
        );
    }
}
