//! What a method's arguments, deposit and gas may be, as `target.toml` says it.
//!
//! Data only: `target` reads it, `values` draws from it. Never draws anything itself.

use serde_json::Value;

use super::abi::Layout;
use super::composed_text::parts;
use super::integer::{IntegerKind, NumberForm};

/// What one value may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// Always this value.
    Literal(Value),
    /// An object with exactly these members.
    Object(Vec<(String, Template)>),
    /// An array with exactly these items.
    Array(Vec<Template>),
    /// A whole number within bounds.
    Integer(Integer),
    /// `true` or `false`.
    Bool,
    /// Text of at most so many characters.
    Text {
        /// In characters.
        max_length: usize,
    },
    /// Bytes.
    Bytes {
        /// In bytes.
        min_length: usize,
        /// In bytes.
        max_length: usize,
        /// How JSON shows them. Borsh arguments use base64 here.
        form: BytesForm,
    },
    /// The id of any account that the target names.
    Account,
    /// The id of any actor.
    Actor,
    /// The id of the operation's signer.
    Signer,
    /// One of these.
    OneOf(Vec<Template>),
    /// `null` or this.
    Optional(Box<Template>),
    /// So many of this.
    List {
        /// What each item may be.
        item: Box<Template>,
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
    },
    /// Text that holds JSON.
    JsonText(Box<Template>),
    /// Text that shows borsh values, one after another.
    Packed {
        /// The values.
        parameters: Vec<Parameter>,
        /// How the text shows the bytes.
        form: BytesForm,
    },
    /// Text that holds these with a separator between them.
    Joined {
        /// What separates them.
        separator: String,
        /// What they may be.
        items: Vec<Template>,
    },
}

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integer {
    /// Width and sign.
    pub kind: IntegerKind,
    /// Position of the smallest number, at most `max`.
    pub min: u128,
    /// Position of the largest number.
    pub max: u128,
    /// How JSON shows it.
    pub form: NumberForm,
}

/// How JSON shows bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesForm {
    /// As base64 text, which is how near-sdk's `Base64VecU8` reads and writes them.
    Base64,
    /// As hexadecimal text without prefix.
    Hex,
    /// As base58 text, which is how near-sdk's `Base58CryptoHash` reads and writes a hash.
    Base58,
    /// As an array of numbers, which is how a plain `Vec<u8>` reads and writes them.
    Array,
}

/// What an attached amount may be: a deposit in yoctoNEAR, or gas in single units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amounts {
    /// Anything from the first to the last, both included; the first is at most the last.
    Between(u128, u128),
    /// One of these; at least one.
    OneOf(Vec<u128>),
}

impl Amounts {
    /// Whether the amount is one of them.
    #[must_use]
    pub fn contain(&self, amount: u128) -> bool {
        match self {
            Self::Between(min, max) => (*min..=*max).contains(&amount),
            Self::OneOf(amounts) => amounts.contains(&amount),
        }
    }
}

/// What a method takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameters {
    /// A JSON value, an object as a rule.
    Json(Template),
    /// Borsh values one after another.
    Borsh(Vec<Parameter>),
    /// These bytes, always.
    Bytes(Vec<u8>),
}

/// One value of a borsh input.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name, for people.
    pub name: String,
    /// How it is written.
    pub layout: Layout,
    /// What it may be.
    pub template: Template,
}

impl Parameters {
    /// Whether some value depends on who signs.
    pub(crate) fn mention_signer(&self) -> bool {
        match self {
            Self::Json(template) => template.mentions_signer(),
            Self::Borsh(parameters) => {
                parameters.iter().any(|parameter| parameter.template.mentions_signer())
            }
            Self::Bytes(_) => false,
        }
    }
}

impl Template {
    fn mentions_signer(&self) -> bool {
        match self {
            Self::Signer => true,
            Self::Object(members) => members.iter().any(|(_, member)| member.mentions_signer()),
            Self::Array(items) | Self::OneOf(items) => items.iter().any(Self::mentions_signer),
            Self::Optional(inner) | Self::List { item: inner, .. } => inner.mentions_signer(),
            text => parts(text).is_some_and(|parts| parts.into_iter().any(Self::mentions_signer)),
        }
    }

    /// Every value that a type allows, for a borsh parameter that says no more.
    pub(crate) fn of_layout(layout: &Layout) -> Self {
        match layout {
            Layout::Integer(kind) => Self::Integer(Integer::any(*kind, kind.usual_form())),
            Layout::Bool => Self::Bool,
            Layout::Text => Self::Text { max_length: 20 },
            Layout::Account => Self::Account,
            Layout::Bytes => Self::Bytes { min_length: 0, max_length: 32, form: BytesForm::Base64 },
            Layout::FixedBytes(length) => {
                Self::Bytes { min_length: *length, max_length: *length, form: BytesForm::Base64 }
            }
            Layout::Option(inner) => Self::Optional(Box::new(Self::of_layout(inner))),
            Layout::List(item) => {
                Self::List { item: Box::new(Self::of_layout(item)), min: 0, max: 3 }
            }
            Layout::Tuple(items) => Self::Array(items.iter().map(Self::of_layout).collect()),
        }
    }
}

impl Integer {
    /// Every number of a kind that JSON can hold in this form.
    pub(crate) fn any(kind: IntegerKind, form: NumberForm) -> Self {
        let (min, max) = kind.range_in(form);
        Self { kind, min, max, form }
    }
}
