//! Parses serde's errors out of a contract's failure: what it expected, and where in the input.
//!
//! Only reads text. The text comes from the contract and is not trusted: whatever it suggests is tried.

/// The longest message that is parsed, in bytes.
const MAX_MESSAGE: usize = 16 * 1024;
/// The most names of variants or fields that are read.
const MAX_NAMES: usize = 128;

/// How errors begin that have no position: serde's own, and those of numbers and accounts in texts.
const PHRASES: [&str; 11] = [
    "missing field `",
    "unknown variant `",
    "unknown field `",
    "invalid type: ",
    "invalid value: ",
    "data did not match any variant of untagged enum",
    "invalid digit found in string",
    "cannot parse integer from empty string",
    "number too large to fit in target type",
    "number too small to fit in target type",
    "the Account ID ",
];

/// Why the input could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerdeError {
    /// Serde's words.
    pub text: String,
    /// Where in the input, in bytes from its start. `usize::MAX` if the error does not say.
    pub position: usize,
}

/// What the deserializer expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected<'e> {
    /// This member of an object, which is missing.
    Field(&'e str),
    /// This member only once.
    FieldOnce(&'e str),
    /// One of these names of variants.
    OneOfVariants(Vec<&'e str>),
    /// One of these names of members, and no others.
    OneOfFields(Vec<&'e str>),
    /// A value of this type, in serde's words: `a string`, `struct Pool`.
    Type(&'e str),
    /// Text or an object: what serde says for enums.
    Value,
    /// Something else, in these words.
    Other(&'e str),
}

impl SerdeError {
    /// The serde error in a failure, if there is one.
    pub fn of(failure: &str) -> Option<Self> {
        let failure = failure.get(..MAX_MESSAGE).unwrap_or(failure);
        Self::debugged(failure)
            .or_else(|| Self::displayed(failure))
            .or_else(|| Self::without_position(failure))
    }

    /// As in ``Failed to deserialize callback using JSON. Error: `invalid digit` ``, which has no position, and as
    /// in ``missing field `a` `` for what was read before its type was known.
    fn without_position(failure: &str) -> Option<Self> {
        let callback = failure.split_once("Failed to deserialize callback using JSON. Error: `");
        let text = match callback {
            Some((_, text)) => text.trim_end_matches('`'),
            None => {
                let start = PHRASES.iter().filter_map(|phrase| failure.find(phrase)).min()?;
                &failure[start..]
            }
        };
        Some(Self { text: text.to_owned(), position: usize::MAX })
    }

    /// As in `Error("missing field `a`", line: 1, column: 2)`.
    fn debugged(failure: &str) -> Option<Self> {
        let (before, place) = failure.rsplit_once("\", line: ")?;
        let (_, text) = before.split_once("Error(\"")?;
        let position = number_after(place, "column: ")?;
        let text = text.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\'", "'");
        Some(Self { text, position })
    }

    /// As in `missing field `a` at line 1 column 2`.
    fn displayed(failure: &str) -> Option<Self> {
        let (before, place) = failure.rsplit_once(" at line ")?;
        let position = number_after(place, "column ")?;
        let starts = ["missing field", "invalid ", "unknown ", "duplicate field", "expected "];
        let start = starts.iter().filter_map(|start| before.find(start)).min();
        let start = start.or_else(|| before.rfind(": ").map(|at| at + 2)).unwrap_or(0);
        Some(Self { text: before[start..].to_owned(), position })
    }

    /// Whether a failure reports that the input could not be read, as JSON or as borsh.
    pub fn is_one(failure: &str) -> bool {
        failure.contains("Borsh") || Self::of(failure).is_some()
    }

    /// Whether only something is missing.
    pub fn asks_for_more(&self) -> bool {
        self.text.starts_with("missing field") || self.text.starts_with("invalid length")
    }

    /// What the deserializer expected.
    pub fn expected(&self) -> Expected<'_> {
        let text = self.text.as_str();
        if let Some(name) = quoted_after(text, "missing field ") {
            return Expected::Field(name);
        }
        if let Some(name) = quoted_after(text, "duplicate field ") {
            return Expected::FieldOnce(name);
        }
        if text.starts_with("unknown variant ") {
            return Expected::OneOfVariants(names(text));
        }
        if text.starts_with("unknown field ") {
            return Expected::OneOfFields(names(text));
        }
        if text == "expected value" {
            return Expected::Value;
        }
        let mistaken = ["invalid type: ", "invalid value: ", "invalid length "];
        if mistaken.iter().any(|start| text.starts_with(start))
            && let Some((_, wanted)) = text.rsplit_once(", expected ")
        {
            return Expected::Type(wanted);
        }
        Expected::Other(text)
    }
}

fn number_after(text: &str, mark: &str) -> Option<usize> {
    let (_, rest) = text.split_once(mark)?;
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    rest[..digits].parse().ok()
}

/// The name in backticks right after the mark, if the text starts with the mark.
fn quoted_after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let (name, _) = text.strip_prefix(mark)?.strip_prefix('`')?.split_once('`')?;
    Some(name)
}

/// The names in backticks after `expected`.
fn names(text: &str) -> Vec<&str> {
    let Some((_, list)) = text.split_once(", expected ") else { return Vec::new() };
    list.split('`').skip(1).step_by(2).filter(|name| !name.is_empty()).take(MAX_NAMES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_errors_are_read_in_both_forms() {
        let failure = "panicked at src/lib.rs:37:1: Failed to deserialize input from JSON.: \
                       Error(\"missing field `pool_id`\", line: 1, column: 2)";
        let error = SerdeError::of(failure).unwrap();
        assert_eq!(error.position, 2);
        assert_eq!(error.expected(), Expected::Field("pool_id"));
        let error = SerdeError::of("oh: invalid type: null, expected a string at line 1 column 14")
            .unwrap();
        assert_eq!(error.position, 14);
        assert_eq!(error.expected(), Expected::Type("a string"));
        let error = SerdeError::of("Bad permit: missing field `rate`").unwrap();
        assert_eq!((error.expected(), error.position), (Expected::Field("rate"), usize::MAX));
        let failure =
            "Failed to deserialize callback using JSON. Error: `invalid digit found in string`";
        assert_eq!(SerdeError::of(failure).unwrap().text, "invalid digit found in string");
        let text = "unknown variant `?`, expected one of `A`, `B`";
        let error = SerdeError { text: text.to_owned(), position: 0 };
        assert_eq!(error.expected(), Expected::OneOfVariants(vec!["A", "B"]));
    }

    #[test]
    fn other_failures_are_not_serde_errors() {
        for text in [
            "",
            "Requires attached deposit of exactly 1 yoctoNEAR",
            "\", line: ",
            "Error(\"",
            " at line ",
        ] {
            assert_eq!(SerdeError::of(text), None, "{text}");
        }
        let long = "ä".repeat(MAX_MESSAGE);
        assert_eq!(SerdeError::of(&long), None);
    }
}
