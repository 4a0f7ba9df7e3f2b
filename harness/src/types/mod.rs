//! The words that every other module speaks: ids, amounts, seeds, fingerprints.
//!
//! Never holds logic beyond parsing and printing, and never knows what any of these is used for.

pub mod amount;
pub mod duration;
mod operation;
pub mod text;

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use std::time::Duration;

pub use near_account_id::AccountId;
pub use near_primitives_core::hash::CryptoHash;
pub use near_primitives_core::types::Gas;
pub use near_primitives_core::types::{BlockHeight, ProtocolVersion};
pub use near_token::NearToken;

pub use operation::OperationId;

/// The start of a stream of random numbers. The same seed gives the same stream on every machine.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize
)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// SHA-256 over a canonical form: of a trace (then it is a digest) or of what identifies a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Hashes the bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first eight hexadecimal digits: enough to tell findings apart in a folder name.
    #[must_use]
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = hex::FromHexError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(s, &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A receipt named by meaning: the operation that caused it and the way down its tree.
///
/// `2` is the receipt that operation 2's transaction becomes, `2.0` the first receipt which that one
/// makes, `2.0.1` the second that `2.0` makes. Data receipts and refunds count as well. Unlike a
/// receipt id the name does not change when another operation is added or removed. `2.0.timeout` is
/// the resume without data that a yield gets when it runs out of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct ReceiptName {
    /// Index of the operation (a transaction) at the root.
    pub operation: OperationId,
    /// Index among the siblings at each level below the root.
    pub path: Vec<u32>,
}

/// The index that stands for a time-out.
const TIMEOUT: u32 = u32::MAX;

impl ReceiptName {
    /// The receipt that the transaction of `operation` becomes.
    #[must_use]
    pub fn root(operation: OperationId) -> Self {
        Self { operation, path: Vec::new() }
    }

    /// The resume that comes when this yield runs out of time.
    #[must_use]
    pub fn timeout(&self) -> Self {
        self.child(TIMEOUT)
    }

    /// The `index`-th receipt which this one makes.
    #[must_use]
    pub fn child(&self, index: u32) -> Self {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(index);
        Self { operation: self.operation, path }
    }

    /// The receipt that made this one; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, path) = self.path.split_last()?;
        Some(Self { operation: self.operation, path: path.to_vec() })
    }
}

impl fmt::Display for ReceiptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        self.path.iter().try_for_each(|&index| match index {
            TIMEOUT => f.write_str(".timeout"),
            index => write!(f, ".{index}"),
        })
    }
}

/// Why a text is no [`ReceiptName`].
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no receipt name: write the operation's index, then the index at each level, as in `2.0.1`"
)]
pub struct InvalidReceiptName(String);

impl FromStr for ReceiptName {
    type Err = InvalidReceiptName;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let error = |_| InvalidReceiptName(s.to_owned());
        let mut parts = s.split('.');
        let operation = parts.next().unwrap_or_default().parse().map_err(error)?;
        let path = parts.map(|part| match part {
            "timeout" => Ok(TIMEOUT),
            part => part.parse(),
        });
        let path = path.collect::<Result<_, _>>().map_err(error)?;
        Ok(Self { operation, path })
    }
}

impl Serialize for ReceiptName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ReceiptName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether a terminal or a reader could obey a character instead of showing it: control characters,
/// and those that reorder what stands around them.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// JSON with what [`is_unprintable`] names escaped within its texts: it means the same, and a terminal
/// obeys none of it.
#[must_use]
pub fn printable_json(json: &str) -> String {
    let mut printable = String::with_capacity(json.len());
    for character in json.chars() {
        // JSON's own white space is all that it has of these outside of texts.
        if is_unprintable(character) && !character.is_ascii_whitespace() {
            // None of them is beyond the 16 bits that an escape holds.
            printable.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_when_it_is_printable() {
        let text = "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{7f}\r\n\t é";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let printable = printable_json(&json);
        assert!(printable.chars().all(|c| c == '\n' || !is_unprintable(c)), "{printable}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&printable).unwrap(), [text]);
    }

    #[test]
    fn a_receipt_name_reads_back_as_it_prints() {
        let name = ReceiptName::root(OperationId(2)).child(0).child(11);
        assert_eq!(name.to_string(), "2.0.11");
        assert_eq!("2.0.11".parse::<ReceiptName>().unwrap(), name);
        assert!("2..1".parse::<ReceiptName>().is_err());
        assert!("".parse::<ReceiptName>().is_err());
    }
}
