//! Asks a contract what a method's arguments look like: gives it wrong ones, and reads what it says.
//!
//! A value is learnt with everything before it in place and nothing behind it, so that what the
//! contract says is about this value or about something later. Never asks without end: every method
//! has a budget of calls.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::complaint::{Complaint, Wish};
use super::probe::{Answer, Probe, Question};
use super::shape::{Shape, TextKind, member};
use super::words;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;
use crate::types::AccountId;
use crate::vm::Error;

/// Calls that one method may cost.
const BUDGET: u32 = 2_000;
/// How deep values may nest.
const DEPTH: usize = 8;
/// The most members of one object.
pub(super) const MAX_MEMBERS: usize = 64;

/// What of a call is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Its input.
    Input,
    /// What one of the promises gave for which it is the callback.
    Result {
        /// Which of them.
        number: usize,
        /// The input meanwhile.
        input: &'a [u8],
    },
}

/// How a method is called while its arguments are learnt.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    /// The contract.
    pub probe: &'a Probe<'a>,
    /// The method.
    pub method: &'a str,
    /// Who calls.
    pub caller: &'a AccountId,
    /// In yoctoNEAR.
    pub deposit: u128,
    /// What the promises gave for which this is the callback.
    pub results: &'a [&'a [u8]],
    /// What of the call is learnt.
    pub subject: Subject<'a>,
    /// Names that members may have.
    pub names: &'a BTreeSet<String>,
    /// An account that exists.
    pub someone: &'a AccountId,
}

/// Where a value stands: what is written before it and behind it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) before: String,
    behind: String,
    depth: usize,
}

/// Learns one method's arguments.
pub(super) struct Learner<'a> {
    pub(super) asking: &'a Asking<'a>,
    left: Cell<u32>,
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl Asking<'_> {
    /// The failure of a call with these bytes for what is learnt.
    pub(super) fn failure(&self, bytes: &[u8]) -> Result<Option<String>> {
        Ok(self.answer(bytes)?.failure)
    }

    /// What a call does with these bytes for what is learnt.
    pub(super) fn answer(&self, bytes: &[u8]) -> Result<Answer> {
        let mut results = self.results.to_vec();
        let input = match self.subject {
            Subject::Input => bytes,
            Subject::Result { number, input } => {
                results[number] = bytes;
                input
            }
        };
        let question = Question {
            method: self.method,
            input,
            caller: self.caller,
            deposit: self.deposit,
            results: &results,
            view: false,
        };
        self.probe.ask(&question)
    }

    /// What the JSON looks like that is learnt; `None` where the method says nothing about JSON.
    ///
    /// # Errors
    /// Only when the machine failed.
    pub fn learn(&self) -> Result<Option<Shape>> {
        // What is no JSON at all is refused by everyone who reads JSON.
        let Some(complaint) = self.failure(b"\x01")? else { return Ok(None) };
        if Complaint::of(&complaint).is_none() {
            return Ok(None);
        }
        Learner::new(self).learn(&Place::whole()).map(Some)
    }
}

impl Place {
    /// All of the input.
    pub(super) fn whole() -> Self {
        Self { before: String::new(), behind: String::new(), depth: DEPTH }
    }

    pub(super) fn inner(&self, before: &str, behind: &str) -> Self {
        Self {
            before: format!("{}{before}", self.before),
            behind: format!("{behind}{}", self.behind),
            depth: self.depth.saturating_sub(1),
        }
    }
}

impl<'a> Learner<'a> {
    pub(super) fn new(asking: &'a Asking<'a>) -> Self {
        Self { asking, left: Cell::new(BUDGET) }
    }
}

