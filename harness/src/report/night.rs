//! The files that a campaign over many targets leaves for people and for CI.
//!
//! Pure functions: the caller writes the files.

use std::path::PathBuf;

use super::{FoundIn, Row, Suite, Summary, html, junit, sarif};
use crate::campaign::Untested;
use crate::finding::Finding;

/// Every file of a campaign: its name and its text. `before` is the summary of the campaign before, and
/// `stored` is every finding in the output folder: those that the summary does not name are left out.
///
/// # Errors
/// If the summary has no JSON form.
pub fn night_files(
    summary: &Summary,
    before: Option<&Summary>,
    stored: &[(PathBuf, Finding)],
) -> serde_json::Result<Vec<(&'static str, String)>> {
    let named = summary.fingerprints();
    let stored: Vec<_> =
        stored.iter().filter(|(_, finding)| named.contains(&finding.fingerprint)).collect();
    let files: Vec<_> = stored.iter().map(|(path, _)| path.display().to_string()).collect();
    let findings = stored.iter().zip(&files);
    let findings: Vec<_> =
        findings.map(|((_, finding), file)| FoundIn { finding, file: Some(file) }).collect();
    Ok(vec![
        ("summary.txt", summary.text(before)),
        ("summary.html", summary.html(before)),
        ("findings.html", html(&findings)),
        ("findings.sarif", sarif(&findings)),
        ("junit.xml", junit(&suites(summary, &findings))),
        // The last one: it says that the others are complete.
        ("summary.json", serde_json::to_string_pretty(summary)? + "\n"),
    ])
}

/// One suite for each target, those without findings included.
fn suites<'a>(summary: &Summary, findings: &[FoundIn<'a>]) -> Vec<Suite<'a>> {
    let of = |row: &Row| {
        let own = |f: &Finding| row.findings.iter().any(|line| line.fingerprint == f.fingerprint);
        Suite {
            name: row.target.clone(),
            findings: findings.iter().filter(|found| own(found.finding)).copied().collect(),
            error: row.error.clone().filter(|_| row.tally.executions == 0),
            warning: warning(row),
            seconds: Some(row.tally.elapsed.as_secs_f64()),
        }
    };
    summary.rows.iter().map(of).collect()
}

/// Why CI must not count a target without findings as one that passed: its windows were not tested. A target that
/// has no window passes.
fn warning(row: &Row) -> Option<String> {
    let untested = row.tally.reach.untested()?;
    row.untested().filter(|_| untested != Untested::NoCallback)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::campaign::fleet::TargetProgress;

    #[test]
    fn a_target_that_never_ran_is_an_error_for_ci_and_the_seed_goes_on() {
        let mut broken = TargetProgress::default();
        broken.failed("no such contract".to_owned());
        let rows = vec![Row::of("vault", &broken, Vec::new(), &[])];
        let summary = Summary::of(rows, 7, Duration::from_secs(2));
        assert_eq!((summary.next_seed, summary.ran()), (8, false));
        let files = night_files(&summary, None, &[]).expect("a summary has a JSON form");
        let text = |name: &str| {
            let file = files.iter().find(|(file, _)| *file == name);
            file.map(|(_, text)| text.as_str()).expect("it is among the files")
        };
        assert!(text("junit.xml").contains("no such contract"), "{}", text("junit.xml"));
        let read: Summary = serde_json::from_str(text("summary.json")).expect("it reads back");
        assert_eq!(read, summary);
    }
}
