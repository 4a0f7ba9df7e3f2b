//! Chooses which values operations are drawn from: templates for the arguments, and deposits.
//!
//! Never writes text: `toml_values` does.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::{Amounts, Integer, Parameter, Parameters, Template};
use crate::discovery::argument_inference::{ArgumentType, InputType, Member, TextKind};
use crate::discovery::interface::{DepositRule, MethodInterface};
use crate::types::NearToken;

/// The largest amount in arguments, unless the contract's own amounts say otherwise.
const LARGEST_AMOUNT: NearToken = NearToken::from_near(20);
/// The largest deposit.
const LARGEST_DEPOSIT: NearToken = NearToken::from_near(5);
/// Amounts of the set-up at or above this are not amounts that methods are called with.
const LARGEST_KNOWN: NearToken = LARGEST_AMOUNT;

/// Chooses templates for one contract.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Templates {
    /// An amount that the contract was initialized with, in its own units: balances often are that large.
    pub(super) known_amount: Option<u128>,
}

impl Templates {
    /// For a contract that was initialized with these arguments.
    pub(super) fn new<'v>(setup_arguments: impl Iterator<Item = &'v Value>) -> Self {
        let members = setup_arguments.filter_map(Value::as_object).flatten();
        let amounts = members.filter_map(|(_, value)| value.as_str()?.parse().ok());
        let usual = 1..LARGEST_KNOWN.as_yoctonear();
        Self { known_amount: amounts.filter(|amount| usual.contains(amount)).max() }
    }

    /// What a method's input is drawn from.
    pub(super) fn parameters(self, input: &InputType) -> Parameters {
        match input {
            InputType::Json(ArgumentType::Object(all)) => Parameters::Json(self.object(all)),
            InputType::Json(ArgumentType::OneOf(choices)) => match choices.first() {
                Some(ArgumentType::Object(all)) => Parameters::Json(self.object(all)),
                _ => nothing(),
            },
            InputType::Borsh(layouts) => {
                let parameter = |(name, layout): &(String, _)| Parameter {
                    name: name.clone(),
                    template: Template::of_layout(layout),
                    layout: layout.clone(),
                };
                Parameters::Borsh(layouts.iter().map(parameter).collect())
            }
            InputType::Json(_) | InputType::Nothing | InputType::Unknown => nothing(),
        }
    }

    /// What values of this type are drawn from; `None` if the value is best left out.
    fn template(self, shape: &ArgumentType, name: &str) -> Option<Template> {
        let inner = |shape: &ArgumentType| self.template(shape, name);
        Some(match shape {
            ArgumentType::Null | ArgumentType::Anything => return None,
            ArgumentType::Bool => Template::Bool,
            ArgumentType::Fraction => literals([0.5, 1.0, 100.0]),
            ArgumentType::Integer(kind, form) => self.integer(*kind, *form),
            ArgumentType::Text(kind) => text(kind, name),
            ArgumentType::Bytes(form) => {
                Template::Bytes { min_length: 0, max_length: 32, form: *form }
            }
            ArgumentType::Example(value) => literal(value)?,
            ArgumentType::Object(members) => self.object(members),
            ArgumentType::Map(key, value) => {
                let key = if **key == TextKind::Account { "alice.near" } else { "a" };
                Template::Object(vec![(key.to_owned(), inner(value)?)])
            }
            ArgumentType::List(item) => {
                Template::List { item: Box::new(inner(item)?), min: 0, max: 3 }
            }
            ArgumentType::Tuple(items) => Template::Array(items.iter().filter_map(inner).collect()),
            ArgumentType::Optional(shape) => Template::Optional(Box::new(inner(shape)?)),
            ArgumentType::OneOf(choices) => {
                let choices: Vec<_> = choices.iter().filter_map(inner).collect();
                if choices.is_empty() {
                    return None;
                }
                Template::OneOf(choices)
            }
        })
    }

    /// The members in alphabetical order, as TOML's tables have them.
    fn object(self, members: &[Member]) -> Template {
        let template = |member: &Member| {
            Some((member.name.clone(), self.template(&member.shape, &member.name)?))
        };
        let members: BTreeMap<_, _> = members.iter().filter_map(template).collect();
        Template::Object(members.into_iter().collect())
    }

    /// Amounts are mostly balances of an account; ids and counts are mostly small.
    fn integer(self, kind: IntegerKind, form: NumberForm) -> Template {
        let any = Integer::any(kind, form);
        let up_to = |max: u128| Template::Integer(Integer { max, ..any });
        let large = up_to(LARGEST_AMOUNT.as_yoctonear());
        match (kind, form, self.known_amount) {
            (IntegerKind::U128, NumberForm::Text, None) => large,
            (IntegerKind::U128, NumberForm::Text, Some(known)) => {
                Template::OneOf(vec![up_to(known), large])
            }
            _ => {
                let zero = kind.zero();
                let small = Integer { min: zero, max: zero + 9, ..any };
                Template::OneOf(vec![Template::Integer(small), Template::Integer(any)])
            }
        }
    }
}

