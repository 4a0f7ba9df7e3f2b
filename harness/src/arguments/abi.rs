//! The borsh types of a method's input: read from Rust's notation, written to and read from bytes.
//!
//! Between the two stands a JSON value: numbers of 128 bits and more are decimal text, bytes are base64 text, tuples
//! are arrays, a missing option is `null`. Never decides what a value should be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::integer::IntegerKind;
use super::template::{Parameter, Template};

/// How deep types may nest.
const MAX_DEPTH: usize = 16;

/// How a value is written in borsh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `u8` to `i128`.
    Integer(IntegerKind),
    /// `bool`.
    Bool,
    /// `String`.
    Text,
    /// `AccountId`: written as `String`.
    Account,
    /// `Vec<u8>`.
    Bytes,
    /// `[u8; N]`.
    FixedBytes(usize),
    /// `Option<T>`.
    Option(Box<Layout>),
    /// `Vec<T>`.
    List(Box<Layout>),
    /// `(A, B)`; a struct with the same fields in the same order is written alike.
    Tuple(Vec<Layout>),
}

impl Layout {
    /// Reads Rust's notation: `u128`, `Option<u64>`, `Vec<AccountId>`, `[u8; 32]`, `(u8, String)`.
    ///
    /// # Errors
    /// A text that says what is not understood.
    pub fn parse(notation: &str) -> Result<Self, String> {
        Self::parse_nested(notation.trim(), MAX_DEPTH)
    }

    fn parse_nested(notation: &str, depth: usize) -> Result<Self, String> {
        let depth = depth.checked_sub(1).ok_or("types nest too deeply")?;
        let inner = |text: &str| Self::parse_nested(text.trim(), depth);
        if let Some(kind) = IntegerKind::named(notation) {
            return Ok(Self::Integer(kind));
        }
        match notation {
            "bool" => return Ok(Self::Bool),
            "String" => return Ok(Self::Text),
            "AccountId" => return Ok(Self::Account),
            _ => {}
        }
        if let Some(item) = between(notation, "Option<", ">") {
            return Ok(Self::Option(Box::new(inner(item)?)));
        }
        if let Some(item) = between(notation, "Vec<", ">") {
            let item = inner(item)?;
            return Ok(if item == Self::Integer(IntegerKind::U8) {
                Self::Bytes
            } else {
                Self::List(Box::new(item))
            });
        }
        if let Some(items) = between(notation, "(", ")") {
            return split(items).into_iter().map(inner).collect::<Result<_, _>>().map(Self::Tuple);
        }
        let length = between(notation, "[", "]").and_then(|array| array.split_once(';'));
        match length.map(|(item, length)| (item.trim(), length.trim().parse::<usize>())) {
            Some(("u8", Ok(length))) if (1..=4096).contains(&length) => {
                Ok(Self::FixedBytes(length))
            }
            _ => Err(format!("`{notation}` is no type known here")),
        }
    }

    /// Appends the value's borsh form.
    ///
    /// # Errors
    /// A text that says which value does not have this type; `bytes` may then hold a part.
    pub fn encode(&self, value: &Value, bytes: &mut Vec<u8>) -> Result<(), String> {
        let mismatch = || format!("{value} is no `{self}`");
        match (self, value) {
            (Self::Integer(kind), value) => {
                bytes.extend(kind.to_borsh(kind.position_of(value).ok_or_else(mismatch)?));
            }
            (Self::Bool, Value::Bool(truth)) => bytes.push(u8::from(*truth)),
            (Self::Text | Self::Account, Value::String(text)) => {
                write_bytes(text.as_bytes(), bytes);
            }
            (Self::Bytes, Value::String(text)) => {
                write_bytes(&BASE64.decode(text).map_err(|_| mismatch())?, bytes);
            }
            (Self::FixedBytes(length), Value::String(text)) => {
                let decoded = BASE64.decode(text).ok().filter(|decoded| decoded.len() == *length);
                bytes.extend(decoded.ok_or_else(mismatch)?);
            }
            (Self::Option(_), Value::Null) => bytes.push(0),
            (Self::Option(inner), value) => {
                bytes.push(1);
                inner.encode(value, bytes)?;
            }
            (Self::List(item), Value::Array(values)) => {
                write_length(values.len(), bytes);
                values.iter().try_for_each(|value| item.encode(value, bytes))?;
            }
            (Self::Tuple(items), Value::Array(values)) if items.len() == values.len() => {
                items.iter().zip(values).try_for_each(|(item, value)| item.encode(value, bytes))?;
            }
            _ => return Err(mismatch()),
        }
        Ok(())
    }

