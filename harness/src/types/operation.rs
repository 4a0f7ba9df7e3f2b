//! The index of an operation in its case.

use std::fmt;
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// Which operation of a case: its index, counted from 0.
///
/// A [`Scenario`](crate::scenario::Scenario) and an [`Observation`](crate::trace::Observation) can be
/// indexed by it.
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
pub struct OperationId(pub u32);

impl OperationId {
    /// The operation at a position of a list of operations.
    ///
    /// # Panics
    /// If the position is beyond 32 bits: no case has that many operations.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("a case has far fewer operations than 2^32"))
    }

    /// Its position in the list of operations.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id that the operation has once `removed`, another one, is gone from the case.
    #[must_use]
    pub fn after_removing(self, removed: Self) -> Self {
        if self > removed { Self(self.0 - 1) } else { self }
    }

    /// The ids of a case with so many operations, in order.
    #[must_use]
    pub fn all(count: usize) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator + Clone {
        (0..count).map(Self::at)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OperationId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
