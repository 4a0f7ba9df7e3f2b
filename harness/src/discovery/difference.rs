//! Learns arguments from contracts whose errors are not serde's, as those in JavaScript and Python: by the
//! names that change what a call does, and by the values that get it further.
//!
//! Goes by a name's meaning only between values that the contract takes alike. Never asks without end.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ask::{Asking, Result};
use super::complaint::Complaint;
use super::inspection::is_word;
use super::probe::Answer;
use super::shape::{Member, Shape, TextKind, amount, member};
use super::survey::Arguments;
use crate::arguments::integer::NumberForm;

/// Calls that one method may cost.
const BUDGET: u32 = 600;
/// How many names are tried at once: more would cost too much gas to read.
const AT_ONCE: usize = 200;
/// How many names are tried one by one.
const SINGLY: usize = 1_000;
/// A name that no method has an argument of.
const NOBODYS: &str = "interloper_asks_for_names";
/// A method that more names change than this does something with all of them.
const MOST: usize = 16;

/// What contracts in languages that convert values say of those that they cannot.
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

/// The arguments that change what the method does; `None` where none does and it fails without any.
///
/// # Errors
/// Only when the machine failed.
pub(super) fn learn(asking: &Asking<'_>) -> Result<Option<Shape>> {
    let differences = Differences { asking, left: Cell::new(BUDGET) };
    if let Some(names) = differences.taken()? {
        let members = names.into_iter().map(|name| member(name, Shape::Anything)).collect();
        return differences.fill(members).map(Some);
    }
    let mut members: Vec<Member> = Vec::new();
    while let Some(name) = differences.name(&members)? {
        if members.len() == MOST {
            return Ok(None);
        }
        let shape = differences.value(&members, &name, shapes(&name))?;
        members.push(member(&name, shape));
    }
    let fails = members.is_empty() && differences.answer(&members, &[])?.failure.is_some();
    Ok((!fails).then_some(Shape::Object(members)))
}

/// What an ABI says, with what it leaves open filled in where the contract's errors are not serde's: by the
/// values that get a call furthest.
///
/// # Errors
/// Only when the machine failed.
pub(super) fn fill(asking: &Asking<'_>, said: Arguments) -> Result<Arguments> {
    let Arguments::Json(Shape::Object(members)) = said else { return Ok(said) };
    let talks = |failure: &str| Complaint::of(failure).is_some();
    if !members.iter().any(is_open) || asking.failure(b"\x01")?.as_deref().is_some_and(talks) {
        return Ok(Arguments::Json(Shape::Object(members)));
    }
    let differences = Differences { asking, left: Cell::new(BUDGET) };
    differences.fill(members).map(Arguments::Json)
}

/// Whether nothing is said of its values, or only that they are text.
fn is_open(member: &Member) -> bool {
    matches!(member.shape, Shape::Anything | Shape::Text(TextKind::Plain))
}

/// Whether JSON shows it as text.
fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text(_) | Shape::Integer(_, NumberForm::Text))
}

struct Differences<'a> {
    asking: &'a Asking<'a>,
    left: Cell<u32>,
}

