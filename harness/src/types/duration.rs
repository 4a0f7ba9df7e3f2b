//! Durations and dates of the simulated chain as people write them: `5 s`, `30 days`, `2026-01-01T00:00:00Z`.
//!
//! Whole seconds, since a block of the simulated chain takes one.

use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize as _, Deserializer, Serializer};

/// The longest time that can pass at once: 100 years.
pub const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Why a text is not a duration, or not a date. Says how to write one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It is not a duration.
    #[error(
        "`{0}` is not a duration: write for example \"5 s\", \"12 h\", \"30 days\" or \"1 year\""
    )]
    Duration(String),
    /// It is shorter than a second, or longer than [`LONGEST`].
    #[error("`{0}` is out of range: write at least \"1 s\" and at most \"36500 days\"")]
    Range(String),
    /// It is not a date.
    #[error("`{0}` is not a date: write for example \"2026-01-01T00:00:00Z\"")]
    Date(String),
}

/// Reads `5 s`, `90 min`, `30 days`, `1 year 2 h`. Fractions of a second are rounded up.
///
/// # Errors
/// If the text is not a duration, is shorter than a second or longer than [`LONGEST`].
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let duration = humantime::parse_duration(text.trim())
        .map_err(|_| DurationError::Duration(text.to_owned()))?;
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    let duration = Duration::from_secs(seconds);
    if duration.is_zero() || duration > LONGEST {
        return Err(DurationError::Range(text.to_owned()));
    }
    Ok(duration)
}

/// Prints a duration so that [`parse`] reads it back: `5s`, `30days`.
#[must_use]
pub fn text(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// Reads a date as RFC 3339 writes it. Returns nanoseconds since 1970.
///
/// # Errors
/// If the text is not a date, or lies before 1970 or after 2554.
pub fn parse_date(text: &str) -> Result<u64, DurationError> {
    let error = || DurationError::Date(text.to_owned());
    let date = humantime::parse_rfc3339_weak(text.trim()).map_err(|_| error())?;
    let since = date.duration_since(UNIX_EPOCH).map_err(|_| error())?;
    u64::try_from(since.as_nanos()).map_err(|_| error())
}

/// Prints nanoseconds since 1970 as a date, in whole seconds.
#[must_use]
pub fn date_text(nanoseconds: u64) -> String {
    let date = UNIX_EPOCH + Duration::from_nanos(nanoseconds);
    humantime::format_rfc3339_seconds(date).to_string()
}

/// Serialises a duration as [`text`] prints it. For `#[serde(serialize_with)]` and, with [`deserialize`],
/// `#[serde(with)]`.
///
/// # Errors
/// As the serialiser.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// As [`parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_as_they_print() {
        for (written, seconds, printed) in [
            ("5 s", 5, "5s"),
            ("1500 ms", 2, "2s"),
            ("2 h", 7_200, "2h"),
            ("30 days", 2_592_000, "30days"),
            ("1 year", 31_557_600, "1year"),
        ] {
            let duration = parse(written).unwrap();
            assert_eq!((duration.as_secs(), &*text(duration)), (seconds, printed));
            assert_eq!(parse(&text(duration)), Ok(duration));
        }
    }

    #[test]
    fn errors_say_how_to_write_one() {
        let errors = [parse("soon"), parse("0 s"), parse("101 years"), parse("5")];
        let errors: Vec<_> = errors.map(|error| error.unwrap_err().to_string()).into();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        `soon` is not a duration: write for example "5 s", "12 h", "30 days" or "1 year"
        `0 s` is out of range: write at least "1 s" and at most "36500 days"
        `101 years` is out of range: write at least "1 s" and at most "36500 days"
        `5` is not a duration: write for example "5 s", "12 h", "30 days" or "1 year"
        "#);
        assert!(parse_date("yesterday").is_err());
    }

    #[test]
    fn a_date_reads_back_as_it_prints() {
        let date = parse_date("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(date, 1_767_225_600_000_000_000);
        assert_eq!(date_text(date), "2026-01-01T00:00:00Z");
        assert_eq!(parse_date("2026-01-01 00:00:00"), Ok(date));
    }
}
