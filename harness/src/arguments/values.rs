//! Draws values from templates, and changes values within them.
//!
//! Prefers edges and what the scenario already uses: the same number or account twice is where contracts break.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::composed_text;
use super::draw::Draw;
use super::template::{Amounts, BytesForm, Integer, Template};
use super::used::Used;
use crate::types::AccountId;

/// Texts that parsers and formatters trip over.
const AWKWARD_TEXTS: [&str; 12] = [
    "",
    "0",
    "-1",
    " ",
    "\"",
    "{}",
    "ä\u{202e}\0",
    "null",
    "\\",
    "a\",\"b\":\"",
    "system",
    "a.near,b.near",
];

/// Accounts that no target has: one that nobody has registered, and those that look like the chain's own.
const STRANGERS: [&str; 4] = [
    "nobody.near",
    "system",
    "near",
    "0000000000000000000000000000000000000000000000000000000000000000",
];

/// What a value may refer to.
pub(crate) struct Context<'a> {
    /// All account ids.
    pub(crate) accounts: &'a [AccountId],
    /// The ids of the actors.
    pub(crate) actors: &'a [AccountId],
    /// Who signs the operation that the value is for.
    pub(crate) signer: &'a AccountId,
    /// What the scenario uses already.
    pub(crate) used: &'a Used,
    /// What the contracts hold.
    pub(crate) words: &'a [String],
}

/// A value that the template allows.
pub(crate) fn value(template: &Template, context: &Context<'_>, draw: &mut Draw<'_>) -> Value {
    let text =
        |account: Option<&AccountId>| Value::from(account.map_or("", |account| account.as_str()));
    match template {
        Template::Literal(value) => value.clone(),
        Template::Object(members) => {
            let drawn =
                members.iter().map(|(name, each)| (name.clone(), value(each, context, draw)));
            let mut drawn = drawn.collect();
            alias(members, &mut drawn, draw);
            Value::Object(drawn)
        }
        Template::Array(items) => items.iter().map(|item| value(item, context, draw)).collect(),
        Template::Integer(integer) => {
            integer.kind.value(number(integer, context.used, draw), integer.form)
        }
        Template::Bool => Value::Bool(draw.chance(50)),
        Template::Text { max_length } => Value::String(string(*max_length, context, draw)),
        Template::Bytes { min_length, max_length, form } => {
            let length = length(*min_length, *max_length, draw);
            show(&(0..length).map(|_| byte(draw)).collect::<Vec<_>>(), *form)
        }
        Template::Account if draw.chance(6) => {
            draw.pick(&STRANGERS).map_or(Value::Null, |stranger| Value::from(*stranger))
        }
        Template::Account if draw.chance(10) => text(Some(context.signer)),
        Template::Account => text(draw.pick(context.accounts)),
        Template::Actor => text(draw.pick(context.actors)),
        Template::Signer => text(Some(context.signer)),
        Template::OneOf(choices) => {
            draw.pick(choices).map_or(Value::Null, |choice| value(choice, context, draw))
        }
        Template::Optional(inner) if draw.chance(60) => value(inner, context, draw),
        Template::Optional(_) => Value::Null,
        Template::List { item, min, max } => {
            let mut items: Vec<Value> = Vec::new();
            for _ in 0..length(*min, *max, draw) {
                // The same thing twice is what many a contract forgets.
                let again = draw.chance(20).then(|| items.last().cloned()).flatten();
                items.push(again.unwrap_or_else(|| value(item, context, draw)));
            }
            Value::Array(items)
        }
        Template::JsonText(_) | Template::Packed { .. } | Template::Joined { .. } => {
            let parts = composed_text::parts(template).unwrap_or_default();
            let values: Vec<_> = parts.iter().map(|part| value(part, context, draw)).collect();
            composed_text::put_together(template, &values)
        }
    }
}

