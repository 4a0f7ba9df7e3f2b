//! The name of an option.
//!
//! Never says what the option is: whoever offers it names it, and can find it again by that name.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The stable name of an option: the hash of a text that says what the option means.
///
/// A text such as `2.0.1` (a receipt's name) keeps its label when other options come and go, which
/// an index or a receipt's id would not: that is why a record still replays after something was
/// taken out of the case. Two texts with one label would make a replay choose the wrong option; with
/// a thousand texts in a case the chance of that is one in 10¹³.
///
/// Reads and prints as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Label(pub u64);

impl Label {
    /// The label of a text: FNV-1a with 64 bits, whose result will not change between versions, as
    /// that of the standard library's hashers may.
    #[must_use]
    pub const fn of(text: &str) -> Self {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let bytes = text.as_bytes();
        let mut hash = OFFSET_BASIS;
        let mut index = 0;
        // A `for` loop is not allowed in a `const fn`.
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u64).wrapping_mul(PRIME);
            index += 1;
        }
        Self(hash)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({self})")
    }
}

/// Why a text is no printed [`Label`].
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no label: a label is 16 hexadecimal digits, as in `cbf29ce484222325`")]
pub struct InvalidLabel(String);

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || InvalidLabel(text.to_owned());
        // `from_str_radix` would take a sign as well.
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(error());
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| error())
    }
}

// As text, since many readers of JSON lose the low bits of large numbers.
impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_fnv_1a() {
        assert_eq!(Label::of(""), Label(0xcbf2_9ce4_8422_2325));
        assert_eq!(Label::of("a"), Label(0xaf63_dc4c_8601_ec8c));
        assert_eq!(Label::of("foobar"), Label(0x8594_4171_f739_67e8));
    }

    #[test]
    fn a_label_reads_back_as_it_prints() {
        let label = Label(0xab);
        assert_eq!(label.to_string(), "00000000000000ab");
        assert_eq!("00000000000000ab".parse::<Label>().unwrap(), label);
        assert_eq!(serde_json::to_string(&label).unwrap(), "\"00000000000000ab\"");
        assert_eq!(serde_json::from_str::<Label>("\"00000000000000ab\"").unwrap(), label);
    }

    #[test]
    fn a_text_that_is_no_label_is_an_error() {
        for text in ["", "ab", "+0000000000000ab", "00000000000000aé", "00000000000000ab0"] {
            let error = text.parse::<Label>().unwrap_err();
            assert!(error.to_string().contains("16 hexadecimal digits"), "{error}");
        }
    }
}
