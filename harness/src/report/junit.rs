//! Findings as JUnit's XML, for CI.
//!
//! Holds only characters that XML allows.

use std::fmt::Write as _;

use super::{FoundIn, harmless};
use crate::finding::Finding;

/// Longest text in one place.
const MOST_CHARACTERS: usize = 4_000;

/// One target's findings.
#[derive(Clone, Debug)]
pub struct Suite<'a> {
    /// The target, with its build where it has builds.
    pub name: String,
    /// What was found; if nothing was, the suite has one test that passed.
    pub findings: Vec<FoundIn<'a>>,
    /// Why it could not run, where it could not.
    pub error: Option<String>,
    /// Why it proves nothing that nothing was found, if that is so.
    pub warning: Option<String>,
    /// Seconds that it took, where that is known.
    pub seconds: Option<f64>,
}

impl<'a> Suite<'a> {
    /// Findings by target and build, in order.
    #[must_use]
    pub fn of(findings: &[FoundIn<'a>]) -> Vec<Self> {
        let mut suites: Vec<Self> = Vec::new();
        for found in findings {
            let name = name(found.finding);
            match suites.iter_mut().find(|suite| suite.name == name) {
                Some(suite) => suite.findings.push(*found),
                None => suites.push(Self {
                    name,
                    findings: vec![*found],
                    error: None,
                    warning: None,
                    seconds: None,
                }),
            }
        }
        suites
    }
}

fn name(finding: &Finding) -> String {
    let target = &finding.environment.target;
    finding.environment.build.as_ref().map_or(target.clone(), |build| format!("{target} {build}"))
}

/// The document.
#[must_use]
pub fn junit(suites: &[Suite<'_>]) -> String {
    let mut out = String::new();
    document(&mut out, suites).expect("memory takes it");
    out
}

fn document(out: &mut String, suites: &[Suite<'_>]) -> std::fmt::Result {
    let tests: usize = suites.iter().map(tests).sum();
    let failures: usize = suites.iter().map(|suite| suite.findings.len()).sum();
    let errors = suites.iter().filter(|suite| suite.error.is_some()).count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"interloper\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    )?;
    for suite in suites {
        one(out, suite)?;
    }
    writeln!(out, "</testsuites>")
}

/// How many tests a suite has: each finding is one, and so is its absence.
fn tests(suite: &Suite<'_>) -> usize {
    suite.findings.len().max(1)
}

fn one(out: &mut String, suite: &Suite<'_>) -> std::fmt::Result {
    let name = attribute(&suite.name);
    let errors = usize::from(suite.error.is_some());
    let skipped = usize::from(skip(suite).is_some());
    let time = suite.seconds.map_or(String::new(), |seconds| format!(" time=\"{seconds:.3}\""));
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{errors}\" skipped=\"{skipped}\"{time}>",
        tests(suite),
        suite.findings.len()
    )?;
    if suite.findings.is_empty() {
        write!(out, "    <testcase classname=\"{name}\" name=\"all invariants hold\"")?;
        match (&suite.error, skip(suite)) {
            (None, None) => writeln!(out, "/>")?,
            (None, Some(warning)) => {
                writeln!(out, "><skipped message=\"{}\"/></testcase>", attribute(warning))?;
            }
            (Some(error), _) => writeln!(
                out,
                "><error message=\"{}\" type=\"could not run\"/></testcase>",
                attribute(error)
            )?,
        }
    }
    for found in &suite.findings {
        failure(out, &name, found, &suite.findings)?;
    }
    writeln!(out, "  </testsuite>")
}

/// The warning, if it takes the place of a test that passed: JUnit has no warnings, and CI shows a test that was
/// skipped.
fn skip<'s>(suite: &'s Suite<'_>) -> Option<&'s str> {
    let passed = suite.findings.is_empty() && suite.error.is_none();
    suite.warning.as_deref().filter(|_| passed)
}

fn failure(
    out: &mut String,
    suite: &str,
    found: &FoundIn<'_>,
    all: &[FoundIn<'_>],
) -> std::fmt::Result {
    let finding = found.finding;
    let violation = &finding.violation;
    writeln!(
        out,
        "    <testcase classname=\"{suite}\" name=\"{} {} {}\">",
        attribute(&violation.invariant),
        attribute(&violation.method),
        finding.fingerprint.short()
    )?;
    writeln!(
        out,
        "      <failure message=\"{}\" type=\"{}\">",
        attribute(&violation.summary),
        attribute(&violation.invariant)
    )?;
    let plain = super::text_among(finding, found.file, all.iter().map(|found| found.finding));
    let plain = anstream::adapter::strip_str(&plain).to_string();
    for line in plain.lines() {
        writeln!(out, "{}", attribute(line))?;
    }
    writeln!(out, "      </failure>\n    </testcase>")
}

/// Text for an attribute or between tags. What XML forbids even escaped is shown by its code.
fn attribute(text: &str) -> String {
    let mut safe = String::new();
    for character in harmless(text, MOST_CHARACTERS).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => safe.extend(character.escape_unicode()),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_allows() {
        assert_eq!(
            attribute("a<b>&\"'\u{0}\u{ffff}"),
            "a&lt;b&gt;&amp;&quot;&apos;\\u{0}\\u{ffff}"
        );
        let nothing = Suite {
            name: "v".to_owned(),
            findings: vec![],
            error: None,
            warning: None,
            seconds: None,
        };
        assert!(title_free(&junit(&[nothing])).contains("all invariants hold"));
    }

    #[test]
    fn a_target_whose_windows_never_opened_does_not_pass() {
        let mut suite = Suite {
            name: "v".to_owned(),
            findings: vec![],
            error: None,
            warning: Some("no window opened".to_owned()),
            seconds: None,
        };
        let text = junit(&[suite.clone()]);
        assert!(text.contains("skipped=\"1\""), "{text}");
        assert!(text.contains("><skipped message=\"no window opened\"/></testcase>"), "{text}");
        suite.error = Some("no such contract".to_owned());
        let text = junit(&[suite]);
        assert!(text.contains("skipped=\"0\"") && !text.contains("<skipped"), "{text}");
    }

    fn title_free(text: &str) -> &str {
        assert!(!text.contains("<failure"));
        text
    }
}
