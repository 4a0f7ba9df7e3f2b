//! A campaign's summary as a page: what was found first, then how each target fared.
//!
//! Everything that came from a contract is escaped.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::{
    Line, NO_TURN, Row, Summary, duration, groups, is_new, missing_account, rate, with_trend,
};
use crate::report::html::{escape, page, prose, severity};
use crate::report::reach;
use crate::report::related::count_places;

/// What is not said by the heads of columns.
const COLUMNS: &str = "Behaviours: different things seen, in the code that ran and in how receipts met. \
                       Methods: those that have succeeded, of all that operations call. Windows: gaps between a \
                       call and its callback; in how many another operation ran, how many opened, and how many can \
                       open. In brackets: compared with the previous campaign.";

impl Summary {
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
            "<h2>Targets</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Target<th class=\"n\">Executions<th class=\"n\">per second<th class=\"n\">Behaviours<th class=\"n\">Methods<th class=\"n\">Windows<th class=\"n\">Time<th>Findings</tr></thead><tbody>"
        )?;
        for row in &self.rows {
            row.html(out, self, before)?;
        }
        writeln!(out, "</tbody></table></div>\n<p class=\"faint\">{COLUMNS}</p>")?;
        self.notes_html(out)?;
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

    /// What the targets' authors wished to know.
    fn notes_html(&self, out: &mut String) -> std::fmt::Result {
        let rows: Vec<_> = self.rows.iter().filter(|row| !row.notes.is_empty()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "<h2>Goals, and what is allowed</h2>")?;
        for row in rows {
            writeln!(out, "<p><strong>{}</strong></p>\n<ul>", escape(&row.target))?;
            for note in &row.notes {
                writeln!(out, "<li>{}</li>", prose(note))?;
            }
            writeln!(out, "</ul>")?;
        }
        Ok(())
    }

    /// All places: new ones first, then the worst.
    fn findings_html(&self, out: &mut String, before: Option<&Self>) -> std::fmt::Result {
        let mut groups = groups(self.rows.iter().flat_map(|row| &row.findings).collect());
        if groups.is_empty() {
            return Ok(());
        }
        groups.sort_by_key(|group| {
            let new = group.iter().any(|line| is_new(line, before));
            (!new, Reverse(group.first().map(|line| line.severity)))
        });
        writeln!(
            out,
            "<h2>Findings</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Severity<th>What happened<th class=\"n\">Found</tr></thead><tbody>"
        )?;
        for group in groups {
            place_html(out, &group, before)?;
        }
        writeln!(out, "</tbody></table></div>")
    }
}

/// A place: its worst finding whole, links to the others.
fn place_html(out: &mut String, group: &[&Line], before: Option<&Summary>) -> std::fmt::Result {
    let [worst, others @ ..] = group else { return Ok(()) };
    let news = |line: &Line| {
        if is_new(line, before) { "<strong class=\"loss\">new</strong> " } else { "" }
    };
    let link = |line: &Line, words: &str| {
        let short = line.fingerprint.short();
        format!("{}<a href=\"findings.html#f{short}\">{}</a>", news(line), escape(words))
    };
    write!(
        out,
        "<tr><td>{}<td>{}<br><span class=\"faint\">{}</span>",
        severity(worst.severity),
        link(worst, &worst.title),
        prose(&worst.summary),
    )?;
    if !others.is_empty() {
        let links: Vec<_> = others.iter().map(|line| link(line, &line.invariant)).collect();
        write!(out, "<br><span class=\"faint\">also seen by {}</span>", links.join(", "))?;
    }
    let count: u64 = group.iter().map(|line| line.count).sum();
    writeln!(out, "<td class=\"n\" data-label=\"Found\">{count}×</tr>")
}

impl Row {
    fn html(&self, out: &mut String, all: &Summary, before: Option<&Summary>) -> std::fmt::Result {
        let earlier = self.earlier(before);
        let most = all.rows.iter().map(|row| row.tally.elapsed.as_secs_f64()).fold(0.001, f64::max);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let share = (self.tally.elapsed.as_secs_f64() / most * 100.0) as u32;
        write!(
            out,
            "<tr><td><strong>{}</strong><td class=\"n\" data-label=\"Executions\">{}<td class=\"n\" data-label=\"per second\">{}<td class=\"n\" data-label=\"Behaviours\">{}<td class=\"n\" data-label=\"Methods\">{}<td class=\"n\" data-label=\"Windows\">{}<td class=\"n time\" data-label=\"Time\">{} <meter min=\"0\" max=\"100\" value=\"{share}\"></meter><td>",
            escape(&self.target),
            with_trend(self.tally.executions, earlier.map(|row| row.tally.executions)),
            rate(&self.tally),
            with_trend(self.tally.behaviours, earlier.map(|row| row.tally.behaviours)),
            reach::methods(&self.tally.reach),
            reach::windows(&self.tally),
            duration(self.tally.elapsed.as_secs_f64()),
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
            (None, _, count) => {
                let places = groups(self.findings.iter().collect()).len();
                write!(out, "{}", count_places(count, places))?;
            }
        }
        for (index, warning) in self.warnings().iter().enumerate() {
            let class = if index == 0 && self.untested().is_some() { "loss" } else { "faint" };
            let lines: Vec<_> = warning.lines().map(escape).collect();
            write!(out, "<br><span class=\"{class}\">{}</span>", lines.join("<br>"))?;
        }
        for unknown in &self.tally.missing_accounts {
            write!(out, "<br><span class=\"faint\">{}</span>", escape(&missing_account(unknown)))?;
        }
        writeln!(out, "</tr>")
    }
}
