//! Reads templates, parameters and amounts out of `target.toml`.
//!
//! Never draws a value: that is `values`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::document::{Field, Section};
use crate::arguments::abi::Layout;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::{Amounts, BytesForm, Integer, Parameter, Parameters, Template};
use crate::scenario::{Error, cure_for_name};
use crate::types::amount;

/// The fields that make a table a generator and no object.
const GENERATORS: [&str; 8] =
    ["any", "one-of", "optional", "list", "object", "json", "borsh", "join"];

/// What `any` may be, besides the integers.
const KINDS: [&str; 6] = ["bool", "string", "bytes", "account", "actor", "signer"];

/// Lists and texts of a generator are no longer than this.
const MAX_LENGTH: u32 = 4096;

/// The parameters of a `[[method]]`.
pub(super) fn parameters(method: &Section<'_>) -> Result<Parameters, Error> {
    let borsh = match method.field("encoding") {
        None => method.field("borsh").is_some(),
        Some(field) => match field.text()? {
            "json" => false,
            "borsh" => true,
            other => {
                return Err(field.error(format!("is \"{other}\""), "write \"json\" or \"borsh\""));
            }
        },
    };
    let other = if borsh { ["args", "args-base64"] } else { ["borsh", "borsh"] };
    if let Some(field) = other.iter().find_map(|name| method.field(name)) {
        let cure = if borsh {
            "describe each argument in a [[method.borsh]]"
        } else {
            "set `encoding = \"borsh\"`"
        };
        return Err(field.error("does not go with this encoding", cure));
    }
    if borsh {
        return method
            .sections("borsh")?
            .iter()
            .map(parameter)
            .collect::<Result<_, _>>()
            .map(Parameters::Borsh);
    }
    match (method.field("args"), method.field("args-base64")) {
        (Some(_), Some(second)) => Err(exclusive(second)),
        (None, Some(field)) => bytes(field).map(Parameters::Bytes),
        (Some(field), None) if field.is_table() => object(field).map(Parameters::Json),
        (Some(field), None) => template(field).map(Parameters::Json),
        (None, None) => Ok(Parameters::Json(Template::Object(Vec::new()))),
    }
}

/// The error for `args` and `args-base64` together.
pub(super) fn exclusive(second: &Field<'_>) -> Error {
    second.error("stands beside `args`", "remove one of the two")
}

/// Bytes that are written as base64.
pub(super) fn bytes(field: &Field<'_>) -> Result<Vec<u8>, Error> {
    let text = field.text()?;
    BASE64.decode(text).map_err(|reason| {
        field.error(format!("is no base64: {reason}"), "encode the bytes anew, with padding")
    })
}

fn parameter(section: &Section<'_>) -> Result<Parameter, Error> {
    section.only(&["name", "type", "value"])?;
    let name = section.required("name", "\"amount\"")?.text()?.to_owned();
    let field = section.required("type", "\"u128\"")?;
    let layout = Layout::parse(field.text()?).map_err(|problem| {
        let known =
            "u8 to u128, i8 to i128, bool, String, AccountId, Vec<T>, Option<T>, [u8; 32], (A, B)";
        field.error(
            format!("is not understood: {problem}"),
            format!("write a type in Rust's notation: {known}"),
        )
    })?;
    let Some(value) = section.field("value") else {
        return Ok(Parameter { name, template: Template::of_layout(&layout), layout });
    };
    let template = template(value)?;
    layout.check(&template).map_err(|problem| {
        value.error(
            format!("does not fit the type: {problem}"),
            format!("give values of type `{layout}`, or leave `value` out"),
        )
    })?;
    Ok(Parameter { name, layout, template })
}

