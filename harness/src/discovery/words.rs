//! What a text means, found out by which texts are read where it stands.
//!
//! Never runs a contract itself.

use super::shape::{Shape, TextKind, amount};
use crate::arguments::template::BytesForm;
use crate::types::AccountId;
use crate::vm::Error;

/// Numbers too large for each kind but the first, with the kind that reads the one but not the one before.
const UNSIGNED: [(&str, &str); 5] = [
    ("340282366920938463463374607431768211455", "u128"),
    ("18446744073709551615", "u64"),
    ("4294967295", "u32"),
    ("65535", "u16"),
    ("255", "u8"),
];
const SIGNED: [(&str, &str); 5] = [
    ("-170141183460469231731687303715884105728", "i128"),
    ("-9223372036854775808", "i64"),
    ("-2147483648", "i32"),
    ("-32768", "i16"),
    ("-128", "i8"),
];

/// Texts in forms of their own, and what they are.
const FORMS: [&[&str]; 4] = [
    // Public keys.
    &[
        "ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp",
        "ed25519:FhaQZSFfFUqZQkTKzDvTfYpSVEMVVJGYsgSHcyKFEprb",
    ],
    // Hashes, in base58 and in hexadecimal digits.
    &["11111111111111111111111111111111", "6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp"],
    &[
        "0000000000000000000000000000000000000000000000000000000000000000",
        "00000000000000000000000000000000000000000000000000000000000000ff",
    ],
    // Times and versions.
    &[
        "2024-01-01T00:00:00Z",
        "2024-01-01",
        "1.0.0",
        "0.5",
        "1.5",
        "1:1",
        "1/2",
        "a:b",
        "nep141:a.near",
    ],
];

/// What the texts mean that `reads` says are read; `None` where none of those tried is.
pub(super) fn meaning(
    someone: &AccountId,
    reads: impl Fn(&str) -> Result<bool, Error>,
) -> Result<Option<Shape>, Error> {
    if reads("Any text? Yes!")? {
        return Ok(Some(Shape::Text(TextKind::Plain)));
    }
    if reads(someone.as_str())? {
        return Ok(Some(Shape::Text(TextKind::Account)));
    }
    for (numbers, small) in [(SIGNED, "-1"), (UNSIGNED, "1")] {
        if reads(small)? {
            for (largest, kind) in numbers {
                if reads(largest)? {
                    return Ok(Some(amount(kind)));
                }
            }
            // Numbers within bounds of its own.
            return Ok(Some(amount("u8")));
        }
    }
    if reads("+/+/")? || reads("AQID")? {
        return Ok(Some(Shape::Bytes(BytesForm::Base64)));
    }
    if reads("0a0b")? {
        return Ok(Some(Shape::Bytes(BytesForm::Hex)));
    }
    for form in FORMS {
        let mut read = Vec::new();
        for text in form {
            if reads(text)? {
                read.push((*text).to_owned());
            }
        }
        if !read.is_empty() {
            return Ok(Some(Shape::Text(TextKind::Words(read))));
        }
    }
    Ok(None)
}
