//! Changes of single values in a call's arguments: to what the contract compared them with, to numbers that its
//! failure names, and to other values of the same type.
//!
//! Only suggests. Which change helps is found out by calling.

use serde_json::{Value, json};

use super::argument_type::{ArgumentType, Member, TextKind};
use super::example_values::{ExampleValues, VARIATIONS, words_of_name};
use super::probe;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::operands::{Match, Operands, Suggestion};
use crate::arguments::values::show;

/// How many items of a list are changed one by one.
const ITEMS: usize = 3;
/// The longest list, and the longest text in characters, to which a number in a failure leads.
const LONGEST_LIST: u128 = 64;
const LONGEST_TEXT: u128 = 256;
/// How far a deadline lies in the future, in seconds.
const MONTH: u128 = 30 * 24 * 3_600;

/// Texts in forms that contracts require.
const FORMS: [&str; 12] = [
    "1111111111111111111111111111111111111111",
    "0x1111111111111111111111111111111111111111",
    "1111111111111111111111111111111111111111111111111111111111111111",
    "0x1111111111111111111111111111111111111111111111111111111111111111",
    "ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp",
    "6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp",
    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "https://example.com",
    "data:image/svg+xml,a",
    "USD",
    "1.0.0",
    "name",
];

/// The length up to which texts of all lengths are tried.
const LENGTHS: usize = 64;

/// A value in a call's arguments that can be changed.
pub(in crate::discovery) struct Leaf<'a> {
    /// A JSON pointer.
    path: String,
    name: &'a str,
    shape: &'a ArgumentType,
    value: &'a Value,
}

/// The values in these arguments that can be changed.
pub(in crate::discovery) fn leaves<'a>(shape: &'a ArgumentType, value: &'a Value) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    collect(Leaf { path: String::new(), name: "", shape, value }, &mut found);
    found
}

fn collect<'a>(leaf: Leaf<'a>, found: &mut Vec<Leaf<'a>>) {
    let Leaf { path, name, shape, value } = &leaf;
    let mut inner = |step: &str, name: &'a str, shape: &'a ArgumentType, value: &'a Value| {
        collect(Leaf { path: format!("{path}{step}"), name, shape, value }, found);
    };
    match (shape, value) {
        (ArgumentType::Object(members), Value::Object(values)) => {
            for Member { name, shape } in members {
                let key = name.replace('~', "~0").replace('/', "~1");
                if let Some(value) = values.get(name) {
                    inner(&format!("/{key}"), name, shape, value);
                }
            }
            return;
        }
        (ArgumentType::Tuple(items), Value::Array(values)) => {
            for (at, (shape, value)) in items.iter().zip(values).enumerate() {
                inner(&format!("/{at}"), name, shape, value);
            }
            return;
        }
        (ArgumentType::List(item), Value::Array(values)) => {
            for (at, value) in values.iter().enumerate().take(ITEMS) {
                inner(&format!("/{at}"), name, item, value);
            }
        }
        (ArgumentType::Optional(shape), value) if !value.is_null() => inner("", name, shape, value),
        _ => {}
    }
    found.push(leaf);
}

