//! Hostile text from contracts and files: every report format shows it, and nothing interprets it.

use interloper::finding::Finding;
use interloper::finding::story::{Act, Course, End};
use interloper::report::{self, FoundIn, Suite};
use interloper::scenario::Arguments;
use interloper::types::is_unprintable;
use serde_json::{Value, json};

use super::hunt::FOUND;
use super::xml;

/// Markup of every kind, control sequences, bidirectional overrides, and ends of quotes and code fences.
fn hostile() -> String {
    let markup =
        "</pre></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"' onload='x";
    let others = "]]>--> &lt; \u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{0}\u{feff}\u{ffff}\r\n\t";
    let marks = "```\n# *_[x](javascript:x)|~ @all ;end %% \"###\n{{7*7}} ${x}";
    format!("{markup}{others}{marks}{}", "x".repeat(16_384))
}

/// Bytes that are not UTF-8.
const NOT_UTF8: &[u8] = b"\xff\xfe\x80\x1b[2J\xc0\xaf</script>\xed\xa0\x80";

/// The finding with every text replaced by a hostile one; arguments are JSON, or bytes that are not UTF-8.
fn poisoned(finding: &Finding, json: bool) -> Finding {
    let mut finding = finding.clone();
    let text = hostile();
    finding.environment.target.clone_from(&text);
    finding.environment.folder.clone_from(&text);
    finding.environment.build = Some(text.clone());
    finding.violation.invariant.clone_from(&text);
    finding.violation.method.clone_from(&text);
    finding.violation.summary.clone_from(&text);
    finding.violation.details = vec![text.clone(); 3];
    finding.rule.clone_from(&text);
    if let Some(window) = &mut finding.window {
        window.opened_by.clone_from(&text);
        window.closed_by.clone_from(&text);
    }
    for operation in &mut finding.scenario.operations {
        operation.method.clone_from(&text);
        operation.arguments = match json {
            true => Arguments::Json(json!({ &text: &text })),
            false => Arguments::Bytes(NOT_UTF8.to_vec()),
        };
    }
    poison(&mut finding.story.course);
    if let Some(beside) = &mut finding.story.beside {
        poison(&mut beside.course);
    }
    finding
}

fn poison(course: &mut Course) {
    let text = hostile();
    for moment in &mut course.moments {
        moment.logs = vec![text.clone(), String::new()];
        moment.hears.iter_mut().for_each(|heard| *heard = Some(text.clone()));
        moment.end = match &moment.end {
            End::Failure { .. } => End::Failure { reason: text.clone() },
            _ => End::Value { value: text.clone() },
        };
        for act in &mut moment.acts {
            if let Act::Call { method, arguments, .. } = act {
                method.clone_from(&text);
                arguments.clone_from(&text);
            }
        }
    }
    for change in &mut course.state {
        change.key.push_str(&text);
        change.after = Some(text.clone());
    }
    for window in &mut course.windows {
        window.place.opened_by.clone_from(&text);
    }
}

fn found(finding: &Finding) -> Vec<FoundIn<'_>> {
    vec![FoundIn { finding, file: Some("find<ings>/\u{1b}[0mx.json") }]
}

fn findings() -> impl Iterator<Item = (&'static Finding, Finding)> {
    let all = FOUND.values().flatten().enumerate();
    all.map(|(index, finding)| (finding, poisoned(finding, index % 2 == 0)))
}

#[test]
fn no_control_character_reaches_the_terminal() {
    for (_, bad) in findings() {
        let ours = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m"];
        let mut text = report::text(&bad, Some("x\u{1b}[2J"));
        ours.iter().for_each(|code| text = text.replace(code, ""));
        let left = text.chars().find(|c| *c != '\n' && is_unprintable(*c));
        assert_eq!(left, None);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest < Some(2_000), "{longest:?}");
    }
}

