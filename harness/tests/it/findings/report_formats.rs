//! The report formats: each is well-formed, and all show the same findings.
//!
//! Checks the structure of SARIF, JUnit and Mermaid; only their own tools can check everything.

use std::collections::BTreeSet;

use interloper::finding::Finding;
use interloper::report::{self, FoundIn, Suite};
use serde_json::Value;

use super::hunt::FOUND;
use super::schema::{Schema, problems};
use super::xml;
use crate::support::{as_text, interloper, read_text};

fn all() -> Vec<&'static Finding> {
    FOUND.values().flatten().collect()
}

fn found<'a>(findings: &[&'a Finding]) -> Vec<FoundIn<'a>> {
    findings.iter().map(|finding| FoundIn { finding, file: Some("findings/x.json") }).collect()
}

#[test]
fn a_finding_of_every_invariant_fits_the_published_schema() {
    let schema = Schema::published();
    let declared = super::user_defined::finding();
    let mut broken = BTreeSet::new();
    for finding in all().into_iter().chain([&declared]) {
        let value = serde_json::from_str(&interloper::finding::to_json(finding)).expect("JSON");
        assert_eq!(problems(&schema, &value), Vec::<String>::new());
        broken.insert(finding.violation.invariant.as_str());
    }
    let built_in = interloper::invariant::built_in();
    let names = built_in.iter().map(|invariant| invariant.name());
    // Only a bug of the simulated chain itself could break `conservation`.
    let names: BTreeSet<_> = names.filter(|name| *name != "conservation").collect();
    assert_eq!(broken, names);
}

#[test]
fn the_schema_knows_every_field_and_no_other() {
    let schema = Schema::published();
    let whole = serde_json::to_value(all()[0]).expect("JSON");
    for field in whole.as_object().expect("an object").keys() {
        let mut without = whole.clone();
        without.as_object_mut().expect("an object").remove(field);
        assert!(
            !problems(&schema, &without).is_empty(),
            "the schema accepts a finding without `{field}`"
        );
        let mut other = whole.clone();
        other[field] = serde_json::json!({ "no": "such thing" });
        assert!(!problems(&schema, &other).is_empty(), "the schema accepts any `{field}`");
        assert!(
            serde_json::from_value::<Finding>(other).is_err(),
            "the program reads any `{field}`"
        );
    }
    let mut more = whole.clone();
    more["more"] = Value::Null;
    assert!(!problems(&schema, &more).is_empty());
    assert!(serde_json::from_value::<Finding>(more).is_err());
}

#[test]
fn a_page_shows_the_whole_finding_and_loads_nothing() {
    for finding in all() {
        let page = report::html(&found(&[finding]));
        for part in [&finding.violation.invariant, &finding.rule, &finding.fingerprint.to_string()]
        {
            let part = report::escape_html(part);
            assert!(page.contains(&part), "{part}");
        }
        let boxes = page.matches("<g class=\"receipt").count();
        let beside = finding.story.beside.as_ref().map_or(0, |beside| beside.course.moments.len());
        // The page has each picture twice: for wide and for narrow windows.
        assert_eq!(boxes, 2 * (finding.story.course.moments.len() + beside));
        for outside in ["<script", "src=", "@import", "url(h", "http"] {
            assert!(!page.replace("http-equiv", "").contains(outside), "{outside}");
        }
        xml::assert_balanced(&page);
    }
}

#[test]
fn interlopers_are_red_and_failures_are_crossed_out() {
    for finding in all() {
        let page = report::html(&found(&[finding]));
        let course = &finding.story.course;
        let between = course.moments.iter().any(|m| course.comes_between(m.name.operation));
        let marked =
            page.lines().any(|line| line.starts_with("<g class=") && line.contains(" between"));
        assert_eq!(marked, between, "{}", finding.fingerprint);
        assert_eq!(page.contains("\"window op"), !course.windows.is_empty());
        if course.moments.iter().any(|moment| moment.forced) {
            assert!(page.contains(" forced") && page.contains("class=\"cross\""));
        }
    }
}

