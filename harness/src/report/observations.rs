//! What a campaign noticed without any harm that could be shown, as lines of text.

use super::harmless;
use crate::campaign::Noticed;

/// How many kinds of observations are named if not all are asked for.
const MOST_NAMED: usize = 5;

/// Most letters of a summary, and of a detail.
const MOST_LETTERS: usize = 400;

/// What was noticed, the most frequent first: all of it with details, or a few with a line each. Nothing if nothing
/// was noticed.
#[must_use]
pub fn observations(noticed: &[Noticed], all: bool) -> Vec<String> {
    let mut sorted: Vec<_> = noticed.iter().collect();
    sorted.sort_by_key(|own| std::cmp::Reverse(own.count));
    let named = if all { sorted.len() } else { MOST_NAMED.min(sorted.len()) };
    let mut lines = Vec::new();
    if !sorted.is_empty() {
        lines.push("Also noticed, without harm that could be shown:".to_owned());
    }
    for own in &sorted[..named] {
        let cases =
            if own.count == 1 { "1 case".to_owned() } else { format!("{} cases", own.count) };
        let summary = harmless(&own.summary, MOST_LETTERS);
        lines.push(format!("  {} ({cases}): {summary}", own.invariant));
        let details = own.details.iter().filter(|_| all);
        lines.extend(details.map(|detail| format!("    {}", harmless(detail, MOST_LETTERS))));
    }
    if named < sorted.len() {
        lines.push(format!("  and {} more: --observations shows all", sorted.len() - named));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first_and_all_come_with_details() {
        let noticed = |method: &str, count| Noticed {
            invariant: "rollback".to_owned(),
            account: "vault.near".parse().expect("a valid id"),
            method: method.to_owned(),
            summary: format!("{method} failed"),
            details: vec!["a counter".to_owned()],
            count,
        };
        let many: Vec<_> = (1..=7).map(|count| noticed("pay", count)).collect();
        let few = observations(&many, false);
        assert_eq!(few[1], "  rollback (7 cases): pay failed");
        assert_eq!(few.last().map(String::as_str), Some("  and 2 more: --observations shows all"));
        let all = observations(&many, true);
        assert_eq!(all[13], "  rollback (1 case): pay failed");
        assert_eq!(all[14], "    a counter");
        assert!(observations(&[], true).is_empty());
    }
}