impl Leaf<'_> {
    /// These arguments with another value in this place.
    pub(in crate::discovery) fn replaced(&self, arguments: &Value, value: Value) -> Value {
        let mut arguments = arguments.clone();
        if let Some(place) = arguments.pointer_mut(&self.path) {
            *place = value;
        }
        arguments
    }

    /// The words of its name.
    pub(in crate::discovery) fn words(&self) -> impl Iterator<Item = &str> {
        words_of_name(self.name).filter(|word| word.len() > 2)
    }

    /// What it was compared with, and values that have the length or the sum that it was compared with.
    pub(in crate::discovery) fn compared(
        &self,
        operands: &Operands,
        values: &ExampleValues,
    ) -> Vec<Suggestion<Value>> {
        match (self.shape, self.value) {
            (ArgumentType::Integer(kind, form), value) => {
                let Some(number) = number_of(value, *kind) else { return Vec::new() };
                let partners = operands.of_integer(number).into_iter();
                let with_later = partners.flat_map(|(why, partner)| {
                    let later = later(partner).into_iter().map(|later| (Match::Number, later));
                    later.chain([(why, partner)])
                });
                let fitting = with_later
                    .filter_map(|(why, number)| Some((why, number_value(number, *kind, *form)?)));
                fitting.collect()
            }
            (ArgumentType::Text(TextKind::Plain), Value::String(text)) => {
                let made = operands.of_bytes(text.as_bytes()).into_iter();
                made.filter_map(|(why, bytes)| Some((why, String::from_utf8(bytes).ok()?.into())))
                    .collect()
            }
            (ArgumentType::List(_), Value::Array(items)) => {
                let lengths = operands.of_integer(items.len() as u128).into_iter();
                let lengths = lengths.filter(|(_, length)| *length <= LONGEST_LIST);
                let resized = lengths.map(|(why, length)| (why, self.resized(length, values)));
                let mut made: Vec<_> = resized.collect();
                for (path, sum) in self.sums() {
                    let totals = operands.of_integer(sum).into_iter();
                    let shared =
                        totals.filter_map(|(why, total)| Some((why, self.shared(total, &path)?)));
                    made.extend(shared);
                }
                made
            }
            _ => Vec::new(),
        }
    }

    /// Values that these numbers suggest.
    pub(in crate::discovery) fn with_numbers(
        &self,
        numbers: &[u128],
        values: &ExampleValues,
    ) -> Vec<Value> {
        let each = |number: &u128| -> Vec<Value> {
            let number = *number;
            match self.shape {
                ArgumentType::Integer(kind, form) => {
                    let near = [number, number.saturating_add(1), number.saturating_sub(1)];
                    near.iter().filter_map(|number| number_value(*number, *kind, *form)).collect()
                }
                ArgumentType::List(_) => {
                    let sums = self.sums().into_iter();
                    let shared = sums.filter_map(|(path, _)| self.shared(number, &path));
                    let length = (number <= LONGEST_LIST).then(|| self.resized(number, values));
                    shared.chain(length).collect()
                }
                ArgumentType::Text(TextKind::Plain) if (1..=LONGEST_TEXT).contains(&number) => {
                    let digits = "1".repeat(usize::try_from(number).unwrap_or(1));
                    let bytes = digits.repeat(2);
                    [format!("0x{bytes}"), bytes, digits].map(Value::from).to_vec()
                }
                _ => Vec::new(),
            }
        };
        numbers.iter().flat_map(each).collect()
    }

    /// Other values of its type.
    pub(in crate::discovery) fn others(&self, values: &ExampleValues) -> Vec<Value> {
        let variations = |shape| (0..VARIATIONS).map(move |at| values.for_setup(shape, at));
        match self.shape {
            ArgumentType::Optional(inner) if self.value.is_null() => {
                variations(inner).take(2).collect()
            }
            ArgumentType::Optional(_) => vec![Value::Null],
            ArgumentType::Bool => vec![json!(!self.value.as_bool().unwrap_or_default())],
            ArgumentType::OneOf(choices) => {
                choices.iter().map(|choice| values.for_setup(choice, 0)).collect()
            }
            ArgumentType::List(_) => {
                [1, 2, 0, 3].map(|length| self.resized(length, values)).to_vec()
            }
            ArgumentType::Text(TextKind::Account) => {
                let known = values.participants.iter().chain(&values.known);
                let known = known.chain([&values.owner]);
                known.map(|id| json!(id.as_str())).collect()
            }
            ArgumentType::Text(TextKind::Plain) => {
                let accounts = [&values.owner, &values.user].map(|id| json!(id.as_str()));
                let forms = FORMS.iter().map(|form| json!(form));
                let lengths = (1..=LENGTHS).map(|length| json!("a".repeat(length)));
                forms.chain(accounts).chain(variations(self.shape)).chain(lengths).collect()
            }
            ArgumentType::Bytes(form) => {
                [20, 32, 64, 33, 1, 0].map(|length| show(&vec![1; length], *form)).to_vec()
            }
            _ => variations(self.shape).collect(),
        }
    }

    /// The list with another length.
    fn resized(&self, length: u128, values: &ExampleValues) -> Value {
        let length = usize::try_from(length).unwrap_or_default();
        let (ArgumentType::List(item), Value::Array(items)) = (self.shape, self.value) else {
            return self.value.clone();
        };
        let mut items = items.clone();
        items.truncate(length);
        for at in items.len()..length {
            items.push(match **item {
                // Most lists of accounts must not name one twice.
                ArgumentType::Text(TextKind::Account) => match values.participants.get(at) {
                    Some(participant) => json!(participant.as_str()),
                    None => json!(format!("account{at}{}", values.suffix)),
                },
                ref item => values.for_setup(item, 0),
            });
        }
        items.into()
    }

    /// The sums of its items' numbers, with the place of the number in each item.
    fn sums(&self) -> Vec<(String, u128)> {
        let (ArgumentType::List(item), Value::Array(items)) = (self.shape, self.value) else {
            return Vec::new();
        };
        let sum = |path: &str, kind: IntegerKind| -> Option<u128> {
            let numbers = items.iter().map(|item| number_of(item.pointer(path)?, kind));
            numbers.sum()
        };
        let places: Vec<(String, IntegerKind)> = match &**item {
            ArgumentType::Integer(kind, _) => vec![(String::new(), *kind)],
            ArgumentType::Object(members) => {
                let place = |each: &Member| match each.shape {
                    ArgumentType::Integer(kind, _) => Some((format!("/{}", each.name), kind)),
                    _ => None,
                };
                members.iter().filter_map(place).collect()
            }
            ArgumentType::Tuple(items) => {
                let place = |(at, shape): (usize, &ArgumentType)| match shape {
                    ArgumentType::Integer(kind, _) => Some((format!("/{at}"), *kind)),
                    _ => None,
                };
                items.iter().enumerate().filter_map(place).collect()
            }
            _ => Vec::new(),
        };
        places
            .into_iter()
            .filter_map(|(path, kind)| Some((path.clone(), sum(&path, kind)?)))
            .collect()
    }

    /// The list with a total shared among its items' numbers.
    fn shared(&self, total: u128, path: &str) -> Option<Value> {
        let mut items = self.value.as_array()?.clone();
        let count = items.len() as u128;
        let share = total.checked_div(count)?;
        for (at, item) in items.iter_mut().enumerate() {
            let rest = if at == 0 { total - share * count } else { 0 };
            let place = item.pointer_mut(path)?;
            let text = place.is_string();
            let number = share + rest;
            *place =
                if text { json!(number.to_string()) } else { json!(u64::try_from(number).ok()?) };
        }
        Some(items.into())
    }
}

