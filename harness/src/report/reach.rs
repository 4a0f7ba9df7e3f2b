//! What a campaign says about its reach: which methods and windows, what never succeeded, and what would help.
//!
//! Pure functions. Refusals are a contract's words, so all of them are made harmless.

use super::harmless;
use crate::campaign::{MethodReach, Reach, Statistics, Untested};

/// The most characters of a method's name and of a refusal.
const MOST_NAME: usize = 100;
const MOST_REFUSAL: usize = 200;

/// Words in refusals, in lower case, and what in `target.toml` most likely helps. The first line that matches
/// counts. Refusals are in the contracts' own words, so this is a guess and is worded as one.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &["not initialized", "not initialised", "uninitialized", "before initialization"],
        "add a [[setup]] call of the contract's initializer",
    ),
    (
        &[
            "deserialize",
            "missing field",
            "invalid type",
            "unknown variant",
            "unknown field",
            "borsh",
        ],
        "its `args` do not have the form that the method reads",
    ),
    (&["prepaid gas", "more gas", "enough gas", "tgas"], "raise its `gas`"),
    (
        &["not have enough balance", "notenoughbalance", "lackbalance"],
        "raise the `balance` of its signers, or lower its `deposit`",
    ),
    (
        &["deposit", "attach", "yocto", "payment", "underpaid"],
        "its `deposit` may have to be what the refusal asks for",
    ),
    (
        &[
            "too early",
            "is over",
            "not yet",
            "deadline",
            "expired",
            "too late",
            "has ended",
            "not ended",
            "still open",
            "lockup",
            "locked until",
            "cooldown",
            "timelock",
        ],
        "the block's time decides: let time pass in a [[setup]] with `wait`, set the `[world]` clock, or give deadlines that cases can meet",
    ),
    (
        &[
            "predecessor",
            "owner",
            "only ",
            "unauthorized",
            "not authorized",
            "permission",
            "private",
            "admin",
            "council",
            "not allowed",
            "forbidden",
            "access",
        ],
        "give it an account that may call it in `actors`, or let a [[setup]] call grant the role",
    ),
    (
        &[
            "not registered",
            "not found",
            "does not exist",
            "doesn't exist",
            "no such",
            "unknown",
            "missing",
            "no account",
        ],
        "let a [[setup]] call create what it needs, and let its `args` name that",
    ),
    (
        &["balance", "enough", "insufficient", "not cover"],
        "let a [[setup]] call deposit or hand out what it takes",
    ),
];

/// What helps if nothing else is known.
const OTHERWISE: &str = "change its `args`, or add the [[setup]] calls that must come before it";

/// `5/6 methods  2/3 windows opened, 1 entered`: methods that have succeeded of those that operations call, and
/// windows that have opened of those that can. Then how many operations the longest history has, if there is one.
#[must_use]
pub fn reach(statistics: &Statistics) -> String {
    let Statistics { reach, windows, deepest_history, .. } = statistics;
    if reach.methods.is_empty() {
        return format!("{windows} windows");
    }
    let mut text = format!(
        "{}/{} methods  {}/{} windows opened, {} entered",
        reach.succeeded(),
        reach.methods.len(),
        windows.seen,
        reach.possible_windows(),
        windows.entered
    );
    if *deepest_history > 0 {
        text.push_str(&format!("  deepest history {deepest_history}"));
    }
    text
}

/// `1/2/3 windows` for a column: entered, opened, and how many can open.
#[must_use]
pub(super) fn windows(statistics: &Statistics) -> String {
    let Statistics { reach, windows, .. } = statistics;
    if reach.methods.is_empty() {
        return windows.to_string();
    }
    format!("{}/{}/{}", windows.entered, windows.seen, reach.possible_windows())
}

/// `5/6` for a column: methods that have succeeded, and all that operations call.
#[must_use]
pub(super) fn methods(reach: &Reach) -> String {
    if reach.methods.is_empty() {
        return "-".to_owned();
    }
    format!("{}/{}", reach.succeeded(), reach.methods.len())
}

