//! How a campaign over many targets went, held against the one before.
//!
//! Pure functions: dates and files are somebody else's.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::html::{escape, page, severity};
use super::{harmless, title};
use crate::campaign::nightly::Tally;
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
    /// What is known to be wrong with it, found in this campaign or before.
    pub findings: Vec<Line>,
}

/// A finding in a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Line {
    /// Which.
    pub fingerprint: Fingerprint,
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
            for line in &row.findings {
                let news = if is_new(line, before) { "new  " } else { "     " };
                let short = line.fingerprint.short();
                let title = harmless(&line.title, 80);
                let severity = line.severity.name();
                writeln!(out, "    {news}{short}  {}×  {title}, {severity}", line.count)?;
                writeln!(out, "         {}", harmless(&line.summary, 200))?;
            }
        }
        Ok(())
    }

    fn headline(&self, before: Option<&Self>) -> String {
        let count = self.fingerprints().len();
        let findings = match count {
            0 => "nothing found".to_owned(),
            1 => "1 finding".to_owned(),
            many => format!("{many} findings"),
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
            "{findings}{news}; {targets} target{plural}, {} executions in {}",
            self.executions(),
            duration(self.seconds)
        )
    }

    /// A page to send to a colleague. Findings link to `findings.html` beside it.
    #[must_use]
    pub fn html(&self, before: Option<&Self>) -> String {
        let mut body = String::new();
        self.write_html(&mut body, before).expect("memory takes it");
        page("Campaign", &body)
    }

    fn write_html(&self, out: &mut String, before: Option<&Self>) -> std::fmt::Result {
        let headline = escape(&self.headline(before));
        writeln!(out, "<h1>Campaign</h1>\n<p class=\"summary\">{headline}</p>")?;
        self.findings_html(out, before)?;
        writeln!(
            out,
            "<h2>Targets</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Target<th class=\"n\">Executions<th class=\"n\">per second<th class=\"n\">Behaviours<th class=\"n\">Windows<th class=\"n\">Time<th>Findings</tr></thead><tbody>"
        )?;
        for row in &self.rows {
            row.html(out, self, before)?;
        }
        writeln!(out, "</tbody></table></div>")?;
        let now = self.fingerprints();
        let lines =
            before.into_iter().flat_map(|before| &before.rows).flat_map(|row| &row.findings);
        let gone: Vec<_> = lines.filter(|line| !now.contains(&line.fingerprint)).collect();
        if !gone.is_empty() {
            writeln!(out, "<h2>No longer among the findings</h2>\n<ul>")?;
            for line in gone {
                writeln!(out, "<li>{} {}</li>", line.fingerprint.short(), escape(&line.title))?;
            }
            writeln!(out, "</ul>")?;
        }
        Ok(())
    }

    /// All findings: new ones first, then the worst.
    fn findings_html(&self, out: &mut String, before: Option<&Self>) -> std::fmt::Result {
        let mut lines: Vec<_> = self.rows.iter().flat_map(|row| &row.findings).collect();
        if lines.is_empty() {
            return Ok(());
        }
        lines.sort_by_key(|line| (!is_new(line, before), Reverse(line.severity)));
        writeln!(
            out,
            "<h2>Findings</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Severity<th>What happened<th class=\"n\">Found</tr></thead><tbody>"
        )?;
        for line in lines {
            let news =
                if is_new(line, before) { "<strong class=\"loss\">new</strong> " } else { "" };
            writeln!(
                out,
                "<tr><td>{}<td>{news}<a href=\"findings.html#f{}\">{}</a><br><span class=\"faint\">{}</span><td class=\"n\" data-label=\"Found\">{}×</tr>",
                severity(line.severity),
                line.fingerprint.short(),
                escape(&line.title),
                escape(&line.summary),
                line.count,
            )?;
        }
        writeln!(out, "</tbody></table></div>")
    }
}

impl Row {
    /// How the target fared before; nothing to hold against it where it had no turn now.
    fn earlier<'a>(&self, before: Option<&'a Summary>) -> Option<&'a Self> {
        before.filter(|_| self.slices > 0)?.row(&self.target)
    }

    fn html(&self, out: &mut String, all: &Summary, before: Option<&Summary>) -> std::fmt::Result {
        let earlier = self.earlier(before);
        let most = all.rows.iter().map(|row| row.tally.seconds).fold(0.001, f64::max);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let share = (self.tally.seconds / most * 100.0) as u32;
        write!(
            out,
            "<tr><td><strong>{}</strong><td class=\"n\" data-label=\"Executions\">{}<td class=\"n\" data-label=\"per second\">{}<td class=\"n\" data-label=\"Behaviours\">{}<td class=\"n\" data-label=\"Windows\">{}<td class=\"n time\" data-label=\"Time\">{} <meter min=\"0\" max=\"100\" value=\"{share}\"></meter><td>",
            escape(&self.target),
            with_trend(self.tally.executions, earlier.map(|row| row.tally.executions)),
            rate(&self.tally),
            with_trend(self.tally.behaviours, earlier.map(|row| row.tally.behaviours)),
            self.tally.windows,
            duration(self.tally.seconds),
        )?;
        match (&self.error, self.slices, self.findings.len()) {
            (Some(error), _, _) => {
                write!(
                    out,
                    "<span class=\"loss\">ended badly: <code>{}</code></span>",
                    escape(error)
                )?;
            }
            (None, 0, _) => write!(out, "<span class=\"loss\">{NO_TURN}</span>")?,
            (None, _, 0) => write!(out, "<span class=\"faint\">none</span>")?,
            (None, _, count) => write!(out, "{count}")?,
        }
        writeln!(out, "</tr>")
    }
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
            title: format!("{bug} broken in <vault>"),
            severity: Severity::High,
            summary: "\u{1b}[2J lost".to_owned(),
            count: 3,
        };
        let windows = windows::Coverage { entered: 2, seen: 3 };
        let behaviours = executions / 10;
        let tally = Tally { executions, behaviours, windows, findings: 0, seconds: 60.0 };
        let findings = bugs.iter().map(line).collect();
        let row = Row { target: "vault".to_owned(), tally, slices: 1, error: None, findings };
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