/// Later moments than this one, if it is the time of the block in a unit that contracts use.
fn later(number: u128) -> Option<u128> {
    let now = u128::from(probe::CLOCK.time);
    let units = [1_000_000_000, 1_000, 1];
    let seconds = now / 1_000_000_000;
    units.into_iter().find(|unit| number / unit == seconds).map(|unit| number + MONTH * unit)
}

/// The number that a value shows, if it is not negative.
fn number_of(value: &Value, kind: IntegerKind) -> Option<u128> {
    kind.position_of(value)?.checked_sub(kind.zero())
}

fn number_value(number: u128, kind: IntegerKind, form: NumberForm) -> Option<Value> {
    let position = number.checked_add(kind.zero())?;
    let (_, max) = kind.range_in(form);
    (position <= max).then(|| kind.value(position, form))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::argument_type::{amount, member, object};
    use super::*;

    fn values() -> ExampleValues {
        ExampleValues {
            owner: "owner.near".parse().unwrap(),
            user: "alice.near".parse().unwrap(),
            suffix: ".near".to_owned(),
            participants: vec!["alice.near".parse().unwrap(), "bob.near".parse().unwrap()],
            known: Vec::new(),
            identified: BTreeMap::new(),
            list_length: 2,
        }
    }

    #[test]
    fn lists_get_lengths_and_totals() {
        let list = |item| ArgumentType::List(Box::new(item));
        let split = object(vec![
            member("to", ArgumentType::Text(TextKind::Account)),
            member("share", amount("u128")),
        ]);
        let shape = object(vec![
            member("shares", list(ArgumentType::number("u32"))),
            member("owners", list(ArgumentType::Text(TextKind::Account))),
            member("splits", list(split)),
        ]);
        let value = json!({
            "shares": [1, 1, 1],
            "owners": ["a.near"],
            "splits": [{ "to": "a.near", "share": "1" }, { "to": "b.near", "share": "2" }],
        });
        let leaves = leaves(&shape, &value);
        let whole = |path: &str| leaves.iter().find(|leaf| leaf.path == path).unwrap();
        let shares = whole("/shares").with_numbers(&[10_000], &values());
        assert_eq!(shares, [json!([3_334, 3_333, 3_333])]);
        let splits = whole("/splits").with_numbers(&[100], &values());
        assert_eq!(splits[0][1]["share"], "50");
        let owners = whole("/owners").with_numbers(&[3], &values());
        assert_eq!(owners, [json!(["a.near", "bob.near", "account2.near"])]);
        assert_eq!(whole("/splits/1/share").with_numbers(&[7], &values()), ["7", "8", "6"]);
    }

    #[test]
    fn a_text_gets_the_length_that_a_failure_names() {
        let shape = object(vec![member("address", ArgumentType::Text(TextKind::Plain))]);
        let value = json!({ "address": "a" });
        let texts = leaves(&shape, &value)[0].with_numbers(&[20], &values());
        assert!(texts.contains(&json!("1".repeat(40))), "{texts:?}");
    }
}
