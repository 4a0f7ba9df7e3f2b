//! Findings as one page: self-contained, without scripts, light and dark.
//!
//! Everything from a contract or a case is escaped. Never links to anything outside the page.

mod layout;
mod picture;
mod tables;

use std::fmt::Write as _;

use super::related::{self, LIKELY};
use super::{CUT_SHORT, FoundIn, harmless, history, powers, title};
use crate::finding::Finding;
use crate::finding::story::{Course, Difference, End, Moment, Story};
use crate::invariant::Severity;
use crate::trace::Location;
use layout::Direction;

const STYLE: &str = include_str!("style.css");

/// Longest text from a contract or a case in one place.
const MOST_CHARACTERS: usize = 600;

/// A longer history is folded.
const SHOWN_HISTORY: usize = 6;

/// A page with all findings.
#[must_use]
pub fn html(findings: &[FoundIn<'_>]) -> String {
    let mut body = String::new();
    if findings.len() != 1 {
        index(&mut body, findings).expect("memory takes it");
    }
    for found in findings {
        section(&mut body, found, findings).expect("memory takes it");
    }
    let name = match findings {
        [only] => title(only.finding),
        all => related::count(all.iter().map(|found| found.finding)),
    };
    page(&name, &body)
}

/// A whole page around a body that is HTML already.
#[must_use]
pub fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Interloper</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{}<main>\n{body}</main>\n</body>\n</html>\n",
        picture::definitions()
    )
}