impl Learner<'_> {
    /// Tries a value, written as JSON: what is said about the input's form, wherever in it.
    pub(super) fn complaint(&self, place: &Place, text: &str) -> Result<Option<Complaint>> {
        let Some(left) = self.left.get().checked_sub(1) else { return Ok(None) };
        self.left.set(left);
        let input = format!("{}{text}{}", place.before, place.behind);
        Ok(self.asking.failure(input.as_bytes())?.as_deref().and_then(Complaint::of))
    }

    /// Tries a value, written as JSON: why it cannot be read, if so.
    pub(super) fn refusal(&self, place: &Place, text: &str) -> Result<Option<Complaint>> {
        let (start, end) = (place.before.len(), place.before.len() + text.len());
        // All before it is in order, so whatever is said behind it is about this value too, unless it
        // says that more should follow: types that read a text and then judge it do so late.
        let about_this = |complaint: &Complaint| {
            (start..=end).contains(&complaint.position)
                || (complaint.position > end && !complaint.asks_for_more())
        };
        Ok(self.complaint(place, text)?.filter(about_this))
    }

    pub(super) fn accepts(&self, place: &Place, text: &str) -> Result<bool> {
        Ok(self.refusal(place, text)?.is_none())
    }

    /// What the value at this place looks like.
    pub(super) fn learn(&self, place: &Place) -> Result<Shape> {
        if place.depth == 0 {
            return Ok(Shape::Null);
        }
        match self.refusal(place, "null")? {
            Some(complaint) => self.learn_refused(place, &complaint),
            None => self.learn_nullable(place),
        }
    }

    /// `null` is read: an option, or whatever takes anything.
    fn learn_nullable(&self, place: &Place) -> Result<Shape> {
        for text in ["{}", "[]", "\"?!\"", "1"] {
            if let Some(complaint) = self.refusal(place, text)? {
                let inner = match complaint.wish() {
                    Wish::Type("unit") => return Ok(Shape::Null),
                    _ if text == "\"?!\"" => self.learn_text(place)?,
                    _ => self.learn_refused(place, &complaint)?,
                };
                return Ok(match inner {
                    Shape::Null => Shape::Null,
                    inner => Shape::Optional(Box::new(inner)),
                });
            }
        }
        Ok(Shape::Anything)
    }

    /// Something is not read, and the complaint says what would be.
    fn learn_refused(&self, place: &Place, complaint: &Complaint) -> Result<Shape> {
        match complaint.wish() {
            Wish::Type(wanted) => self.learn_type(place, wanted),
            Wish::Member(_) | Wish::Members(_) | Wish::Once(_) => self.learn_object(place),
            Wish::Variants(_) | Wish::Value => self.learn_variants(place),
            Wish::Other(_) => self.try_all(place),
        }
    }

    fn learn_type(&self, place: &Place, wanted: &str) -> Result<Shape> {
        if let Some(kind) = IntegerKind::named(wanted) {
            return Ok(Shape::Integer(kind, NumberForm::Number));
        }
        let has = |word: &str| wanted.contains(word);
        match wanted {
            "a boolean" => Ok(Shape::Bool),
            "f32" | "f64" => Ok(Shape::Fraction),
            "usize" => Ok(Shape::number("u32")),
            "isize" => Ok(Shape::number("i32")),
            "unit" => Ok(Shape::Null),
            "a sequence" | "a list" | "a set" => self.learn_list(place),
            "a map" | "map" => self.learn_map(place),
            "a string" | "a borrowed string" | "a character" | "string" | "str" => {
                self.learn_text(place)
            }
            _ if has("tuple") || has("array of length") => self.learn_tuple(place),
            _ if has("tagged enum") || wanted.starts_with("struct") => self.learn_object(place),
            _ if has("enum") || has("variant") => self.learn_variants(place),
            _ if has("string") => self.learn_text(place),
            _ if has("integer") || has("number") => self.try_all(place),
            _ => self.try_all(place),
        }
    }

    /// Nothing says what is wanted: the first that is read.
    fn try_all(&self, place: &Place) -> Result<Shape> {
        if let shape @ (Shape::Text(_) | Shape::Integer(..) | Shape::Bytes(_)) =
            self.learn_text(place)?
        {
            return Ok(shape);
        }
        for (text, shape) in [
            ("1", Shape::number("u64")),
            ("true", Shape::Bool),
            ("[]", Shape::List(Box::new(Shape::Null))),
            ("[1]", Shape::Bytes(BytesForm::Array)),
        ] {
            if self.accepts(place, text)? {
                return Ok(shape);
            }
        }
        self.learn_object(place)
    }

    fn learn_list(&self, place: &Place) -> Result<Shape> {
        let item = self.learn(&place.inner("[", "]"))?;
        Ok(match item {
            Shape::Integer(IntegerKind::U8, _) => Shape::Bytes(BytesForm::Array),
            item => Shape::List(Box::new(item)),
        })
    }

    /// So many values: one after the other until the list is long enough.
    fn learn_tuple(&self, place: &Place) -> Result<Shape> {
        let (mut items, mut before) = (Vec::new(), "[".to_owned());
        while items.len() < MAX_MEMBERS {
            let text = format!("{}]", before.trim_end_matches(','));
            if !items.is_empty() && self.accepts(place, &text)? {
                break;
            }
            let item = self.learn(&place.inner(&before, "]"))?;
            before.push_str(&item.example(self.asking.someone).to_string());
            before.push(',');
            items.push(item);
        }
        Ok(Shape::Tuple(items))
    }

    /// Names and values: the names are accounts, unless anything goes.
    fn learn_map(&self, place: &Place) -> Result<Shape> {
        let someone = self.asking.someone.as_str();
        let value = self.learn(&place.inner(&format!("{{\"{someone}\":"), "}"))?;
        self.map_of(place, value)
    }

    /// Values that look like this, by names that are learnt.
    pub(super) fn map_of(&self, place: &Place, value: Shape) -> Result<Shape> {
        let text = format!("{{\"?!\":{}}}", value.example(self.asking.someone));
        let anything = self.accepts(place, &text)?;
        let kind = if anything { TextKind::Plain } else { TextKind::Account };
        Ok(Shape::Map(Box::new(kind), Box::new(value)))
    }

    /// An enum: its variants are in what it says about one that it does not have.
    fn learn_variants(&self, place: &Place) -> Result<Shape> {
        let complaint = self.refusal(place, "\"?!\"")?;
        let Some(complaint) = complaint else { return self.learn_text(place) };
        let Wish::Variants(names) = complaint.wish() else { return self.try_all(place) };
        let mut shapes = Vec::new();
        for name in names {
            let key = Value::from(name);
            if self.accepts(place, &key.to_string())? {
                shapes.push(Shape::Example(key));
                continue;
            }
            let inner = self.learn(&place.inner(&format!("{{{key}:"), "}"))?;
            shapes.push(Shape::Object(vec![member(name, inner)]));
        }
        Ok(if shapes.is_empty() { Shape::Null } else { Shape::OneOf(shapes) })
    }

    /// What a text means, by which texts are read.
    pub(super) fn learn_text(&self, place: &Place) -> Result<Shape> {
        if let Some(complaint) = self.refusal(place, "\"?!\"")?
            && let Wish::Variants(_) = complaint.wish()
        {
            return self.learn_variants(place);
        }
        let reads = |text: &str| self.accepts(place, &Value::from(text).to_string());
        match words::meaning(self.asking.someone, reads)? {
            Some(shape) => Ok(shape),
            None => self.learn_word(place),
        }
    }

    /// A text that is none of the usual ones: words of the contract itself.
    fn learn_word(&self, place: &Place) -> Result<Shape> {
        let mut found = Vec::new();
        for name in self.asking.names {
            if self.left.get() < BUDGET / 4 {
                break;
            }
            if self.accepts(place, &Value::from(name.as_str()).to_string())? {
                found.push(name.clone());
            }
        }
        Ok(if found.is_empty() { Shape::Null } else { Shape::Text(TextKind::Words(found)) })
    }
}
