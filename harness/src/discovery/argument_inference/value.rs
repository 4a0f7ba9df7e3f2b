//! Infers the type of a JSON value from the errors of the contract's deserializer.
//!
//! Calls the contract only through [`Trials`], which keeps the budget.

use serde_json::Value;

use super::argument_type::{ArgumentType, TextKind, member};
use super::object::infer_object;
use super::serde_error::{Expected, SerdeError};
use super::text_type;
use super::trials::{JsonPosition, MAX_MEMBERS, Result, Trials};
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::arguments::template::BytesForm;

/// What the value at this position looks like.
pub(super) fn infer_value(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    if position.depth == 0 {
        return Ok(ArgumentType::Null);
    }
    match trials.error_at(position, "null")? {
        Some(error) => infer_refused(trials, position, &error),
        None => infer_nullable(trials, position),
    }
}

/// The contract accepts `null`: an option, or a type that takes anything.
fn infer_nullable(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    for text in ["{}", "[]", "\"?!\"", "1"] {
        if let Some(error) = trials.error_at(position, text)? {
            let inner = match error.expected() {
                Expected::Type("unit") => return Ok(ArgumentType::Null),
                _ if text == "\"?!\"" => infer_text(trials, position)?,
                _ => infer_refused(trials, position, &error)?,
            };
            return Ok(match inner {
                ArgumentType::Null => ArgumentType::Null,
                inner => ArgumentType::Optional(Box::new(inner)),
            });
        }
    }
    Ok(ArgumentType::Anything)
}

/// The contract rejects a value, and its error says what it expects.
fn infer_refused(
    trials: &Trials<'_>,
    position: &JsonPosition,
    error: &SerdeError,
) -> Result<ArgumentType> {
    match error.expected() {
        Expected::Type(wanted) => infer_type(trials, position, wanted),
        Expected::Field(_) | Expected::OneOfFields(_) | Expected::FieldOnce(_) => {
            infer_object(trials, position)
        }
        Expected::OneOfVariants(_) | Expected::Value => infer_variants(trials, position),
        Expected::Other(_) => try_all(trials, position),
    }
}

fn infer_type(trials: &Trials<'_>, position: &JsonPosition, wanted: &str) -> Result<ArgumentType> {
    if let Some(kind) = IntegerKind::named(wanted) {
        return Ok(ArgumentType::Integer(kind, NumberForm::Number));
    }
    let has = |word: &str| wanted.contains(word);
    match wanted {
        "a boolean" => Ok(ArgumentType::Bool),
        "f32" | "f64" => Ok(ArgumentType::Fraction),
        "usize" => Ok(ArgumentType::number("u32")),
        "isize" => Ok(ArgumentType::number("i32")),
        "unit" => Ok(ArgumentType::Null),
        "a sequence" | "a list" | "a set" => infer_list(trials, position),
        "a map" | "map" => infer_map(trials, position),
        "a string" | "a borrowed string" | "a character" | "string" | "str" => {
            infer_text(trials, position)
        }
        _ if has("tuple") || has("array of length") => infer_tuple(trials, position),
        _ if has("tagged enum") || wanted.starts_with("struct") => infer_object(trials, position),
        _ if has("enum") || has("variant") => infer_variants(trials, position),
        _ if has("string") => infer_text(trials, position),
        _ => try_all(trials, position),
    }
}

/// The error does not say what is expected: takes the first type that the contract accepts.
fn try_all(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    if let shape @ (ArgumentType::Text(_) | ArgumentType::Integer(..) | ArgumentType::Bytes(_)) =
        infer_text(trials, position)?
    {
        return Ok(shape);
    }
    for (text, shape) in [
        ("1", ArgumentType::number("u64")),
        ("true", ArgumentType::Bool),
        ("[]", ArgumentType::List(Box::new(ArgumentType::Null))),
        ("[1]", ArgumentType::Bytes(BytesForm::Array)),
    ] {
        if trials.accepts(position, text)? {
            return Ok(shape);
        }
    }
    infer_object(trials, position)
}

fn infer_list(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let item = infer_value(trials, &position.inner("[", "]"))?;
    Ok(match item {
        ArgumentType::Integer(IntegerKind::U8, _) => ArgumentType::Bytes(BytesForm::Array),
        item => ArgumentType::List(Box::new(item)),
    })
}

/// A list of fixed length: adds values until the contract accepts it.
fn infer_tuple(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let (mut items, mut before) = (Vec::new(), "[".to_owned());
    while items.len() < MAX_MEMBERS {
        let text = format!("{}]", before.trim_end_matches(','));
        if !items.is_empty() && trials.accepts(position, &text)? {
            break;
        }
        let item = infer_value(trials, &position.inner(&before, "]"))?;
        before.push_str(&item.example(trials.user).to_string());
        before.push(',');
        items.push(item);
    }
    Ok(ArgumentType::Tuple(items))
}

/// A map. Its keys are account ids unless the contract accepts any text.
fn infer_map(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let user = trials.user.as_str();
    let value = infer_value(trials, &position.inner(&format!("{{\"{user}\":"), "}"))?;
    map_of(trials, position, value)
}

/// A map with values of this type; tries which keys the contract accepts.
pub(super) fn map_of(
    trials: &Trials<'_>,
    position: &JsonPosition,
    value: ArgumentType,
) -> Result<ArgumentType> {
    let text = format!("{{\"?!\":{}}}", value.example(trials.user));
    let anything = trials.accepts(position, &text)?;
    let kind = if anything { TextKind::Plain } else { TextKind::Account };
    Ok(ArgumentType::Map(Box::new(kind), Box::new(value)))
}

/// An enum: serde names its variants when it meets an unknown one.
fn infer_variants(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let error = trials.error_at(position, "\"?!\"")?;
    let Some(error) = error else { return infer_text(trials, position) };
    let Expected::OneOfVariants(names) = error.expected() else { return try_all(trials, position) };
    let mut shapes = Vec::new();
    for name in names {
        let key = Value::from(name);
        if trials.accepts(position, &key.to_string())? {
            shapes.push(ArgumentType::Example(key));
            continue;
        }
        let inner = infer_value(trials, &position.inner(&format!("{{{key}:"), "}"))?;
        shapes.push(ArgumentType::Object(vec![member(name, inner)]));
    }
    Ok(if shapes.is_empty() { ArgumentType::Null } else { ArgumentType::OneOf(shapes) })
}

/// What a text means, by which texts the contract accepts.
pub(super) fn infer_text(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    if let Some(error) = trials.error_at(position, "\"?!\"")?
        && let Expected::OneOfVariants(_) = error.expected()
    {
        return infer_variants(trials, position);
    }
    let reads = |text: &str| trials.accepts(position, &Value::from(text).to_string());
    match text_type::meaning(trials.user, reads)? {
        Some(shape) => Ok(shape),
        None => infer_word(trials, position),
    }
}

/// A text in no usual form: tries the words in the contract.
fn infer_word(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let mut found = Vec::new();
    for name in trials.names {
        if trials.nearly_spent() {
            break;
        }
        if trials.accepts(position, &Value::from(name.as_str()).to_string())? {
            found.push(name.clone());
        }
    }
    Ok(if found.is_empty() {
        ArgumentType::Null
    } else {
        ArgumentType::Text(TextKind::Words(found))
    })
}
