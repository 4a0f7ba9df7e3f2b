//! Numbers in JSON, as views of contracts return them.

use serde_json::Value;

/// A whole number in JSON, quoted or not, up to 128 bits if quoted. `null` is what JSON's `null` stands for:
/// some views return it for 0, and elsewhere it is no number.
pub(crate) fn json_number(bytes: &[u8], null: Option<u128>) -> Option<u128> {
    match serde_json::from_slice(bytes).ok()? {
        Value::Null => null,
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(u128::from),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_exact() {
        let number = |bytes: &[u8]| json_number(bytes, None);
        assert_eq!(number(br#""340282366920938463463374607431768211455""#), Some(u128::MAX));
        assert_eq!(number(b"7"), Some(7));
        assert_eq!(number(b"1.5"), None);
        assert_eq!(number(br#""-1""#), None);
        assert_eq!(number(b"[1]"), None);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn the_caller_says_what_null_is() {
        assert_eq!(json_number(b"null", None), None);
        assert_eq!(json_number(b"null", Some(0)), Some(0));
    }
}