/// Text made harmless for HTML, between tags and in quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text, MOST_CHARACTERS).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A sentence made harmless, with what stands between backticks as code.
pub(super) fn prose(text: &str) -> String {
    let safe = escape(text);
    let parts: Vec<_> = safe.split('`').collect();
    if parts.len() % 2 == 0 {
        return safe;
    }
    let part = |(number, part): (usize, &&str)| match number % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Text of several lines made harmless: line ends stay, nothing is cut.
fn escape_lines(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let parts: Vec<char> = line.chars().collect();
        parts.chunks(MOST_CHARACTERS).map(|part| escape(&part.iter().collect::<String>())).collect()
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn index(out: &mut String, findings: &[FoundIn<'_>]) -> std::fmt::Result {
    let all = || findings.iter().map(|found| found.finding);
    writeln!(out, "<h1>{}</h1>", related::count(all()))?;
    if findings.is_empty() {
        return writeln!(out, "<p>Nothing was found.</p>");
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Finding<th>Severity<th>Method<th>What happened<th class=\"n\">Found</tr></thead><tbody>"
    )?;
    for FoundIn { finding, .. } in findings {
        let Finding { violation, count, .. } = finding;
        writeln!(
            out,
            "<tr><td><a href=\"#{}\">{}</a>{}<td>{}<td><code>{}</code><td>{}<td class=\"n\" data-label=\"Found\">{count}×</tr>",
            anchor(finding),
            escape(&title(finding)),
            match also(finding, all()) {
                None => String::new(),
                Some(names) => format!("<br><span class=\"faint\">also seen by {names}</span>"),
            },
            severity(violation.severity),
            escape(&violation.method),
            prose(&violation.summary),
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// Links to the findings in the same place, where there are any.
fn also<'a>(finding: &Finding, all: impl IntoIterator<Item = &'a Finding>) -> Option<String> {
    let link = |other: &Finding| {
        let invariant = escape(&other.violation.invariant);
        format!("<a href=\"#{}\">{invariant}</a>", anchor(other))
    };
    let links: Vec<_> = related::also(finding, all).into_iter().map(link).collect();
    (!links.is_empty()).then(|| links.join(", "))
}

fn anchor(finding: &Finding) -> String {
    format!("f{}", finding.fingerprint.short())
}

fn section(out: &mut String, found: &FoundIn<'_>, all: &[FoundIn<'_>]) -> std::fmt::Result {
    let finding = found.finding;
    writeln!(out, "<article id=\"{}\">", anchor(finding))?;
    head(out, finding, also(finding, all.iter().map(|found| found.finding)))?;
    let story = &finding.story;
    before(out, finding)?;
    writeln!(out, "<h2>What happened</h2>")?;
    pictures(out, &story.course, &title(finding))?;
    legend(out, story)?;
    if let Some(beside) = &story.beside {
        let heading = match beside.difference {
            Difference::Serial => "The same operations, one after the other",
            Difference::NoFaults => "The same, with nothing made to fail",
        };
        writeln!(out, "<h2>{heading}</h2>")?;
        pictures(out, &beside.course, heading)?;
    }
    tables::balances(out, story)?;
    tables::state(out, story)?;
    tables::moments(out, &story.course)?;
    tail(out, found)?;
    writeln!(out, "</article>")
}

fn head(out: &mut String, finding: &Finding, also: Option<String>) -> std::fmt::Result {
    let Finding { violation, window, environment, .. } = finding;
    writeln!(out, "<header><h1>{}</h1>", escape(&title(finding)))?;
    writeln!(out, "<p class=\"summary\">{}</p>", prose(&violation.summary))?;
    if !violation.details.is_empty() {
        let lines: Vec<_> = violation.details.iter().map(|line| escape(line)).collect();
        writeln!(out, "<pre>{}</pre>", lines.join("\n"))?;
    }
    writeln!(out, "</header>\n<dl>")?;
    writeln!(out, "<dt>Rule<dd>{}", escape(&finding.rule))?;
    writeln!(out, "<dt>Severity<dd>{}", severity(violation.severity))?;
    if let Some(Location { account, opened_by, closed_by, answer }) = window {
        writeln!(
            out,
            "<dt>Window<dd><code>{account}</code>, from <code>{}</code> to <code>{}</code>; {}",
            escape(opened_by),
            escape(closed_by),
            answer.describe()
        )?;
    }
    if let Some(names) = also {
        writeln!(out, "<dt>Also seen by<dd>{names}; {LIKELY}")?;
    }
    writeln!(out, "<dt>Powers<dd>{}", escape(&powers(finding)))?;
    writeln!(out, "<dt>Network<dd>{}", escape(finding.network.describe()))?;
    let waits = history::waits(&finding.scenario);
    if !waits.is_empty() {
        writeln!(out, "<dt>Time passes<dd>{}", escape(&waits.join(", ")))?;
    }
    if finding.cut_short {
        writeln!(out, "<dt>Case<dd>{CUT_SHORT}")?;
    }
    writeln!(
        out,
        "<dt>Found<dd>{}× in <code>{}</code>, protocol {}, seed {}, after {} executions\n</dl>",
        finding.count,
        escape(&environment.folder),
        environment.protocol_version,
        environment.seed,
        environment.executions
    )
}

/// What ran before the case, folded if it is long.
fn before(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let lines = history::history(&finding.scenario);
    if lines.is_empty() {
        return Ok(());
    }
    let open = if lines.len() > SHOWN_HISTORY { "" } else { " open" };
    let calls =
        if lines.len() == 1 { "1 call".to_owned() } else { format!("{} calls", lines.len()) };
    writeln!(out, "<h2>Before the case</h2>")?;
    writeln!(out, "<details{open}><summary>{calls}, one after the other</summary><ol>")?;
    for line in &lines {
        writeln!(out, "<li><code>{}</code>", escape(line))?;
    }
    writeln!(out, "</ol></details>")
}

/// How bad it is; the bad ones stand out.
pub(super) fn severity(severity: Severity) -> String {
    let class = if severity >= Severity::High { "loss" } else { "faint" };
    format!("<span class=\"{class}\">{}</span>", severity.name())
}

/// The same picture twice: across where there is room, down where there is not.
fn pictures(out: &mut String, course: &Course, title: &str) -> std::fmt::Result {
    let wide = picture::svg(course, Direction::Across, title);
    let narrow = picture::svg(course, Direction::Down, title);
    writeln!(out, "<figure class=\"scroll wide\">{wide}</figure>")?;
    writeln!(out, "<figure class=\"scroll narrow\">{narrow}</figure>")
}

/// What the marks mean that are in the pictures.
fn legend(out: &mut String, story: &Story) -> std::fmt::Result {
    let courses = || std::iter::once(&story.course).chain(story.beside.iter().map(|b| &b.course));
    let any = |is: &dyn Fn(&Course, &Moment) -> bool| {
        courses().any(|course| course.moments.iter().any(|moment| is(course, moment)))
    };
    let marks = [
        (
            any(&|course, m| course.comes_between(m.name.operation)),
            "swatch between",
            "comes in between",
        ),
        (
            courses().any(|c| !c.windows.is_empty()),
            "swatch window",
            "window: from a call to its callback",
        ),
        (any(&|_, m| matches!(m.end, End::Failure { .. })), "swatch failed", "failed"),
        (any(&|_, m| m.forced), "swatch forced", "made to fail"),
        (true, "line", "makes a receipt"),
        (any(&|_, m| !m.waits_for.is_empty()), "line answer", "brings a result"),
    ];
    let shown = marks.iter().filter(|(is, _, _)| *is).map(|(_, class, words)| {
        format!("<span class=\"mark\"><span class=\"{class}\"></span> {words}</span>")
    });
    writeln!(out, "<p class=\"legend\">{}</p>", shown.collect::<Vec<_>>().join(" "))
}

fn tail(out: &mut String, found: &FoundIn<'_>) -> std::fmt::Result {
    writeln!(out, "<h2>See it again</h2>")?;
    if let Some(file) = found.file {
        writeln!(out, "<pre>interloper replay {}</pre>", escape(file))?;
    }
    let case = escape_lines(&found.finding.scenario.to_json());
    writeln!(out, "<details><summary>The case</summary><pre>{case}</pre></details>")?;
    writeln!(
        out,
        "<p class=\"faint\">fingerprint {}<br>digest {}</p>",
        found.finding.fingerprint, found.finding.digest
    )
}
