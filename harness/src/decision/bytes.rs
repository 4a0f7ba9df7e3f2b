//! Choices out of a fuzzer's bytes.
//!
//! Never fails, whatever the bytes are, and never runs out: after the last byte it takes option 0.

use super::{Chooser, Label, Site};

/// Reads one choice after another from a slice.
///
/// A question with one option reads nothing, one with up to 256 options reads one byte, one with
/// more reads two; the option is what remains after dividing by their number. So zeros mean "nobody
/// interferes", as does the end of the slice, and changing a byte changes one choice.
#[derive(Clone, Debug, Default)]
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// The choices in `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn next(&mut self) -> usize {
        self.rest.split_off_first().map_or(0, |byte| usize::from(*byte))
    }
}

impl Chooser for Bytes<'_> {
    fn choose(&mut self, _: Site, options: &[Label]) -> usize {
        let number = match options.len() {
            // Nothing to decide: a byte spent here would be one that does nothing when changed.
            1 => 0,
            2..=256 => self.next(),
            _ => self.next() | self.next() << 8,
        };
        number % options.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decision::Fifo;
    use crate::decision::test_util::{letters, run};

    #[test]
    fn a_byte_is_a_choice() {
        let order = |bytes: &[u8]| letters(&run(&mut Bytes::new(bytes), &["ab", "cd", "e"]));
        assert_eq!(order(&[]), letters(&run(&mut Fifo, &["ab", "cd", "e"])));
        assert_eq!(order(&[2]), "eacbd");
        assert_eq!(order(&[2, 1, 1]), "ecdab");
        assert_eq!(order(&[5]), order(&[2]));
    }

    #[test]
    fn a_question_with_one_answer_reads_nothing() {
        let mut bytes = Bytes::new(&[1, 1]);
        assert_eq!(bytes.choose(Site::Fault, &[Label(0)]), 0);
        assert_eq!(bytes.rest(), [1, 1]);
    }

    #[test]
    fn many_options_are_all_within_reach() {
        let options: Vec<Label> = (0..300).map(Label).collect();
        assert_eq!(Bytes::new(&[43, 1]).choose(Site::Value, &options), 299);
        assert_eq!(Bytes::new(&[43]).choose(Site::Value, &options), 43);
    }

    proptest! {
        #[test]
        fn any_bytes_will_do(bytes: Vec<u8>) {
            // `run` panics if an answer is out of range.
            run(&mut Bytes::new(&bytes), &["abcd", "efg", "hi"]);
        }
    }
}
