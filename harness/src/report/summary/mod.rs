//! How a campaign over many targets went, held against the one before.
//!
//! Pure functions: dates and files are somebody else's.

mod page;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::related::count_places;
use super::{harmless, title};
use crate::campaign::MissingAccount;
use crate::campaign::fleet::Tally;
use crate::finding::Finding;
use crate::invariant::Severity;
use crate::types::Fingerprint;

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
    pub tally: Tally,
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

impl Summary {
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
            "{:<20} {:>12} {:>8} {:>18} {:>9}  findings",
            "target", "executions", "/s", "behaviours", "windows"
        )?;
        for row in &self.rows {
            let earlier = row.earlier(before);
            let behaviours =
                with_trend(row.tally.behaviours, earlier.map(|row| row.tally.behaviours));
            writeln!(
                out,
                "{:<20} {:>12} {:>8} {behaviours:>18} {:>9}  {}",
                harmless(&row.target, 20),
                row.tally.executions,
                rate(&row.tally),
                row.tally.windows,
                row.findings.len()
            )?;
            if row.slices == 0 {
                writeln!(out, "    {NO_TURN}")?;
            }
            if let Some(error) = &row.error {
                writeln!(out, "    ended badly: {}", harmless(error, 200))?;
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
        let findings = if count == 0 { "nothing found".to_owned() } else { self.count() };
        let news = match before {
            Some(_) if count > 0 => {
                format!(", {} new since the last campaign", self.news(before))
            }
            _ => String::new(),
        };
        let targets = self.rows.len();
        let plural = if targets == 1 { "" } else { "s" };
        format!(
            "{findings}{news}; {targets} target{plural}, {} executions in {}",
            self.executions(),
            duration(self.seconds)
        )
    }
}

impl Row {
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

fn rate(tally: &Tally) -> u64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for eyes"
    )]
    let rate = (tally.executions as f64 / tally.seconds.max(0.001)) as u64;
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
mod tests {
    use super::*;
    use crate::campaign::windows;

    fn summary(executions: u64, bugs: &[&str]) -> Summary {
        let line = |bug: &&str| Line {
            fingerprint: Fingerprint::of(bug.as_bytes()),
            place: bug.split('-').nth(1).map(|place| Fingerprint::of(place.as_bytes())),
            invariant: (*bug).to_owned(),
            title: format!("{bug} broken in <vault>"),
            severity: Severity::High,
            summary: "\u{1b}[2J lost".to_owned(),
            count: 3,
        };
        let windows = windows::Coverage { entered: 2, seen: 3 };
        let behaviours = executions / 10;
        let tally = Tally { executions, behaviours, windows, seconds: 60.0, ..Tally::default() };
        let findings = bugs.iter().map(line).collect();
        let row = Row { target: "vault".to_owned(), tally, slices: 1, findings, ..Row::default() };
        Summary { schema: SUMMARY_SCHEMA, seconds: 61.0, next_seed: 1, rows: vec![row] }
    }

    #[test]
    fn what_is_new_is_said_once_there_was_a_campaign_before() {
        let (first, second) = (summary(1_000, &["profit"]), summary(2_000, &["profit", "refund"]));
        assert_eq!((first.news(None), second.news(Some(&first))), (1, 1));
        let text = second.text(Some(&first));
        insta::assert_snapshot!(text, @r"
        2 findings, 1 new since the last campaign; 1 target, 2000 executions in 1m 1s

        target                 executions       /s         behaviours   windows  findings
        vault                        2000       33         200 (+100)       2/3  2
                 d23be8d1  3×  profit broken in <vault>, high
                 \u{1b}[2J lost
            new  1d630127  3×  refund broken in <vault>, high
                 \u{1b}[2J lost
        ");
        assert!(!first.text(None).contains("new"));
    }

    #[test]
    fn what_several_invariants_see_in_one_place_is_told_once() {
        let summary = summary(1_000, &["rollback-claim", "profit", "liveness-claim"]);
        let text = summary.text(None);
        insta::assert_snapshot!(text, @r"
        3 findings in 2 places; 1 target, 1000 executions in 1m 1s

        target                 executions       /s         behaviours   windows  findings
        vault                        1000       16                100       2/3  3
                 21d62d65  3×  rollback-claim broken in <vault>, high
                 \u{1b}[2J lost
                 9d31db68  3×  also seen by liveness-claim, high
                 d23be8d1  3×  profit broken in <vault>, high
                 \u{1b}[2J lost
        ");
        let page = summary.html(None);
        assert!(page.contains("3 findings in 2 places"), "{page}");
        for bug in ["rollback-claim", "profit", "liveness-claim"] {
            let short = Fingerprint::of(bug.as_bytes()).short();
            assert_eq!(page.matches(&format!("findings.html#f{short}")).count(), 1, "{bug}");
        }
    }

    #[test]
    fn what_the_author_wished_to_know_stands_under_the_target() {
        let mut summary = summary(1_000, &[]);
        summary.rows[0].notes.push("goal `<b>`: never reached\u{1b}[2J".to_owned());
        let text = summary.text(None);
        assert!(text.ends_with("\n    goal `<b>`: never reached\\u{1b}[2J\n"), "{text}");
        let page = summary.html(None);
        assert!(page.contains("goal <code>&lt;b&gt;</code>: never reached"), "{page}");
        assert!(!page.contains('\u{1b}'));
    }

    #[test]
    fn a_summary_of_an_earlier_version_is_read() {
        let mut old = serde_json::to_value(summary(1_000, &["profit"])).expect("JSON");
        let row = &mut old["rows"][0];
        row["tally"].as_object_mut().expect("an object").remove("windows");
        for field in ["place", "invariant"] {
            row["findings"][0].as_object_mut().expect("an object").remove(field);
        }
        let old: Summary = serde_json::from_value(old).expect("it is read");
        assert_eq!(summary(1_000, &["profit"]).news(Some(&old)), 0);
        assert!(old.html(None).contains("1 finding;"));
    }

    #[test]
    fn a_page_escapes_what_it_shows_and_names_what_is_gone() {
        let (first, second) = (summary(1_000, &["profit"]), summary(500, &[]));
        let page = second.html(Some(&first));
        assert!(page.contains("No longer among") && page.contains("500 (-500)"), "{page}");
        assert!(page.contains("profit broken in &lt;vault&gt;"));
        assert!(!first.html(None).contains('\u{1b}'));
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(42.9), "42s");
        assert_eq!(duration(605.0), "10m 5s");
        assert_eq!(duration(28_800.0), "8h 0m");
    }
}
