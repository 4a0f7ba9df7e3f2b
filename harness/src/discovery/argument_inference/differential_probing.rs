//! Infers arguments of contracts whose errors are not serde's, such as those in JavaScript and Python: finds the
//! names that change what a call does, and the values that get a call further.
//!
//! Uses the meaning of a name only to choose between values that the contract treats alike. Each method has
//! a budget of calls.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::argument_type::{ArgumentType, Member, TextKind, amount, member};
use super::inference::ArgumentInference;
use super::input_type::InputType;
use super::probe::ProbeOutcome;
use super::serde_error::SerdeError;
use super::trials::Result;
use crate::arguments::integer::NumberForm;
use crate::targets::is_word;

/// Calls that one method may cost.
const BUDGET: u32 = 600;
/// How many names are tried in one call: reading more would cost too much gas.
const AT_ONCE: usize = 200;
/// How many names are tried one by one.
const SINGLY: usize = 1_000;
/// A name that no method has as an argument.
const UNKNOWN_NAME: &str = "interloper_asks_for_names";
/// If more names than this change what a method does, it reads all of them alike.
const MOST: usize = 16;

/// What contracts in dynamic languages report when they cannot convert a value.
const CONVERSIONS: [&str; 18] = [
    "with type",
    "cannot convert",
    "can't convert",
    "unsupported type",
    "has no attribute",
    "has no len",
    "isn't iterable",
    "isn't subscriptable",
    "needs int or char",
    "positional argument",
    "keyword argument",
    "cannot read",
    "invalid",
    "not a function",
    "not iterable",
    "not a number",
    "unexpected token",
    "undefined",
];

/// What parts of names mean.
const ACCOUNTS: [&str; 9] =
    ["owner", "receiver", "sender", "recipient", "beneficiary", "user", "contract", "_id", "who"];
const SUMS: [&str; 9] =
    ["amount", "balance", "price", "sum", "total", "deposit", "value", "supply", "fee"];
const COUNTS: [&str; 8] =
    ["count", "index", "limit", "number", "decimals", "duration", "time", "percent"];

/// The arguments that change what the method does; `None` if none does and it fails without any.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn infer(
    inference: &ArgumentInference<'_>,
) -> Result<Option<ArgumentType>> {
    let probing = DifferentialProbing { inference, left: Cell::new(BUDGET) };
    if let Some(names) = probing.taken()? {
        let members = names.into_iter().map(|name| member(name, ArgumentType::Anything)).collect();
        return probing.fill(members).map(Some);
    }
    let mut members: Vec<Member> = Vec::new();
    while let Some(name) = probing.name(&members)? {
        if members.len() == MOST {
            return Ok(None);
        }
        let shape = probing.value(&members, &name, shapes(&name))?;
        members.push(member(&name, shape));
    }
    let fails = members.is_empty() && probing.answer(&members, &[])?.failure.is_some();
    Ok((!fails).then_some(ArgumentType::Object(members)))
}

/// The types of an ABI. If the contract's errors are not serde's, fills in what the ABI leaves open with the
/// values that get a call furthest.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn fill(
    inference: &ArgumentInference<'_>,
    said: InputType,
) -> Result<InputType> {
    let InputType::Json(ArgumentType::Object(members)) = said else { return Ok(said) };
    let talks = |failure: &str| SerdeError::of(failure).is_some();
    if !members.iter().any(is_open) || inference.failure(b"\x01")?.as_deref().is_some_and(talks) {
        return Ok(InputType::Json(ArgumentType::Object(members)));
    }
    let probing = DifferentialProbing { inference, left: Cell::new(BUDGET) };
    probing.fill(members).map(InputType::Json)
}

/// Whether its values are unknown, or known only to be text.
fn is_open(member: &Member) -> bool {
    matches!(member.shape, ArgumentType::Anything | ArgumentType::Text(TextKind::Plain))
}

/// Whether JSON shows it as text.
fn is_text(shape: &ArgumentType) -> bool {
    matches!(shape, ArgumentType::Text(_) | ArgumentType::Integer(_, NumberForm::Text))
}

struct DifferentialProbing<'a> {
    inference: &'a ArgumentInference<'a>,
    left: Cell<u32>,
}

