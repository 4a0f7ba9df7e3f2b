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

/// The whole numbers of a JSON value: the value itself, or the members of an object, with their names.
pub(crate) fn json_numbers(bytes: &[u8]) -> Vec<(Option<String>, u128)> {
    let whole = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(u128::from),
        _ => None,
    };
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => {
            let named = |(name, value)| Some((Some(name), whole(&value)?));
            members.into_iter().filter_map(named).collect()
        }
        Ok(value) => whole(&value).map(|number| (None, number)).into_iter().collect(),
        Err(_) => Vec::new(),
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
    fn numbers_of_an_object_have_names() {
        assert_eq!(json_numbers(b"7"), [(None, 7)]);
        let object = json_numbers(br#"{"free":"12","open":true,"locked":3}"#);
        let named = |name: &str, number| (Some(name.to_owned()), number);
        assert_eq!(object, [named("free", 12), named("locked", 3)]);
        assert_eq!(json_numbers(b"[1]"), []);
    }

    #[test]
    fn the_caller_says_what_null_is() {
        assert_eq!(json_number(b"null", None), None);
        assert_eq!(json_number(b"null", Some(0)), Some(0));
    }
}