/// A template: a literal, an object or list of templates, or a generator.
pub(super) fn template(field: &Field<'_>) -> Result<Template, Error> {
    if field.is_array() {
        return field.items()?.iter().map(template).collect::<Result<_, _>>().map(Template::Array);
    }
    if !field.is_table() {
        return field.json().map(Template::Literal);
    }
    let section = field.section()?;
    match section.first_of(&GENERATORS) {
        None => object(field),
        Some("any") => any(&section),
        Some("one-of") => one_of(&section),
        Some("optional") => {
            section.only(&["optional"])?;
            let inner = section.required("optional", "\"...\"")?;
            template(inner).map(Box::new).map(Template::Optional)
        }
        Some("object") => {
            section.only(&["object"])?;
            object(section.required("object", "{}")?)
        }
        Some("json") => {
            section.only(&["json"])?;
            template(section.required("json", "{}")?).map(Box::new).map(Template::JsonText)
        }
        Some("borsh") => packed(&section),
        Some("join") => joined(&section),
        Some(_) => list(&section),
    }
}

/// Text that shows borsh values.
fn packed(section: &Section<'_>) -> Result<Template, Error> {
    section.only(&["borsh", "as"])?;
    let values = section.required("borsh", "[{ name = \"amount\", type = \"u128\" }]")?.items()?;
    let parameters = values.iter().map(|value| parameter(&value.section()?));
    let parameters = parameters.collect::<Result<_, _>>()?;
    Ok(Template::Packed { parameters, form: bytes_form(section)? })
}

/// Text that holds values with a separator between them.
fn joined(section: &Section<'_>) -> Result<Template, Error> {
    section.only(&["join", "separator"])?;
    let items = section.required("join", "[\"a\", \"b\"]")?.items()?;
    let items = items.iter().map(template).collect::<Result<_, _>>()?;
    let separator = match section.field("separator") {
        None => ":",
        Some(field) if field.text()?.is_empty() => {
            return Err(field.error("is empty", "write one or more characters"));
        }
        Some(field) => field.text()?,
    };
    Ok(Template::Joined { separator: separator.to_owned(), items })
}

/// An object whose members' names mean nothing here.
fn object(field: &Field<'_>) -> Result<Template, Error> {
    let members = field.section()?.into_members().into_iter();
    members
        .map(|(name, field)| Ok((name.to_owned(), template(&field)?)))
        .collect::<Result<_, _>>()
        .map(Template::Object)
}

fn one_of(section: &Section<'_>) -> Result<Template, Error> {
    section.only(&["one-of"])?;
    let field = section.required("one-of", "[1, 2]")?;
    let choices = field.items()?.iter().map(template).collect::<Result<Vec<_>, _>>()?;
    if choices.is_empty() {
        return Err(field.error("is an empty list", "name at least one value"));
    }
    Ok(Template::OneOf(choices))
}

fn list(section: &Section<'_>) -> Result<Template, Error> {
    section.only(&["list", "min", "max"])?;
    let item = Box::new(template(section.required("list", "{ any = \"u8\" }")?)?);
    let (min, max) = lengths(section, "min", "max", 3)?;
    Ok(Template::List { item, min, max })
}

/// A least and a most length.
fn lengths(
    section: &Section<'_>,
    min: &str,
    max: &str,
    usual: usize,
) -> Result<(usize, usize), Error> {
    let count =
        |name: &str| section.field(name).map(|field| field.count(0, MAX_LENGTH)).transpose();
    let low = count(min)?.unwrap_or(0) as usize;
    let high = count(max)?.map_or(usual.max(low), |high| high as usize);
    if low > high {
        return Err(section.error(format!("has `{min}` above `{max}`"), "swap them"));
    }
    Ok((low, high))
}

fn any(section: &Section<'_>) -> Result<Template, Error> {
    let field = section.required("any", "\"u128\"")?;
    let name = field.text()?;
    if let Some(kind) = IntegerKind::named(name) {
        return integer(section, kind).map(Template::Integer);
    }
    let plain = |template| section.only(&["any"]).map(|()| template);
    match name {
        "bool" => plain(Template::Bool),
        "account" => plain(Template::Account),
        "actor" => plain(Template::Actor),
        "signer" => plain(Template::Signer),
        "string" => {
            section.only(&["any", "max-length"])?;
            let (_, max_length) = lengths(section, "min-length", "max-length", 20)?;
            Ok(Template::Text { max_length })
        }
        "bytes" => {
            section.only(&["any", "min-length", "max-length", "as"])?;
            let (min_length, max_length) = lengths(section, "min-length", "max-length", 32)?;
            Ok(Template::Bytes { min_length, max_length, form: bytes_form(section)? })
        }
        _ => {
            let names: Vec<_> =
                IntegerKind::NAMES.iter().map(|(name, _)| *name).chain(KINDS).collect();
            Err(field
                .error(format!("is \"{name}\""), cure_for_name(name, "kinds of value", &names)))
        }
    }
}

