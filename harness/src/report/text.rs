//! A finding for a terminal.
//!
//! Colours come from `anstyle`; whoever prints takes them out where they do not belong.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::amount::{change, near};
use super::harmless;
use super::history;
use super::related::{self, LIKELY};
use super::tree::lines;
use super::{CUT_SHORT, powers};
use crate::finding::Finding;
use crate::finding::story::Course;
use crate::trace::Location;
use crate::types::NearToken;

const HEAD: Style = AnsiColor::Red.on_default().bold();
const STRONG: Style = Style::new().bold();
const MARK: Style = AnsiColor::Red.on_default();
/// Longest text from a contract or a case in one place.
const MOST_CHARACTERS: usize = 1_000;

const FAINT: Style = Style::new().dimmed();

/// The finding as a person reads it: what broke, what happened, who gained, how to see it again.
#[must_use]
pub fn text(finding: &Finding, file: Option<&str>) -> String {
    text_among(finding, file, [])
}

/// [`text`], and which of these others are in the same place.
#[must_use]
pub fn text_among<'a>(
    finding: &Finding,
    file: Option<&str>,
    others: impl IntoIterator<Item = &'a Finding>,
) -> String {
    let mut out = String::new();
    let course = &finding.story.course;
    head(&mut out, finding).expect("memory takes it");
    also(&mut out, finding, others).expect("memory takes it");
    before(&mut out, finding).expect("memory takes it");
    happened(&mut out, course).expect("memory takes it");
    balances(&mut out, course).expect("memory takes it");
    tail(&mut out, finding, file).expect("memory takes it");
    out
}

/// What happened in a case that breaks nothing: its transactions and receipts, and the balances that changed.
#[must_use]
pub fn course(course: &Course) -> String {
    let mut out = String::new();
    happened(&mut out, course).expect("memory takes it");
    balances(&mut out, course).expect("memory takes it");
    out
}

fn head(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let violation = &finding.violation;
    let (what, place) = super::headline(finding);
    writeln!(out, "{HEAD}{what} broken{HEAD:#} in {STRONG}{}{STRONG:#}{}", place.0, place.1)?;
    writeln!(out, "  {}", harmless(&violation.summary, MOST_CHARACTERS))?;
    for detail in &violation.details {
        writeln!(out, "  {FAINT}{}{FAINT:#}", harmless(detail, 400))?;
    }
    let rule = harmless(&finding.rule, MOST_CHARACTERS);
    writeln!(out, "\n{STRONG}Rule{STRONG:#}     {rule}")?;
    writeln!(out, "{STRONG}Severity{STRONG:#} {}", violation.severity.name())?;
    if let Some(window) = &finding.window {
        let Location { account, opened_by, closed_by, answer } = window;
        writeln!(
            out,
            "{STRONG}Window{STRONG:#}   {account}, from {} to {}; {}",
            harmless(opened_by, 96),
            harmless(closed_by, 96),
            answer.describe()
        )?;
    }
    writeln!(out, "{STRONG}Powers{STRONG:#}   {}", powers(finding))?;
    writeln!(out, "{STRONG}Network{STRONG:#}  {}", finding.network.describe())
}

fn also<'a>(
    out: &mut String,
    finding: &Finding,
    others: impl IntoIterator<Item = &'a Finding>,
) -> std::fmt::Result {
    let others = related::also(finding, others);
    if others.is_empty() {
        return Ok(());
    }
    let name = |other: &&Finding| {
        let invariant = harmless(&other.violation.invariant, 100);
        format!("{invariant} ({})", other.fingerprint.short())
    };
    let names: Vec<_> = others.iter().map(name).collect();
    writeln!(out, "{STRONG}Also{STRONG:#}     seen by {}, {LIKELY}", names.join(", "))
}

/// What ran before the case, and how long its own operations wait.
fn before(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let waits = history::waits(&finding.scenario);
    if !waits.is_empty() {
        writeln!(out, "{STRONG}Time{STRONG:#}     passes: {}", waits.join(", "))?;
    }
    let lines = history::history(&finding.scenario);
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{STRONG}Before the case{STRONG:#}")?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn happened(out: &mut String, course: &Course) -> std::fmt::Result {
    writeln!(out, "\n{STRONG}What happened{STRONG:#}")?;
    writeln!(out, "  {FAINT}block  operation{FAINT:#}")?;
    for line in lines(course) {
        write!(out, "  {:>5}  {:<3}{}", line.block, line.operation, line.text)?;
        match line.mark {
            Some(mark) => writeln!(out, "  {MARK}◀ {mark}{MARK:#}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn balances(out: &mut String, course: &Course) -> std::fmt::Result {
    writeln!(out, "\n{STRONG}Balances{STRONG:#}")?;
    for balance in &course.balances {
        let none = NearToken::from_yoctonear(0);
        let (before, after) = (balance.before.unwrap_or(none), balance.after.unwrap_or(none));
        let difference = change(before, after);
        writeln!(
            out,
            "  {:<20} {} → {}  ({difference})",
            balance.account,
            near(before),
            near(after)
        )?;
    }
    Ok(())
}

fn tail(out: &mut String, finding: &Finding, file: Option<&str>) -> std::fmt::Result {
    if finding.cut_short {
        writeln!(out, "\n{STRONG}Case{STRONG:#}     {CUT_SHORT}")?;
    }
    writeln!(out, "\n{FAINT}digest {}{FAINT:#}", finding.digest)?;
    if let Some(file) = file {
        let file = harmless(file, MOST_CHARACTERS);
        writeln!(out, "{STRONG}See it again{STRONG:#}  interloper replay {file}")?;
    }
    Ok(())
}
