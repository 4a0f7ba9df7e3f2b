//! What ran before a case: operations that nothing disturbed, one after the other.
//!
//! A value that is cheap to clone and to tell apart, since many cases share one.

use std::io::{Read, Result as IoResult, Write};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Operation;
use crate::types::Fingerprint;

/// Operations that ran before a case, each alone and to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    operations: Arc<[Operation]>,
    /// One for each beginning of the history, the empty one first.
    digests: Arc<[Fingerprint]>,
}

impl History {
    /// A history of these operations.
    #[must_use]
    pub fn new(operations: Vec<Operation>) -> Self {
        let mut digests = vec![Fingerprint::of(&[])];
        for operation in &operations {
            let before = digests.last().map(ToString::to_string);
            let bytes = borsh::to_vec(&(before, operation)).expect("memory takes what is written");
            digests.push(Fingerprint::of(&bytes));
        }
        Self { operations: operations.into(), digests: digests.into() }
    }

    /// This history with more operations after it.
    #[must_use]
    pub fn followed_by(&self, operations: impl IntoIterator<Item = Operation>) -> Self {
        Self::new(self.iter().cloned().chain(operations).collect())
    }

    /// This history without one of its operations.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let kept = self.iter().enumerate().filter(|(other, _)| *other != index);
        Self::new(kept.map(|(_, operation)| operation.clone()).collect())
    }

    /// Identifies its first `length` operations: equal for two histories that begin alike.
    ///
    /// # Panics
    /// If it is shorter than that.
    #[must_use]
    pub fn digest(&self, length: usize) -> Fingerprint {
        self.digests[length]
    }
}

impl Default for History {
    fn default() -> Self {
        static EMPTY: LazyLock<History> = LazyLock::new(|| History::new(Vec::new()));
        EMPTY.clone()
    }
}

impl Deref for History {
    type Target = [Operation];

    fn deref(&self) -> &[Operation] {
        &self.operations
    }
}

impl BorshSerialize for History {
    fn serialize<W: Write>(&self, writer: &mut W) -> IoResult<()> {
        BorshSerialize::serialize(&self.operations[..], writer)
    }
}

impl BorshDeserialize for History {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        Vec::deserialize_reader(reader).map(Self::new)
    }
}

impl Serialize for History {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.operations, serializer)
    }
}

impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Vec<_> as Deserialize>::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::testing::operation;

    #[test]
    fn histories_that_begin_alike_share_digests() {
        let calls = ["buy", "draw", "claim"].map(|method| operation("alice.near", method));
        let long = History::new(calls.to_vec());
        let short = History::new(calls[..2].to_vec());
        assert_eq!(long.digest(2), short.digest(2));
        assert_ne!(long.digest(3), long.digest(2));
        assert_eq!(short.followed_by([calls[2].clone()]), long);
        assert_eq!(long.without(2), short);
        assert_ne!(long.without(0).digest(2), short.digest(2));
        assert_eq!(History::default().digest(0), long.digest(0));
    }
}
