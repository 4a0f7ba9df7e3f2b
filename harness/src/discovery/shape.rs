//! What an argument looks like, as far as it is known: a tree that gives examples.
//!
//! Never runs a contract, and never knows how something was learnt.

use serde_json::{Value, json};

use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;
use crate::types::AccountId;

/// What a value looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Only `null` is known to go through.
    Null,
    /// Whatever is written there goes through.
    Anything,
    /// `true` or `false`.
    Bool,
    /// A number with a point.
    Fraction,
    /// A whole number.
    Integer(IntegerKind, NumberForm),
    /// Text.
    Text(TextKind),
    /// Bytes.
    Bytes(BytesForm),
    /// This value: what went through where nothing else is known.
    Example(Value),
    /// Members with their names.
    Object(Vec<Member>),
    /// Any names, with values that look like this.
    Map(Box<TextKind>, Box<Shape>),
    /// Any number of values that look like this.
    List(Box<Shape>),
    /// So many values, each with a look of its own.
    Tuple(Vec<Shape>),
    /// `null` or this.
    Optional(Box<Shape>),
    /// One of these, as enums are.
    OneOf(Vec<Shape>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its value.
    pub shape: Shape,
}

/// What a text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Anything.
    Plain,
    /// An account's id.
    Account,
    /// One of these words.
    Words(Vec<String>),
}

/// A member.
pub(super) fn member(name: &str, shape: Shape) -> Member {
    Member { name: name.to_owned(), shape }
}

/// An object with these members.
pub(super) fn object(members: Vec<Member>) -> Shape {
    Shape::Object(members)
}

/// `null` or this.
pub(super) fn optional(shape: Shape) -> Shape {
    Shape::Optional(Box::new(shape))
}

/// A whole number that JSON shows as text.
pub(super) fn amount(kind: &str) -> Shape {
    Shape::Integer(IntegerKind::named(kind).unwrap_or(IntegerKind::U128), NumberForm::Text)
}

impl Shape {
    /// A whole number that JSON shows as a number.
    pub fn number(kind: &str) -> Self {
        Self::Integer(IntegerKind::named(kind).unwrap_or(IntegerKind::U64), NumberForm::Number)
    }

    /// A value that looks like this: the plainest that is not empty.
    pub fn example(&self, someone: &AccountId) -> Value {
        match self {
            Self::Null | Self::Anything | Self::Optional(_) => Value::Null,
            Self::Bool => json!(true),
            Self::Fraction => json!(1.5),
            Self::Integer(_, NumberForm::Number) => json!(1),
            Self::Integer(_, NumberForm::Text) => json!("1"),
            Self::Text(kind) => kind.example(someone),
            Self::Bytes(BytesForm::Base64) => json!("AQID"),
            Self::Bytes(BytesForm::Hex) => json!("010203"),
            // Three bytes as well.
            Self::Bytes(BytesForm::Base58) => json!("Ldp"),
            Self::Bytes(BytesForm::Array) => json!([1, 2, 3]),
            Self::Example(value) => value.clone(),
            Self::Object(members) => members
                .iter()
                .map(|member| (member.name.clone(), member.shape.example(someone)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Map(key, value) => {
                let key = key.example(someone);
                json!({ key.as_str().unwrap_or("a"): value.example(someone) })
            }
            Self::List(item) => json!([item.example(someone)]),
            Self::Tuple(items) => items.iter().map(|item| item.example(someone)).collect(),
            Self::OneOf(choices) => {
                choices.first().map_or(Value::Null, |choice| choice.example(someone))
            }
        }
    }

    /// How many members it has by name, those of members included.
    pub fn members(&self) -> usize {
        match self {
            Self::Object(members) => members.iter().map(|member| 1 + member.shape.members()).sum(),
            Self::List(inner) | Self::Optional(inner) | Self::Map(_, inner) => inner.members(),
            Self::Tuple(items) | Self::OneOf(items) => items.iter().map(Self::members).sum(),
            _ => 0,
        }
    }

    /// In few words, for eyes: `{ amount: u128 as text, to: account }`.
    pub fn describe(&self) -> String {
        let all = |shapes: &[Self], between: &str| {
            shapes.iter().map(Self::describe).collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Null => "null".to_owned(),
            Self::Anything => "anything".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Fraction => "f64".to_owned(),
            Self::Integer(kind, NumberForm::Number) => kind.name().to_owned(),
            Self::Integer(kind, NumberForm::Text) => format!("{} as text", kind.name()),
            Self::Text(TextKind::Plain) => "text".to_owned(),
            Self::Text(TextKind::Account) => "account".to_owned(),
            Self::Text(TextKind::Words(words)) => {
                words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" or ")
            }
            Self::Bytes(BytesForm::Base64) => "base64".to_owned(),
            Self::Bytes(BytesForm::Hex) => "hex".to_owned(),
            Self::Bytes(BytesForm::Base58) => "base58".to_owned(),
            Self::Bytes(BytesForm::Array) => "bytes".to_owned(),
            Self::Example(value) => value.to_string(),
            Self::Object(members) if members.is_empty() => "{}".to_owned(),
            Self::Object(members) => {
                let each = members.iter();
                let each = each.map(|each| format!("{}: {}", each.name, each.shape.describe()));
                format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
            }
            Self::Map(_, value) => format!("{{ any name: {} }}", value.describe()),
            Self::List(item) => format!("[{}]", item.describe()),
            Self::Tuple(items) => format!("[{}]", all(items, ", ")),
            Self::Optional(inner) => format!("{}?", inner.describe()),
            Self::OneOf(choices) => all(choices, " or "),
        }
    }
}

impl TextKind {
    fn example(&self, someone: &AccountId) -> Value {
        match self {
            Self::Plain => json!("a"),
            Self::Account => json!(someone.as_str()),
            Self::Words(words) => json!(words.first().map_or("a", String::as_str)),
        }
    }
}
