//! Values that are smaller than others: numbers, and JSON with one part left out.
//!
//! Never says which of them will do.

use serde_json::Value;

/// The number with all but its first digits made 0.
pub(super) fn leading(number: u128, digits: u32) -> u128 {
    let length = number.checked_ilog10().map_or(1, |log| log + 1);
    let unit = 10u128.pow(length.saturating_sub(digits));
    number / unit * unit
}

/// The value with one part left out or emptied, in every way that there is.
pub(super) fn simpler(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let mut fewer = members.clone();
                fewer.remove(key);
                all.push(Value::Object(fewer));
                for member in std::iter::once(Value::Null).chain(simpler(member)) {
                    let mut changed = members.clone();
                    changed.insert(key.clone(), member);
                    all.push(Value::Object(changed));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut fewer = items.clone();
                fewer.remove(index);
                all.push(Value::Array(fewer));
                for item in simpler(item) {
                    let mut changed = items.clone();
                    changed[index] = item;
                    all.push(Value::Array(changed));
                }
            }
        }
        Value::String(text) if !text.is_empty() && text.parse::<u128>().is_err() => {
            all.push(Value::String(String::new()));
        }
        _ => {}
    }
    all
}

/// Where in the arguments there are numbers, as JSON pointers: decimal strings count.
pub(super) fn numbers(value: &Value) -> Vec<String> {
    let below = |key: String, value: &Value| {
        numbers(value).into_iter().map(move |path| format!("/{key}{path}")).collect::<Vec<_>>()
    };
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(key, value)| below(escape(key), value)).collect()
        }
        Value::Array(array) => {
            array.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value)).collect()
        }
        Value::String(text) if text.parse::<u128>().is_ok() => vec![String::new()],
        Value::Number(number) if number.is_u64() => vec![String::new()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_found_wherever_they_are() {
        let value = json!({ "a": "12", "b": [3, "x", { "c/d": "0" }], "e": null, "f": -1 });
        assert_eq!(numbers(&value), ["/a", "/b/0", "/b/2/c~1d"]);
    }

    #[test]
    fn fewer_digits_make_no_larger_number() {
        assert_eq!(leading(123_456, 1), 100_000);
        assert_eq!(leading(123_456, 3), 123_000);
        assert_eq!(leading(7, 1), 7);
        assert_eq!(leading(0, 1), 0);
        assert_eq!(leading(u128::MAX, 2), 340_000_000_000_000_000_000_000_000_000_000_000_000);
    }

    #[test]
    fn every_simpler_value_leaves_out_one_part() {
        let value = json!({ "a": ["x", "7"] });
        let expected = [json!({}), json!({ "a": null }), json!({ "a": ["7"] })];
        let more = [json!({ "a": ["", "7"] }), json!({ "a": ["x"] })];
        assert_eq!(simpler(&value), [&expected[..], &more].concat());
    }
}
