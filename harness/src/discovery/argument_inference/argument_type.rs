//! The type of a JSON argument, as far as it is known.
//!
//! Data only: it does not say how it was found out.

use serde_json::{Value, json};

use super::borsh;
use crate::arguments::abi::Layout;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;
use crate::arguments::values::show;
use crate::types::AccountId;

/// The type of a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentType {
    /// Only `null` is known to be accepted.
    Null,
    /// Any value is accepted.
    Anything,
    /// `true` or `false`.
    Bool,
    /// A number with a decimal point.
    Fraction,
    /// A whole number.
    Integer(IntegerKind, NumberForm),
    /// Text.
    Text(TextKind),
    /// Bytes.
    Bytes(BytesForm),
    /// Exactly this value.
    Example(Value),
    /// Members with their names.
    Object(Vec<Member>),
    /// A map with keys and values of these types.
    Map(Box<TextKind>, Box<ArgumentType>),
    /// Any number of values of this type.
    List(Box<ArgumentType>),
    /// A fixed number of values, each of its own type.
    Tuple(Vec<ArgumentType>),
    /// `null` or this.
    Optional(Box<ArgumentType>),
    /// One of these, such as an enum.
    OneOf(Vec<ArgumentType>),
    /// Text that holds JSON of this type.
    JsonText(Box<ArgumentType>),
    /// Text that shows borsh values, one after another, each with a name.
    Packed {
        /// How the text shows the bytes.
        form: BytesForm,
        /// The values.
        layouts: Vec<(String, Layout)>,
    },
    /// Text that holds these with separators between them.
    Joined {
        /// What separates them.
        separator: String,
        /// What they are.
        items: Vec<ArgumentType>,
    },
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its value.
    pub shape: ArgumentType,
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
pub(in crate::discovery) fn member(name: &str, shape: ArgumentType) -> Member {
    Member { name: name.to_owned(), shape }
}

/// An object with these members.
pub(in crate::discovery) fn object(members: Vec<Member>) -> ArgumentType {
    ArgumentType::Object(members)
}

/// `null` or this.
pub(in crate::discovery) fn optional(shape: ArgumentType) -> ArgumentType {
    ArgumentType::Optional(Box::new(shape))
}

/// A whole number that JSON shows as text.
pub(in crate::discovery) fn amount(kind: &str) -> ArgumentType {
    ArgumentType::Integer(IntegerKind::named(kind).unwrap_or(IntegerKind::U128), NumberForm::Text)
}

/// One of these types.
pub(in crate::discovery) fn one_of(mut choices: Vec<ArgumentType>) -> ArgumentType {
    match choices.len() {
        0 => ArgumentType::Null,
        1 => choices.remove(0),
        _ => ArgumentType::OneOf(choices),
    }
}

/// The text of these values with separators between them.
pub(super) fn joined(separator: &str, values: impl Iterator<Item = Value>) -> Value {
    let piece = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.map(piece).collect::<Vec<_>>().join(separator).into()
}

impl ArgumentType {
    /// A whole number that JSON shows as a number.
    pub fn number(kind: &str) -> Self {
        Self::Integer(IntegerKind::named(kind).unwrap_or(IntegerKind::U64), NumberForm::Number)
    }

    /// The plainest value of this type that is not empty.
    pub fn example(&self, user: &AccountId) -> Value {
        match self {
            Self::Null | Self::Anything | Self::Optional(_) => Value::Null,
            Self::Bool => json!(true),
            Self::Fraction => json!(1.5),
            Self::Integer(_, NumberForm::Number) => json!(1),
            Self::Integer(_, NumberForm::Text) => json!("1"),
            Self::Text(kind) => kind.example(user),
            Self::Bytes(BytesForm::Base64) => json!("AQID"),
            Self::Bytes(BytesForm::Hex) => json!("010203"),
            // Three bytes as well.
            Self::Bytes(BytesForm::Base58) => json!("Ldp"),
            Self::Bytes(BytesForm::Array) => json!([1, 2, 3]),
            Self::Example(value) => value.clone(),
            Self::Object(members) => members
                .iter()
                .map(|member| (member.name.clone(), member.shape.example(user)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Map(key, value) => {
                let key = key.example(user);
                json!({ key.as_str().unwrap_or("a"): value.example(user) })
            }
            Self::List(item) => json!([item.example(user)]),
            Self::Tuple(items) => items.iter().map(|item| item.example(user)).collect(),
            Self::OneOf(choices) => {
                choices.first().map_or(Value::Null, |choice| choice.example(user))
            }
            Self::JsonText(inner) => inner.example(user).to_string().into(),
            Self::Packed { form, layouts } => show(&borsh::example(layouts, user), *form),
            Self::Joined { separator, items } => {
                joined(separator, items.iter().map(|item| item.example(user)))
            }
        }
    }

    /// How many members it has, including those of nested objects.
    pub fn members(&self) -> usize {
        match self {
            Self::Object(members) => members.iter().map(|member| 1 + member.shape.members()).sum(),
            Self::List(inner)
            | Self::Optional(inner)
            | Self::Map(_, inner)
            | Self::JsonText(inner) => inner.members(),
            Self::Tuple(items) | Self::OneOf(items) => items.iter().map(Self::members).sum(),
            _ => 0,
        }
    }

    /// A short description: `{ amount: u128 as text, to: account }`.
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
            Self::JsonText(inner) => format!("text of {}", inner.describe()),
            Self::Packed { form, layouts } => {
                let layouts: Vec<_> =
                    layouts.iter().map(|(_, layout)| layout.to_string()).collect();
                format!("{} of borsh ({})", Self::Bytes(*form).describe(), layouts.join(", "))
            }
            Self::Joined { separator, items } => format!("text of {}", all(items, separator)),
        }
    }
}

impl TextKind {
    fn example(&self, user: &AccountId) -> Value {
        match self {
            Self::Plain => json!("a"),
            Self::Account => json!(user.as_str()),
            Self::Words(words) => json!(words.first().map_or("a", String::as_str)),
        }
    }
}
