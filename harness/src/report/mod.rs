//! What people and programs read of a finding: pure functions from values to text.
//!
//! Never runs a case and never writes a file.

mod amount;
mod inspection;
mod text;
mod tree;

pub use inspection::{harmless_json, inspection};
pub use text::text;

use crate::types::is_unprintable;

/// Text from a contract or a file, made harmless for a terminal: control characters escaped, long
/// text cut.
#[must_use]
pub fn harmless(text: &str, most: usize) -> String {
    let mut safe = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == most {
            safe.push('…');
            break;
        }
        if is_unprintable(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_sequences_are_shown_and_not_obeyed() {
        assert_eq!(harmless("a\u{1b}[31mb\n", 99), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(harmless("abcdef", 3), "abc…");
        assert_eq!(harmless("a\u{202e}b", 9), "a\\u{202e}b");
    }
}