/// Now and then names one account twice, as sender and receiver.
fn alias(members: &[(String, Template)], values: &mut Map<String, Value>, draw: &mut Draw<'_>) {
    let account = |(_, each): &&(String, Template)| matches!(each, Template::Account);
    let names: Vec<_> = members.iter().filter(account).map(|(name, _)| name).collect();
    if names.len() < 2 || !draw.chance(10) {
        return;
    }
    let (from, to) = (draw.below(names.len()), draw.below(names.len()));
    if let Some(same) = values.get(names[from]).cloned() {
        values.insert(names[to].clone(), same);
    }
}

/// Changes one part of a value, within the template. A value that the template does not allow is drawn anew.
pub(crate) fn change(
    template: &Template,
    current: &mut Value,
    context: &Context<'_>,
    draw: &mut Draw<'_>,
) {
    match (template, &mut *current) {
        (Template::Object(members), Value::Object(values)) => {
            if let Some((name, each)) = draw.pick(members) {
                change(each, values.entry(name.clone()).or_insert(Value::Null), context, draw);
            }
        }
        (Template::Array(items), Value::Array(values))
            if items.len() == values.len() && !items.is_empty() =>
        {
            let index = draw.below(items.len());
            change(&items[index], &mut values[index], context, draw);
        }
        (Template::List { item, min, max }, Value::Array(values)) => {
            change_list(item, (*min, *max), values, context, draw);
        }
        (Template::Optional(inner), present) if !present.is_null() && draw.chance(70) => {
            change(inner, present, context, draw);
        }
        (Template::Integer(integer), present) if draw.chance(40) => {
            if let Some(position) = integer.kind.position_of(present) {
                let near = neighbour(position, draw).clamp(integer.min, integer.max);
                *current = integer.kind.value(near, integer.form);
            }
        }
        _ => {
            // The parts of a text are changed as values.
            let parts = composed_text::parts(template).filter(|parts| !parts.is_empty());
            match parts.zip(composed_text::take_apart(template, current)) {
                Some((parts, mut values)) => {
                    let at = draw.below(parts.len());
                    change(parts[at], &mut values[at], context, draw);
                    *current = composed_text::put_together(template, &values);
                }
                None => *current = value(template, context, draw),
            }
        }
    }
}

fn change_list(
    item: &Template,
    (min, max): (usize, usize),
    values: &mut Vec<Value>,
    context: &Context<'_>,
    draw: &mut Draw<'_>,
) {
    let index = draw.below(values.len());
    match draw.below(4) {
        0 if values.len() < max => values.insert(index, value(item, context, draw)),
        1 if values.len() < max && !values.is_empty() => {
            values.insert(index, values[index].clone());
        }
        2 if values.len() > min => drop(values.remove(index)),
        _ if !values.is_empty() => change(item, &mut values[index], context, draw),
        _ => {}
    }
}

/// An amount that is allowed.
pub(crate) fn amount(amounts: &Amounts, used: &Used, draw: &mut Draw<'_>) -> u128 {
    match amounts {
        Amounts::OneOf(choices) => draw.pick(choices).copied().unwrap_or(0),
        Amounts::Between(min, max) => in_range((*min, *max), 0, used, draw),
    }
}

/// An allowed amount near the current one.
pub(crate) fn change_amount(
    amounts: &Amounts,
    current: u128,
    used: &Used,
    draw: &mut Draw<'_>,
) -> u128 {
    match amounts {
        Amounts::Between(min, max) if draw.chance(40) => neighbour(current, draw).clamp(*min, *max),
        _ => amount(amounts, used, draw),
    }
}

/// The position of a number within the bounds.
fn number(integer: &Integer, used: &Used, draw: &mut Draw<'_>) -> u128 {
    in_range((integer.min, integer.max), integer.kind.zero(), used, draw)
}

