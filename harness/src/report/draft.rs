//! What `interloper init` found out, for a terminal.
//!
//! Names come from the contract: all of them are made harmless.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::Style;

use super::harmless;
use crate::discovery::{Arguments, Draft, Kind, Method};

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
/// How much of a line a terminal gets.
const WIDTH: usize = 110;

/// The draft as a person reads it, and what to do next.
#[must_use]
pub fn draft(draft: &Draft, folder: &Path) -> String {
    let mut out = String::new();
    write_all(&mut out, draft, folder).expect("memory takes it");
    out
}

fn write_all(out: &mut String, draft: &Draft, folder: &Path) -> std::fmt::Result {
    for contract in &draft.contracts {
        writeln!(out, "{STRONG}{}{STRONG:#}", contract.id)?;
        for (kind, about) in [
            (Kind::Call, "anybody may call"),
            (Kind::Private, "only itself may call"),
            (Kind::SetUp, "makes its first state with"),
            (Kind::View, "answers without changing anything"),
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
    let setup = if calls.is_empty() { "nothing".to_owned() } else { calls.join(", ") };
    writeln!(out, "{STRONG}Before every case{STRONG:#}: {setup}")?;
    write!(out, "\nMade {}. Next: interloper fuzz {}", folder.display(), folder.display())
}

/// A method with what it takes.
fn line(method: &Method) -> String {
    let arguments = match &method.arguments {
        Arguments::Nothing => "()".to_owned(),
        Arguments::Json(shape) => shape.describe(),
        Arguments::Borsh(layouts) => {
            let each = layouts.iter().map(|(name, layout)| format!("{name}: {layout}"));
            format!("borsh ({})", each.collect::<Vec<_>>().join(", "))
        }
        Arguments::Unknown => "? takes what could not be found out".to_owned(),
    };
    format!("{} {arguments}", method.name)
}
