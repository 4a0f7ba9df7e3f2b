//! Completes the argument types of an ABI: asks the contract about what the ABI leaves open.
//!
//! Keeps what the ABI says unless the contract rejects it.

use super::argument_type::{ArgumentType, Member, TextKind, member};
use super::object::{infer_member, member_position, written};
use super::serde_error::Expected;
use super::trials::{JsonPosition, MAX_MEMBERS, Result, Trials};
use super::value::{infer_text, infer_value, map_of};
use crate::arguments::integer::IntegerKind;
use crate::arguments::template::BytesForm;

/// Completes the type that the ABI gives for the value at this position. If the contract rejects it, infers
/// the type instead.
pub(super) fn complete(
    trials: &Trials<'_>,
    position: &JsonPosition,
    abi: &ArgumentType,
) -> Result<ArgumentType> {
    let shape = match abi {
        ArgumentType::Text(TextKind::Plain) => match infer_text(trials, position)? {
            ArgumentType::Null => abi.clone(),
            inferred => inferred,
        },
        ArgumentType::Anything => match infer_value(trials, position)? {
            ArgumentType::Null => ArgumentType::Anything,
            inferred => inferred,
        },
        ArgumentType::Object(members) => complete_object(trials, position, members)?,
        ArgumentType::List(item) => complete_list(trials, position, item)?,
        ArgumentType::Tuple(items) => complete_tuple(trials, position, items)?,
        ArgumentType::Map(_, value) => {
            let before = format!("{{\"{}\":", trials.user);
            let value = complete(trials, &position.inner(&before, "}"), value)?;
            map_of(trials, position, value)?
        }
        ArgumentType::Optional(inner) => {
            ArgumentType::Optional(Box::new(complete(trials, position, inner)?))
        }
        ArgumentType::OneOf(choices) => {
            let choices = choices.iter().map(|choice| complete(trials, position, choice));
            ArgumentType::OneOf(choices.collect::<Result<_>>()?)
        }
        other => other.clone(),
    };
    let example = shape.example(trials.user).to_string();
    if trials.accepts(position, &example)? {
        return Ok(shape);
    }
    match infer_value(trials, position)? {
        ArgumentType::Null => Ok(shape),
        inferred => Ok(inferred),
    }
}

/// The members that the ABI names, and others that the contract requires.
fn complete_object(
    trials: &Trials<'_>,
    position: &JsonPosition,
    abi: &[Member],
) -> Result<ArgumentType> {
    let mut members: Vec<Member> = Vec::new();
    // A member that tells variants apart comes first, because serde reads the others according to it.
    let (tags, others): (Vec<_>, Vec<_>) = abi.iter().partition(|each| is_fixed(&each.shape));
    for each in tags.into_iter().chain(others).take(MAX_MEMBERS) {
        let position = member_position(trials, position, &members, &each.name);
        let shape = complete(trials, &position, &each.shape)?;
        members.push(member(&each.name, shape));
    }
    while members.len() < MAX_MEMBERS {
        let Some(error) = trials.error_at(position, &written(trials, &members))? else { break };
        let Expected::Field(name) = error.expected() else { break };
        if members.iter().any(|known| known.name == name) {
            break;
        }
        let shape = infer_member(trials, position, &members, name)?;
        members.push(member(name, shape));
    }
    Ok(ArgumentType::Object(members))
}

fn complete_list(
    trials: &Trials<'_>,
    position: &JsonPosition,
    item: &ArgumentType,
) -> Result<ArgumentType> {
    if matches!(item, ArgumentType::Integer(IntegerKind::U8, _)) {
        return Ok(ArgumentType::Bytes(BytesForm::Array));
    }
    Ok(ArgumentType::List(Box::new(complete(trials, &position.inner("[", "]"), item)?)))
}

fn complete_tuple(
    trials: &Trials<'_>,
    position: &JsonPosition,
    abi: &[ArgumentType],
) -> Result<ArgumentType> {
    let (mut items, mut before) = (Vec::new(), "[".to_owned());
    for item in abi.iter().take(MAX_MEMBERS) {
        let item = complete(trials, &position.inner(&before, "]"), item)?;
        before.push_str(&item.example(trials.user).to_string());
        before.push(',');
        items.push(item);
    }
    Ok(ArgumentType::Tuple(items))
}

/// Whether the type allows only listed values.
fn is_fixed(shape: &ArgumentType) -> bool {
    match shape {
        ArgumentType::Example(_) => true,
        ArgumentType::OneOf(choices) => choices.iter().all(is_fixed),
        _ => false,
    }
}