#[test]
fn sarif_has_each_finding_once_with_all_fields_for_code_scanning() {
    let findings = all();
    let log: Value = serde_json::from_str(&report::sarif(&found(&findings))).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(findings) {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["ruleId"], finding.violation.invariant.as_str());
        let print = &result["partialFingerprints"]["interloper/v1"];
        assert_eq!(*print, finding.fingerprint.to_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .is_some_and(|uri| uri.ends_with("target.toml"))
        );
        let threads = result["codeFlows"][0]["threadFlows"].as_array().expect("threads");
        assert_eq!(threads.len(), finding.scenario.operations.len());
    }
}

/// A finding in the same place that breaks another invariant.
fn sibling(finding: &Finding) -> Finding {
    let mut other = finding.clone();
    other.violation.invariant = "liveness".to_owned();
    other.fingerprint = interloper::types::Fingerprint::of(b"another");
    other
}

#[test]
fn findings_in_one_place_refer_to_each_other_in_every_format() {
    for finding in all() {
        let other = sibling(finding);
        let mut elsewhere = sibling(finding);
        elsewhere.fingerprint = interloper::types::Fingerprint::of(b"elsewhere");
        match &mut elsewhere.window {
            Some(window) => window.closed_by.push_str("_else"),
            None => elsewhere.violation.method.push_str("_else"),
        }
        let three = found(&[finding, &other, &elsewhere]);
        assert_eq!(report::count([finding, &other, &elsewhere]), "3 findings in 2 places");
        let page = report::html(&three);
        xml::assert_balanced(&page);
        assert!(page.contains("<h1>3 findings in 2 places</h1>"));
        // Once in the list and once in each of the two findings.
        for own in [finding, &other] {
            let link = format!(
                "<a href=\"#f{}\">{}</a>",
                own.fingerprint.short(),
                own.violation.invariant
            );
            assert_eq!(page.matches(&link).count(), 2, "{link}");
        }
        assert_eq!(report::markdown(&three).matches("Also seen by").count(), 2);
        assert_eq!(report::junit(&Suite::of(&three)).matches("seen by").count(), 2);
        let log: Value = serde_json::from_str(&report::sarif(&three)).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let related = |index: usize| results[index]["relatedLocations"].as_array().expect("a list");
        assert_eq!([related(0).len(), related(1).len(), related(2).len()], [1, 1, 0]);
        assert_eq!(results[1]["properties"]["alsoSeenBy"][0], *finding.violation.invariant);
    }
}

#[test]
fn junit_counts_its_failures_and_errors() {
    let findings = all();
    let document = report::junit(&Suite::of(&found(&findings)));
    xml::assert_balanced(&document);
    assert_eq!(document.matches("<failure ").count(), findings.len());
    assert!(document.contains(&format!("failures=\"{}\" errors=\"0\">", findings.len())));
    let nothing = Suite {
        name: "v".into(),
        findings: vec![],
        error: None,
        warning: None,
        seconds: Some(1.5),
    };
    let broken = Suite { error: Some("no <wasm>".into()), ..nothing.clone() };
    let document = report::junit(&[nothing, broken]);
    xml::assert_balanced(&document);
    assert!(document.contains("tests=\"2\" failures=\"0\" errors=\"1\""), "{document}");
}

#[test]
fn every_format_works_without_findings() {
    assert!(report::html(&[]).contains("Nothing was found"));
    assert!(report::markdown(&[]).contains("Nothing was found"));
    xml::assert_balanced(&report::junit(&[]));
    assert!(report::sarif(&[]).contains("\"results\": []"));
}

#[test]
fn markdown_and_mermaid_draw_every_event() {
    for finding in all() {
        let diagram = report::mermaid(finding);
        let arrows = diagram.lines().filter(|line| line.contains("->>") || line.contains("-x"));
        assert_eq!(arrows.count(), finding.story.course.moments.len());
        let text = report::markdown(&found(&[finding]));
        assert!(text.contains(&diagram));
        assert!(text.contains("interloper replay findings/x.json"));
    }
}

#[test]
fn the_coverage_page_shows_what_ran_in_each_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("coverage.html");
    let output = interloper(&["coverage", "vault", "--runs", "200", "--html", as_text(&file)]);
    assert_eq!(output.code, 0, "{output:?}");
    let page = read_text(file);
    xml::assert_balanced(&page);
    assert!(page.contains("What ran in which window"));
    assert!(
        page.contains("vault.near.withdraw … on_withdrawn"),
        "the page does not name the window"
    );
    assert!(page.contains("style=\"--heat:."), "the page shows no run in the window");
}
