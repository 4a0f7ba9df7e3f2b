//! Infers JSON objects: required members from the error that names a missing one, optional members by name.
//!
//! Calls the contract only through [`Trials`], which keeps the budget.

use std::collections::BTreeSet;

use serde_json::Value;

use super::argument_type::{ArgumentType, Member, member};
use super::serde_error::{Expected, SerdeError};
use super::trials::{JsonPosition, MAX_MEMBERS, Result, Trials};
use super::value::infer_value;

/// An object: required members first, then optional ones.
pub(super) fn infer_object(trials: &Trials<'_>, position: &JsonPosition) -> Result<ArgumentType> {
    let mut members: Vec<Member> = Vec::new();
    let mut tag = None;
    while members.len() < MAX_MEMBERS {
        let text = written(trials, &members);
        let Some(error) = trials.error_at(position, &text)? else { break };
        let Expected::Field(name) = error.expected() else {
            return Ok(if members.is_empty() {
                ArgumentType::Null
            } else {
                ArgumentType::Object(members)
            });
        };
        if members.iter().any(|known: &Member| known.name == name) {
            break;
        }
        let shape = infer_member(trials, position, &members, name)?;
        if let ArgumentType::OneOf(variants) = &shape
            && members.is_empty()
            && variants.iter().all(|variant| matches!(variant, ArgumentType::Example(_)))
        {
            tag = Some(name.to_owned());
        }
        members.push(member(name, shape));
    }
    if let Some(tag) = tag
        && let Some(shape) = infer_tagged(trials, position, &members, &tag)?
    {
        return Ok(shape);
    }
    infer_optional_members(trials, position, &mut members)?;
    Ok(ArgumentType::Object(members))
}

pub(super) fn infer_member(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &[Member],
    name: &str,
) -> Result<ArgumentType> {
    infer_value(trials, &member_position(trials, position, members, name))
}

/// The position of the value of a member that follows these members.
pub(super) fn member_position(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &[Member],
    name: &str,
) -> JsonPosition {
    let written = written(trials, members);
    let comma = if members.is_empty() { "" } else { "," };
    let key = Value::from(name);
    position.inner(&format!("{}{comma}{key}:", &written[..written.len() - 1]), "}")
}

pub(super) fn written(trials: &Trials<'_>, members: &[Member]) -> String {
    let each = members.iter().map(|member| {
        format!("{}:{}", Value::from(member.name.as_str()), member.shape.example(trials.user))
    });
    format!("{{{}}}", each.collect::<Vec<_>>().join(","))
}

/// An internally tagged enum: a member names the variant, and each variant has members of its own.
fn infer_tagged(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &[Member],
    tag: &str,
) -> Result<Option<ArgumentType>> {
    let Some(Member { shape: ArgumentType::OneOf(variants), .. }) = members.first() else {
        return Ok(None);
    };
    let mut shapes = Vec::new();
    for variant in variants {
        let mut own = vec![member(tag, variant.clone())];
        while own.len() < MAX_MEMBERS {
            let Some(name) = missing(trials, position, &own)? else { break };
            // serde reads such enums late, after everything around them: if a name is still reported as
            // missing after it was added, it is missing somewhere else.
            let known = own.iter().any(|known| known.name == name);
            let mut with = own.clone();
            with.push(member(&name, ArgumentType::Null));
            if known || missing(trials, position, &with)?.as_ref() == Some(&name) {
                break;
            }
            let shape = infer_member(trials, position, &own, &name)?;
            own.push(member(&name, shape));
        }
        shapes.push(ArgumentType::Object(own));
    }
    Ok(Some(ArgumentType::OneOf(shapes)))
}

/// The member that the error names as missing, in this object or in one around it.
fn missing(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &[Member],
) -> Result<Option<String>> {
    let error = trials.error_anywhere(position, &written(trials, members))?;
    Ok(match error.as_ref().map(SerdeError::expected) {
        Some(Expected::Field(name)) => Some(name.to_owned()),
        _ => None,
    })
}

/// An optional member is reported when it is given twice.
fn infer_optional_members(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &mut Vec<Member>,
) -> Result<()> {
    let mut tried: BTreeSet<&str> = BTreeSet::new();
    let names = trials.names;
    while members.len() < MAX_MEMBERS {
        let known = |name: &str| members.iter().any(|member| member.name == name);
        let new = names.iter().filter(|name| !tried.contains(name.as_str()) && !known(name));
        let new: Vec<&str> = new.map(String::as_str).collect();
        let written = written(trials, members);
        let mut text = written[..written.len() - 1].to_owned();
        let mut places = Vec::new();
        for name in &new {
            for _ in 0..2 {
                let comma = if text.ends_with('{') { "" } else { "," };
                let start = position.before.len() + text.len();
                text.push_str(&format!("{comma}{}:null", Value::from(*name)));
                places.push((start, position.before.len() + text.len(), *name));
            }
        }
        text.push('}');
        let Some(error) = trials.error_at(position, &text)? else { break };
        let found = match error.expected() {
            Expected::FieldOnce(name) => new.iter().copied().find(|new| *new == name),
            Expected::OneOfFields(all) => {
                let fields: Vec<_> = all.into_iter().filter(|name| !known(name)).collect();
                return add_members(trials, position, members, &fields);
            }
            _ => {
                let at = error.position;
                places
                    .iter()
                    .find(|(start, end, _)| (*start..=*end).contains(&at))
                    .map(|found| found.2)
            }
        };
        let Some(name) = found else { break };
        tried.insert(name);
        let name = name.to_owned();
        add_members(trials, position, members, &[name.as_str()])?;
    }
    Ok(())
}

fn add_members(
    trials: &Trials<'_>,
    position: &JsonPosition,
    members: &mut Vec<Member>,
    names: &[&str],
) -> Result<()> {
    for name in names {
        let shape = infer_member(trials, position, members, name)?;
        members.push(member(name, shape));
    }
    Ok(())
}
