//! Reads numbers and amounts of NEAR out of a failure in words: "Attach exactly 0.01 NEAR", "at least
//! 1250000000000000000000".
//!
//! Only reads text. The text comes from the contract and is not trusted: whatever it suggests is tried.

use std::collections::BTreeSet;

use crate::types::NearToken;

/// The longest message that is read, in bytes.
const MAX_MESSAGE: usize = 2_000;
/// The most numbers that are read.
const MAX_NUMBERS: usize = 24;

/// The units in which contracts state amounts, in lower case, and the power of ten that each stands for.
const UNITS: [(&str, u32); 12] = [
    ("near", 24),
    ("nears", 24),
    ("n", 24),
    ("ⓝ", 24),
    ("mnear", 21),
    ("millinear", 21),
    ("yocto", 0),
    ("yoctos", 0),
    ("yoctonear", 0),
    ("yoctonears", 0),
    ("ynear", 0),
    ("yn", 0),
];

/// Words after a number that say that it counts something else.
const OTHER_UNITS: [&str; 16] = [
    "tgas",
    "ggas",
    "gas",
    "%",
    "percent",
    "byte",
    "bytes",
    "ms",
    "s",
    "sec",
    "seconds",
    "blocks",
    "epochs",
    "characters",
    "items",
    "days",
];

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StatedNumber<'t> {
    whole: String,
    fraction: String,
    unit: &'t str,
}

/// The deposits that a failure may ask for: amounts with a unit first, then bare numbers.
pub(in crate::discovery) fn stated_amounts(failure: &str) -> Vec<NearToken> {
    let numbers = numbers(failure);
    let with_unit = numbers.iter().filter_map(StatedNumber::amount);
    let bare = numbers.iter().filter(|number| number.power().is_none());
    let bare = bare.flat_map(|number| [0, 24].map(|power| number.scaled(power))).flatten();
    let mut seen = BTreeSet::new();
    with_unit
        .chain(bare)
        .filter(|amount| *amount > 0 && seen.insert(*amount))
        .map(NearToken::from_yoctonear)
        .collect()
}

/// The whole numbers that a failure names, each once and in order, with units of NEAR resolved.
pub(in crate::discovery) fn stated_numbers(failure: &str) -> Vec<u128> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for number in numbers(failure) {
        let plain = number.fraction.is_empty().then(|| number.whole.parse().ok()).flatten();
        for number in [number.amount(), plain].into_iter().flatten() {
            if seen.insert(number) {
                all.push(number);
            }
        }
    }
    all
}

/// A failure with every number replaced by one sign, so that failures that differ only in numbers are equal.
pub(in crate::discovery) fn without_numbers(failure: &str) -> String {
    let mut text = String::with_capacity(failure.len());
    let mut in_number = false;
    for letter in failure.chars() {
        let digit = letter.is_ascii_digit();
        if !digit {
            text.push(letter);
        } else if !in_number {
            text.push('#');
        }
        in_number = digit;
    }
    text
}

impl StatedNumber<'_> {
    /// The power of ten of its unit.
    fn power(&self) -> Option<u32> {
        let unit = self.unit.to_lowercase();
        if OTHER_UNITS.contains(&unit.as_str()) {
            return Some(u32::MAX);
        }
        UNITS.iter().find(|(name, _)| *name == unit).map(|(_, power)| *power)
    }

    /// In yoctoNEAR, if it has such a unit.
    fn amount(&self) -> Option<u128> {
        self.power().and_then(|power| self.scaled(power))
    }

    /// Times ten to the `power`, if that is a whole number.
    fn scaled(&self, power: u32) -> Option<u128> {
        let fraction = self.fraction.trim_end_matches('0');
        let missing = power.checked_sub(u32::try_from(fraction.len()).ok()?)?;
        let digits: u128 = format!("{}{fraction}", self.whole).parse().ok()?;
        digits.checked_mul(10u128.checked_pow(missing)?)
    }
}

/// The numbers in a text. Separators of thousands count as part of a number.
fn numbers(text: &str) -> Vec<StatedNumber<'_>> {
    let text = text.get(..MAX_MESSAGE).unwrap_or(text);
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = ' ';
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        before = rest[..at].chars().next_back().unwrap_or(before);
        rest = &rest[at..];
        let end = number_end(rest);
        let (digits, behind) = rest.split_at(end);
        // Digits in a name, such as `sha256`, are not a number.
        if !(before.is_alphanumeric() || before == '_') && found.len() < MAX_NUMBERS {
            let digits = digits.replace(['_', ','], "");
            let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
            found.push(StatedNumber {
                whole: whole.to_owned(),
                fraction: fraction.to_owned(),
                unit: unit_of(behind),
            });
        }
        before = '0';
        rest = behind;
    }
    found
}

/// Where the number at the front of the text ends.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    let mut point = false;
    while let Some(byte) = bytes.get(end) {
        let separator = match byte {
            b'_' => true,
            b',' => !point && (1..=3).all(|next| digit(end + next)) && !digit(end + 4),
            b'.' => !std::mem::replace(&mut point, true),
            _ => false,
        };
        if digit(end) || separator && digit(end + 1) {
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// The word right after a number.
fn unit_of(behind: &str) -> &str {
    let word = behind.strip_prefix(' ').unwrap_or(behind);
    if word.starts_with('%') {
        return "%";
    }
    let end = word.find(|letter: char| !letter.is_alphabetic() && letter != 'ⓝ' && letter != 'Ⓝ');
    &word[..end.unwrap_or(word.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_forms_that_contracts_use() {
        const MILLI: u128 = 10u128.pow(21);
        for (failure, first) in [
            ("Attach exactly 0.01 NEAR", 10 * MILLI),
            (
                "Requires attached deposit of at least 1250000000000000000000 yoctoNEAR",
                1_250_000_000_000_000_000_000,
            ),
            ("Attached deposit must be greater than 1_500 yocto", 1_500),
            ("need NearToken { inner: 7000 }, got 1", 7_000),
            ("pay 1,250,000 yN or more", 1_250_000),
            ("The fee is 2Ⓝ.", 2_000 * MILLI),
            ("Deposit 5 first", 5),
            ("minimum is 100 mNEAR", 100 * MILLI),
            ("at least 3.5N", 3_500 * MILLI),
        ] {
            let amounts = stated_amounts(failure);
            assert_eq!(amounts[0], NearToken::from_yoctonear(first), "{failure}");
        }
        assert_eq!(stated_amounts("Deposit 5 first")[1], NearToken::from_near(5));
        for failure in ["sha256 of it", "attach 300 TGas", "wait 5 seconds", "", "at most 20%"] {
            assert_eq!(stated_amounts(failure), [], "{failure}");
        }
    }

    #[test]
    fn numbers_are_read_once_each() {
        let failure = "shares must sum to 10000, not 20000 (of 10000)";
        assert_eq!(stated_numbers(failure), [10_000, 20_000]);
        assert_eq!(stated_numbers("from 1 to 150"), [1, 150]);
        assert_eq!(stated_numbers("0.05 NEAR"), [50 * 10u128.pow(21)]);
    }

    #[test]
    fn failures_that_differ_in_numbers_only_are_equal() {
        assert_eq!(without_numbers("need 12, got 3"), without_numbers("need 7, got 100"));
        assert_ne!(without_numbers("need 12"), without_numbers("want 12"));
    }
}
