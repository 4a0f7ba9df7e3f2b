//! Bytes and errors in words, as violations and reports show them.
//!
//! Never cuts anything: how much of it is shown is for whoever shows it.

use near_primitives::errors::{
    ActionErrorKind, FunctionCallError, MethodResolveError, TxExecutionError,
};

use crate::types::NearToken;

/// From here on a number of sixteen bytes is shown as money.
const MONEY: u128 = 10u128.pow(18);

/// Bytes as text where they are text that can be read, with escapes where half of it is, otherwise in
/// hexadecimal: contracts put a few bytes around the names in their keys and records.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let readable = |c: char| !c.is_control() || c.is_whitespace();
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.chars().all(readable)
    {
        return text.to_owned();
    }
    let letters = bytes.iter().filter(|byte| byte.is_ascii_graphic()).count();
    if letters * 2 >= bytes.len() {
        return bytes.escape_ascii().to_string();
    }
    format!("0x{}", hex::encode(bytes))
}

/// A value of the state: bytes, and the number that they most often are where there are sixteen.
pub(crate) fn value(bytes: &[u8]) -> String {
    let text = self::bytes(bytes);
    match <[u8; 16]>::try_from(bytes) {
        Ok(number) if text.starts_with("0x") => match u128::from_le_bytes(number) {
            small @ 0..MONEY => format!("{text} (= {small})"),
            money => {
                format!("{text} (= {})", NearToken::from_yoctonear(money).exact_amount_display())
            }
        },
        _ => text,
    }
}

/// Why a receipt or a transaction failed, in the chain's words or the contract's.
pub(crate) fn failure(error: &TxExecutionError) -> String {
    let text = match error {
        TxExecutionError::ActionError(error) => match &error.kind {
            ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(text)) => {
                return text.clone();
            }
            ActionErrorKind::FunctionCallError(FunctionCallError::MethodResolveError(
                MethodResolveError::MethodNotFound,
            )) => return "the contract has no such method".to_owned(),
            kind => kind.to_string(),
        },
        TxExecutionError::InvalidTxError(error) => error.to_string(),
    };
    plain_ids(&text)
}

/// What the VM puts before the words with which a contract panics.
pub(crate) const PANIC: &str = "Smart contract panicked: ";

/// A failure in the contract's own words: without what the VM and Rust's panic handler put before them.
pub(crate) fn own_words(failure: &str) -> &str {
    let words = failure.strip_prefix(PANIC).unwrap_or(failure);
    let Some(panicked) = words.strip_prefix("panicked at ") else { return words };
    // Rust: `panicked at src/lib.rs:7:5:` and a line break; before 1.73: `panicked at 'words', src/lib.rs:7:5`.
    match (panicked.split_once(":\n"), panicked.strip_prefix('\'')) {
        (Some((_, words)), _) => words,
        (None, Some(quoted)) => quoted.rsplit_once("', ").map_or(words, |(words, _)| words),
        (None, None) => words,
    }
}

/// What failures have in common that differ only in numbers and in what is quoted: digits are replaced by
/// `#`, and quotes are empty.
pub(crate) fn kind(failure: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for letter in own_words(failure).chars() {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => continue,
            '0'..='9' if kind.ends_with('#') => continue,
            _ => {}
        }
        kind.push(if letter.is_ascii_digit() { '#' } else { letter });
    }
    kind
}

/// The chain's words with `AccountId("alice.near")` as `alice.near`.
fn plain_ids(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("AccountId(\"") {
        let Some((id, behind)) = after.split_once("\")") else { break };
        plain.push_str(before);
        plain.push_str(id);
        rest = behind;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_what_they_most_likely_are() {
        assert_eq!(bytes(b"plain {\"a\": 1}\n"), "plain {\"a\": 1}\n");
        assert_eq!(bytes(b"\xff\x00"), "0xff00");
        assert_eq!(bytes(b"\x1b[2J"), r"\x1b[2J");
        assert_eq!(bytes(b"b\x0a\0\0\0alice.near"), r"b\n\x00\x00\x00alice.near");
        assert_eq!(bytes(b"b\x01\0\0\0\xff"), "0x6201000000ff");
    }

    #[test]
    fn sixteen_bytes_are_a_number() {
        let shown = |number: u128| value(&number.to_le_bytes());
        assert_eq!(shown(100), "0x64000000000000000000000000000000 (= 100)");
        assert_eq!(shown(2 * 10u128.pow(24)), "0x00000042db999d3784a7010000000000 (= 2 NEAR)");
        assert_eq!(value(b"sixteen letters!"), "sixteen letters!");
        assert_eq!(value(b"\x01\0"), "0x0100");
        assert_eq!(
            value(b"\x08\0\0\0bob.near\0\0\0\0"),
            r"\x08\x00\x00\x00bob.near\x00\x00\x00\x00"
        );
    }

    #[test]
    fn a_contract_speaks_for_itself() {
        for said in [
            "too early",
            "Smart contract panicked: too early",
            "Smart contract panicked: panicked at src/lib.rs:7:5:\ntoo early",
            "Smart contract panicked: panicked at 'too early', src/lib.rs:7:5",
        ] {
            assert_eq!(own_words(said), "too early", "{said}");
        }
        assert_eq!(own_words("panicked at nothing"), "panicked at nothing");
    }

    #[test]
    fn failures_that_differ_in_numbers_and_quotes_are_one_kind() {
        assert_eq!(kind("Smart contract panicked: needs 12 of 345"), "needs # of #");
        assert_eq!(kind("Smart contract panicked: needs 7 of 1"), "needs # of #");
        assert_eq!(kind("no \"bob 1\", but \"alice"), "no \"\", but \"");
    }

    #[test]
    fn ids_stand_for_themselves() {
        assert_eq!(plain_ids("AccountId(\"a.near\") pays AccountId(\"b\")"), "a.near pays b");
        assert_eq!(plain_ids("AccountId(\"a"), "AccountId(\"a");
        assert_eq!(plain_ids("nothing"), "nothing");
    }
}
