//! Findings as SARIF 2.1.0, for code scanning.
//!
//! Every text is cut and made harmless; a finding keeps its fingerprint, so that it is reported once.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::related::{self, LIKELY};
use super::tree::{call, ending, heard};
use super::{FoundIn, harmless, title};
use crate::finding::Finding;
use crate::finding::story::Moment;
use crate::invariant::Severity;
use crate::types::OperationId;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Longest text in one place.
const MOST_CHARACTERS: usize = 1_000;

/// All findings as one log with one run.
#[must_use]
pub fn sarif(findings: &[FoundIn<'_>]) -> String {
    let mut rules: Vec<Rule<'_>> = findings.iter().map(|found| Rule::of(found.finding)).collect();
    // The worst first, so that the worst stays.
    rules.sort_unstable_by_key(|rule| (rule.name, Reverse(rule.severity)));
    rules.dedup_by_key(|rule| rule.name);
    let results = findings.iter().map(|found| result(found, &rules, findings));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Interloper",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let text = serde_json::to_string_pretty(&log).expect("it has a JSON form");
    crate::types::printable_json(&text) + "\n"
}

/// An invariant that broke, and how bad that was at worst.
struct Rule<'a> {
    name: &'a str,
    words: &'a str,
    severity: Severity,
}

impl<'a> Rule<'a> {
    fn of(finding: &'a Finding) -> Self {
        let violation = &finding.violation;
        Self { name: &violation.invariant, words: &finding.rule, severity: violation.severity }
    }
}

fn rule(rule: &Rule<'_>) -> Value {
    json!({
        "id": text(rule.name),
        "shortDescription": { "text": text(rule.words) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["security"], "security-severity": score(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// The middle of what code scanning takes for it: it counts from 0 to 10.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "0.0",
        Severity::Low => "2.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

fn result(found: &FoundIn<'_>, rules: &[Rule<'_>], all: &[FoundIn<'_>]) -> Value {
    let finding = found.finding;
    let Finding { violation, fingerprint, .. } = finding;
    let rule = rules.iter().position(|rule| rule.name == violation.invariant);
    let mut message = format!("{}: {}", title(finding), violation.summary);
    if let Some(file) = found.file {
        message.push_str(&format!("\n\nSee it again: interloper replay {file}"));
    }
    let place = location(finding);
    let others = related::also(finding, all.iter().map(|found| found.finding));
    let powers: Vec<_> = finding.powers.iter().map(|power| power.describe()).collect();
    json!({
        "ruleId": text(&violation.invariant),
        "ruleIndex": rule,
        "kind": "fail",
        "level": level(violation.severity),
        "message": { "text": lines(&message) },
        "locations": [place],
        "relatedLocations": others.iter().map(|other| beside(other)).collect::<Vec<_>>(),
        "partialFingerprints": { "interloper/v1": fingerprint.to_string() },
        "occurrenceCount": finding.count.max(1),
        "codeFlows": [{ "threadFlows": threads(finding) }],
        "properties": {
            "powers": powers,
            "severity": violation.severity.name(),
            "alsoSeenBy": others.iter().map(|o| text(&o.violation.invariant)).collect::<Vec<_>>(),
            "details": violation.details.iter().map(|line| text(line)).collect::<Vec<_>>(),
            "scenario": finding.scenario,
        },
    })
}

/// Another finding in the same place.
fn beside(other: &Finding) -> Value {
    let mut location = location(other);
    let (invariant, short) = (&other.violation.invariant, other.fingerprint.short());
    let words = format!("also seen by {invariant} ({short}), {LIKELY}");
    location["message"] = json!({ "text": text(&words) });
    location
}

/// The target's file stands for the contract, whose source is not known.
fn location(finding: &Finding) -> Value {
    let folder = finding.environment.folder.trim_end_matches('/');
    let account = &finding.violation.account;
    let name = format!("{account}::{}", text(&finding.violation.method));
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&format!("{folder}/target.toml")) },
            "region": { "startLine": 1 },
        },
        "logicalLocations": [{ "fullyQualifiedName": name, "kind": "function" }],
    })
}

/// One thread for each operation, with all in the order of time.
fn threads(finding: &Finding) -> Vec<Value> {
    let moments = &finding.story.course.moments;
    let mut operations: Vec<_> = moments.iter().map(|moment| moment.name.operation).collect();
    operations.sort_unstable();
    operations.dedup();
    let thread = |operation: OperationId| {
        let own = moments.iter().enumerate();
        let own = own.filter(|(_, moment)| moment.name.operation == operation);
        let locations: Vec<_> = own.map(|(order, moment)| step(finding, order, moment)).collect();
        json!({ "id": format!("operation {operation}"), "locations": locations })
    };
    operations.into_iter().map(thread).collect()
}

fn step(finding: &Finding, order: usize, moment: &Moment) -> Value {
    let words = if moment.transaction {
        format!("block {}: {} signs", moment.block, moment.account)
    } else {
        format!("block {}: {}{} {}", moment.block, call(moment), heard(moment), ending(&moment.end))
    };
    let mut location = location(finding);
    location["message"] = json!({ "text": text(&words) });
    let importance = if moment.forced { "essential" } else { "important" };
    json!({ "location": location, "executionOrder": order + 1, "importance": importance })
}

fn text(text: &str) -> String {
    harmless(text, MOST_CHARACTERS)
}

/// Text of several lines.
fn lines(lines: &str) -> String {
    lines.lines().map(text).collect::<Vec<_>>().join("\n")
}

/// A path as a relative or absolute URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("targets/my vault/target.toml"), "targets/my%20vault/target.toml");
        assert_eq!(uri("/x/é"), "file:///x/%C3%A9");
        assert_eq!(uri("a:b<>"), "a%3Ab%3C%3E");
    }
}