impl Differences<'_> {
    /// The names that a method takes which refuses all others, as those in Python do; `None` where it does
    /// not.
    fn taken(&self) -> Result<Option<Vec<&str>>> {
        let refuses = |name: &str| -> Result<bool> {
            let input = Value::Object(Map::from_iter([(name.to_owned(), json!("1"))]));
            let failure = self.asking.answer(input.to_string().as_bytes())?.failure;
            Ok(failure.is_some_and(|text| is_about_a_name(&text)))
        };
        if !refuses(NOBODYS)? {
            return Ok(None);
        }
        let mut taken = Vec::new();
        let names: BTreeSet<_> = self.asking.names.iter().flat_map(|name| ends(name)).collect();
        for name in names.into_iter().filter(|name| is_identifier(name)).take(SINGLY) {
            if taken.len() < MOST && !refuses(name)? {
                taken.push(name);
            }
        }
        Ok(Some(taken))
    }

    /// These members, with what is open of them filled in.
    fn fill(&self, mut members: Vec<Member>) -> Result<Shape> {
        let fits = |shape: &Shape, said: &Shape| *said == Shape::Anything || is_text(shape);
        let choices = |each: &Member| {
            let shapes = shapes(&each.name).into_iter();
            shapes.filter(|shape| fits(shape, &each.shape)).collect::<Vec<_>>()
        };
        let open = members.iter().enumerate().filter(|(_, each)| is_open(each));
        let open: Vec<_> = open.map(|(at, each)| (at, choices(each))).collect();
        // All of them are there in every call: where one is missing, nothing is said of the others.
        for (at, choices) in &open {
            members[*at].shape = choices[0].clone();
        }
        for (at, choices) in open {
            let name = members.remove(at).name;
            let shape = self.value(&members, &name, choices)?;
            members.insert(at, member(&name, shape));
        }
        Ok(Shape::Object(members))
    }

    /// A name that is missing or changes something where these members are there already.
    fn name(&self, members: &[Member]) -> Result<Option<String>> {
        let plain = self.answer(members, &[])?;
        let known = |name: &str| members.iter().any(|member| member.name == name);
        let missing = plain.failure.as_deref().and_then(missing);
        if let Some(name) = missing.filter(|name| is_word(name) && !known(name)) {
            return Ok(Some(name.to_owned()));
        }
        let names = self.asking.names.iter().map(String::as_str);
        let names: Vec<_> = names.filter(|name| !known(name) && !name.starts_with("__")).collect();
        for names in names.chunks(AT_ONCE) {
            let changes = |names: &[&str]| -> Result<bool> {
                Ok(differs(&self.answer(members, names)?, &plain))
            };
            if !changes(names)? {
                continue;
            }
            // So many of them change nothing, so many do.
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

    /// What the value of this member looks like: the first that gets the call furthest.
    fn value(&self, members: &[Member], name: &str, shapes: Vec<Shape>) -> Result<Shape> {
        let missing = self.answer(members, &[])?.failure;
        let mut best = (usize::MAX, Shape::Text(TextKind::Plain));
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

    /// What the method does with these members, and names of which nothing is known.
    fn answer(&self, members: &[Member], names: &[&str]) -> Result<Answer> {
        self.left.set(self.left.get().saturating_sub(1));
        let names = if self.left.get() == 0 { &[] } else { names };
        let someone = self.asking.someone;
        let known = members.iter().map(|each| (each.name.clone(), each.shape.example(someone)));
        let tried = names.iter().map(|name| ((*name).to_owned(), json!("1")));
        let input = Value::Object(known.chain(tried).collect::<Map<_, _>>());
        self.asking.answer(input.to_string().as_bytes())
    }
}

/// What is missing in the words of near-sdk-as: `Parameter word with type Word is required but missing`.
fn missing(failure: &str) -> Option<&str> {
    let (_, rest) = failure.split_once("Parameter ")?;
    rest.split_once(" with type ").map(|(name, _)| name)
}

fn differs(one: &Answer, other: &Answer) -> bool {
    one.failure != other.failure
        || one.returned != other.returned
        || one.storage != other.storage
        || one.promises != other.promises
}

/// Whether a failure says, in Python's words, that there is no argument of a name, or that it is `self`.
fn is_about_a_name(failure: &str) -> bool {
    ["unexpected keyword argument", "multiple values for argument"]
        .iter()
        .any(|part| failure.contains(part))
}

/// The name, and what it ends in: linkers keep a text only once that another ends in.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    let after = name.match_indices('_').map(|(at, _)| &name[at + 1..]);
    std::iter::once(name).chain(after)
}

/// Whether an argument in Python may be called so; by custom they are in small letters.
fn is_identifier(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(plain)
}

fn is_about_conversion(failure: &str) -> bool {
    let text = failure.to_ascii_lowercase();
    CONVERSIONS.iter().any(|part| text.contains(part))
}

/// What a member of this name may look like, the likeliest first.
fn shapes(name: &str) -> Vec<Shape> {
    let name = name.to_ascii_lowercase();
    // An account is no count.
    let rest = name.replace("account", "");
    let means = |parts: &[&str]| parts.iter().any(|part| rest.contains(part));
    let text = Shape::Text(TextKind::Plain);
    let account = Shape::Text(TextKind::Account);
    let (sum, count) = (amount("u128"), Shape::number("u32"));
    let mut shapes = vec![text.clone(), account.clone(), sum.clone(), count.clone(), Shape::Bool];
    shapes.extend([Shape::List(Box::new(text)), Shape::Object(Vec::new())]);
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
