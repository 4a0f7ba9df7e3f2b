//! The arguments with which a method is tried: example values, and the same with accounts, texts and messages
//! that mean something in this target.
//!
//! Never runs a call.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::values::show;
use crate::discovery::argument_inference::{
    ArgumentType, ExampleValues, InputType, TextKind, words_of_name,
};
use crate::discovery::draft::{Draft, hook_of};
use crate::discovery::identities::suggests_contract;
use crate::discovery::interface::{MethodInterface, MethodKind};
use crate::types::AccountId;

/// How many different example values are tried for each call.
const VARIATIONS: usize = 4;
/// The most arguments with which one method is tried.
const MOST: usize = 14;
/// Which part of what it holds a signer transfers.
const SHARE: u128 = 10;
/// The most methods that an argument that names a method is tried with.
const MOST_METHODS: usize = 4;

/// A method, and who calls it.
pub(super) struct Subject<'a> {
    pub(super) draft: &'a Draft,
    /// Values that name another account as the user.
    pub(super) values: &'a ExampleValues,
    pub(super) signer: &'a AccountId,
    pub(super) contract: &'a AccountId,
    pub(super) method: &'a MethodInterface,
}

impl Subject<'_> {
    /// JSON arguments of the method; none if it reads something else.
    pub(super) fn variants(&self) -> Vec<Value> {
        let shape = match &self.method.arguments {
            InputType::Json(shape) => shape,
            InputType::Nothing | InputType::Unknown => return vec![json!({})],
            InputType::Borsh(_) => return Vec::new(),
        };
        let examples: Vec<_> =
            (0..VARIATIONS).map(|number| self.values.for_call(shape, number)).collect();
        let mut all = Vec::new();
        if hook_of(&self.method.name).is_some() {
            all.extend(self.transfers(shape));
        }
        all.extend(self.method_calls(shape, &examples[0]));
        for example in &examples {
            let hinted = self.with_hints(shape, example);
            all.extend(hinted.into_iter().chain([example.clone()]));
        }
        all.extend(self.with_other_accounts(shape, &all));
        all.iter_mut().for_each(|value| self.limit_amounts(shape, value));
        let mut seen = BTreeSet::new();
        all.retain(|value| seen.insert(value.to_string()));
        all.truncate(MOST);
        all
    }

    /// Transfers to each contract under test, with messages that its hook may take.
    fn transfers(&self, shape: &ArgumentType) -> Vec<Value> {
        let mut all = Vec::new();
        for receiver in self.draft.contracts.iter().filter(|contract| contract.under_test) {
            let message = hook_of(&self.method.name).and_then(|hook| receiver.message_type(hook));
            for number in 0..VARIATIONS {
                let mut value = self.values.for_call(shape, number);
                for name in ["receiver_id", "account_id"] {
                    if let Some(member) = value.get_mut(name) {
                        *member = json!(receiver.id);
                    }
                }
                if let (Some(message), Some(member)) = (message, value.get_mut("msg")) {
                    *member = self.values.for_call(message, number);
                }
                all.push(self.with_hints(shape, &value).unwrap_or(value));
            }
        }
        all
    }

    /// Arguments that name an account and one of its methods, if the type has both.
    fn method_calls(&self, shape: &ArgumentType, example: &Value) -> Vec<Value> {
        let names_method =
            |name: &str| words_of_name(name).any(|word| word == "method" || word == "function");
        let (mut account, mut method) = (false, false);
        visit(shape, &mut example.clone(), "", &mut |shape, name, _| {
            account |= *shape == ArgumentType::Text(TextKind::Account);
            method |= *shape == ArgumentType::Text(TextKind::Plain) && names_method(name);
        });
        if !account || !method {
            return Vec::new();
        }
        let contracts = &self.draft.contracts;
        let others = contracts.iter().filter(|contract| contract.id != *self.contract);
        let called = others.flat_map(|contract| {
            let plain = |method: &&MethodInterface| {
                method.kind == MethodKind::Call && method.arguments == InputType::Nothing
            };
            let methods = contract.methods.iter().filter(plain).take(MOST_METHODS);
            methods.map(move |method| (&contract.id, &method.name))
        });
        let with = |(id, called): (&AccountId, &String)| {
            let mut value = example.clone();
            visit(shape, &mut value, "", &mut |shape, name, value| match shape {
                ArgumentType::Text(TextKind::Account) => *value = json!(id),
                ArgumentType::Text(TextKind::Plain) if names_method(name) => {
                    *value = json!(called);
                }
                ArgumentType::Bytes(form) => *value = show(b"{}", *form),
                _ => {}
            });
            value
        };
        called.map(with).collect()
    }

    /// The example with texts that members of the same name have elsewhere; `None` if there are none.
    fn with_hints(&self, shape: &ArgumentType, example: &Value) -> Option<Value> {
        let (mut value, mut hinted) = (example.clone(), false);
        visit(shape, &mut value, "", &mut |shape, name, value| {
            if *shape == ArgumentType::Text(TextKind::Plain)
                && let Some(hint) = self.draft.hint(name, self.signer)
            {
                *value = json!(hint);
                hinted = true;
            }
        });
        hinted.then_some(value)
    }

    /// The first values with other accounts in the place of the usual ones: the caller, and contracts.
    fn with_other_accounts(&self, shape: &ArgumentType, all: &[Value]) -> Vec<Value> {
        let contracts = self.draft.contracts.iter().map(|contract| &contract.id);
        let others: Vec<_> = std::iter::once(self.signer).chain(contracts).collect();
        let mut changed = Vec::new();
        for (value, other) in
            all.iter().take(2).flat_map(|value| others.iter().map(move |other| (value, other)))
        {
            for only_contracts in [true, false] {
                let mut value = value.clone();
                visit(shape, &mut value, "", &mut |shape, name, value| {
                    let replaced = !only_contracts || suggests_contract(name);
                    if *shape == ArgumentType::Text(TextKind::Account) && replaced {
                        *value = json!(other);
                    }
                });
                changed.push(value);
            }
        }
        changed
    }

    /// Amounts of a token are not more than the signer holds.
    fn limit_amounts(&self, shape: &ArgumentType, value: &mut Value) {
        let Some(held) = self.draft.endowments.get(self.contract) else { return };
        visit(shape, value, "", &mut |shape, _, value| {
            if let ArgumentType::Integer(IntegerKind::U128, NumberForm::Text) = shape
                && value
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .is_none_or(|amount: u128| amount > *held)
            {
                *value = json!((held / SHARE).to_string());
            }
        });
    }
}

/// Calls `change` for every value in `value` that has no parts, with its type and the name of its member.
pub(in crate::discovery) fn visit(
    shape: &ArgumentType,
    value: &mut Value,
    name: &str,
    change: &mut dyn FnMut(&ArgumentType, &str, &mut Value),
) {
    match shape {
        ArgumentType::Object(members) => {
            for member in members {
                if let Some(inner) = value.get_mut(&member.name) {
                    visit(&member.shape, inner, &member.name, change);
                }
            }
        }
        ArgumentType::Optional(inner) if !value.is_null() => visit(inner, value, name, change),
        ArgumentType::List(item) => {
            for inner in value.as_array_mut().into_iter().flatten() {
                visit(item, inner, name, change);
            }
        }
        ArgumentType::Tuple(items) => {
            for (item, inner) in items.iter().zip(value.as_array_mut().into_iter().flatten()) {
                visit(item, inner, name, change);
            }
        }
        ArgumentType::Optional(_) | ArgumentType::OneOf(_) | ArgumentType::Map(..) => {}
        leaf => change(leaf, name, value),
    }
}