/// A position within bounds, where `zero` is the position of 0.
fn in_range((min, max): (u128, u128), zero: u128, used: &Used, draw: &mut Draw<'_>) -> u128 {
    let inside = |position: u128| (min..=max).contains(&position).then_some(position);
    let found = match draw.below(10) {
        0..=2 => draw.pick(used.numbers()).copied().and_then(|number| {
            let exact = draw.chance(70);
            let number = if exact { number } else { neighbour(number, draw) };
            inside(zero.checked_add(number)?)
        }),
        3..=4 => {
            let edges = [
                min,
                max,
                zero,
                zero.saturating_add(1),
                min.saturating_add(1),
                max.saturating_sub(1),
            ];
            draw.pick(&edges).copied().and_then(inside)
        }
        5 => {
            let base = if draw.chance(50) { 2u128 } else { 10 };
            let power =
                base.pow(u32::try_from(draw.below(if base == 2 { 128 } else { 39 })).unwrap_or(0));
            inside(zero.saturating_add(power))
        }
        _ => None,
    };
    found.unwrap_or_else(|| {
        let position = draw.between(min, max);
        let rounded =
            position.checked_sub(zero).map(round).and_then(|number| inside(zero + number));
        if draw.chance(30) { position } else { rounded.unwrap_or(position) }
    })
}

/// The number with all but its first digit set to zero: people read `3 NEAR` more easily.
fn round(number: u128) -> u128 {
    let digits = number.checked_ilog10().unwrap_or(0);
    let unit = 10u128.pow(digits);
    number / unit * unit
}

/// One more, one less, twice, half.
fn neighbour(number: u128, draw: &mut Draw<'_>) -> u128 {
    match draw.below(4) {
        0 => number.saturating_add(1),
        1 => number.saturating_sub(1),
        2 => number.saturating_mul(2),
        _ => number / 2,
    }
}

fn string(max_length: usize, context: &Context<'_>, draw: &mut Draw<'_>) -> String {
    let text = match draw.below(5) {
        4 => draw.pick(context.words).cloned().unwrap_or_default(),
        0 => draw.pick(context.used.texts()).cloned().unwrap_or_default(),
        1 => draw.pick(&AWKWARD_TEXTS).map_or(String::new(), |text| (*text).to_owned()),
        2 => "a".repeat(max_length),
        _ => {
            let letter =
                |draw: &mut Draw<'_>| char::from(b'a' + u8::try_from(draw.below(26)).unwrap_or(0));
            (0..length(0, max_length, draw)).map(|_| letter(draw)).collect()
        }
    };
    text.chars().take(max_length).collect()
}

/// Mostly short, now and then as short or as long as can be.
fn length(min: usize, max: usize, draw: &mut Draw<'_>) -> usize {
    match draw.below(8) {
        0 => min,
        1 => max,
        _ => min + draw.below(max.saturating_sub(min).min(8) + 1),
    }
}

fn byte(draw: &mut Draw<'_>) -> u8 {
    u8::try_from(draw.below(256)).unwrap_or(0)
}

/// Bytes as JSON shows them.
pub(crate) fn show(bytes: &[u8], form: BytesForm) -> Value {
    match form {
        BytesForm::Base64 => Value::String(BASE64.encode(bytes)),
        BytesForm::Hex => Value::String(hex::encode(bytes)),
        BytesForm::Base58 => Value::String(bs58::encode(bytes).into_string()),
        BytesForm::Array => bytes.iter().copied().map(Value::from).collect(),
    }
}

/// The bytes that [`show`] showed.
pub(crate) fn parse_bytes(value: &Value, form: BytesForm) -> Option<Vec<u8>> {
    let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
    match (form, value) {
        (BytesForm::Base64, Value::String(text)) => BASE64.decode(text).ok(),
        (BytesForm::Hex, Value::String(text)) => hex::decode(text).ok(),
        (BytesForm::Base58, Value::String(text)) => bs58::decode(text).into_vec().ok(),
        (BytesForm::Array, Value::Array(items)) => items.iter().map(byte).collect(),
        _ => None,
    }
}
