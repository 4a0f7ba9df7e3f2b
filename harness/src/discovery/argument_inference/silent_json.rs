//! Infers the JSON that a contract reads without saying what is wrong with it: from how far it reads.
//!
//! Asks only [`Consumption`], which keeps the budget.

use std::collections::BTreeSet;

use serde_json::Value;

use super::argument_type::{ArgumentType, Member, TextKind, member, one_of};
use super::consumption::Consumption;
use super::inference::ArgumentInference;
use super::text_type;
use super::trials::Result;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;
use crate::types::AccountId;

/// Texts that may be tried for one input. Each costs two calls.
const BUDGET: u32 = 4_000;
/// How deep values may nest.
const DEPTH: usize = 6;
/// The most members of one object, and variants of one enum.
const MOST: usize = 32;
/// How many names are tried at once as members of an object.
const AT_ONCE: usize = 48;
/// A name that no contract uses.
const UNKNOWN: &str = "?!";

/// The largest number of each integer type, the narrowest first.
const LARGEST: [(&str, &str); 4] =
    [("256", "u8"), ("65536", "u16"), ("4294967296", "u32"), ("18446744073709551616", "u64")];

/// The JSON type of a text or an input whose errors a contract hides; `None` if it does not read JSON.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn infer(
    inference: &ArgumentInference<'_>,
) -> Result<Option<ArgumentType>> {
    let Some(consumption) = Consumption::new(inference, BUDGET)? else { return Ok(None) };
    let reading = Reading { consumption, names: inference.names, user: inference.user };
    let whole = Place { before: String::new(), after: After::Text(String::new()) };
    let shape = reading.value(&whole, DEPTH)?;
    Ok(if matches!(shape, ArgumentType::Null | ArgumentType::Anything) {
        None
    } else {
        Some(shape)
    })
}

struct Reading<'a> {
    consumption: Consumption<'a>,
    names: &'a BTreeSet<String>,
    user: &'a AccountId,
}

/// A place for a value in a text. A parser that rejects the value still looks for the end of what is around it, so
/// something that is not an end comes between the value and the blanks.
struct Place {
    before: String,
    after: After,
}

/// What follows a value.
enum After {
    /// This text.
    Text(String),
    /// The same value again, in a list.
    Again,
}

impl Place {
    /// A member of an object that skips unknown ones.
    fn member(written: &str, name: &str) -> Self {
        let before = format!("{written}{}:", Value::from(name));
        Self { before, after: After::Text(format!(",\"{UNKNOWN}\":0,")) }
    }

    fn with(&self, value: &str) -> String {
        match &self.after {
            After::Text(after) => format!("{}{value}{after}", self.before),
            After::Again => format!("{}{value},{value},", self.before),
        }
    }
}

