//! A finding as a Mermaid sequence diagram, for issues and pages that draw them.
//!
//! Every text is written so that Mermaid takes none of it as markup.

use std::fmt::Write as _;

use super::harmless;
use super::tree::{ending, heard};
use crate::finding::Finding;
use crate::finding::story::{Act, Course, End, Moment};
use crate::types::AccountId;

/// Longest text on an arrow.
const MOST_CHARACTERS: usize = 60;

/// The diagram, without a fence around it.
#[must_use]
pub fn mermaid(finding: &Finding) -> String {
    let mut out = String::new();
    diagram(&mut out, &finding.story.course).expect("memory takes it");
    out
}

fn diagram(out: &mut String, course: &Course) -> std::fmt::Result {
    writeln!(out, "sequenceDiagram")?;
    let accounts = accounts(course);
    for (index, account) in accounts.iter().enumerate() {
        writeln!(out, "    participant p{index} as {}", safe(account.as_str()))?;
    }
    let number = |id: &AccountId| accounts.iter().position(|known| *known == id).unwrap_or(0);
    let mut block = None;
    for moment in &course.moments {
        let (from, to) = (number(&moment.from), number(&moment.account));
        if block.replace(moment.block) != Some(moment.block) {
            let last = accounts.len().saturating_sub(1);
            writeln!(out, "    Note over p0,p{last}: block {}", moment.block)?;
        }
        if let Some(window) = course.windows.iter().find(|window| window.closes == moment.name) {
            writeln!(
                out,
                "    Note over p{to}: window of operation {} closes",
                window.opens.operation
            )?;
        }
        let failed = matches!(moment.end, End::Failure { .. });
        let arrow = if failed { "-x" } else { "->>" };
        writeln!(out, "    p{from}{arrow}p{to}: {}", safe(&label(course, moment)))?;
        if let Some(window) =
            course.windows.iter().find(|window| window.opens == moment.name && !moment.transaction)
        {
            writeln!(
                out,
                "    Note over p{to}: window of operation {} opens",
                window.opens.operation
            )?;
        }
    }
    Ok(())
}

fn accounts(course: &Course) -> Vec<&AccountId> {
    let mut accounts = Vec::new();
    for moment in &course.moments {
        for id in [&moment.from, &moment.account] {
            if !accounts.contains(&id) {
                accounts.push(id);
            }
        }
    }
    accounts
}

fn label(course: &Course, moment: &Moment) -> String {
    let operation = moment.name.operation;
    if moment.transaction {
        let between = course.comes_between(operation);
        let between = if between { ", comes in between" } else { "" };
        return format!("{operation}: signs{between}");
    }
    let acts: Vec<_> = moment.acts.iter().map(super::tree::act).collect();
    let acts = if acts.is_empty() { "data".to_owned() } else { acts.join(" + ") };
    let end = match &moment.end {
        _ if moment.forced => "✗ made to fail".to_owned(),
        end => ending(end),
    };
    let refund =
        moment.from.is_system() && matches!(moment.acts.last(), Some(Act::Transfer { .. }));
    let what = if refund { format!("refund, {acts}") } else { acts };
    format!("{operation}: {what}{} {end}", heard(moment))
}

/// Text that Mermaid shows as it is: what could mean something to it becomes a character code.
fn safe(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text, MOST_CHARACTERS).chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => safe.push(character),
            ' ' | '.' | ',' | '_' | '-' | '+' | '(' | ')' | '/' | '✓' | '✗' | '…' | '→' => {
                safe.push(character);
            }
            other => write!(safe, "#{};", u32::from(other)).expect("memory takes it"),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_means_anything_to_mermaid() {
        assert_eq!(safe("a: b; c\n#x"), "a#58; b#59; c#92;u#123;a#125;#35;x");
        assert_eq!(safe("end"), "end");
        assert_eq!(safe("<b>&"), "#60;b#62;#38;");
    }
}
