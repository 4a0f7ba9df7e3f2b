//! Writes shapes and values as TOML, the way `target.toml` has them.
//!
//! Never decides what a value means, and never writes a file.

use serde_json::Value;

use super::shape::{Member, Shape, TextKind};
use crate::arguments::abi::Layout;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;
use crate::types::NearToken;
use crate::types::amount::balance_text;

/// Names that would make a table a generator.
const GENERATORS: [&str; 5] = ["any", "one-of", "optional", "list", "object"];

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    // JSON's text is TOML's, but for one character.
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A name before `=`.
pub(super) fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A JSON value as it stands; `None` for `null`, which TOML does not have.
pub(super) fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().filter_map(literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members = members.iter();
            let each = members
                .filter_map(|(name, value)| Some(format!("{} = {}", key(name), literal(value)?)));
            table(&each.collect::<Vec<_>>())
        }
        other => other.to_string(),
    })
}

fn table(members: &[String]) -> String {
    if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
}

/// Writes templates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Templates {
    /// A sum that the contract was made with, in its own units: what somebody has is often that much.
    pub(super) sum: Option<u128>,
}

impl Templates {
    /// The template that draws values of this shape; `None` where it is best left out.
    fn template(self, shape: &Shape, name: &str) -> Option<String> {
        let inner = |shape: &Shape| self.template(shape, name);
        Some(match shape {
            Shape::Null | Shape::Anything => return None,
            Shape::Bool => "{ any = \"bool\" }".to_owned(),
            Shape::Fraction => "{ one-of = [0.5, 1.0, 100.0] }".to_owned(),
            Shape::Integer(kind, form) => self.integer(*kind, *form),
            Shape::Text(kind) => text(kind, name),
            Shape::Bytes(BytesForm::Base64) => "{ any = \"bytes\" }".to_owned(),
            Shape::Bytes(BytesForm::Hex) => "{ any = \"bytes\", as = \"hex\" }".to_owned(),
            Shape::Bytes(BytesForm::Base58) => "{ any = \"bytes\", as = \"base58\" }".to_owned(),
            Shape::Bytes(BytesForm::Array) => "{ any = \"bytes\", as = \"array\" }".to_owned(),
            Shape::Example(value) => literal(value)?,
            Shape::Object(members) => self.object(members),
            Shape::Map(key, value) => {
                let name = if **key == TextKind::Account { "alice.near" } else { "a" };
                format!("{{ object = {{ {} = {} }} }}", quoted(name), inner(value)?)
            }
            Shape::List(item) => format!("{{ list = {} }}", inner(item)?),
            Shape::Tuple(items) => {
                format!("[{}]", items.iter().filter_map(inner).collect::<Vec<_>>().join(", "))
            }
            Shape::Optional(shape) => format!("{{ optional = {} }}", inner(shape)?),
            Shape::OneOf(choices) => {
                let choices: Vec<_> = choices.iter().filter_map(inner).collect();
                if choices.is_empty() {
                    return None;
                }
                format!("{{ one-of = [{}] }}", choices.join(", "))
            }
        })
    }

    /// The members of an object, each as `name = template`.
    pub(super) fn members(self, members: &[Member]) -> Vec<String> {
        let each = members.iter().filter_map(|member| {
            let template = self.template(&member.shape, &member.name)?;
            Some(format!("{} = {template}", key(&member.name)))
        });
        each.collect()
    }

    fn object(self, all: &[Member]) -> String {
        let inside = table(&self.members(all));
        let misread = all.iter().any(|member| GENERATORS.contains(&member.name.as_str()));
        if misread { format!("{{ object = {inside} }}") } else { inside }
    }

    /// Amounts are mostly sums that somebody has; ids and counts are mostly small.
    fn integer(self, kind: IntegerKind, form: NumberForm) -> String {
        let name = kind.name();
        match (kind, form, self.sum) {
            (IntegerKind::U128, NumberForm::Text, None) => {
                "{ any = \"u128\", max = \"20 NEAR\" }".to_owned()
            }
            (IntegerKind::U128, NumberForm::Text, Some(sum)) => {
                let sum = quoted(&balance_text(NearToken::from_yoctonear(sum)));
                format!(
                    "{{ one-of = [{{ any = \"u128\", max = {sum} }}, {{ any = \"u128\", max = \"20 NEAR\" }}] }}"
                )
            }
            _ => {
                let shown = shown(kind, form);
                format!(
                    "{{ one-of = [{{ any = \"{name}\", min = 0, max = 9{shown} }}, {{ any = \"{name}\"{shown} }}] }}"
                )
            }
        }
    }
}

/// How the number is shown, where that is not the usual way.
fn shown(kind: IntegerKind, form: NumberForm) -> &'static str {
    match form {
        _ if kind.usual_form() == form => "",
        NumberForm::Text => ", as = \"string\"",
        NumberForm::Number => ", as = \"number\"",
    }
}

fn text(kind: &TextKind, name: &str) -> String {
    match kind {
        // One of them is nobody's: what is sent there does not arrive.
        TextKind::Account => {
            "{ one-of = [{ any = \"account\" }, { any = \"actor\" }, \"nobody.near\"] }".to_owned()
        }
        TextKind::Plain if name.contains("memo") => {
            "{ any = \"string\", max-length = 5 }".to_owned()
        }
        // The same text twice is where contracts break: two of them are always the same.
        TextKind::Plain => "{ one-of = [\"a\", \"1\", { any = \"string\" }] }".to_owned(),
        TextKind::Words(words) => {
            let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
            format!("{{ one-of = [{}] }}", words.join(", "))
        }
    }
}

/// A borsh argument as a section of its own.
pub(super) fn borsh(name: &str, layout: &Layout) -> String {
    format!("\n[[method.borsh]]\nname = {}\ntype = {}\n", quoted(name), quoted(&layout.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::discovery::shape::{amount, member, object as shape_of, optional};

    #[test]
    fn what_is_written_is_toml_and_says_the_same() {
        let shape = shape_of(vec![
            member("sum", amount("u128")),
            member("to whom", optional(Shape::Text(TextKind::Account))),
            member("any", Shape::Object(vec![member("list", Shape::Bool)])),
            member("pair", Shape::Tuple(vec![Shape::number("u64"), Shape::number("u8")])),
            member("nothing", Shape::Null),
            member("kind", Shape::OneOf(vec![Shape::Example(json!("A\u{7f}")), Shape::Bool])),
        ]);
        let Shape::Object(all) = &shape else { unreachable!() };
        let text = Templates::default().members(all).join("\n");
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["any"]["object"]["list"]["any"].as_str(), Some("bool"));
        assert_eq!(table["to whom"]["optional"]["one-of"][0]["any"].as_str(), Some("account"));
        assert_eq!(table["kind"]["one-of"][0].as_str(), Some("A\u{7f}"));
        assert!(!table.contains_key("nothing"), "{text}");
        let table: toml::Table =
            Templates { sum: Some(7) }.members(all).join("\n").parse().unwrap();
        assert_eq!(table["sum"]["one-of"][0]["max"].as_str(), Some("7 yocto"));
    }

    #[test]
    fn a_value_is_written_as_it_is_without_null() {
        let value = json!({ "a b": [1, "x\n", null], "c": { "d": true, "e": null } });
        assert_eq!(literal(&value).unwrap(), "{ \"a b\" = [1, \"x\\n\"], c = { d = true } }");
    }
}