impl Reading<'_> {
    /// Whether the contract accepts this value here.
    fn accepts(&self, place: &Place, value: &str) -> Result<bool> {
        self.consumption.reads(&place.with(value))
    }

    /// Whether the contract accepts a value that begins so.
    fn opens(&self, place: &Place, beginning: &str) -> Result<bool> {
        self.consumption.reads(&format!("{}{beginning}", place.before))
    }

    /// What the contract reads here.
    fn value(&self, place: &Place, depth: usize) -> Result<ArgumentType> {
        if depth == 0 || self.consumption.spent() {
            return Ok(ArgumentType::Null);
        }
        let nullable = self.accepts(place, "null")?;
        let object = self.opens(place, "{")?;
        let list = self.opens(place, "[")?;
        let text = self.accepts(place, "\"Any text? Yes!\"")?;
        let shape = match (object, list, text) {
            (true, true, true) => return Ok(ArgumentType::Anything),
            (true, ..) => self.object(place, depth)?,
            (_, true, _) => self.list(place, depth)?,
            (.., true) => ArgumentType::Text(TextKind::Plain),
            _ => self.scalar(place)?,
        };
        Ok(match shape {
            ArgumentType::Null => ArgumentType::Null,
            shape if nullable => ArgumentType::Optional(Box::new(shape)),
            shape => shape,
        })
    }

    fn scalar(&self, place: &Place) -> Result<ArgumentType> {
        if self.accepts(place, "true")? {
            return Ok(ArgumentType::Bool);
        }
        if self.accepts(place, "1.5")? {
            return Ok(ArgumentType::Fraction);
        }
        if self.accepts(place, "1")? {
            return self.number(place);
        }
        let reads = |text: &str| self.accepts(place, &Value::from(text).to_string());
        if let Some(shape) = text_type::meaning(self.user, reads)? {
            return Ok(shape);
        }
        let words = self.words(place)?;
        let choices = words.into_iter().map(|word| ArgumentType::Example(word.into())).collect();
        Ok(one_of(choices))
    }

    fn number(&self, place: &Place) -> Result<ArgumentType> {
        let sign = if self.accepts(place, "-1")? { 'i' } else { 'u' };
        for (too_large, kind) in LARGEST {
            if !self.accepts(place, too_large)? {
                return Ok(ArgumentType::number(&kind.replace('u', &sign.to_string())));
            }
        }
        Ok(ArgumentType::number(&format!("{sign}128")))
    }

    /// The words that the contract reads as a text: the variants of an enum.
    fn words(&self, place: &Place) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for name in self.names {
            if found.len() < MOST && self.accepts(place, &Value::from(name.as_str()).to_string())? {
                found.push(name.clone());
            }
        }
        Ok(found)
    }

    fn list(&self, place: &Place, depth: usize) -> Result<ArgumentType> {
        let open = Place { before: format!("{}[", place.before), after: After::Again };
        let first = self.value(&open, depth - 1)?;
        let mut written = format!("[{}", first.example(self.user));
        if self.accepts(place, &format!("{written}]"))? {
            return Ok(match first {
                ArgumentType::Integer(IntegerKind::U8, NumberForm::Number) => {
                    ArgumentType::Bytes(BytesForm::Array)
                }
                item => ArgumentType::List(Box::new(item)),
            });
        }
        let mut items = vec![first];
        while items.len() < MOST && !self.accepts(place, &format!("{written}]"))? {
            let before = format!("{}{written},", place.before);
            let item = self.value(&Place { before, after: After::Again }, depth - 1)?;
            if item == ArgumentType::Null {
                return Ok(ArgumentType::Null);
            }
            written.push_str(&format!(",{}", item.example(self.user)));
            items.push(item);
        }
        Ok(ArgumentType::Tuple(items))
    }

    fn object(&self, place: &Place, depth: usize) -> Result<ArgumentType> {
        let open = format!("{}{{", place.before);
        // Members with unknown names are skipped, whatever their values are.
        let mut skips = true;
        for value in ["1", "\"x\"", "[1]"] {
            skips &= self.accepts(&Place::member(&open, UNKNOWN), value)?;
        }
        if skips {
            return self.members(&open, depth);
        }
        for (name, kind) in [(UNKNOWN, TextKind::Plain), (self.user.as_str(), TextKind::Account)] {
            let before = format!("{open}{}:", Value::from(name));
            if self.consumption.reads(&before)? {
                let inner = Place { before, after: After::Text(",".to_owned()) };
                let value = self.value(&inner, depth - 1)?;
                return Ok(ArgumentType::Map(Box::new(kind), Box::new(value)));
            }
        }
        self.variants(place, depth)
    }

    /// An enum whose variants are named by the only member of an object, or an object that accepts no unknown
    /// members.
    fn variants(&self, place: &Place, depth: usize) -> Result<ArgumentType> {
        let after = match &place.after {
            After::Text(after) => format!("}}{after}"),
            After::Again => "},".to_owned(),
        };
        let mut known = Vec::new();
        for name in self.names {
            let before = format!("{}{{{}:", place.before, Value::from(name.as_str()));
            if known.len() < MOST && self.consumption.reads(&before)? {
                let inner = Place { before, after: After::Text(after.clone()) };
                known.push(member(name, self.value(&inner, depth - 1)?));
            }
        }
        if let [first, _, ..] = &known[..] {
            let one = ArgumentType::Object(vec![first.clone()]).example(self.user).to_string();
            if self.opens(place, &format!("{},", one.strip_suffix('}').unwrap_or(&one)))? {
                // Another member may follow.
                return Ok(ArgumentType::Object(known));
            }
        }
        let words = self.words(place)?;
        known.retain(|variant| !words.contains(&variant.name));
        let objects = known.into_iter().map(|variant| ArgumentType::Object(vec![variant]));
        let units = words.into_iter().map(|word| ArgumentType::Example(word.into()));
        Ok(one_of(objects.chain(units).collect()))
    }

    /// The members of an object that skips unknown ones.
    fn members(&self, open: &str, depth: usize) -> Result<ArgumentType> {
        let mut members: Vec<Member> = Vec::new();
        let mut written = open.to_owned();
        let names: Vec<&String> = self.names.iter().collect();
        let mut rest = &names[..];
        while !rest.is_empty() && members.len() < MOST && !self.consumption.spent() {
            let now = &rest[..rest.len().min(AT_ONCE)];
            let Some(at) = self.first_known(&written, now)? else {
                rest = &rest[now.len()..];
                continue;
            };
            let name = now[at];
            let place = Place::member(&written, name);
            match self.value(&place, depth - 1)? {
                ArgumentType::Null | ArgumentType::Anything => {}
                shape => {
                    written = format!("{}{},", place.before, shape.example(self.user));
                    members.push(member(name, shape));
                }
            }
            rest = &rest[at + 1..];
        }
        Ok(ArgumentType::Object(members))
    }

    /// The first of these names that is the name of a member: its value cannot be `null`, or it cannot be given
    /// twice.
    fn first_known(&self, written: &str, names: &[&String]) -> Result<Option<usize>> {
        let skips = |names: &[&String]| {
            let each = names.iter().map(|name| Value::from(name.as_str()));
            let twice: String = each.map(|name| format!("{name}:null,{name}:null,")).collect();
            self.accepts(&Place::member(&format!("{written}{twice}"), UNKNOWN), "0")
        };
        if skips(names)? {
            return Ok(None);
        }
        // The first `few` of them are skipped, the first `many` are not.
        let (mut few, mut many) = (0, names.len());
        while many - few > 1 {
            let middle = usize::midpoint(few, many);
            if skips(&names[..middle])? { few = middle } else { many = middle }
        }
        Ok(Some(many - 1))
    }
}