/// A user who forgets `--output` prints a report to the terminal.
#[test]
fn no_format_contains_control_characters() {
    for (_, bad) in findings() {
        let found = found(&bad);
        let forms = [
            report::html(&found),
            report::markdown(&found),
            report::mermaid(&bad),
            report::sarif(&found),
            report::junit(&Suite::of(&found)),
            report::rust_test(&found),
            interloper::finding::to_json(&bad),
        ];
        for form in forms {
            let obeyed = form.char_indices().find(|(_, c)| *c != '\n' && is_unprintable(*c));
            assert_eq!(obeyed.map(|(at, _)| &form[at.saturating_sub(40)..at]), None);
        }
    }
}

#[test]
fn hostile_text_adds_no_tags_to_a_page() {
    for (good, bad) in findings() {
        let page = report::html(&found(&bad));
        xml::assert_balanced(&page);
        let known: std::collections::BTreeSet<_> = xml::tags(&report::html(&found(good)))
            .into_iter()
            .chain(["pre".into(), "/pre".into()])
            .collect();
        let strange: Vec<_> =
            xml::tags(&page).into_iter().filter(|tag| !known.contains(tag)).collect();
        assert_eq!(strange, Vec::<String>::new());
        for line in page.lines().filter(|line| !line.starts_with(['.', '@', ':'])) {
            let quotes = line.matches('"').count();
            assert!(quotes % 2 == 0 || line.contains('{'), "an open attribute: {line}");
        }
    }
}

#[test]
fn code_scanning_gets_plain_text_of_bounded_length() {
    for (_, bad) in findings() {
        let log: Value = serde_json::from_str(&report::sarif(&found(&bad))).expect("JSON");
        let mut texts = Vec::new();
        // The case itself stays exact, because it has to replay.
        let mut result = log["runs"][0]["results"][0].clone();
        result["properties"]["scenario"] = Value::Null;
        collect(&result, &mut texts);
        collect(&log["runs"][0]["tool"], &mut texts);
        for text in texts {
            assert!(!text.contains(|c| c != '\n' && is_unprintable(c)), "{text}");
            assert!(text.len() < 200_000, "{}", text.len());
        }
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => {
            texts.extend(members.keys().cloned());
            members.values().for_each(|member| collect(member, texts));
        }
        _ => {}
    }
}

#[test]
fn xml_stays_well_formed() {
    for (good, bad) in findings() {
        let document = report::junit(&Suite::of(&found(&bad)));
        xml::assert_balanced(&document);
        assert_eq!(xml::tags(&document), xml::tags(&report::junit(&Suite::of(&found(good)))));
        assert!(!document.contains(['\u{ffff}', '\u{fffe}']));
    }
}

#[test]
fn an_issue_gets_no_markup_and_mentions_no_user() {
    for (_, bad) in findings() {
        let text = report::markdown(&found(&bad));
        let prose = text.split("<details>").next().expect("there is a beginning");
        for markup in ["<script", "<img", "@all", "\n# "] {
            let shown = prose.lines().filter(|line| !line.contains('`'));
            assert!(!shown.collect::<Vec<_>>().join("\n").contains(markup), "{markup}");
        }
        let diagram = report::mermaid(&bad);
        assert!(!diagram.contains(['<', '"', '`', ';']) || !diagram.contains("<script"));
        let starts = ["sequenceDiagram", "    participant ", "    Note over ", "    p"];
        assert!(diagram.lines().all(|line| starts.iter().any(|start| line.starts_with(start))));
    }
}

#[test]
fn a_generated_test_remains_one_function_with_one_case() {
    for (_, bad) in findings() {
        let code = report::rust_test(&found(&bad));
        assert_eq!(code.lines().filter(|line| *line == "#[test]").count(), 1);
        assert!(code.ends_with("case);\n}\n"), "{}", &code[code.len() - 200..]);
        let json = code.split("let case = r").nth(1).expect("the case");
        let fence: String = json.chars().take_while(|c| *c == '#').collect();
        let inner = json[fence.len() + 1..].split(&format!("\"{fence};")).next().expect("its end");
        let case = interloper::scenario::Scenario::from_json(inner, "it").expect("a case");
        assert_eq!(case, bad.scenario);
    }
}
