//! What happened, in the order of time: a line per transaction and receipt, indented by what caused it.
//!
//! Never judges.

use super::amount::near;
use super::harmless;
use crate::finding::story::{Act, Course, End, Moment};
use crate::types::{NearToken, OperationId};

/// Most characters of arguments, results and errors on one line.
const MOST_CHARACTERS: usize = 96;

/// Most digits of bytes on one line.
const MOST_DIGITS: usize = 34;

/// A line of the picture.
pub(super) struct Line {
    pub(super) block: u64,
    pub(super) operation: OperationId,
    pub(super) text: String,
    pub(super) mark: Option<&'static str>,
}

/// The whole course as lines.
pub(super) fn lines(course: &Course) -> Vec<Line> {
    let moments = course.moments.iter().enumerate();
    let line = |(index, moment): (usize, &Moment)| Line {
        block: moment.block,
        operation: moment.name.operation,
        text: text(moment),
        mark: mark(course, index),
    };
    moments.map(line).collect()
}

fn text(moment: &Moment) -> String {
    if moment.transaction {
        let signer = &moment.account;
        return match &moment.end {
            End::Failure { reason } => {
                format!("{signer} signs, and the chain refuses: {}", short(reason))
            }
            _ => format!("{signer} signs"),
        };
    }
    let indent = "  ".repeat(moment.name.path.len() + 1);
    format!("{indent}{}{}  {}", call(moment), heard(moment), ending(&moment.end))
}

/// Who calls what of whom.
pub(super) fn call(moment: &Moment) -> String {
    let from = match &moment.from {
        system if system.is_system() => "refund".to_owned(),
        from => from.to_string(),
    };
    let acts: Vec<_> = moment.acts.iter().map(act).collect();
    format!("{from} → {} {}", moment.account, acts.join(" + "))
}

/// What a callback learns about what it waited for.
pub(super) fn heard(moment: &Moment) -> String {
    if moment.hears.is_empty() {
        return String::new();
    }
    let results = moment.hears.iter().map(|result| match result.as_deref() {
        Some("") => "done".to_owned(),
        Some(text) => short(text),
        None => "failed".to_owned(),
    });
    format!(" [hears: {}]", results.collect::<Vec<_>>().join(", "))
}

pub(super) fn act(act: &Act) -> String {
    match act {
        Act::Call { method, arguments, deposit } => {
            format!("{}({}){}", short(method), short(arguments), with_deposit(*deposit))
        }
        Act::Transfer { amount } => format!("transfer {}", near(*amount)),
        Act::Other { name } => short(name),
    }
}

fn with_deposit(deposit: NearToken) -> String {
    if deposit.is_zero() { String::new() } else { format!(" with {}", near(deposit)) }
}

pub(super) fn ending(end: &End) -> String {
    match end {
        End::Value { value } if value.is_empty() => "✓".to_owned(),
        End::Value { value } => format!("✓ {}", short(value)),
        End::Promise => "✓".to_owned(),
        End::Failure { reason } => format!("✗ {}", short(reason)),
    }
}

fn short(text: &str) -> String {
    // Nobody reads more of bytes than where they begin.
    if text.starts_with("0x") && text.len() > MOST_DIGITS {
        return format!("{} {} bytes", harmless(text, MOST_DIGITS / 2), text.len() / 2 - 1);
    }
    harmless(text, MOST_CHARACTERS)
}

fn mark(course: &Course, index: usize) -> Option<&'static str> {
    let moment = &course.moments[index];
    if moment.forced {
        return Some("made to fail");
    }
    (course.entrance(moment.name.operation) == Some(index)).then_some("comes in between")
}