/// A line for each target, with a headline: what was reached, and after how many executions. With `each`, a line
/// for each method and each window below it.
#[must_use]
pub fn reach_table(rows: &[(String, Statistics)], each: bool) -> String {
    let mut out = format!(
        "{:<20} {:>12} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
        "target", "executions", "methods", "after", "windows", "opened", "entered"
    );
    for (target, statistics) in rows {
        let reach = &statistics.reach;
        let last = reach.methods.iter().filter_map(|method| method.first_success).max();
        let opened = reach.windows.iter().map(|window| window.opened).min();
        let entered = reach.windows.iter().filter_map(|window| window.entered).min();
        out.push_str(&format!(
            "{:<20} {:>12} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
            harmless(target, 20),
            statistics.executions,
            methods(reach),
            after(last),
            windows(statistics),
            after(opened),
            after(entered)
        ));
        if each {
            each_reached(&mut out, reach);
        }
    }
    out
}

fn each_reached(out: &mut String, reach: &Reach) {
    for method in &reach.methods {
        let name = format!("{}.{}", method.contract, harmless(&method.method, MOST_NAME));
        let how = match (method.first_success, method.commonest_refusal()) {
            (Some(first), _) => format!("succeeded after {first}"),
            (None, Some(refusal)) => {
                format!("never succeeded: {}", harmless(refusal.text.trim(), MOST_REFUSAL))
            }
            (None, None) => "was never called".to_owned(),
        };
        out.push_str(&format!("  {name:<40} {how}\n"));
    }
    for window in &reach.windows {
        let (by, until) = (harmless(&window.opened_by, 60), harmless(&window.closed_by, 60));
        let name = format!("{}.{by} … {until}", window.contract);
        let entered = match window.entered {
            Some(entered) => format!("entered after {entered}"),
            None => "never entered".to_owned(),
        };
        out.push_str(&format!("  {name:<40} opened after {}, {entered}\n", window.opened));
    }
}

/// A number of executions, if it happened.
fn after(executions: Option<u64>) -> String {
    executions.map_or_else(|| "never".to_owned(), |executions| executions.to_string())
}

/// If a campaign tested nothing between a call and its callback: that it did not, and why.
#[must_use]
pub fn untested(reach: &Reach) -> Option<String> {
    let text = match reach.untested()? {
        Untested::NoCallback => {
            "no window can open: no contract under test waits for a promise, so there is nothing between a call and its callback"
        }
        Untested::NoWindow => {
            "no window opened: no contract under test got a callback, so nothing was tested between a call and its callback"
        }
        Untested::NoVisit => {
            "no window was entered: no other operation ran between a call and its callback"
        }
    };
    Some(text.to_owned())
}

/// The methods that never succeeded, those that can open a window first, each with its commonest refusal and the
/// line of the target's `file` that most likely helps. At most `most` of them, and how many more there are.
#[must_use]
pub fn never_succeeded(reach: &Reach, file: &str, most: usize) -> Vec<String> {
    let mut methods: Vec<_> = reach.never_succeeded().collect();
    methods.sort_by_key(|method| !method.can_wait);
    let more = methods.len().saturating_sub(most);
    let mut lines: Vec<_> =
        methods.iter().take(most).map(|method| never(method, &harmless(file, 300))).collect();
    if more > 0 {
        lines.push(format!("and {more} more never succeeded: `interloper coverage` lists them"));
    }
    lines
}

fn never(method: &MethodReach, file: &str) -> String {
    let name = harmless(&method.method, MOST_NAME);
    let opens = if method.can_wait { ", which can open a window" } else { "" };
    let (why, advice) = match method.commonest_refusal() {
        None => ("it was never called".to_owned(), "raise its `weight`, or fuzz for longer"),
        Some(refusal) => {
            let text = harmless(refusal.text.trim(), MOST_REFUSAL);
            (format!("{} of {} times: {text}", refusal.count, method.failed), advice(&refusal.text))
        }
    };
    format!(
        "never succeeded: {}.{name}{opens}\n  {why}\n  help: {file}:{}: {advice}",
        method.contract, method.line
    )
}

