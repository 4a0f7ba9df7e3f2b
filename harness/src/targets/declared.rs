//! Reads `[[invariant]]` and `[[allow]]` out of `target.toml`.
//!
//! Never asks a contract anything.

use super::document::{Field, Section};
use super::read::{known_account, known_contract, method_name};
use super::{Account, Invariants};
use crate::invariant::{Allowance, Declaration, Quantity, Relation, Severity};
use crate::scenario::Error;

const RELATIONS: [&str; 4] = ["at-most", "at-least", "equals", "never"];
const FIELDS: &[&str] =
    &["name", "severity", "quantity", "at-most", "at-least", "equals", "never", "when"];

/// Every `[[invariant]]`.
pub(super) fn declarations(
    root: &Section<'_>,
    accounts: &[Account],
) -> Result<Vec<Declaration>, Error> {
    let mut declarations: Vec<Declaration> = Vec::new();
    for section in root.sections("invariant")? {
        section.only(FIELDS)?;
        let field = section.required("name", "\"solvent\"")?;
        let name = field.text()?.to_owned();
        if name.is_empty() || declarations.iter().any(|known| known.name == name) {
            return Err(field.error("is empty or taken", "give each invariant a name of its own"));
        }
        declarations.push(Declaration {
            name,
            severity: section.field("severity").map_or(Ok(Severity::High), severity)?,
            quantity: quantity(
                section.required("quantity", "{ balance = \"vault.near\" }")?,
                accounts,
            )?,
            relation: relation(&section, accounts)?,
            always: section.field("when").map_or(Ok(false), always)?,
        });
    }
    Ok(declarations)
}

/// Every `[[allow]]`. The places of their invariants' names go among those of `[invariants]`.
pub(super) fn allowances(
    root: &Section<'_>,
    invariants: &mut Invariants,
) -> Result<Vec<Allowance>, Error> {
    let mut allowance = |section: Section<'_>| {
        section.only(&["invariant", "method", "reason"])?;
        let reason = section.required("reason", "\"why this is meant to be so\"")?;
        if reason.text()?.trim().is_empty() {
            return Err(reason.error("is empty", "say why this is meant to be so"));
        }
        let field = section.required("invariant", "\"storage\"")?;
        let name = field.text()?.to_owned();
        invariants.places.entry(name.clone()).or_insert(("allow", field.line()));
        Ok(Allowance {
            invariant: name,
            method: section.field("method").map(method_name).transpose()?,
            reason: reason.text()?.to_owned(),
        })
    };
    root.sections("allow")?.into_iter().map(&mut allowance).collect()
}

fn severity(field: &Field<'_>) -> Result<Severity, Error> {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let text = field.text()?;
    let known = all.into_iter().find(|severity| severity.name() == text);
    let cure = "write \"info\", \"low\", \"medium\", \"high\" or \"critical\"";
    known.ok_or_else(|| field.error(format!("is \"{text}\""), cure))
}

fn always(field: &Field<'_>) -> Result<bool, Error> {
    match field.text()? {
        "always" => Ok(true),
        "at-rest" => Ok(false),
        other => Err(field.error(
            format!("is \"{other}\""),
            "write \"at-rest\", when nothing is under way, or \"always\", after every receipt",
        )),
    }
}

pub(super) fn relation(section: &Section<'_>, accounts: &[Account]) -> Result<Relation, Error> {
    let given: Vec<_> =
        RELATIONS.into_iter().filter(|name| section.field(name).is_some()).collect();
    let [name] = given[..] else {
        return Err(section.error(
            "says not once what must hold",
            "add one of `at-most`, `at-least`, `equals` and `never`",
        ));
    };
    let field = section.required(name, "")?;
    match name {
        "at-most" => Ok(Relation::AtMost(quantity(field, accounts)?)),
        "at-least" => Ok(Relation::AtLeast(quantity(field, accounts)?)),
        "equals" => Ok(Relation::Equals(quantity(field, accounts)?)),
        _ => match field.text()? {
            "falls" => Ok(Relation::NeverFalls),
            "rises" => Ok(Relation::NeverRises),
            other => Err(field.error(format!("is \"{other}\""), "write \"falls\" or \"rises\"")),
        },
    }
}

/// An amount in text, `{ balance = ... }` or `{ view = ..., contract = ... }`.
pub(super) fn quantity(field: &Field<'_>, accounts: &[Account]) -> Result<Quantity, Error> {
    if !field.is_table() {
        return Ok(Quantity::Fixed(field.balance()?.as_yoctonear()));
    }
    let section = field.section()?;
    if let Some(balance) = section.field("balance") {
        section.only(&["balance"])?;
        let names: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
        return Ok(Quantity::Balance(known_account(balance, &names)?));
    }
    section.only(&["view", "contract", "args", "sum-over"])?;
    let arguments = section.field("args").map(Field::json).transpose()?;
    let arguments = arguments.unwrap_or_else(|| serde_json::json!({}));
    if !arguments.is_object() {
        return Err(field.error("has `args` that are no table", "write args = { name = value }"));
    }
    Ok(Quantity::View {
        contract: known_contract(section.required("contract", "\"vault.near\"")?, accounts)?,
        method: method_name(section.required("view", "\"total\"")?)?,
        arguments,
        sum_over: section.field("sum-over").map(Field::text).transpose()?.map(str::to_owned),
    })
}
