//! Chooses which values operations are drawn from: templates for the arguments, and deposits.
//!
//! Never writes text: `toml_values` does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::convert::called;
use super::model::{Draft, DraftContract, hook_of, names_token_id};
use crate::arguments::abi::Layout;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::{Amounts, BytesForm, Integer, Parameter, Parameters, Template};
use crate::arguments::values::show;
use crate::discovery::argument_inference::{
    ArgumentType, InputType, Member, TextKind, is_count, words_of_name,
};
use crate::discovery::identities::suggests_contract;
use crate::discovery::interface::{DepositRule, MethodInterface};
use crate::types::NearToken;

/// The largest amount in arguments, unless the contract's own amounts say otherwise.
const LARGEST_AMOUNT: NearToken = NearToken::from_near(20);
/// The largest deposit.
const LARGEST_DEPOSIT: NearToken = NearToken::from_near(5);
/// Amounts of the set-up at or above this are not amounts that methods are called with.
const LARGEST_KNOWN: NearToken = LARGEST_AMOUNT;

/// Which part of what an actor holds is a usual amount.
const SHARE: u128 = 10;
/// Ids are mostly at most this, and often at most the second.
const FEW: u128 = 3;
const SEVERAL: u128 = 9;
/// The most methods that an argument that names a method is drawn from.
const MOST_METHODS: usize = 8;

/// Chooses templates for one contract.
#[derive(Clone, Copy, Debug)]
pub(super) struct Templates<'d> {
    draft: &'d Draft,
    contract: &'d DraftContract,
    /// An amount that the contract was initialized with, in its own units: balances often are that large.
    known_amount: Option<u128>,
    /// The hook that the method calls, if it transfers tokens.
    hook: Option<&'static str>,
}

impl<'d> Templates<'d> {
    pub(super) fn new(draft: &'d Draft, contract: &'d DraftContract) -> Self {
        let calls = draft.setup.iter().filter(|call| call.receiver == contract.id);
        let members = calls.filter_map(|call| call.arguments.as_object()).flatten();
        let amounts = members.filter_map(|(_, value)| value.as_str()?.parse().ok());
        let usual = 1..LARGEST_KNOWN.as_yoctonear();
        let known_amount = amounts.filter(|amount| usual.contains(amount)).max();
        Self { draft, contract, known_amount, hook: None }
    }

    /// What a method's input is drawn from.
    pub(super) fn parameters(self, method: &MethodInterface) -> Parameters {
        Self { hook: hook_of(&method.name), ..self }.input(&method.arguments)
    }

    /// How often the method is drawn: contracts under test more often than others, and what enters them through
    /// a token most often.
    pub(super) fn weight(self, method: &MethodInterface) -> u32 {
        let others = self.draft.contracts.iter().any(|contract| !contract.under_test);
        let enters = hook_of(&method.name).is_some_and(|hook| {
            self.draft.contracts.iter().any(|known| known.under_test && known.exports(hook))
        });
        match (enters, self.contract.under_test && others) {
            (true, _) => 5,
            (false, true) => 3,
            (false, false) => 1,
        }
    }

