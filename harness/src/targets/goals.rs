//! Reads `[[goal]]` out of `target.toml`.
//!
//! Never asks a contract anything.

use super::Account;
use super::declared::{quantity, relation};
use super::document::{Field, Section};
use super::read::{known_contract, method_name};
use crate::invariant::{Aim, Goal, Happening};
use crate::scenario::Error;

/// What a comparison is made of.
const HOLDS: &[&str] = &["quantity", "at-most", "at-least", "equals", "never"];
/// What a call is named by.
const HAPPENS: &[&str] = &["contract", "method", "ends", "hears", "during"];

/// Every `[[goal]]`.
pub(super) fn goals(root: &Section<'_>, accounts: &[Account]) -> Result<Vec<Goal>, Error> {
    let mut goals: Vec<Goal> = Vec::new();
    for section in root.sections("goal")? {
        section.only(&["name", "sometimes", "maximise"])?;
        let field = section.required("name", "\"a payment fails\"")?;
        let name = field.text()?.to_owned();
        if name.is_empty() || goals.iter().any(|known| known.name == name) {
            return Err(field.error("is empty or taken", "give each goal a name of its own"));
        }
        let aim = match (section.field("sometimes"), section.field("maximise")) {
            (Some(field), None) => sometimes(field, accounts)?,
            (None, Some(field)) => Aim::Largest(quantity(field, accounts)?),
            _ => {
                return Err(section.error(
                    "says not once what is wanted",
                    "add either `sometimes` or `maximise`",
                ));
            }
        };
        goals.push(Goal { name, aim });
    }
    Ok(goals)
}

/// A comparison, or a call that runs.
fn sometimes(field: &Field<'_>, accounts: &[Account]) -> Result<Aim, Error> {
    let section = field.section()?;
    if section.field("quantity").is_some() {
        section.only(HOLDS)?;
        let quantity = quantity(section.required("quantity", "")?, accounts)?;
        return Ok(Aim::Holds(quantity, relation(&section, accounts)?));
    }
    section.only(HAPPENS)?;
    Ok(Aim::Happens(Happening {
        contract: known_contract(section.required("contract", "\"vault.near\"")?, accounts)?,
        method: method_name(section.required("method", "\"on_withdrawn\"")?)?,
        fails: section.field("ends").map(failure).transpose()?,
        hears_failure: section.field("hears").map(failure).transpose()?,
        during: section.field("during").map(method_name).transpose()?,
    }))
}

/// Whether it is a failure.
fn failure(field: &Field<'_>) -> Result<bool, Error> {
    match field.text()? {
        "failure" => Ok(true),
        "success" => Ok(false),
        other => Err(field.error(format!("is \"{other}\""), "write \"success\" or \"failure\"")),
    }
}
