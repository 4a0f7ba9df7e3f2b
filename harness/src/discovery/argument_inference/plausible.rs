//! Plausible numbers for arguments, by their names: a duration of an hour, a fee of one percent, the first id.
//!
//! Only suggests. Whether a contract accepts a number is found out by calling.

use super::example_values::words_of_name;
use super::probe;
use crate::arguments::integer::IntegerKind;

/// An hour, in nanoseconds.
const HOUR: u128 = 3_600_000_000_000;
/// How far in the future deadlines are, in nanoseconds.
const MONTH: u128 = 30 * 24 * HOUR;

/// Words that mean a time span.
const SPANS: [&str; 24] = [
    "duration",
    "period",
    "interval",
    "timeout",
    "delay",
    "lockup",
    "lock",
    "window",
    "cooldown",
    "ttl",
    "vesting",
    "round",
    "term",
    "cliff",
    "length",
    "expiry",
    "expiration",
    "validity",
    "age",
    "wait",
    "grace",
    "unlock",
    "staleness",
    "recency",
];
/// Words that mean a moment.
const MOMENTS: [&str; 10] =
    ["timestamp", "time", "date", "at", "start", "begin", "since", "end", "deadline", "until"];
/// Words of moments that lie in the future.
const FUTURE: [&str; 7] = ["end", "deadline", "until", "expires", "expiration", "expiry", "unlock"];
/// Words that mean a part of a whole.
const PARTS: [&str; 8] = ["bps", "basis", "fee", "rate", "ratio", "royalty", "commission", "share"];
/// Words that mean a small count of people.
const QUORUMS: [&str; 7] =
    ["threshold", "quorum", "required", "confirmations", "approvals", "signatures", "votes"];
/// Words that mean the number of something that the contract counts from zero.
const IDS: [&str; 5] = ["id", "index", "nonce", "offset", "from"];

/// How long one of the unit that a name states is, in nanoseconds.
fn unit(words: &[&str]) -> Option<u128> {
    words.iter().rev().find_map(|word| {
        Some(match *word {
            "ns" | "nano" | "nanos" | "nanosec" | "nanoseconds" => 1,
            "ms" | "milli" | "millis" | "msec" | "milliseconds" => 1_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
            "minute" | "minutes" | "mins" => 60_000_000_000,
            "hour" | "hours" => HOUR,
            "day" | "days" => 24 * HOUR,
            "week" | "weeks" => 7 * 24 * HOUR,
            "block" | "blocks" => 1_000_000_000,
            _ => return None,
        })
    })
}

/// The likeliest number for an argument of this name and type, if the name says anything.
pub(super) fn plausible(name: &str, kind: IntegerKind) -> Option<u128> {
    let name = name.to_ascii_lowercase();
    let words: Vec<&str> = words_of_name(&name).collect();
    let has = |these: &[&str]| words.iter().any(|word| these.contains(word));
    let wide = kind.width() >= 8;
    let unit = unit(&words);
    let number = if has(&["decimals"]) {
        24
    } else if has(&["epoch", "epochs"]) {
        2
    } else if wide && has(&MOMENTS) && !has(&SPANS) {
        let moment = u128::from(probe::CLOCK.time) + if has(&FUTURE) { MONTH } else { 0 };
        moment / unit.unwrap_or(1)
    } else if let Some(unit) = unit {
        (HOUR / unit).max(1)
    } else if has(&QUORUMS) {
        2
    } else if kind.width() < 16 && has(&SPANS) {
        // Contracts count block time in nanoseconds, and what they keep in 32 bits in seconds.
        if wide { HOUR } else { HOUR / 1_000_000_000 }
    } else if kind.width() == 1 && (has(&PARTS) || has(&["percent", "percentage"])) {
        10
    } else if kind.width() < 16 && has(&PARTS) {
        100
    } else if kind.width() < 16 && has(&IDS) {
        0
    } else {
        return None;
    };
    let (zero, (_, max)) = (kind.zero(), kind.range());
    (number <= max - zero).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_state_units_and_what_is_counted() {
        for (name, kind, number) in [
            ("round_ms", "u64", Some(3_600_000)),
            ("duration", "u64", Some(HOUR)),
            ("lockup_sec", "u32", Some(3_600)),
            ("period_days", "u16", Some(1)),
            ("cooldown_blocks", "u64", Some(3_600)),
            ("maximum_recency_duration_sec", "u32", Some(3_600)),
            ("decimals", "u8", Some(24)),
            ("owner_fee_bps", "u16", Some(100)),
            ("reward_percent", "u8", Some(10)),
            ("stream_id", "u64", Some(0)),
            ("start_ms", "u64", Some(u128::from(probe::CLOCK.time) / 1_000_000)),
            ("end_timestamp", "u64", Some(u128::from(probe::CLOCK.time) + MONTH)),
            ("ticket_price", "u128", None),
            ("amount", "u128", None),
        ] {
            let kind = IntegerKind::named(kind).unwrap();
            assert_eq!(plausible(name, kind), number, "{name}");
        }
    }
}
