//! What a contract says when it cannot read its arguments: serde's own words, with their place.
//!
//! Only reads text. The text comes from the contract, so nothing in it is taken for true: whatever is
//! learnt from it is tried.

/// The longest message that is looked at, in bytes.
const MAX_MESSAGE: usize = 16 * 1024;
/// More names than this are no list of variants or fields.
const MAX_NAMES: usize = 128;

/// Why the arguments could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Serde's words.
    pub text: String,
    /// Where in the input the reader stood: bytes from its beginning. Behind everything where it does not
    /// say so.
    pub position: usize,
}

/// What a complaint asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish<'c> {
    /// This member of an object.
    Member(&'c str),
    /// This member only once.
    Once(&'c str),
    /// One of these names of variants.
    Variants(Vec<&'c str>),
    /// One of these names of members, and no others.
    Members(Vec<&'c str>),
    /// A value of another type: in serde's words, as in `a string` or `struct Pool`.
    Type(&'c str),
    /// A value that is no `null`, list, number or `true`: what enums say.
    Value,
    /// Something that this text tells in its own words.
    Other(&'c str),
}

impl Complaint {
    /// The complaint in a failure, if it is one about the input's form.
    pub fn of(failure: &str) -> Option<Self> {
        let failure = failure.get(..MAX_MESSAGE).unwrap_or(failure);
        Self::debugged(failure)
            .or_else(|| Self::displayed(failure))
            .or_else(|| Self::unplaced(failure))
    }

    /// As in ``Failed to deserialize callback using JSON. Error: `invalid digit` ``: where it stood is not
    /// said, only that everything before could be read.
    fn unplaced(failure: &str) -> Option<Self> {
        let (_, text) =
            failure.split_once("Failed to deserialize callback using JSON. Error: `")?;
        Some(Self { text: text.trim_end_matches('`').to_owned(), position: usize::MAX })
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

    /// Whether a failure says that the arguments could not be read, as JSON or as borsh.
    pub fn is_one(failure: &str) -> bool {
        failure.contains("Borsh") || Self::of(failure).is_some()
    }

    /// Whether something is missing, and nothing is wrong with what is there.
    pub fn asks_for_more(&self) -> bool {
        self.text.starts_with("missing field") || self.text.starts_with("invalid length")
    }

    /// What it asks for.
    pub fn wish(&self) -> Wish<'_> {
        let text = self.text.as_str();
        if let Some(name) = quoted_after(text, "missing field ") {
            return Wish::Member(name);
        }
        if let Some(name) = quoted_after(text, "duplicate field ") {
            return Wish::Once(name);
        }
        if text.starts_with("unknown variant ") {
            return Wish::Variants(names(text));
        }
        if text.starts_with("unknown field ") {
            return Wish::Members(names(text));
        }
        if text == "expected value" {
            return Wish::Value;
        }
        let mistaken = ["invalid type: ", "invalid value: ", "invalid length "];
        if mistaken.iter().any(|start| text.starts_with(start))
            && let Some((_, wanted)) = text.rsplit_once(", expected ")
        {
            return Wish::Type(wanted);
        }
        Wish::Other(text)
    }
}

fn number_after(text: &str, mark: &str) -> Option<usize> {
    let (_, rest) = text.split_once(mark)?;
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    rest[..digits].parse().ok()
}

/// The name in backticks right after the mark, where the text starts with it.
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
    fn serde_s_words_are_read_in_both_forms() {
        let failure = "panicked at src/lib.rs:37:1: Failed to deserialize input from JSON.: \
                       Error(\"missing field `pool_id`\", line: 1, column: 2)";
        let complaint = Complaint::of(failure).unwrap();
        assert_eq!(complaint.position, 2);
        assert_eq!(complaint.wish(), Wish::Member("pool_id"));
        let complaint =
            Complaint::of("oh: invalid type: null, expected a string at line 1 column 14").unwrap();
        assert_eq!(complaint.position, 14);
        assert_eq!(complaint.wish(), Wish::Type("a string"));
        let failure =
            "Failed to deserialize callback using JSON. Error: `invalid digit found in string`";
        assert_eq!(Complaint::of(failure).unwrap().text, "invalid digit found in string");
        let text = "unknown variant `?`, expected one of `A`, `B`";
        let complaint = Complaint { text: text.to_owned(), position: 0 };
        assert_eq!(complaint.wish(), Wish::Variants(vec!["A", "B"]));
    }

    #[test]
    fn other_failures_and_odd_ones_are_no_complaints() {
        for text in [
            "",
            "Requires attached deposit of exactly 1 yoctoNEAR",
            "\", line: ",
            "Error(\"",
            " at line ",
        ] {
            assert_eq!(Complaint::of(text), None, "{text}");
        }
        let long = "ä".repeat(MAX_MESSAGE);
        assert_eq!(Complaint::of(&long), None);
    }
}
