//! Texts that are made of values: JSON in a text, packed bytes, and values with a separator between them.
//!
//! Takes such a text apart and puts it together again. Never draws anything.

use serde_json::Value;

use super::abi;
use super::integer::NumberForm;
use super::template::Template;
use super::values::{parse_bytes, show};

/// The templates of the values that a text is made of; `None` if the template is not for such a text.
pub(crate) fn parts(template: &Template) -> Option<Vec<&Template>> {
    Some(match template {
        Template::JsonText(inner) => vec![inner],
        Template::Packed { parameters, .. } => {
            parameters.iter().map(|parameter| &parameter.template).collect()
        }
        Template::Joined { items, .. } => items.iter().collect(),
        _ => return None,
    })
}

/// The values that a text is made of; `None` if the template does not allow the text.
pub(crate) fn take_apart(template: &Template, text: &Value) -> Option<Vec<Value>> {
    match template {
        Template::JsonText(_) => Some(vec![serde_json::from_str(text.as_str()?).ok()?]),
        Template::Packed { parameters, form } => {
            abi::decode_all(parameters, &parse_bytes(text, *form)?)
        }
        Template::Joined { separator, items } => {
            let pieces: Vec<_> = text.as_str()?.split(separator.as_str()).collect();
            let values = items.iter().zip(&pieces).map(|(item, piece)| piece_value(item, piece));
            (pieces.len() == items.len()).then(|| values.collect())
        }
        _ => None,
    }
}

/// The text that is made of these values.
pub(crate) fn put_together(template: &Template, values: &[Value]) -> Value {
    match template {
        Template::JsonText(_) => Value::String(values.first().unwrap_or(&Value::Null).to_string()),
        Template::Packed { parameters, form } => {
            // Values that do not have the types are left out; the contract then reports it.
            show(&abi::encode_all(parameters, values).unwrap_or_default(), *form)
        }
        Template::Joined { separator, .. } => {
            let pieces: Vec<_> = values.iter().map(piece).collect();
            Value::String(pieces.join(separator))
        }
        _ => Value::Null,
    }
}

/// A value as a piece of a text.
fn piece(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The value of a piece: a number if the template is for a JSON number, otherwise text.
fn piece_value(template: &Template, piece: &str) -> Value {
    let number = matches!(template, Template::Integer(number) if number.form == NumberForm::Number);
    let value = if number { serde_json::from_str(piece).ok() } else { None };
    value.unwrap_or_else(|| Value::from(piece))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::abi::Layout;
    use crate::arguments::integer::IntegerKind;
    use crate::arguments::template::{BytesForm, Integer, Parameter};

    #[test]
    fn texts_are_put_together_and_taken_apart() {
        let object = Template::Object(vec![("a".to_owned(), Template::Bool)]);
        let parameter = |notation: &str| {
            let layout = Layout::parse(notation).unwrap();
            let template = Template::of_layout(&layout);
            Parameter { name: notation.to_owned(), layout, template }
        };
        let packed = |form| Template::Packed {
            parameters: vec![parameter("u16"), parameter("String")],
            form,
        };
        let small = Template::Integer(Integer::any(IntegerKind::U8, NumberForm::Number));
        let joined = Template::Joined {
            separator: ":".to_owned(),
            items: vec![Template::Literal("stake".into()), Template::Account, small],
        };
        for (template, values, text) in [
            (Template::JsonText(Box::new(object)), json!([{ "a": true }]), "{\"a\":true}"),
            (packed(BytesForm::Hex), json!([258, "hi"]), "0201020000006869"),
            (packed(BytesForm::Base64), json!([258, "hi"]), "AgECAAAAaGk="),
            (joined, json!(["stake", "bob.near", 7]), "stake:bob.near:7"),
        ] {
            let values = values.as_array().unwrap();
            assert_eq!(put_together(&template, values), text);
            assert_eq!(take_apart(&template, &text.into()).as_ref(), Some(values));
            assert_eq!(parts(&template).unwrap().len(), values.len());
            assert_eq!(take_apart(&template, &json!("\u{1}")), None);
        }
    }
}