/// What most likely helps against a refusal.
fn advice(refusal: &str) -> &'static str {
    let refusal = refusal.to_lowercase();
    let matching = ADVICE.iter().find(|(words, _)| words.iter().any(|word| refusal.contains(word)));
    matching.map_or(OTHERWISE, |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Refusal, WindowReach, windows};

    fn method(name: &str, can_wait: bool, succeeded: u64, refusals: &[(&str, u64)]) -> MethodReach {
        let refusals = refusals.iter();
        let refusals =
            refusals.map(|(text, count)| Refusal { text: (*text).to_owned(), count: *count });
        let refusals: Vec<_> = refusals.collect();
        MethodReach {
            contract: "shop.near".parse().expect("an account id"),
            method: name.to_owned(),
            line: 12,
            can_wait,
            succeeded,
            failed: refusals.iter().map(|refusal| refusal.count).sum(),
            first_success: (succeeded > 0).then_some(1),
            refusals,
        }
    }

    fn shop() -> Reach {
        let refused = [("Attach exactly 0.01 NEAR", 7), ("gone", 1)];
        Reach {
            can_wait: true,
            methods: vec![
                method("list", false, 3, &[]),
                method("close", false, 0, &[]),
                method("buy", true, 0, &refused),
            ],
            windows: Vec::new(),
        }
    }

    #[test]
    fn a_campaign_at_closed_doors_says_so() {
        let mut reach = shop();
        let statistics = Statistics { reach: reach.clone(), ..Statistics::default() };
        assert_eq!(self::reach(&statistics), "1/3 methods  0/1 windows opened, 0 entered");
        let deeper = Statistics { deepest_history: 5, ..statistics };
        assert!(self::reach(&deeper).ends_with(", 0 entered  deepest history 5"));
        let lines = never_succeeded(&reach, "shop/target.toml", 9);
        assert_eq!(
            lines,
            [
                "never succeeded: shop.near.buy, which can open a window\n  7 of 8 times: Attach exactly 0.01 NEAR\n  \
                 help: shop/target.toml:12: its `deposit` may have to be what the refusal asks for",
                "never succeeded: shop.near.close\n  it was never called\n  \
                 help: shop/target.toml:12: raise its `weight`, or fuzz for longer",
            ]
        );
        assert_eq!(never_succeeded(&reach, "target.toml", 1).len(), 2);
        assert!(untested(&reach).is_some_and(|text| text.starts_with("no window opened: ")));
        reach.can_wait = false;
        assert!(untested(&reach).is_some_and(|text| text.starts_with("no window can open: ")));
    }

    #[test]
    fn a_window_counts_once_it_has_opened_and_is_tested_once_it_was_entered() {
        let mut reach = shop();
        let opened = WindowReach {
            contract: "shop.near".parse().expect("an account id"),
            opened_by: "buy".to_owned(),
            closed_by: "on_bought".to_owned(),
            opened: 4,
            entered: None,
        };
        reach.windows.push(opened);
        assert_eq!((reach.possible_windows(), reach.coverage().seen), (1, 1));
        assert!(untested(&reach).is_some_and(|text| text.starts_with("no window was entered")));
        reach.windows[0].entered = Some(9);
        assert_eq!(untested(&reach), None);
        assert_eq!(untested(&Reach::default()), None, "files of earlier versions say nothing");
    }

    #[test]
    fn what_several_processes_have_reached_adds_up() {
        let (mut one, mut other) = (shop(), shop());
        other.methods[2] = method("buy", true, 2, &[]);
        other.methods[2].first_success = Some(40);
        other.windows.push(WindowReach {
            contract: "shop.near".parse().expect("an account id"),
            opened_by: "buy".to_owned(),
            closed_by: "on_bought".to_owned(),
            opened: 40,
            entered: Some(41),
        });
        one.merge(&shop());
        assert_eq!(one.methods[2].refusals[0].count, 14);
        one.merge(&other);
        assert_eq!((one.succeeded(), one.methods[0].succeeded), (2, 9));
        assert_eq!(one.methods[2].refusals, []);
        assert_eq!(one.methods[2].first_success, Some(40));
        assert_eq!(one.coverage(), windows::WindowCounts { entered: 1, seen: 1 });
    }

    #[test]
    fn advice_follows_the_words_of_the_refusal() {
        for (refusal, part) in [
            ("Failed to deserialize input from JSON.: Error(\"missing field `a`\"", "`args`"),
            ("Requires attached deposit of exactly 1 yoctoNEAR", "`deposit`"),
            ("Exceeded the prepaid gas.", "`gas`"),
            ("Owner's method", "`actors`"),
            ("The account alice.near is not registered", "[[setup]] call create"),
            ("the round has not ended", "time"),
            ("ERR_17", "change its `args`"),
        ] {
            assert!(advice(refusal).contains(part), "{refusal}: {}", advice(refusal));
        }
    }
}
