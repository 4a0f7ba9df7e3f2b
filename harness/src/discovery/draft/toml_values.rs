//! Writes templates, amounts and JSON values as TOML, in the form in which `target.toml` has them.
//!
//! Never decides what a value means, and never writes a file.

use serde_json::Value;

use crate::arguments::abi::Layout;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::{Amounts, BytesForm, Integer, Template};
use crate::types::NearToken;
use crate::types::amount::balance_text;

/// Names that would make a table a generator.
const GENERATORS: [&str; 8] =
    ["any", "one-of", "optional", "list", "object", "json", "borsh", "join"];

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    // JSON's texts are TOML's, except for one character.
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// An amount with its unit, in quotes.
pub(super) fn amount(amount: NearToken) -> String {
    quoted(&balance_text(amount))
}

/// A name before `=`.
pub(super) fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A JSON value without `null`.
pub(super) fn json(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => list(items.iter().map(json)),
        Value::Object(members) => {
            table(members.iter().map(|(name, value)| (name.as_str(), json(value))))
        }
        other => other.to_string(),
    }
}

/// A template.
pub(super) fn template(template: &Template) -> String {
    let any = |kind: &str| format!("{{ any = {} }}", quoted(kind));
    match template {
        Template::Literal(value) => json(value),
        Template::Object(members) => {
            let misread = members.iter().any(|(name, _)| GENERATORS.contains(&name.as_str()));
            let inside =
                table(members.iter().map(|(name, value)| (name.as_str(), self::template(value))));
            if misread { format!("{{ object = {inside} }}") } else { inside }
        }
        Template::Array(items) => list(items.iter().map(self::template)),
        Template::Integer(number) => integer(*number),
        Template::Bool => any("bool"),
        Template::Text { max_length } => {
            table(generator("string", [limit("max-length", *max_length, 20)]))
        }
        Template::Bytes { min_length, max_length, form } => table(generator(
            "bytes",
            [
                limit("min-length", *min_length, 0),
                limit("max-length", *max_length, 32),
                bytes_form(*form).map(|name| ("as", quoted(name))),
            ],
        )),
        Template::Account => any("account"),
        Template::Actor => any("actor"),
        Template::Signer => any("signer"),
        Template::OneOf(choices) => {
            format!("{{ one-of = {} }}", list(choices.iter().map(self::template)))
        }
        Template::Optional(inner) => format!("{{ optional = {} }}", self::template(inner)),
        Template::List { item, min, max } => {
            let item = Some(("list", self::template(item)));
            table([item, limit("min", *min, 0), limit("max", *max, 3)].into_iter().flatten())
        }
        Template::JsonText(inner) => format!("{{ json = {} }}", self::template(inner)),
        Template::Packed { parameters, form } => {
            let values = parameters.iter().map(|each| {
                let notation = quoted(&each.layout.to_string());
                table([("name", quoted(&each.name)), ("type", notation)].into_iter())
            });
            let form = bytes_form(*form).map(|name| ("as", quoted(name)));
            table([("borsh", list(values))].into_iter().chain(form))
        }
        Template::Joined { separator, items } => {
            let items = ("join", list(items.iter().map(self::template)));
            let separator = (separator != ":").then(|| ("separator", quoted(separator)));
            table([items].into_iter().chain(separator))
        }
    }
}

/// The deposits to draw from; `None` if there is only zero.
pub(super) fn amounts(amounts: &Amounts) -> Option<String> {
    let shown = |yocto: &u128| amount(NearToken::from_yoctonear(*yocto));
    match amounts {
        Amounts::OneOf(all) => match all[..] {
            [0] => None,
            [only] => Some(shown(&only)),
            _ => Some(format!("{{ one-of = {} }}", list(all.iter().map(shown)))),
        },
        Amounts::Between(min, max) => {
            Some(format!("{{ min = {}, max = {} }}", shown(min), shown(max)))
        }
    }
}

/// A borsh argument as a section of its own.
pub(super) fn borsh(name: &str, layout: &Layout) -> String {
    format!("\n[[method.borsh]]\nname = {}\ntype = {}\n", quoted(name), quoted(&layout.to_string()))
}

fn integer(number: Integer) -> String {
    let Integer { kind, min, max, form } = number;
    let any = Integer::any(kind, form);
    let bound = |position: u128| match (kind, form) {
        (IntegerKind::U128, NumberForm::Text) => amount(NearToken::from_yoctonear(position)),
        _ => kind.text(position),
    };
    let form = match form {
        _ if kind.usual_form() == form => None,
        NumberForm::Text => Some("string"),
        NumberForm::Number => Some("number"),
    };
    table(generator(
        kind.name(),
        [
            (min > any.min).then(|| ("min", bound(min))),
            (max < any.max).then(|| ("max", bound(max))),
            form.map(|name| ("as", quoted(name))),
        ],
    ))
}

/// How bytes are shown, if that is not the usual way.
fn bytes_form(form: BytesForm) -> Option<&'static str> {
    match form {
        BytesForm::Base64 => None,
        BytesForm::Hex => Some("hex"),
        BytesForm::Base58 => Some("base58"),
        BytesForm::Array => Some("array"),
    }
}

/// The members of a generator: `any`, and those of its settings that are not the usual ones.
fn generator<const N: usize>(
    kind: &str,
    settings: [Option<(&'static str, String)>; N],
) -> impl Iterator<Item = (&'static str, String)> {
    std::iter::once(("any", quoted(kind))).chain(settings.into_iter().flatten())
}

fn limit(name: &'static str, value: usize, usual: usize) -> Option<(&'static str, String)> {
    (value != usual).then(|| (name, value.to_string()))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn table<'n>(members: impl Iterator<Item = (&'n str, String)>) -> String {
    let members: Vec<_> = members.map(|(name, value)| format!("{} = {value}", key(name))).collect();
    if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
}
