//! A finding for a terminal.
//!
//! Colours come from `anstyle`; whoever prints takes them out where they do not belong.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::amount::{change, near};
use super::harmless;
use super::tree::lines;
use crate::finding::Finding;
use crate::invariant::Observation;

const HEAD: Style = AnsiColor::Red.on_default().bold();
const STRONG: Style = Style::new().bold();
const MARK: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// The finding as a person reads it: what broke, what happened, who gained, how to see it again.
#[must_use]
pub fn text(finding: &Finding, seen: &Observation, file: Option<&str>) -> String {
    let mut out = String::new();
    head(&mut out, finding).expect("memory takes it");
    happened(&mut out, seen).expect("memory takes it");
    balances(&mut out, seen).expect("memory takes it");
    tail(&mut out, finding, file).expect("memory takes it");
    out
}

fn head(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let violation = &finding.violation;
    let build =
        finding.environment.build.as_ref().map_or(String::new(), |build| format!(" ({build})"));
    let target = &finding.environment.target;
    writeln!(
        out,
        "{HEAD}{} broken{HEAD:#} in {STRONG}{target}{STRONG:#}{build}",
        violation.invariant
    )?;
    writeln!(out, "  {}", harmless(&violation.summary, usize::MAX))?;
    for detail in &violation.details {
        writeln!(out, "  {FAINT}{}{FAINT:#}", harmless(detail, 400))?;
    }
    writeln!(out, "\n{STRONG}Rule{STRONG:#}    {}", finding.rule)?;
    let powers: Vec<_> = finding.powers.iter().map(|power| power.describe()).collect();
    let powers = if powers.is_empty() { "none".to_owned() } else { powers.join("; ") };
    writeln!(out, "{STRONG}Powers{STRONG:#}  {powers}")?;
    writeln!(out, "{STRONG}Network{STRONG:#} {}", finding.network.describe())
}

fn happened(out: &mut String, seen: &Observation) -> std::fmt::Result {
    writeln!(out, "\n{STRONG}What happened{STRONG:#}")?;
    writeln!(out, "  {FAINT}block  operation{FAINT:#}")?;
    for line in lines(seen) {
        write!(out, "  {:>5}  {:<3}{}", line.block, line.operation, line.text)?;
        match line.mark {
            Some(mark) => writeln!(out, "  {MARK}◀ {mark}{MARK:#}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

fn balances(out: &mut String, seen: &Observation) -> std::fmt::Result {
    let (before, after) = (seen.start.balances(), seen.end.balances());
    let changed = after.iter().filter(|(id, after)| before.get(*id) != Some(after));
    writeln!(out, "\n{STRONG}Balances{STRONG:#}")?;
    for (id, after) in changed {
        let none = crate::types::NearToken::from_yoctonear(0);
        let before = before.get(id).copied().unwrap_or(none);
        let difference = change(before, *after);
        writeln!(out, "  {id:<20} {} → {}  ({difference})", near(before), near(*after))?;
    }
    Ok(())
}

fn tail(out: &mut String, finding: &Finding, file: Option<&str>) -> std::fmt::Result {
    writeln!(out, "\n{FAINT}digest {}{FAINT:#}", finding.digest)?;
    if let Some(file) = file {
        writeln!(out, "{STRONG}See it again{STRONG:#}  interloper replay {file}")?;
    }
    Ok(())
}