    /// Takes a value of this type from the front of the bytes; `None` where they hold none.
    pub(crate) fn decode(&self, bytes: &mut &[u8]) -> Option<Value> {
        Some(match self {
            Self::Integer(kind) => {
                let position = kind.position_of_borsh(take(bytes, kind.width())?);
                kind.value(position, kind.usual_form())
            }
            Self::Bool => Value::Bool(flag(bytes)?),
            Self::Text | Self::Account => {
                let length = take_length(bytes)?;
                Value::String(String::from_utf8(take(bytes, length)?.to_vec()).ok()?)
            }
            Self::Bytes => {
                let length = take_length(bytes)?;
                Value::String(BASE64.encode(take(bytes, length)?))
            }
            Self::FixedBytes(length) => Value::String(BASE64.encode(take(bytes, *length)?)),
            Self::Option(inner) => {
                if flag(bytes)? {
                    inner.decode(bytes)?
                } else {
                    Value::Null
                }
            }
            Self::List(item) => {
                let length = take_length(bytes)?;
                Value::Array((0..length).map(|_| item.decode(bytes)).collect::<Option<_>>()?)
            }
            Self::Tuple(items) => {
                Value::Array(items.iter().map(|item| item.decode(bytes)).collect::<Option<_>>()?)
            }
        })
    }

    /// Whether every value of the template has this type.
    ///
    /// # Errors
    /// A text that says what has another type.
    pub(crate) fn check(&self, template: &Template) -> Result<(), String> {
        match (self, template) {
            (_, Template::Literal(value)) => self.encode(value, &mut Vec::new()),
            (_, Template::OneOf(choices)) => {
                choices.iter().try_for_each(|choice| self.check(choice))
            }
            (Self::Option(inner), Template::Optional(template)) => inner.check(template),
            (Self::List(item), Template::List { item: template, .. }) => item.check(template),
            (Self::List(item), Template::Array(templates)) => {
                templates.iter().try_for_each(|each| item.check(each))
            }
            (Self::Tuple(items), Template::Array(templates)) if items.len() == templates.len() => {
                items.iter().zip(templates).try_for_each(|(item, template)| item.check(template))
            }
            (Self::Integer(kind), Template::Integer(integer)) if *kind == integer.kind => Ok(()),
            (Self::Bool, Template::Bool) | (Self::Text, Template::Text { .. }) => Ok(()),
            (
                Self::Text | Self::Account,
                Template::Account | Template::Actor | Template::Signer,
            ) => Ok(()),
            (Self::Bytes, Template::Bytes { .. }) => Ok(()),
            (Self::FixedBytes(length), Template::Bytes { min_length, max_length, .. })
                if length == min_length && length == max_length =>
            {
                Ok(())
            }
            _ => Err(format!("gives values that are no `{self}`")),
        }
    }
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(kind) => f.write_str(kind.name()),
            Self::Bool => f.write_str("bool"),
            Self::Text => f.write_str("String"),
            Self::Account => f.write_str("AccountId"),
            Self::Bytes => f.write_str("Vec<u8>"),
            Self::FixedBytes(length) => write!(f, "[u8; {length}]"),
            Self::Option(inner) => write!(f, "Option<{inner}>"),
            Self::List(item) => write!(f, "Vec<{item}>"),
            Self::Tuple(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "({})", items.join(", "))
            }
        }
    }
}

