//! How a campaign over many targets went, held against the one before.
//!
//! Pure functions: the caller reads dates and files.

mod page;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::related::count_places;
use super::{harmless, reach, title};
use crate::campaign::fleet::TargetProgress;
use crate::campaign::{MissingAccount, Statistics};
use crate::finding::Finding;
use crate::invariant::Severity;
use crate::targets::TARGET_FILE;
use crate::types::Fingerprint;

/// How many methods that never succeeded are named for one target.
const MOST_NEVER: usize = 3;

/// The version of the file format.
pub const SUMMARY_SCHEMA: u32 = 1;

/// How a campaign went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Summary {
    /// The version of this format.
    pub schema: u32,
    /// How long it took.
    pub seconds: f64,
    /// The first seed that was not used.
    pub next_seed: u64,
    /// One for each target.
    pub rows: Vec<Row>,
}

/// How one target fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// Its name.
    pub target: String,
    /// All its slices of time together.
    pub tally: Statistics,
    /// How many slices it had.
    pub slices: u64,
    /// How the last slice that ended badly did.
    pub error: Option<String>,
    /// What its author wished to know, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is known to be wrong with it, found in this campaign or before.
    pub findings: Vec<Line>,
}

/// A finding in a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Line {
    /// Which.
    pub fingerprint: Fingerprint,
    /// Where: lines that agree in it are most likely one bug.
    #[serde(default)]
    pub place: Option<Fingerprint>,
    /// What broke.
    #[serde(default)]
    pub invariant: String,
    /// What to call it.
    pub title: String,
    /// How bad it is.
    #[serde(default)]
    pub severity: Severity,
    /// What happened, in a sentence.
    pub summary: String,
    /// How often it was found, in all campaigns.
    pub count: u64,
}

impl Line {
    /// A finding's line.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            fingerprint: finding.fingerprint,
            place: Some(finding.place()),
            invariant: harmless(&finding.violation.invariant, 100),
            title: title(finding),
            severity: finding.violation.severity,
            summary: harmless(&finding.violation.summary, 300),
            count: finding.count,
        }
    }
}

impl Row {
    /// How one target fared: `findings` are its own, known bugs left out.
    #[must_use]
    pub fn of(
        target: &str,
        progress: &TargetProgress,
        notes: Vec<String>,
        findings: &[Finding],
    ) -> Self {
        Self {
            target: target.to_owned(),
            tally: progress.total.clone(),
            slices: progress.slices,
            error: progress.error.clone(),
            notes,
            findings: findings.iter().map(Line::of).collect(),
        }
    }
}

impl Summary {
    /// All targets together. The campaign began with the seed `first_seed`, and each slice took one.
    #[must_use]
    pub fn of(rows: Vec<Row>, first_seed: u64, elapsed: Duration) -> Self {
        let slices: u64 = rows.iter().map(|row| row.slices).sum();
        let next_seed = first_seed.wrapping_add(slices);
        Self { schema: SUMMARY_SCHEMA, seconds: elapsed.as_secs_f64(), next_seed, rows }
    }

    /// Whether any target ran a case.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.executions() > 0
    }

    fn row(&self, target: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.target == target)
    }

    /// Fingerprints of all findings.
    #[must_use]
    pub fn fingerprints(&self) -> BTreeSet<Fingerprint> {
        let lines = self.rows.iter().flat_map(|row| &row.findings);
        lines.map(|line| line.fingerprint).collect()
    }

    /// How many findings the campaign before did not have.
    #[must_use]
    pub fn news(&self, before: Option<&Self>) -> usize {
        let known = before.map(Self::fingerprints).unwrap_or_default();
        self.fingerprints().difference(&known).count()
    }

    /// `3 findings in 2 places`.
    fn count(&self) -> String {
        let lines = self.rows.iter().flat_map(|row| &row.findings).collect();
        count_places(self.fingerprints().len(), groups(lines).len())
    }

    fn executions(&self) -> u64 {
        self.rows.iter().map(|row| row.tally.executions).sum()
    }

    /// For a terminal, without colours.
    #[must_use]
    pub fn text(&self, before: Option<&Self>) -> String {
        let mut out = String::new();
        self.write_text(&mut out, before).expect("memory takes it");
        out
    }

    fn write_text(&self, out: &mut String, before: Option<&Self>) -> std::fmt::Result {
        writeln!(out, "{}\n", self.headline(before))?;
        writeln!(
            out,
            "{:<20} {:>12} {:>8} {:>18} {:>9} {:>9}  findings",
            "target", "executions", "/s", "behaviours", "methods", "windows"
        )?;
        for row in &self.rows {
            let earlier = row.earlier(before);
            let behaviours =
                with_trend(row.tally.behaviours, earlier.map(|row| row.tally.behaviours));
            writeln!(
                out,
                "{:<20} {:>12} {:>8} {behaviours:>18} {:>9} {:>9}  {}",
                harmless(&row.target, 20),
                row.tally.executions,
                rate(&row.tally),
                reach::methods(&row.tally.reach),
                reach::windows(&row.tally),
                row.findings.len()
            )?;
            if row.slices == 0 {
                writeln!(out, "    {NO_TURN}")?;
            }
            if let Some(error) = &row.error {
                writeln!(out, "    ended badly: {}", harmless(error, 200))?;
            }
            for warning in row.warnings() {
                writeln!(out, "    {}", warning.replace('\n', "\n    "))?;
            }
            for note in &row.notes {
                writeln!(out, "    {}", harmless(note, 300))?;
            }
            for unknown in &row.tally.missing_accounts {
                writeln!(out, "    {}", missing_account(unknown))?;
            }
            for group in groups(row.findings.iter().collect()) {
                group_text(out, &group, before)?;
            }
        }
        Ok(())
    }

    fn headline(&self, before: Option<&Self>) -> String {
        let count = self.fingerprints().len();
        let untested = self.rows.iter().filter(|row| row.untested().is_some()).count();
        let findings = match count {
            0 if untested > 0 && untested == self.rows.len() => UNTESTED.to_owned(),
            0 => "nothing found".to_owned(),
            _ => self.count(),
        };
        let untested = match untested {
            1.. if findings != UNTESTED => format!(", {untested} with a warning: {UNTESTED}"),
            _ => String::new(),
        };
        let news = match before {
            Some(_) if count > 0 => {
                format!(", {} new since the last campaign", self.news(before))
            }
            _ => String::new(),
        };
        let targets = self.rows.len();
        let plural = if targets == 1 { "" } else { "s" };
        format!(
            "{findings}{news}; {targets} target{plural}{untested}, {} executions in {}",
            self.executions(),
            duration(self.seconds)
        )
    }
}

