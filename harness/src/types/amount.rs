//! Amounts of money and gas as people write them: `5 NEAR`, `1 yocto`, `300 Tgas`.
//!
//! Reading and printing are exact and undo each other. Never rounds, and never guesses a unit.

use crate::types::{Gas, NearToken};

/// Names of a unit and the power of ten that it stands for, largest first.
type Units = &'static [(&'static str, u32)];

const BALANCE_UNITS: Units = &[("NEAR", 24), ("milliNEAR", 21), ("yoctoNEAR", 0), ("yocto", 0)];
const GAS_UNITS: Units = &[("Pgas", 15), ("Tgas", 12), ("Ggas", 9), ("gas", 0)];

/// Why a text is no amount. Says how to write one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {problem}: write {cure}")]
pub struct AmountError {
    /// What was written.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
    /// What to write instead.
    pub cure: &'static str,
}

/// Reads `5 NEAR`, `0.5 NEAR`, `20 milliNEAR`, `1 yocto`, or plain digits, which count yoctoNEAR.
///
/// # Errors
/// When there is no number, the unit is unknown, or the amount is no whole `u128` of yoctoNEAR.
pub fn parse_balance(text: &str) -> Result<NearToken, AmountError> {
    const CURE: &str =
        "for example \"5 NEAR\", \"0.5 NEAR\", \"1 yocto\", or plain digits for yoctoNEAR";
    parse(text, BALANCE_UNITS, CURE).map(NearToken::from_yoctonear)
}

/// Reads `300 Tgas`, `2.5 Tgas`, `5 Ggas`, or plain digits, which count single units of gas.
///
/// # Errors
/// When there is no number, the unit is unknown, or the amount is no whole `u64` of gas.
pub fn parse_gas(text: &str) -> Result<Gas, AmountError> {
    const CURE: &str =
        "for example \"300 Tgas\", \"5 Ggas\", or plain digits for single units of gas";
    let gas = parse(text, GAS_UNITS, CURE)?;
    let gas = u64::try_from(gas);
    gas.map(Gas::from_gas).map_err(|_| AmountError {
        text: text.to_owned(),
        problem: "is too much gas",
        cure: CURE,
    })
}

/// Prints a balance so that [`parse_balance`] reads it back: `0.5 NEAR`, `12345 yocto`.
#[must_use]
pub fn balance_text(balance: NearToken) -> String {
    let yocto = balance.as_yoctonear();
    decimal(yocto, 24, 6)
        .map_or_else(|| format!("{yocto} yocto"), |number| format!("{number} NEAR"))
}

/// Prints gas so that [`parse_gas`] reads it back: `300 Tgas`, `2.5 Tgas`, `12345 gas`.
#[must_use]
pub fn gas_text(gas: Gas) -> String {
    let units = u128::from(gas.as_gas());
    decimal(units, 12, 3).map_or_else(|| format!("{units} gas"), |number| format!("{number} Tgas"))
}

fn parse(text: &str, units: Units, cure: &'static str) -> Result<u128, AmountError> {
    let error = |problem| AmountError { text: text.to_owned(), problem, cure };
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
    let (number, unit) = trimmed.split_at(digits.unwrap_or(trimmed.len()));
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(error("does not begin with a number"));
    }
    let unit = unit.trim();
    let power = match units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)) {
        Some((_, power)) => *power,
        None if unit.is_empty() => 0,
        None => return Err(error("has an unknown unit")),
    };
    scale(number, power)
        .ok_or_else(|| error("is no whole number of the smallest unit, or too large"))
}

/// `number` times ten to the `power`, exactly.
fn scale(number: &str, power: u32) -> Option<u128> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let missing = power.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits = format!("{whole}{fraction}");
    digits.parse::<u128>().ok()?.checked_mul(10u128.checked_pow(missing)?)
}

/// `amount` divided by ten to the `power`, where at most `places` decimals say it exactly.
fn decimal(amount: u128, power: u32, places: u32) -> Option<String> {
    let unit = 10u128.pow(power);
    let smallest = 10u128.pow(power - places);
    if !amount.is_multiple_of(smallest) {
        return None;
    }
    let (whole, rest) = (amount / unit, amount % unit / smallest);
    let fraction = format!("{rest:0width$}", width = places as usize);
    Some(format!("{whole}.{fraction}").trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// Balances in JSON, as text with a unit: `#[serde(with = "balance")]`.
pub(crate) mod balance {
    use super::NearToken;
    use super::balance_text;
    use super::parse_balance;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(
        balance: &NearToken,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&balance_text(*balance))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<NearToken, D::Error> {
        parse_balance(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Gas in JSON, as text with a unit: `#[serde(with = "gas")]`.
pub(crate) mod gas {
    use super::Gas;
    use super::gas_text;
    use super::parse_gas;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(gas: &Gas, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&gas_text(*gas))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Gas, D::Error> {
        parse_gas(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_may_write_amounts_in_several_ways() {
        let yocto = |text| parse_balance(text).unwrap().as_yoctonear();
        assert_eq!(yocto("10 NEAR"), 10 * 10u128.pow(24));
        assert_eq!(yocto("0.5near"), 5 * 10u128.pow(23));
        assert_eq!(yocto("20 milliNEAR"), 2 * 10u128.pow(22));
        assert_eq!(yocto("1 yocto"), 1);
        assert_eq!(yocto("1_000"), 1000);
        assert_eq!(yocto("340282366920938463463374607431768211455"), u128::MAX);
        assert_eq!(parse_gas("300 TGas").unwrap(), Gas::from_teragas(300));
        assert_eq!(parse_gas("5 Ggas").unwrap(), Gas::from_gigagas(5));
        assert_eq!(parse_gas("1 PGas").unwrap(), Gas::from_teragas(1000));
    }

    #[test]
    fn what_is_no_amount_says_how_to_write_one() {
        for text in [
            "",
            "NEAR",
            "5 NAER",
            "-1 NEAR",
            "0.5 yocto",
            "1.2.3 NEAR",
            "1e3",
            "400000000000000 NEAR",
            ".5 NEAR",
        ] {
            let error = parse_balance(text).unwrap_err().to_string();
            assert!(error.contains("write for example \"5 NEAR\""), "{error}");
        }
        assert!(parse_gas("20000000 Tgas").is_err());
    }

    proptest! {
        #[test]
        fn an_amount_reads_back_as_it_prints(yocto: u128, near in 0u128..1_000_000_000, gas: u64, tgas in 0u64..100_000) {
            for balance in [NearToken::from_yoctonear(yocto), NearToken::from_yoctonear(near * 10u128.pow(18))] {
                prop_assert_eq!(parse_balance(&balance_text(balance)).unwrap(), balance);
            }
            for gas in [Gas::from_gas(gas), Gas::from_gigagas(tgas)] {
                prop_assert_eq!(parse_gas(&gas_text(gas)).unwrap(), gas);
            }
        }
    }
}