impl DifferentialProbing<'_> {
    /// The names that a method accepts, if it rejects all others, as those in Python do.
    fn taken(&self) -> Result<Option<Vec<&str>>> {
        let refuses = |name: &str| -> Result<bool> {
            let input = Value::Object(Map::from_iter([(name.to_owned(), json!("1"))]));
            let failure = self.inference.call(input.to_string().as_bytes())?.failure;
            Ok(failure.is_some_and(|text| is_about_a_name(&text)))
        };
        if !refuses(UNKNOWN_NAME)? {
            return Ok(None);
        }
        let mut taken = Vec::new();
        let names: BTreeSet<_> = self.inference.names.iter().flat_map(|name| ends(name)).collect();
        for name in names.into_iter().filter(|name| is_identifier(name)).take(SINGLY) {
            if taken.len() < MOST && !refuses(name)? {
                taken.push(name);
            }
        }
        Ok(Some(taken))
    }

    /// These members, with open types filled in.
    fn fill(&self, mut members: Vec<Member>) -> Result<ArgumentType> {
        let fits = |shape: &ArgumentType, said: &ArgumentType| {
            *said == ArgumentType::Anything || is_text(shape)
        };
        let choices = |each: &Member| {
            let shapes = shapes(&each.name).into_iter();
            shapes.filter(|shape| fits(shape, &each.shape)).collect::<Vec<_>>()
        };
        let open = members.iter().enumerate().filter(|(_, each)| is_open(each));
        let open: Vec<_> = open.map(|(at, each)| (at, choices(each))).collect();
        // Every call has all of them: if one is missing, the contract says nothing of the others.
        for (at, choices) in &open {
            members[*at].shape = choices[0].clone();
        }
        for (at, choices) in open {
            let name = members.remove(at).name;
            let shape = self.value(&members, &name, choices)?;
            members.insert(at, member(&name, shape));
        }
        Ok(ArgumentType::Object(members))
    }

    /// A name that is missing, or that changes something when it is added to these members.
    fn name(&self, members: &[Member]) -> Result<Option<String>> {
        let plain = self.answer(members, &[])?;
        let known = |name: &str| members.iter().any(|member| member.name == name);
        let missing = plain.failure.as_deref().and_then(missing);
        if let Some(name) = missing.filter(|name| is_word(name) && !known(name)) {
            return Ok(Some(name.to_owned()));
        }
        let names = self.inference.names.iter().map(String::as_str);
        let names: Vec<_> = names.filter(|name| !known(name) && !name.starts_with("__")).collect();
        for names in names.chunks(AT_ONCE) {
            let changes = |names: &[&str]| -> Result<bool> {
                Ok(differs(&self.answer(members, names)?, &plain))
            };
            if !changes(names)? {
                continue;
            }
            // The first `few` of them change nothing, the first `many` do.
            let (mut few, mut many) = (0, names.len());
            while many - few > 1 {
                let middle = usize::midpoint(few, many);
                if changes(&names[..middle])? { many = middle } else { few = middle }
            }
            let name = names[many - 1];
            if self.left.get() > 0 && changes(&[name])? {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }

    /// The type of this member: the first that gets the call furthest.
    fn value(
        &self,
        members: &[Member],
        name: &str,
        shapes: Vec<ArgumentType>,
    ) -> Result<ArgumentType> {
        let missing = self.answer(members, &[])?.failure;
        let mut best = (usize::MAX, ArgumentType::Text(TextKind::Plain));
        for shape in shapes {
            let mut with = members.to_vec();
            with.push(member(name, shape.clone()));
            let failure = self.answer(&with, &[])?.failure;
            let trouble = match &failure {
                None => 0,
                Some(text) if failure != missing && !is_about_conversion(text) => 1,
                Some(_) => 2,
            };
            if trouble < best.0 {
                best = (trouble, shape);
            }
        }
        Ok(best.1)
    }

    /// What the method does with these members, and with names of unknown meaning.
    fn answer(&self, members: &[Member], names: &[&str]) -> Result<ProbeOutcome> {
        self.left.set(self.left.get().saturating_sub(1));
        let names = if self.left.get() == 0 { &[] } else { names };
        let user = self.inference.user;
        let known = members.iter().map(|each| (each.name.clone(), each.shape.example(user)));
        let tried = names.iter().map(|name| ((*name).to_owned(), json!("1")));
        let input = Value::Object(known.chain(tried).collect::<Map<_, _>>());
        self.inference.call(input.to_string().as_bytes())
    }
}

/// What near-sdk-as reports as missing: `Parameter word with type Word is required but missing`.
fn missing(failure: &str) -> Option<&str> {
    let (_, rest) = failure.split_once("Parameter ")?;
    rest.split_once(" with type ").map(|(name, _)| name)
}

fn differs(one: &ProbeOutcome, other: &ProbeOutcome) -> bool {
    one.failure != other.failure
        || one.returned != other.returned
        || one.storage != other.storage
        || one.promises != other.promises
}

/// Whether a Python contract reports an unknown argument, or the argument `self`.
fn is_about_a_name(failure: &str) -> bool {
    ["unexpected keyword argument", "multiple values for argument"]
        .iter()
        .any(|part| failure.contains(part))
}

/// The name and its endings: linkers keep a text only once if another one ends in it.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    let after = name.match_indices('_').map(|(at, _)| &name[at + 1..]);
    std::iter::once(name).chain(after)
}