    fn input(self, input: &InputType) -> Parameters {
        match input {
            InputType::Json(ArgumentType::Object(all)) => Parameters::Json(self.object(all)),
            InputType::Json(ArgumentType::OneOf(choices)) => {
                let object = |choice: &ArgumentType| match choice {
                    ArgumentType::Object(all) => Some(self.object(all)),
                    _ => None,
                };
                let mut objects: Vec<_> = choices.iter().filter_map(object).collect();
                match objects.len() {
                    0 => nothing(),
                    1 => Parameters::Json(objects.remove(0)),
                    _ => Parameters::Json(Template::OneOf(objects)),
                }
            }
            InputType::Borsh(layouts) => Parameters::Borsh(parameters_of(layouts)),
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
            ArgumentType::Integer(kind, form) => self.integer(*kind, *form, name),
            ArgumentType::Text(kind) => self.text(kind, name),
            ArgumentType::Bytes(form) if ["args", "arguments"].contains(&name) => {
                Template::OneOf(vec![Template::Literal(show(b"{}", *form)), bytes(*form)])
            }
            ArgumentType::Bytes(form) => bytes(*form),
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
            ArgumentType::JsonText(shape) => Template::JsonText(Box::new(inner(shape)?)),
            ArgumentType::Packed { form, layouts } => {
                Template::Packed { parameters: parameters_of(layouts), form: *form }
            }
            ArgumentType::Joined { separator, items } => Template::Joined {
                separator: separator.clone(),
                items: items.iter().filter_map(inner).collect(),
            },
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
    fn integer(self, kind: IntegerKind, form: NumberForm, name: &str) -> Template {
        let any = Integer::any(kind, form);
        let up_to = |max: u128| Template::Integer(Integer { max, ..any });
        let large = up_to(LARGEST_AMOUNT.as_yoctonear());
        if let (IntegerKind::U128, NumberForm::Text, Some(held)) =
            (kind, form, self.draft.endowments.get(&self.contract.id))
        {
            return Template::OneOf(vec![up_to(*held), up_to(held / SHARE)]);
        }
        if is_count(name) && kind != IntegerKind::U128 {
            let zero = kind.zero();
            let least = |max| Template::Integer(Integer { min: zero, max: zero + max, ..any });
            return Template::OneOf(vec![least(FEW), least(SEVERAL)]);
        }
        match (kind, form, self.known_amount) {
            (IntegerKind::U128, NumberForm::Text, known) => {
                let held = self.draft.endowments.values().map(|held| held / SHARE);
                let held = held.filter(|held| usual_amount(*held));
                let mut all: Vec<_> = known.into_iter().chain(held).collect();
                all.dedup();
                match all.is_empty() {
                    true => large,
                    false => Template::OneOf(all.into_iter().map(up_to).chain([large]).collect()),
                }
            }
            _ => {
                let zero = kind.zero();
                let small = Integer { min: zero, max: zero + 9, ..any };
                Template::OneOf(vec![Template::Integer(small), Template::Integer(any)])
            }
        }
    }
}

fn parameters_of(layouts: &[(String, Layout)]) -> Vec<Parameter> {
    let parameter = |(name, layout): &(String, Layout)| Parameter {
        name: name.clone(),
        template: Template::of_layout(layout),
        layout: layout.clone(),
    };
    layouts.iter().map(parameter).collect()
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

fn bytes(form: BytesForm) -> Template {
    Template::Bytes { min_length: 0, max_length: 32, form }
}

/// Whether amounts of this size, in a token's own units, differ from the usual ones.
fn usual_amount(held: u128) -> bool {
    (1..LARGEST_AMOUNT.as_yoctonear()).contains(&held)
}

impl Templates<'_> {
    fn text(self, kind: &TextKind, name: &str) -> Template {
        match kind {
            TextKind::Account => self.account(name),
            TextKind::Plain if name.contains("memo") => Template::Text { max_length: 5 },
            TextKind::Plain if name == "msg" && self.hook.is_some() => self.message(),
            TextKind::Plain => self.plain(name),
            TextKind::Words(words) => literals(words.iter().cloned()),
        }
    }

    fn account(self, name: &str) -> Template {
        let contracts = self.draft.contracts.iter();
        let id = |contract: &DraftContract| Template::Literal(contract.id.as_str().into());
        let mut choices: Vec<_> = match self.hook {
            // What receives tokens is a contract under test, as a rule.
            Some(hook) if ["receiver_id", "account_id"].contains(&name) => {
                contracts.filter(|known| known.under_test && known.exports(hook)).map(id).collect()
            }
            _ if suggests_contract(name) => {
                contracts.filter(|known| known.id != self.contract.id).map(id).collect()
            }
            _ => Vec::new(),
        };
        if choices.is_empty() {
            // One of them does not exist: what is sent there does not arrive.
            let nobody = Template::Literal("nobody.near".into());
            return Template::OneOf(vec![Template::Account, Template::Actor, nobody]);
        }
        choices.push(Template::Account);
        Template::OneOf(choices)
    }

    /// What the hooks of contracts under test take as their message.
    fn message(self) -> Template {
        let hook = self.hook.unwrap_or_default();
        let under_test = self.draft.contracts.iter().filter(|contract| contract.under_test);
        let types = under_test.filter_map(|contract| contract.message_type(hook));
        let mut all: Vec<_> =
            types.filter_map(|shape| Self { hook: None, ..self }.template(shape, "msg")).collect();
        match all.len() {
            0 => self.plain("msg"),
            1 => all.remove(0),
            _ => Template::OneOf(all),
        }
    }

    /// Texts that arguments of this name are elsewhere in the target, and any text.
    fn plain(self, name: &str) -> Template {
        const ANY: Template = Template::Text { max_length: 20 };
        let known: Vec<_> = if names_token_id(name) {
            self.draft.token_ids.keys().cloned().collect()
        } else if words_of_name(name).any(|word| word == "method" || word == "function") {
            let others = self.draft.contracts.iter().filter(|known| known.id != self.contract.id);
            let calls = others
                .flat_map(|contract| called(contract))
                .filter(|method| method.arguments == InputType::Nothing);
            calls.map(|method| method.name.clone()).take(MOST_METHODS).collect()
        } else {
            self.draft.hints.get(name).into_iter().flatten().cloned().collect()
        };
        // Contracts break on equal texts, so two of the choices are fixed.
        let known = if known.is_empty() { vec!["a".to_owned(), "1".to_owned()] } else { known };
        let known = known.into_iter().map(|text| Template::Literal(text.into()));
        Template::OneOf(known.chain([ANY]).collect())
    }
}
