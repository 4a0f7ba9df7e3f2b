//! What people and programs read of a finding: pure functions from values to text.
//!
//! Never runs a case and never writes a file.

mod amount;
mod coverage;
mod draft;
mod goals;
mod heat;
mod history;
mod html;
mod inspection;
mod junit;
mod lcov;
mod markdown;
mod mermaid;
mod night;
mod observations;
mod reach;
mod related;
mod rust;
mod sarif;
mod summary;
mod text;
mod tree;
mod workspaces;

pub use amount::near;
pub use coverage::{coverage, coverage_html};
pub use draft::{draft, uninitialized};
pub use goals::goal_line;
pub use html::{escape as escape_html, html, page as html_page};
pub use inspection::{harmless_json, inspection};
pub use junit::{Suite, junit};
pub use lcov::lcov;
pub use markdown::markdown;
pub use mermaid::mermaid;
pub use night::night_files;
pub use observations::observations;
pub use reach::{never_succeeded, reach, reach_table, untested};
pub use related::count;
pub use rust::rust_test;
pub use sarif::sarif;
pub use summary::{Line, Row, SUMMARY_SCHEMA, Summary, duration, missing_account};
pub use text::{course, text, text_among};
pub use workspaces::workspaces_test;

use crate::finding::Finding;
use crate::types::is_unprintable;

/// What is said of a case that is not minimal.
const CUT_SHORT: &str =
    "longer than it has to be: making it minimal would have taken too many executions";

/// A finding and the file that holds it, where one does.
#[derive(Clone, Copy, Debug)]
pub struct FoundIn<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its file, as the command line names it.
    pub file: Option<&'a str>,
}

/// What to call a finding: which invariant broke where.
#[must_use]
pub fn title(finding: &Finding) -> String {
    let (invariant, (target, build)) = headline(finding);
    format!("{invariant} broken in {target}{build}")
}

/// The invariant, the target, and the build in brackets where the target has builds.
fn headline(finding: &Finding) -> (String, (String, String)) {
    let short = |text: &str| harmless(text, 100);
    let build = finding.environment.build.as_deref();
    let build = build.map_or(String::new(), |build| format!(" ({})", short(build)));
    (short(&finding.violation.invariant), (short(&finding.environment.target), build))
}

/// What an attacker must be able to do, in words.
fn powers(finding: &Finding) -> String {
    let powers: Vec<_> = finding.powers.iter().map(|power| power.describe()).collect();
    if powers.is_empty() { "none: plain calls do it".to_owned() } else { powers.join("; ") }
}

/// The finding as text without colours: for a test that fails, or a file.
#[must_use]
pub fn plain(finding: &Finding) -> String {
    anstream::adapter::strip_str(&text(finding, None)).to_string()
}

/// Text from a contract or a file, made harmless for a terminal: control characters escaped, long
/// text cut.
#[must_use]
pub fn harmless(text: &str, most: usize) -> String {
    let mut safe = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == most {
            safe.push('…');
            break;
        }
        if is_unprintable(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_sequences_are_shown_and_not_obeyed() {
        assert_eq!(harmless("a\u{1b}[31mb\n", 99), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(harmless("abcdef", 3), "abc…");
        assert_eq!(harmless("a\u{202e}b", 9), "a\\u{202e}b");
    }
}