/// The deposits to draw from.
pub(super) fn deposits(method: &MethodInterface) -> Amounts {
    const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);
    const ONE_NEAR: NearToken = NearToken::from_near(1);
    let one_of = |amounts: &[NearToken]| {
        Amounts::OneOf(amounts.iter().map(NearToken::as_yoctonear).collect())
    };
    let least_large = method.deposits.iter().find(|deposit| **deposit > ONE_YOCTO);
    let takes = |deposit| method.deposits.contains(&deposit);
    if method.refuses_deposits {
        return one_of(&[NearToken::ZERO]);
    }
    if method.one_yocto && least_large.is_none() {
        return one_of(&[ONE_YOCTO]);
    }
    match method.deposit_rule {
        Some(rule @ (DepositRule::Exactly(_) | DepositRule::MultipleOf(_))) => {
            return one_of(&rule.examples());
        }
        Some(DepositRule::AtLeast(least)) if !takes(NearToken::ZERO) => {
            let most = LARGEST_DEPOSIT.max(least.saturating_mul(4));
            return Amounts::Between(least.as_yoctonear(), most.as_yoctonear());
        }
        Some(rule @ DepositRule::AtLeast(_)) => {
            let all = [NearToken::ZERO].into_iter().chain(rule.examples());
            return one_of(&all.chain([LARGEST_DEPOSIT]).collect::<Vec<_>>());
        }
        None => {}
    }
    match least_large {
        // It accepts any deposit, and none: it may ignore the deposit, or keep it.
        Some(_) if takes(NearToken::ZERO) => one_of(&[NearToken::ZERO, ONE_NEAR, LARGEST_DEPOSIT]),
        Some(least) => Amounts::Between(least.as_yoctonear(), LARGEST_DEPOSIT.as_yoctonear()),
        None if takes(NearToken::ZERO) => one_of(&[NearToken::ZERO]),
        None if takes(ONE_YOCTO) => one_of(&[ONE_YOCTO]),
        // Nothing is known, so what the contract compares the deposit with can be any amount.
        None => Amounts::Between(0, LARGEST_DEPOSIT.as_yoctonear()),
    }
}

/// A JSON value as a template; `None` for `null`, which TOML does not have.
fn literal(value: &Value) -> Option<Template> {
    Some(match value {
        Value::Null => return None,
        Value::Array(items) => Template::Array(items.iter().filter_map(literal).collect()),
        Value::Object(members) => {
            let member = |(name, value): (&String, _)| Some((name.clone(), literal(value)?));
            let members: BTreeMap<_, _> = members.iter().filter_map(member).collect();
            Template::Object(members.into_iter().collect())
        }
        scalar => Template::Literal(scalar.clone()),
    })
}

fn nothing() -> Parameters {
    Parameters::Json(Template::Object(Vec::new()))
}

fn literals<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Template {
    Template::OneOf(values.into_iter().map(|value| Template::Literal(value.into())).collect())
}

fn text(kind: &TextKind, name: &str) -> Template {
    const ANY: Template = Template::Text { max_length: 20 };
    match kind {
        // One of them does not exist: what is sent there does not arrive.
        TextKind::Account => Template::OneOf(vec![
            Template::Account,
            Template::Actor,
            Template::Literal("nobody.near".into()),
        ]),
        TextKind::Plain if name.contains("memo") => Template::Text { max_length: 5 },
        // Contracts break on equal texts, so two of the choices are fixed.
        TextKind::Plain => {
            Template::OneOf(vec![Template::Literal("a".into()), Template::Literal("1".into()), ANY])
        }
        TextKind::Words(words) => literals(words.iter().cloned()),
    }
}
