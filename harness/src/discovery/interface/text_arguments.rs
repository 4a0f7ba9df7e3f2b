//! Finds out which texts among a method's arguments the contract parses, and what it reads in them.
//!
//! Keeps a text as it is unless the contract gets further with texts of a form.

use std::collections::BTreeSet;

use super::method_probe::{CallContext, MethodProbe, Result};
use crate::discovery::argument_inference::{
    ArgumentInference, ArgumentType, InputType, Subject, TextKind, message,
};

/// The name that the standards give to a message for the receiver of a token.
const MESSAGE: &str = "msg";
/// Texts for people: no contract parses them.
const FOR_PEOPLE: [&str; 6] = ["memo", "title", "description", "name", "symbol", "comment"];
/// The most texts of one method that are asked for.
const MOST_TEXTS: usize = 4;

/// The method's input, with the forms of texts that the contract parses.
pub(super) fn with_messages(
    methods: &MethodProbe<'_>,
    method: &str,
    context: &CallContext<'_>,
    names: &BTreeSet<String>,
    input: InputType,
) -> Result<InputType> {
    let InputType::Json(mut shape) = input else { return Ok(input) };
    let mut texts = Vec::new();
    find_texts(&shape, String::new(), &mut texts);
    texts.sort_by_key(|path| !path.ends_with(MESSAGE));
    for pointer in texts.into_iter().take(MOST_TEXTS) {
        let input = methods.values.for_call(&shape, 0);
        let inference = ArgumentInference {
            probe: &methods.probe,
            method,
            caller: context.caller,
            deposit: context.deposit,
            results: context.results,
            subject: Subject::Text { input: &input, pointer: &pointer, form: None },
            names,
            user: &methods.values.user,
        };
        if let Some(found) = message::infer(&inference)?
            && let Some(place) = place(&mut shape, &pointer)
        {
            *place = found;
        }
    }
    Ok(InputType::Json(shape))
}

/// Where texts are of which only that is known.
fn find_texts(shape: &ArgumentType, path: String, found: &mut Vec<String>) {
    let ArgumentType::Object(members) = shape else { return };
    for member in members {
        let path = format!("{path}/{}", member.name.replace('~', "~0").replace('/', "~1"));
        match &member.shape {
            ArgumentType::Text(TextKind::Plain) if !FOR_PEOPLE.contains(&member.name.as_str()) => {
                found.push(path);
            }
            inner => find_texts(inner, path, found),
        }
    }
}

/// The type of the value at this JSON pointer.
fn place<'t>(shape: &'t mut ArgumentType, pointer: &str) -> Option<&'t mut ArgumentType> {
    let mut shape = shape;
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let ArgumentType::Object(members) = shape else { return None };
        shape = &mut members.iter_mut().find(|member| member.name == name)?.shape;
    }
    Some(shape)
}
