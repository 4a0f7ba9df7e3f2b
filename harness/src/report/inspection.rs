//! The description of a compiled contract, for a terminal and as JSON.
//!
//! All texts come from the contract, so all of them are escaped.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;

use super::harmless;
use crate::discovery::Inspection;
use crate::types::printable_json;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// The most names of one kind for a terminal; JSON has all.
const MOST_NAMES: usize = 200;
/// The most characters of one name.
const MOST_LETTERS: usize = 80;
/// The most characters of a contract's own description.
const MOST_METADATA: usize = 600;
/// The width of lists of names.
const WIDTH: usize = 100;

/// The inspection for a terminal.
#[must_use]
pub fn inspection(inspection: &Inspection) -> String {
    let mut out = String::new();
    write_all(&mut out, inspection).expect("writing to memory does not fail");
    out.truncate(out.trim_end().len());
    out
}

/// Any value as JSON that is safe to print: escapes everything that controls a terminal or reorders text.
#[must_use]
pub fn harmless_json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    printable_json(&text)
}

fn write_all(out: &mut String, found: &Inspection) -> std::fmt::Result {
    let kilobytes = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0);
    let line = |out: &mut String, name: &str, text: &str| {
        writeln!(out, "{STRONG}{name:<11}{STRONG:#}{text}")
    };
    line(out, "Built with", &harmless(&found.made_with, MOST_LETTERS))?;
    let size = format!(
        "{}: {} of code in {} functions, {} of data",
        kilobytes(found.bytes),
        kilobytes(found.code_bytes),
        found.functions,
        kilobytes(found.data_bytes)
    );
    line(out, "Size", &size)?;
    let tera = found.load_gas as f64 / 1e12;
    line(out, "Loading", &format!("{tera:.2} Tgas in every call"))?;
    match &found.rejected {
        Some(reason) => line(out, "Runs", &format!("no: {}", harmless(reason, 400)))?,
        None => line(out, "Runs", "yes")?,
    }
    line(out, "Can", &or_none(&found.powers.join(", ")))?;
    line(out, "Standards", &or_none(&found.standards.join(", ")))?;
    line(out, "ABI", found.abi)?;
    if let Some(metadata) = &found.metadata {
        line(out, "Metadata", &or_none(&harmless(&metadata.line(), MOST_METADATA)))?;
    }
    names(out, "Methods", &found.methods)?;
    names(out, "Callbacks, judging by their names", &found.likely_callbacks)?;
    names(out, "Exports that are not methods", &found.other_exports)?;
    names(out, "Imports", &found.imports)?;
    let custom: Vec<_> = found
        .custom_sections
        .iter()
        .map(|(name, bytes)| format!("{name} ({bytes} bytes)"))
        .collect();
    names(out, "Custom sections", &custom)?;
    names(out, "Words in its data", &found.words)
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "none found".to_owned() } else { text.to_owned() }
}

/// A list of names, several to a line.
fn names(out: &mut String, head: &str, names: &[String]) -> std::fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}{head}{STRONG:#} {FAINT}({}){FAINT:#}", names.len())?;
    let mut line = String::from(" ");
    for name in names.iter().take(MOST_NAMES) {
        let name = harmless(name, MOST_LETTERS);
        if line.chars().count() + name.chars().count() > WIDTH && line.len() > 1 {
            writeln!(out, "{line}")?;
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(&name);
    }
    writeln!(out, "{line}")?;
    if names.len() > MOST_NAMES {
        writeln!(out, "  {FAINT}and {} more: --json has all{FAINT:#}", names.len() - MOST_NAMES)?;
    }
    Ok(())
}
