//! Tests of summaries.

use super::*;
use crate::campaign::{MethodReach, Reach, Refusal, windows};

fn summary(executions: u64, bugs: &[&str]) -> Summary {
    let line = |bug: &&str| Line {
        fingerprint: Fingerprint::of(bug.as_bytes()),
        place: bug.split('-').nth(1).map(|place| Fingerprint::of(place.as_bytes())),
        invariant: (*bug).to_owned(),
        title: format!("{bug} broken in <vault>"),
        severity: Severity::High,
        summary: "\u{1b}[2J lost".to_owned(),
        count: 3,
    };
    let windows = windows::WindowCounts { entered: 2, seen: 3 };
    let behaviours = executions / 10;
    let tally = Statistics {
        executions,
        behaviours,
        windows,
        elapsed: Duration::from_secs(60),
        ..Statistics::default()
    };
    let findings = bugs.iter().map(line).collect();
    let row = Row { target: "vault".to_owned(), tally, slices: 1, findings, ..Row::default() };
    Summary { schema: SUMMARY_SCHEMA, seconds: 61.0, next_seed: 1, rows: vec![row] }
}

#[test]
fn what_is_new_is_said_once_there_was_a_campaign_before() {
    let (first, second) = (summary(1_000, &["profit"]), summary(2_000, &["profit", "refund"]));
    assert_eq!((first.news(None), second.news(Some(&first))), (1, 1));
    let text = second.text(Some(&first));
    insta::assert_snapshot!(text, @r"
    2 findings, 1 new since the last campaign; 1 target, 2000 executions in 1m 1s

    target                 executions       /s         behaviours   methods   windows  findings
    vault                        2000       33         200 (+100)         -       2/3  2
             d23be8d1  3×  profit broken in <vault>, high
             \u{1b}[2J lost
        new  1d630127  3×  refund broken in <vault>, high
             \u{1b}[2J lost
    ");
    assert!(!first.text(None).contains("new"));
}

#[test]
fn what_several_invariants_see_in_one_place_is_told_once() {
    let summary = summary(1_000, &["rollback-claim", "profit", "liveness-claim"]);
    let text = summary.text(None);
    insta::assert_snapshot!(text, @r"
    3 findings in 2 places; 1 target, 1000 executions in 1m 1s

    target                 executions       /s         behaviours   methods   windows  findings
    vault                        1000       16                100         -       2/3  3
             21d62d65  3×  rollback-claim broken in <vault>, high
             \u{1b}[2J lost
             9d31db68  3×  also seen by liveness-claim, high
             d23be8d1  3×  profit broken in <vault>, high
             \u{1b}[2J lost
    ");
    let page = summary.html(None);
    assert!(page.contains("3 findings in 2 places"), "{page}");
    for bug in ["rollback-claim", "profit", "liveness-claim"] {
        let short = Fingerprint::of(bug.as_bytes()).short();
        assert_eq!(page.matches(&format!("findings.html#f{short}")).count(), 1, "{bug}");
    }
}

#[test]
fn what_the_author_wished_to_know_stands_under_the_target() {
    let mut summary = summary(1_000, &[]);
    summary.rows[0].notes.push("goal `<b>`: never reached\u{1b}[2J".to_owned());
    let text = summary.text(None);
    assert!(text.ends_with("\n    goal `<b>`: never reached\\u{1b}[2J\n"), "{text}");
    let page = summary.html(None);
    assert!(page.contains("goal <code>&lt;b&gt;</code>: never reached"), "{page}");
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn a_target_whose_windows_never_opened_has_a_warning() {
    let mut summary = summary(1_000, &[]);
    let buy = MethodReach {
        contract: "shop.near".parse().expect("an account id"),
        method: "buy".to_owned(),
        line: 7,
        can_wait: true,
        succeeded: 0,
        failed: 5,
        first_success: None,
        refusals: vec![Refusal { text: "<too> early\u{1b}[2J".to_owned(), count: 5 }],
    };
    let tally = &mut summary.rows[0].tally;
    tally.windows = windows::WindowCounts::default();
    tally.reach = Reach { can_wait: true, methods: vec![buy], windows: Vec::new() };
    insta::assert_snapshot!(summary.text(None), @r"
    nothing was tested between a call and its callback; 1 target, 1000 executions in 1m 1s

    target                 executions       /s         behaviours   methods   windows  findings
    vault                        1000       16                100       0/1     0/0/1  0
        warning: no window opened: no contract under test got a callback, so nothing was tested between a call and its callback
        never succeeded: shop.near.buy, which can open a window
          5 of 5 times: <too> early\u{1b}[2J
          help: target.toml:7: change its `args`, or add the [[setup]] calls that must come before it
    ");
    let page = summary.html(None);
    let warning = "<span class=\"loss\">warning: no window opened: ";
    assert!(page.contains(warning) && page.contains("&lt;too&gt; early"), "{page}");
    assert!(!page.contains('\u{1b}'));
    let files = crate::report::night_files(&summary, None, &[]).expect("a summary has a JSON form");
    let junit = files.iter().find(|(name, _)| *name == "junit.xml").expect("it is among them");
    assert!(junit.1.contains("<skipped message=\"no window opened: "), "{}", junit.1);
}

#[test]
fn a_summary_of_an_earlier_version_is_read() {
    let mut old = serde_json::to_value(summary(1_000, &["profit"])).expect("JSON");
    let row = &mut old["rows"][0];
    for field in ["windows", "reach"] {
        row["tally"].as_object_mut().expect("an object").remove(field);
    }
    for field in ["place", "invariant"] {
        row["findings"][0].as_object_mut().expect("an object").remove(field);
    }
    let old: Summary = serde_json::from_value(old).expect("it is read");
    assert_eq!(summary(1_000, &["profit"]).news(Some(&old)), 0);
    assert!(old.html(None).contains("1 finding;"));
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
