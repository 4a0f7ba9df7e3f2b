//! Operands of comparisons that contracts made, for a mutator that tries to make both sides equal.
//!
//! Only unequal operands are recorded.

/// Identifies a comparison over all contracts. It is stable if contracts are loaded in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// Recorded operands, in the order of execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparisons {
    /// Integers of up to 64 bits. Larger ones are recorded as halves.
    pub numbers: Vec<(SiteId, u64, u64)>,
    /// Prefixes of compared memory ranges, which have equal lengths.
    pub texts: Vec<(SiteId, Vec<u8>, Vec<u8>)>,
}

/// How many of each kind are kept until they are taken. The latest win.
const KEPT: usize = 1 << 16;

impl Comparisons {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty()
    }

    /// Appends the records of a call.
    pub(super) fn append(&mut self, mut later: Self) {
        self.numbers.append(&mut later.numbers);
        self.texts.append(&mut later.texts);
        let surplus = self.numbers.len().saturating_sub(KEPT);
        self.numbers.drain(..surplus);
        let surplus = self.texts.len().saturating_sub(KEPT);
        self.texts.drain(..surplus);
    }
}