impl Row {
    /// That nothing was tested between a call and its callback, if that is so, and which methods never
    /// succeeded.
    fn warnings(&self) -> Vec<String> {
        let untested = self.untested().map(|untested| format!("warning: {untested}"));
        let never = reach::never_succeeded(&self.tally.reach, TARGET_FILE, MOST_NEVER);
        untested.into_iter().chain(never).collect()
    }

    /// Why nothing was tested between a call and its callback, if that is so.
    pub(super) fn untested(&self) -> Option<String> {
        reach::untested(&self.tally.reach).filter(|_| self.tally.executions > 0)
    }

    /// How the target fared before; nothing to hold against it where it had no turn now.
    fn earlier<'a>(&self, before: Option<&'a Summary>) -> Option<&'a Self> {
        before.filter(|_| self.slices > 0)?.row(&self.target)
    }
}

/// A call that a contract under test makes of an account that is not there, in a line.
#[must_use]
pub fn missing_account(missing_account: &MissingAccount) -> String {
    let MissingAccount { account, method, caller } = missing_account;
    let method = harmless(method, 100);
    format!(
        "{caller} calls `{method}` on {account}, which the target does not have, so it always fails"
    )
}

/// Lines by place, the worst first in each; where no place is known, each has its own.
fn groups(lines: Vec<&Line>) -> Vec<Vec<&Line>> {
    let mut groups: BTreeMap<Fingerprint, Vec<&Line>> = BTreeMap::new();
    let mut order = Vec::new();
    for line in lines {
        let place = line.place.unwrap_or(line.fingerprint);
        let group = groups.entry(place).or_default();
        if group.is_empty() {
            order.push(place);
        }
        group.push(line);
    }
    let sorted = order.iter().filter_map(|place| groups.remove(place)).map(|mut group| {
        group.sort_by_key(|line| Reverse(line.severity));
        group
    });
    sorted.collect()
}

/// A place: its worst finding whole, the others in a line each.
fn group_text(out: &mut String, group: &[&Line], before: Option<&Summary>) -> std::fmt::Result {
    for (number, line) in group.iter().enumerate() {
        let news = if is_new(line, before) { "new  " } else { "     " };
        let (short, count) = (line.fingerprint.short(), line.count);
        let severity = line.severity.name();
        if number > 0 {
            let invariant = harmless(&line.invariant, 80);
            writeln!(out, "    {news}{short}  {count}×  also seen by {invariant}, {severity}")?;
            continue;
        }
        let title = harmless(&line.title, 80);
        writeln!(out, "    {news}{short}  {count}×  {title}, {severity}")?;
        writeln!(out, "         {}", harmless(&line.summary, 200))?;
    }
    Ok(())
}

/// What is said of a target that the time was too short for.
const NO_TURN: &str = "had no turn: give the campaign more time";

/// What is said of targets whose windows were not tested.
const UNTESTED: &str = "nothing was tested between a call and its callback";

/// Whether there was a campaign before, and it did not have this.
fn is_new(line: &Line, before: Option<&Summary>) -> bool {
    before.is_some_and(|before| !before.fingerprints().contains(&line.fingerprint))
}

/// A number, and how much more or less it is than before.
fn with_trend(now: u64, before: Option<u64>) -> String {
    match before {
        None => now.to_string(),
        Some(before) if now >= before => format!("{now} (+{})", now - before),
        Some(before) => format!("{now} (-{})", before - now),
    }
}

fn rate(tally: &Statistics) -> u64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for eyes"
    )]
    let rate = (tally.executions as f64 / tally.elapsed.as_secs_f64().max(0.001)) as u64;
    rate
}

/// Seconds for people: `42s`, `10m 5s`, `8h 0m`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds")]
    let whole = seconds.max(0.0) as u64;
    match (whole / 3_600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

#[cfg(test)]
mod tests;
