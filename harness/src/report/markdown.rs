//! Findings as Markdown, to paste into an issue.
//!
//! Every text from a contract or a case is escaped or fenced.

use std::fmt::Write as _;

use super::amount::{change, near};
use super::related::{self, LIKELY};
use super::{CUT_SHORT, FoundIn, harmless, history, mermaid, powers, title};
use crate::finding::Finding;
use crate::types::NearToken;

/// Longest text from a contract or a case in one place.
const MOST_CHARACTERS: usize = 400;

/// All findings, one after another.
#[must_use]
pub fn markdown(findings: &[FoundIn<'_>]) -> String {
    let mut out = String::new();
    for found in findings {
        section(&mut out, found, findings).expect("memory takes it");
    }
    if findings.is_empty() {
        out.push_str("Nothing was found.\n");
    }
    out
}

fn section(out: &mut String, found: &FoundIn<'_>, all: &[FoundIn<'_>]) -> std::fmt::Result {
    let finding = found.finding;
    let Finding { violation, environment, .. } = finding;
    writeln!(out, "## {}\n", escape(&title(finding)))?;
    writeln!(out, "**{}**\n", escape(&violation.summary))?;
    for detail in &violation.details {
        writeln!(out, "- {}", code(detail))?;
    }
    writeln!(out, "\nRule: {}\n", escape(&finding.rule))?;
    if let Some(window) = &finding.window {
        writeln!(
            out,
            "Window: {}, from {} to {}; {}\n",
            code(window.account.as_str()),
            code(&window.opened_by),
            code(&window.closed_by),
            window.answer.describe()
        )?;
    }
    writeln!(out, "Severity: {}\n", violation.severity.name())?;
    writeln!(out, "Powers: {}\n", escape(&powers(finding)))?;
    writeln!(out, "Network: {}\n", escape(finding.network.describe()))?;
    if finding.cut_short {
        writeln!(out, "Case: {CUT_SHORT}\n")?;
    }
    before(out, finding)?;
    let others = related::also(finding, all.iter().map(|found| found.finding));
    if !others.is_empty() {
        let name = |other: &&Finding| {
            format!("{} {}", code(&other.violation.invariant), other.fingerprint.short())
        };
        let names: Vec<_> = others.iter().map(name).collect();
        writeln!(out, "Also seen by {}: {LIKELY}\n", names.join(", "))?;
    }
    writeln!(out, "```mermaid\n{}```\n", mermaid(finding))?;
    balances(out, finding)?;
    if let Some(file) = found.file {
        writeln!(out, "See it again: {}\n", code(&format!("interloper replay {file}")))?;
    }
    let case = finding.scenario.to_json();
    let fence = fence(&case);
    writeln!(
        out,
        "<details><summary>The case</summary>\n\n{fence}json\n{case}\n{fence}\n\n</details>\n"
    )?;
    writeln!(
        out,
        "Found {}× by Interloper, protocol {}; fingerprint {}\n",
        finding.count, environment.protocol_version, finding.fingerprint
    )
}

/// What ran before the case, and how long its own operations wait.
fn before(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let waits = history::waits(&finding.scenario);
    if !waits.is_empty() {
        writeln!(out, "Time passes: {}\n", waits.join(", "))?;
    }
    let lines = history::history(&finding.scenario);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "Before the case:\n")?;
    for (number, line) in (1..).zip(&lines) {
        writeln!(out, "{number}. {}", code(line))?;
    }
    writeln!(out)
}

fn balances(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let none = NearToken::from_yoctonear(0);
    writeln!(out, "| Account | Before | After | Change |\n|---|--:|--:|--:|")?;
    for balance in &finding.story.course.balances {
        let (before, after) = (balance.before.unwrap_or(none), balance.after.unwrap_or(none));
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(balance.account.as_str()),
            near(before),
            near(after),
            change(before, after)
        )?;
    }
    writeln!(out)
}

/// Text that Markdown and HTML take as text.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text, MOST_CHARACTERS).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            // Else it would call somebody.
            '@' => safe.push_str("&#64;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Text as code in a line.
fn code(text: &str) -> String {
    let text = harmless(text, MOST_CHARACTERS);
    let ticks = "`".repeat(longest_run(&text) + 1);
    if text.contains('`') { format!("{ticks} {text} {ticks}") } else { format!("`{text}`") }
}

/// A fence longer than any run of ticks in the text.
fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("<b>*x* @you #1 | [a](b)"),
            "&lt;b&gt;\\*x\\* &#64;you \\#1 \\| \\[a\\](b)"
        );
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(fence("a\n````\nb"), "`````");
        assert_eq!(fence("a"), "```");
    }
}
