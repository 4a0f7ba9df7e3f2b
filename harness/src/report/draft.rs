//! What `interloper init` found out, for a terminal.
//!
//! Names come from the contract, so all of them are escaped.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::Style;

use super::harmless;
use crate::discovery::{Draft, DraftContract, InputType, MethodInterface, MethodKind};
use crate::targets::TARGET_FILE;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
/// The most characters of a failure.
const MOST_FAILURE: usize = 300;
/// The most characters of one line.
const WIDTH: usize = 110;

/// The draft for a terminal, and what to do next.
#[must_use]
pub fn draft(draft: &Draft, folder: &Path) -> String {
    let mut out = String::new();
    write_all(&mut out, draft, folder).expect("writing to memory does not fail");
    out
}

fn write_all(out: &mut String, draft: &Draft, folder: &Path) -> std::fmt::Result {
    write_refusals(out, draft, folder)?;
    for contract in &draft.contracts {
        writeln!(out, "{STRONG}{}{STRONG:#}", contract.id)?;
        for (kind, about) in [
            (MethodKind::Call, "any account can call"),
            (MethodKind::Private, "only the contract itself can call"),
            (MethodKind::Initializer, "initializers"),
            (MethodKind::View, "views"),
        ] {
            let mut methods =
                contract.methods.iter().filter(|method| method.kind == kind).peekable();
            if methods.peek().is_some() {
                writeln!(out, "  {FAINT}{about}{FAINT:#}")?;
            }
            for method in methods {
                writeln!(out, "    {}", harmless(&line(method), WIDTH))?;
            }
        }
    }
    for contract in draft.contracts.iter().filter(|contract| contract.note.is_some()) {
        writeln!(out, "{STRONG}{}{STRONG:#}: {}", contract.id, contract.note.unwrap_or_default())?;
    }
    for puppet in &draft.puppets {
        let why = harmless(&puppet.why(), WIDTH);
        writeln!(out, "{STRONG}{}{STRONG:#} is played by a puppet. {why}", puppet.id)?;
    }
    let calls: Vec<_> = draft
        .setup
        .iter()
        .map(|step| format!("{} by {}", harmless(&step.method, 40), step.signer))
        .collect();
    let setup = if calls.is_empty() { "no calls".to_owned() } else { calls.join(", ") };
    writeln!(out, "{STRONG}Before every case{STRONG:#}: {setup}")?;
    write!(out, "\nWrote {}.", folder.display())?;
    match draft.uninitialized() {
        None => write!(out, " Next: interloper fuzz {}", folder.display()),
        Some(_) => Ok(()),
    }
}

/// The headline if no call of a contract under test got as far as calling another account.
fn write_refusals(out: &mut String, draft: &Draft, folder: &Path) -> std::fmt::Result {
    let refusals = draft.refusals_before_any_call();
    if refusals.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{STRONG}No call got as far as calling another account, so `fuzz` may test nothing between a call and its callback.{STRONG:#}"
    )?;
    for (method, failure) in refusals {
        writeln!(out, "  {}", harmless(&format!("{method}: {failure}"), WIDTH))?;
    }
    let file = folder.join(TARGET_FILE);
    writeln!(
        out,
        "  help: add [[setup]] calls that these methods need to {}, or give real contracts with --with\n",
        file.display()
    )
}

/// Why no operation can succeed, if no initializer of a contract did, and what to do.
#[must_use]
pub fn uninitialized(contract: &DraftContract, folder: &Path) -> String {
    let mut text = format!("{}: no initializer succeeded, so every call would fail", contract.id);
    for (method, failure) in &contract.failed_initializers {
        let why = format!("`{method}` failed: {failure}");
        text.push_str(&format!("\n  {}", harmless(&why, MOST_FAILURE)));
    }
    let file = folder.join(TARGET_FILE);
    text.push_str(&format!(
        "\n  help: add a [[setup]] call with arguments that the contract accepts to {}, or start from real state with --state",
        file.display()
    ));
    text
}

/// A method with its arguments.
fn line(method: &MethodInterface) -> String {
    let arguments = match &method.arguments {
        InputType::Nothing => "()".to_owned(),
        InputType::Json(shape) => shape.describe(),
        InputType::Borsh(layouts) => {
            let each = layouts.iter().map(|(name, layout)| format!("{name}: {layout}"));
            format!("borsh ({})", each.collect::<Vec<_>>().join(", "))
        }
        InputType::Unknown => "? (arguments not found out)".to_owned(),
    };
    format!("{} {arguments}", method.name)
}
