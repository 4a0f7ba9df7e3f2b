//! Infers borsh arguments from their lengths: finds how many zero bytes are enough, then changes one byte after
//! another.
//!
//! Borsh has no names and its errors say little, so types of the same width are not told apart.

use std::ops::Range;

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
    /// It does not read them, and does not say why.
    Refused,
    /// All are read.
    Whole,
}

/// Tries bytes.
struct Bytes<'a> {
    inference: &'a ArgumentInference<'a>,
    /// The failures with bytes that cannot be right, if they are not borsh's.
    refusals: Vec<String>,
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
    Bytes { inference, refusals: Vec::new() }.layouts()
}

/// The same for bytes of which the contract reports errors in words of its own.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn infer_hidden(
    inference: &ArgumentInference<'_>,
) -> Result<Option<Vec<(String, Layout)>>, Error> {
    let mut refusals = Vec::new();
    for wrong in [&[1][..], &[0; MAX_LENGTH], &[0xff; 5]] {
        let Some(failure) = inference.failure(wrong)? else { return Ok(None) };
        refusals.push(failure);
    }
    Bytes { inference, refusals }.layouts()
}

/// Bytes that the contract reads, and which of them belong to account ids.
struct Base {
    bytes: Vec<u8>,
    accounts: Vec<Range<usize>>,
}

impl Base {
    fn account_at(&self, at: usize) -> Option<&Range<usize>> {
        self.accounts.iter().find(|account| account.contains(&at))
    }

    /// The bytes with one replaced, and zeros inserted somewhere behind it.
    fn with(&self, (at, byte): (usize, u8), zeros: (usize, usize)) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        bytes[at] = byte;
        let (place, count) = zeros;
        bytes.splice(place..place, std::iter::repeat_n(0, count));
        bytes
    }
}

impl Bytes<'_> {
    fn layouts(&self) -> Result<Option<Vec<(String, Layout)>>, Error> {
        let Some(base) = self.base()? else { return Ok(None) };
        let layouts = self.split(&base)?;
        let named = layouts.into_iter().enumerate();
        Ok(Some(named.map(|(number, layout)| (format!("argument{number}"), layout)).collect()))
    }

    /// The fewest zeros that are read, with account ids where zeros cannot stand for one.
    fn base(&self) -> Result<Option<Base>, Error> {
        let mut base = Base { bytes: Vec::new(), accounts: Vec::new() };
        loop {
            match self.taken(&base.bytes)? {
                Taken::Whole => return Ok(Some(base)),
                Taken::Wrong
                    if base.bytes.len() >= 4 && base.account_at(base.bytes.len() - 1).is_none() =>
                {
                    // An account id of length zero is wrong as soon as its length was read.
                    let start = base.bytes.len() - 4;
                    base.bytes.truncate(start);
                    let user = self.inference.user.as_str();
                    base.bytes.extend(u32::try_from(user.len()).unwrap_or_default().to_le_bytes());
                    base.bytes.extend(user.as_bytes());
                    base.accounts.push(start..base.bytes.len());
                }
                _ if base.bytes.len() < MAX_LENGTH => base.bytes.push(0),
                _ => return Ok(None),
            }
        }
    }

    fn taken(&self, bytes: &[u8]) -> Result<Taken, Error> {
        let failure = self.inference.failure(bytes)?.unwrap_or_default();
        let has = |text| failure.contains(text);
        let refused = self.refusals.contains(&failure);
        Ok(if !refused && !has("Borsh") {
            Taken::Whole
        } else if has("Not all bytes read") {
            Taken::TooMany
        } else if has("Unexpected length") || has("end of file") {
            Taken::TooFew
        } else if refused {
            Taken::Refused
        } else {
            Taken::Wrong
        })
    }

    /// Sets one byte after another to one: what that changes tells which type is there.
    fn split(&self, base: &Base) -> Result<Vec<Layout>, Error> {
        let (mut layouts, mut at, mut plain) = (Vec::new(), 0, 0);
        while at < base.bytes.len() {
            let (layout, width) = match base.account_at(at) {
                Some(account) => (Some(Layout::Account), account.len()),
                None => self.layout_at(base, at)?,
            };
            match layout {
                Some(layout) => {
                    numbers(&mut layouts, std::mem::take(&mut plain));
                    layouts.push(layout);
                }
                None => plain += width,
            }
            at += width;
        }
        numbers(&mut layouts, plain);
        Ok(layouts)
    }

    /// What begins at this place, and its width; `None` for a part of a number.
    fn layout_at(&self, base: &Base, at: usize) -> Result<(Option<Layout>, usize), Error> {
        let with = |at, byte| self.taken(&base.with((at, byte), (0, 0)));
        let counts = at + 4 <= base.bytes.len();
        let (layout, width) = match (with(at, 1)?, with(at, 2)?) {
            // One is as good as zero: part of a number, or a `bool` if two is wrong.
            (Taken::Whole, Taken::Wrong | Taken::Refused) => (Layout::Bool, 1),
            (Taken::TooFew, Taken::Wrong) => (self.optional(base, at)?, 1),
            (Taken::TooFew, _) if counts => (self.list(base, at)?, 4),
            // A list has a length of four bytes; what follows an option is something else.
            (Taken::Refused, Taken::Refused)
                if counts
                    && with(at + 1, 1)? == Taken::Refused
                    && with(at + 2, 1)? == Taken::Refused =>
            {
                (self.list(base, at)?, 4)
            }
            (Taken::Refused, Taken::Refused) => (self.optional(base, at)?, 1),
            _ => return Ok((None, 1)),
        };
        Ok((Some(layout), width))
    }

    /// The length of the item that a one at `at` asks for behind `width` bytes, if zeros make one.
    fn item_length(&self, base: &Base, at: usize, width: usize) -> Result<Option<usize>, Error> {
        for more in 1..=64 {
            if self.taken(&base.with((at, 1), (at + width, more)))? == Taken::Whole {
                return Ok(Some(more));
            }
        }
        Ok(None)
    }

    fn optional(&self, base: &Base, at: usize) -> Result<Layout, Error> {
        let inner = self.item_length(base, at, 1)?.map_or(Layout::Bytes, of_width);
        Ok(Layout::Option(Box::new(inner)))
    }

    fn list(&self, base: &Base, at: usize) -> Result<Layout, Error> {
        Ok(match self.item_length(base, at, 4)? {
            Some(1) => {
                // Text is UTF-8, bytes may be anything.
                let mut bytes = base.with((at, 1), (at + 4, 1));
                bytes[at + 4] = 0xff;
                if self.taken(&bytes)? == Taken::Whole { Layout::Bytes } else { Layout::Text }
            }
            Some(width) => Layout::List(Box::new(of_width(width))),
            // Zeros do not make such an item: an account id is the likeliest.
            None => Layout::Account,
        })
    }
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
