//! Learns borsh arguments by their lengths: zeros until they are enough, then one byte after the other.
//!
//! Borsh has no names and says little, so types of the same width are not told apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::ask::Asking;
use crate::arguments::abi::Layout;
use crate::arguments::integer::IntegerKind;
use crate::types::AccountId;
use crate::vm::Error;

/// Arguments longer than this, with every list empty, are not learnt.
const MAX_LENGTH: usize = 256;

/// How the contract takes some bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// More are wanted.
    TooFew,
    /// Some are left.
    TooMany,
    /// Some are wrong.
    Wrong,
    /// All are read.
    Whole,
}

/// What a method's borsh arguments look like; `None` where it does not read borsh.
///
/// # Errors
/// Only when the machine failed.
pub(super) fn learn(asking: &Asking<'_>) -> Result<Option<Vec<(String, Layout)>>, Error> {
    let says_borsh = asking.failure(b"\x01")?.is_some_and(|failure| failure.contains("Borsh"));
    let empty_wrong = asking.failure(&[0; MAX_LENGTH])?;
    if !says_borsh && !empty_wrong.is_some_and(|failure| failure.contains("Borsh")) {
        return Ok(None);
    }
    let mut length = 0;
    while taken(asking, &vec![0; length])? != Taken::Whole {
        length += 1;
        if length > MAX_LENGTH {
            return Ok(None);
        }
    }
    let layouts = split(asking, length)?;
    let named = layouts.into_iter().enumerate();
    Ok(Some(named.map(|(number, layout)| (format!("argument{number}"), layout)).collect()))
}

fn taken(asking: &Asking<'_>, bytes: &[u8]) -> Result<Taken, Error> {
    let failure = asking.failure(bytes)?.unwrap_or_default();
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

/// Goes through the zeros: what a one changes at each place tells what stands there.
fn split(asking: &Asking<'_>, length: usize) -> Result<Vec<Layout>, Error> {
    let (mut layouts, mut at, mut plain) = (Vec::new(), 0, 0);
    while at < length {
        let mut bytes = vec![0; length];
        bytes[at] = 1;
        let one = taken(asking, &bytes)?;
        bytes[at] = 2;
        let two = taken(asking, &bytes)?;
        let (layout, width) = match (one, two) {
            // A one is as good as a zero: part of a number, or `bool` where a two is wrong.
            (Taken::Whole, Taken::Wrong) => (Layout::Bool, 1),
            (Taken::TooFew, Taken::Wrong) => (optional(asking, length, at)?, 1),
            (Taken::TooFew, _) if at + 4 <= length => (list(asking, length, at)?, 4),
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

/// How many bytes of zeros an item takes that the changed byte calls for.
fn item_length(asking: &Asking<'_>, length: usize, at: usize) -> Result<Option<usize>, Error> {
    for more in 1..=64 {
        let mut bytes = vec![0; length + more];
        bytes[at] = 1;
        if taken(asking, &bytes)? == Taken::Whole {
            return Ok(Some(more));
        }
    }
    Ok(None)
}

fn optional(asking: &Asking<'_>, length: usize, at: usize) -> Result<Layout, Error> {
    let inner = item_length(asking, length, at)?.map_or(Layout::Bytes, of_width);
    Ok(Layout::Option(Box::new(inner)))
}

fn list(asking: &Asking<'_>, length: usize, at: usize) -> Result<Layout, Error> {
    Ok(match item_length(asking, length, at)? {
        Some(1) => {
            // Text is UTF-8, bytes may be anything.
            let mut bytes = vec![0; length + 1];
            bytes[at] = 1;
            bytes[at + 4] = 0xff;
            if taken(asking, &bytes)? == Taken::Whole { Layout::Bytes } else { Layout::Text }
        }
        Some(width) => Layout::List(Box::new(of_width(width))),
        // An item that zeros do not make: an account's id is the likeliest.
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

/// Bytes that are parts of numbers: as few and as wide numbers as they can be.
fn numbers(layouts: &mut Vec<Layout>, mut bytes: usize) {
    for width in [32, 16, 8, 4, 2, 1] {
        while bytes >= width {
            layouts.push(of_width(width));
            bytes -= width;
        }
    }
}

/// Bytes that have these layouts.
pub(super) fn example(layouts: &[(String, Layout)], someone: &AccountId) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (_, layout) in layouts {
        // What cannot be written is left out, and the contract says so.
        let _ = layout.encode(&value(layout, someone), &mut bytes);
    }
    bytes
}

fn value(layout: &Layout, someone: &AccountId) -> Value {
    match layout {
        Layout::Integer(IntegerKind::U128 | IntegerKind::I128) => json!("1"),
        Layout::Integer(_) => json!(1),
        Layout::Bool => json!(true),
        Layout::Text => json!("a"),
        Layout::Account => json!(someone.as_str()),
        Layout::Bytes => json!("AQID"),
        Layout::FixedBytes(length) => json!(BASE64.encode(vec![0; *length])),
        Layout::Option(_) => Value::Null,
        Layout::List(item) => json!([value(item, someone)]),
        Layout::Tuple(items) => items.iter().map(|item| value(item, someone)).collect(),
    }
}