fn bytes_form(section: &Section<'_>) -> Result<BytesForm, Error> {
    let Some(field) = section.field("as") else { return Ok(BytesForm::Base64) };
    match field.text()? {
        "base64" => Ok(BytesForm::Base64),
        "hex" => Ok(BytesForm::Hex),
        "base58" => Ok(BytesForm::Base58),
        "array" => Ok(BytesForm::Array),
        other => Err(field.error(
            format!("is \"{other}\""),
            "write \"base64\", \"hex\", \"base58\" or \"array\"",
        )),
    }
}

fn integer(section: &Section<'_>, kind: IntegerKind) -> Result<Integer, Error> {
    section.only(&["any", "min", "max", "as"])?;
    let form = match section.field("as") {
        None => kind.usual_form(),
        Some(field) => match field.text()? {
            "number" => NumberForm::Number,
            "string" => NumberForm::Text,
            other => {
                return Err(
                    field.error(format!("is \"{other}\""), "write \"number\" or \"string\"")
                );
            }
        },
    };
    let bound = |name| section.field(name).map(|field| position(field, kind)).transpose();
    let (lowest, highest) = kind.range_in(form);
    let (min, max) = (bound("min")?.unwrap_or(lowest), bound("max")?.unwrap_or(highest));
    if max > highest || min < lowest {
        let cure = "leave out `as`, or set `min` and `max` within 64 bits";
        return Err(section.error("goes beyond what a JSON number holds", cure));
    }
    if min > max {
        return Err(section.error("has `min` above `max`", "swap them"));
    }
    Ok(Integer { kind, min, max, form })
}

/// A bound: a number, or text with digits or an amount.
fn position(field: &Field<'_>, kind: IntegerKind) -> Result<u128, Error> {
    let text = match field.digits() {
        Some(digits) => digits,
        None if field.is_text() => number_text(field.text()?),
        None => {
            return Err(field
                .error("is no number", "write digits, or an amount in quotes such as \"5 NEAR\""));
        }
    };
    kind.position_of_text(&text).ok_or_else(|| {
        let (min, max) = kind.range();
        let cure = format!(
            "write a whole number from {} to {}, or an amount such as \"5 NEAR\"",
            kind.text(min),
            kind.text(max)
        );
        field.error(format!("is {text}, which is no `{}`", kind.name()), cure)
    })
}

/// Digits, where the text is an amount with a unit; else the text itself.
fn number_text(text: &str) -> String {
    let balance = amount::parse_balance(text).map(|balance| balance.as_yoctonear().to_string());
    let gas = || amount::parse_gas(text).map(|gas| gas.as_gas().to_string());
    balance.or_else(|_| gas()).unwrap_or_else(|_| text.to_owned())
}

/// A deposit or gas: one amount, `{ min, max }`, or `{ one-of }`. `read` reads one.
pub(super) fn amounts(
    field: &Field<'_>,
    read: impl Fn(&Field<'_>) -> Result<u128, Error>,
) -> Result<Amounts, Error> {
    if !field.is_table() {
        return read(field).map(|amount| Amounts::OneOf(vec![amount]));
    }
    let section = field.section()?;
    if let Some(choices) = section.field("one-of") {
        section.only(&["one-of"])?;
        let choices_read = choices.items()?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        return if choices_read.is_empty() {
            Err(choices.error("is an empty list", "name at least one amount"))
        } else {
            Ok(Amounts::OneOf(choices_read))
        };
    }
    section.only(&["min", "max", "one-of"])?;
    let min = section.field("min").map_or(Ok(0), &read)?;
    let max = section.required("max", "\"...\", the largest amount")?;
    let max = read(max)?;
    if min > max {
        return Err(section.error("has `min` above `max`", "swap them"));
    }
    Ok(Amounts::Between(min, max))
}