/// Writes one value for each parameter; values that do not have the parameter's type are an error.
pub(crate) fn encode_all(parameters: &[Parameter], values: &[Value]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let pairs = parameters.iter().zip(values);
    pairs
        .into_iter()
        .try_for_each(|(parameter, value)| parameter.layout.encode(value, &mut bytes))?;
    Ok(bytes)
}

/// Reads one value for each parameter; `None` where the bytes are not exactly these.
pub(crate) fn decode_all(parameters: &[Parameter], mut bytes: &[u8]) -> Option<Vec<Value>> {
    let values = parameters
        .iter()
        .map(|parameter| parameter.layout.decode(&mut bytes))
        .collect::<Option<_>>()?;
    bytes.is_empty().then_some(values)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_suffix(end)
}

/// Splits at the commas that stand in no bracket; a comma at the end adds nothing.
fn split(items: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, letter) in items.char_indices() {
        match letter {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&items[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    let last = &items[start..];
    if parts.is_empty() || !last.trim().is_empty() {
        parts.push(last);
    }
    parts
}

fn write_length(length: usize, bytes: &mut Vec<u8>) {
    let length = u32::try_from(length).expect("arguments are far shorter than 4 GiB");
    bytes.extend(length.to_le_bytes());
}

fn write_bytes(content: &[u8], bytes: &mut Vec<u8>) {
    write_length(content.len(), bytes);
    bytes.extend(content);
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(front)
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let length = take(bytes, 4)?.try_into().ok().map(u32::from_le_bytes)?;
    // Every value takes a byte at least, so a longer list cannot be meant.
    usize::try_from(length).ok().filter(|length| *length <= bytes.len())
}

fn flag(bytes: &mut &[u8]) -> Option<bool> {
    match take(bytes, 1)?[0] {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rust_notation_reads_back_as_it_prints() {
        for notation in [
            "u128",
            "bool",
            "String",
            "AccountId",
            "Vec<u8>",
            "[u8; 32]",
            "Vec<Option<(u8, Vec<i64>)>>",
        ] {
            assert_eq!(Layout::parse(notation).unwrap().to_string(), notation);
        }
        assert_eq!(Layout::parse(" ( u8 , String, ) ").unwrap().to_string(), "(u8, String)");
        for notation in [
            "",
            "()",
            "u7",
            "Vec<>",
            "Vec<()>",
            "[u8; 0]",
            "[u8; 99999]",
            "[u16; 2]",
            "Option<u8",
            "(u8,,u8)",
        ] {
            assert!(Layout::parse(notation).is_err(), "{notation}");
        }
        assert!(
            Layout::parse(&("Option<".repeat(99) + "u8" + &">".repeat(99)))
                .unwrap_err()
                .contains("deep")
        );
    }

    #[test]
    fn bytes_are_those_of_borsh_and_read_back() {
        let layout =
            Layout::parse("(u128, Option<String>, Vec<u16>, bool, Vec<u8>, [u8; 2], i8)").unwrap();
        let value = json!(["300000000000000000000000", "hi", [1, 2], true, "AQI=", "AwQ=", -5]);
        let mut bytes = Vec::new();
        layout.encode(&value, &mut bytes).unwrap();
        let same = (
            300_000_000_000_000_000_000_000u128,
            Some("hi".to_owned()),
            vec![1u16, 2],
            true,
            vec![1u8, 2],
            [3u8, 4],
            -5i8,
        );
        assert_eq!(bytes, borsh::to_vec(&same).unwrap());
        assert_eq!(layout.decode(&mut &bytes[..]), Some(value));
        for length in 0..bytes.len() {
            assert_eq!(layout.decode(&mut &bytes[..length]), None);
        }
    }

    #[test]
    fn a_value_of_another_type_is_named() {
        let error = Layout::parse("u8").unwrap().encode(&json!(256), &mut Vec::new()).unwrap_err();
        assert_eq!(error, "256 is no `u8`");
    }
}
