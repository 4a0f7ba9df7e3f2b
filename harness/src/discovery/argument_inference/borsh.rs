//! Infers borsh arguments from their lengths: finds how many zero bytes are enough, then changes one byte after
//! another.
//!
//! Borsh has no names and its errors say little, so types of the same width are not told apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::ArgumentInference;
use crate::arguments::abi::Layout;
use crate::arguments::integer::IntegerKind;
use crate::types::AccountId;
use crate::vm::Error;

/// Inputs longer than this, with every list empty, are not inferred.
const MAX_LENGTH: usize = 256;

/// What the contract does with some bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It expects more.
    TooFew,
    /// Some are left.
    TooMany,
    /// Some are wrong.
    Wrong,
    /// All are read.
    Whole,
}

/// The types of a method's borsh arguments; `None` if it does not read borsh.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn infer(
    inference: &ArgumentInference<'_>,
) -> Result<Option<Vec<(String, Layout)>>, Error> {
    let says_borsh = inference.failure(b"\x01")?.is_some_and(|failure| failure.contains("Borsh"));
    let empty_wrong = inference.failure(&[0; MAX_LENGTH])?;
    if !says_borsh && !empty_wrong.is_some_and(|failure| failure.contains("Borsh")) {
        return Ok(None);
    }
    let mut length = 0;
    while taken(inference, &vec![0; length])? != Taken::Whole {
        length += 1;
        if length > MAX_LENGTH {
            return Ok(None);
        }
    }
    let layouts = split(inference, length)?;
    let named = layouts.into_iter().enumerate();
    Ok(Some(named.map(|(number, layout)| (format!("argument{number}"), layout)).collect()))
}

fn taken(inference: &ArgumentInference<'_>, bytes: &[u8]) -> Result<Taken, Error> {
    let failure = inference.failure(bytes)?.unwrap_or_default();
    Ok(if !failure.contains("Borsh") {
        Taken::Whole
    } else if failure.contains("Not all bytes read") {
        Taken::TooMany
    } else if failure.contains("Unexpected length") || failure.contains("end of file") {
        Taken::TooFew
    } else {
        Taken::Wrong
    })
}

/// Sets one byte after another to one: what that changes tells which type is there.
fn split(inference: &ArgumentInference<'_>, length: usize) -> Result<Vec<Layout>, Error> {
    let (mut layouts, mut at, mut plain) = (Vec::new(), 0, 0);
    while at < length {
        let mut bytes = vec![0; length];
        bytes[at] = 1;
        let one = taken(inference, &bytes)?;
        bytes[at] = 2;
        let two = taken(inference, &bytes)?;
        let (layout, width) = match (one, two) {
            // One is as good as zero: part of a number, or a `bool` if two is wrong.
            (Taken::Whole, Taken::Wrong) => (Layout::Bool, 1),
            (Taken::TooFew, Taken::Wrong) => (optional(inference, length, at)?, 1),
            (Taken::TooFew, _) if at + 4 <= length => (list(inference, length, at)?, 4),
            _ => {
                plain += 1;
                at += 1;
                continue;
            }
        };
        numbers(&mut layouts, plain);
        plain = 0;
        layouts.push(layout);
        at += width;
    }
    numbers(&mut layouts, plain);
    Ok(layouts)
}

/// The length of the item that the changed byte asks for, if zeros make one.
fn item_length(
    inference: &ArgumentInference<'_>,
    length: usize,
    at: usize,
) -> Result<Option<usize>, Error> {
    for more in 1..=64 {
        let mut bytes = vec![0; length + more];
        bytes[at] = 1;
        if taken(inference, &bytes)? == Taken::Whole {
            return Ok(Some(more));
        }
    }
    Ok(None)
}

fn optional(inference: &ArgumentInference<'_>, length: usize, at: usize) -> Result<Layout, Error> {
    let inner = item_length(inference, length, at)?.map_or(Layout::Bytes, of_width);
    Ok(Layout::Option(Box::new(inner)))
}

fn list(inference: &ArgumentInference<'_>, length: usize, at: usize) -> Result<Layout, Error> {
    Ok(match item_length(inference, length, at)? {
        Some(1) => {
            // Text is UTF-8, bytes may be anything.
            let mut bytes = vec![0; length + 1];
            bytes[at] = 1;
            bytes[at + 4] = 0xff;
            if taken(inference, &bytes)? == Taken::Whole { Layout::Bytes } else { Layout::Text }
        }
        Some(width) => Layout::List(Box::new(of_width(width))),
        // Zeros do not make such an item: an account id is the likeliest.
        None => Layout::Account,
    })
}

fn of_width(width: usize) -> Layout {
    match width {
        1 => Layout::Integer(IntegerKind::U8),
        2 => Layout::Integer(IntegerKind::U16),
        4 => Layout::Integer(IntegerKind::U32),
        8 => Layout::Integer(IntegerKind::U64),
        16 => Layout::Integer(IntegerKind::U128),
        width => Layout::FixedBytes(width),
    }
}

/// Splits bytes that belong to numbers into as few and as wide numbers as possible.
fn numbers(layouts: &mut Vec<Layout>, mut bytes: usize) {
    for width in [32, 16, 8, 4, 2, 1] {
        while bytes >= width {
            layouts.push(of_width(width));
            bytes -= width;
        }
    }
}

/// Bytes that have these layouts.
pub(in crate::discovery) fn example(layouts: &[(String, Layout)], user: &AccountId) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (_, layout) in layouts {
        // A value that cannot be encoded is left out; the contract then reports it.
        let _ = layout.encode(&value(layout, user), &mut bytes);
    }
    bytes
}

fn value(layout: &Layout, user: &AccountId) -> Value {
    match layout {
        Layout::Integer(IntegerKind::U128 | IntegerKind::I128) => json!("1"),
        Layout::Integer(_) => json!(1),
        Layout::Bool => json!(true),
        Layout::Text => json!("a"),
        Layout::Account => json!(user.as_str()),
        Layout::Bytes => json!("AQID"),
        Layout::FixedBytes(length) => json!(BASE64.encode(vec![0; *length])),
        Layout::Option(_) => Value::Null,
        Layout::List(item) => json!([value(item, user)]),
        Layout::Tuple(items) => items.iter().map(|item| value(item, user)).collect(),
    }
}
