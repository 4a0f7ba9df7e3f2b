//! Infers what a text means from which texts the contract accepts.
//!
//! Does not run the contract itself.

use super::argument_type::{ArgumentType, TextKind, amount};
use crate::arguments::template::BytesForm;
use crate::types::AccountId;
use crate::vm::Error;

/// The largest number of each integer type, the widest type first.
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

/// Texts in special forms.
const FORMS: [&[&str]; 5] = [
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
    // Addresses of other chains.
    &[
        "0x1111111111111111111111111111111111111111",
        "0xd8da6bf26964af9d7eed9e03e53415d37aa96045",
        "d8da6bf26964af9d7eed9e03e53415d37aa96045",
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

/// What a text means if the contract accepts the texts that `reads` accepts; `None` if it accepts none of
/// those that are tried.
pub(super) fn meaning(
    user: &AccountId,
    reads: impl Fn(&str) -> Result<bool, Error>,
) -> Result<Option<ArgumentType>, Error> {
    if reads("Any text? Yes!")? {
        return Ok(Some(ArgumentType::Text(TextKind::Plain)));
    }
    if reads(user.as_str())? {
        return Ok(Some(ArgumentType::Text(TextKind::Account)));
    }
    for (numbers, small) in [(SIGNED, "-1"), (UNSIGNED, "1")] {
        if reads(small)? {
            for (largest, kind) in numbers {
                if reads(largest)? {
                    return Ok(Some(amount(kind)));
                }
            }
            // A number within other bounds.
            return Ok(Some(amount("u8")));
        }
    }
    if reads("+/+/")? || reads("AQID")? {
        return Ok(Some(ArgumentType::Bytes(BytesForm::Base64)));
    }
    if reads("0a0b")? {
        return Ok(Some(ArgumentType::Bytes(BytesForm::Hex)));
    }
    for form in FORMS {
        let mut read = Vec::new();
        for text in form {
            if reads(text)? {
                read.push((*text).to_owned());
            }
        }
        if !read.is_empty() {
            return Ok(Some(ArgumentType::Text(TextKind::Words(read))));
        }
    }
    Ok(None)
}
