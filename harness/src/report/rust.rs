//! A finding as a Rust test that uses Interloper as a library: it fails for as long as the bug is
//! there.
//!
//! Needs nothing but the target's folder beside it: the case is in the test.

use std::fmt::Write as _;

use super::{FoundIn, harmless, title};
use crate::finding::Finding;

/// The variable that names the build which generated tests run.
const BUILD_VARIABLE: &str = "INTERLOPER_REGRESSION_BUILD";

/// A file of tests, one for each finding.
#[must_use]
pub fn rust_test(findings: &[FoundIn<'_>]) -> String {
    let mut out = String::new();
    file(&mut out, findings).expect("memory takes it");
    out
}

fn file(out: &mut String, findings: &[FoundIn<'_>]) -> std::fmt::Result {
    writeln!(
        out,
        "//! Regression tests, written by `interloper report --format rust`.\n//!\n\
         //! Each fails as long as its bug is there. Targets are looked for from the package that this file\n\
         //! is a test of, and in the folders above it. `{BUILD_VARIABLE}` chooses another build.\n\n\
         use interloper::Fuzzer;"
    )?;
    if findings.iter().any(|found| found.finding.environment.build.is_some()) {
        writeln!(
            out,
            "\n/// The build to test: the one that had the bug, unless the variable names another.\n\
             fn build(broken: &str) -> String {{\n    \
                 std::env::var(\"{BUILD_VARIABLE}\").unwrap_or_else(|_| broken.to_owned())\n\
             }}"
        )?;
    }
    for found in findings {
        test(out, found.finding)?;
    }
    Ok(())
}

fn test(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let environment = &finding.environment;
    let build = environment.build.as_ref();
    let build = build.map_or(String::new(), |build| format!(".build(build({}))", literal(build)));
    writeln!(out, "\n/// {}: {}", comment(&title(finding)), comment(&finding.violation.summary))?;
    writeln!(out, "#[test]\nfn {}() {{", name(finding))?;
    writeln!(out, "    let case = {};", raw(&finding.scenario.to_json()))?;
    writeln!(
        out,
        "    let fuzzer = Fuzzer::load({}).expect(\"the target is there\");",
        literal(&environment.folder)
    )?;
    writeln!(
        out,
        "    fuzzer{build}.protocol_version({}).assert_holds(case);\n}}",
        environment.protocol_version
    )
}

/// What a test may be called: the target, the invariant and the fingerprint.
pub(super) fn name(finding: &Finding) -> String {
    let parts = [&finding.environment.target, &finding.violation.invariant];
    let mut name = String::from("regression");
    for part in parts {
        name.push('_');
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        name.extend(part.chars().take(40).map(plain));
    }
    format!("{name}_{}", finding.fingerprint.short())
}

/// Text for a line of a comment.
pub(super) fn comment(text: &str) -> String {
    harmless(text, 300)
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A raw string literal that nothing in the text can end. A carriage return may not stand in one.
pub(super) fn raw(text: &str) -> String {
    if text.contains('\r') {
        return literal(text);
    }
    let hashes =
        text.split('"').skip(1).map(|rest| rest.bytes().take_while(|b| *b == b'#').count());
    let fence = "#".repeat(hashes.max().unwrap_or(0) + 1);
    format!("r{fence}\"{text}\"{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_literal() {
        assert_eq!(raw("a"), "r#\"a\"#");
        assert_eq!(raw("a\"##b"), "r###\"a\"##b\"###");
        assert_eq!(raw("a\r"), "\"a\\r\"");
        assert_eq!(literal("a\"\u{202e}\\"), "\"a\\\"\\u{202e}\\\\\"");
    }
}