/// Whether this can be the name of a Python argument; by custom they are lower case.
fn is_identifier(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(plain)
}

fn is_about_conversion(failure: &str) -> bool {
    let text = failure.to_ascii_lowercase();
    CONVERSIONS.iter().any(|part| text.contains(part))
}

/// The types that a member of this name may have, the likeliest first.
fn shapes(name: &str) -> Vec<ArgumentType> {
    let name = name.to_ascii_lowercase();
    // `account` contains `count`.
    let rest = name.replace("account", "");
    let means = |parts: &[&str]| parts.iter().any(|part| rest.contains(part));
    let text = ArgumentType::Text(TextKind::Plain);
    let account = ArgumentType::Text(TextKind::Account);
    let (sum, count) = (amount("u128"), ArgumentType::number("u32"));
    let mut shapes =
        vec![text.clone(), account.clone(), sum.clone(), count.clone(), ArgumentType::Bool];
    shapes.extend([ArgumentType::List(Box::new(text)), ArgumentType::Object(Vec::new())]);
    let likeliest = if means(&SUMS) {
        Some(sum)
    } else if means(&COUNTS) {
        Some(count)
    } else if (rest != name || means(&ACCOUNTS)) && !name.contains("token_id") {
        Some(account)
    } else {
        None
    };
    if let Some(likeliest) = likeliest {
        shapes.insert(0, likeliest);
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_likeliest_and_nothing_is_ruled_out() {
        assert_eq!(shapes("receiver_id")[0].describe(), "account");
        assert_eq!(shapes("totalAmount")[0].describe(), "u128 as text");
        assert_eq!(shapes("from_index")[0].describe(), "u32");
        assert_eq!(shapes("account_id")[0].describe(), "account");
        assert_eq!(shapes("account_count")[0].describe(), "u32");
        assert_eq!(shapes("token_id")[0].describe(), "text");
        assert_eq!(shapes("msg").len(), 7);
    }

    #[test]
    fn near_sdk_as_names_what_is_missing() {
        let failure = "Parameter word with type Word is required but missing, filename: \"~lib\"";
        assert_eq!(missing(failure), Some("word"));
        assert_eq!(missing("contract is not initialized"), None);
    }

    #[test]
    fn what_languages_say_that_convert_values_is_known() {
        assert!(is_about_conversion("cannot convert to bigint\n at withdraw (bank.js)"));
        assert!(is_about_conversion("Unexpected error: can't convert NoneType to int"));
        assert!(is_about_a_name("Unexpected error: unexpected keyword argument 'a'"));
        assert_eq!(ends("signer_account_id").nth(1), Some("account_id"));
        assert!(is_identifier("account_id") && !is_identifier("--text") && !is_identifier("April"));
        assert!(is_about_conversion("Cannot read property 'x' of undefined"));
        assert!(!is_about_conversion("you have less than that"));
    }
}
