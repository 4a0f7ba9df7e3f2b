//! What a contract compared with what: the food of a mutator that makes both sides equal.
//!
//! Never holds what was equal.

/// Where in all contracts a comparison is: the same in every run that loads them in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// What was compared, in the order in which it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparisons {
    /// Integers of up to 64 bits; of larger ones there are two halves.
    pub numbers: Vec<(SiteId, u64, u64)>,
    /// The beginnings of pieces of memory of equal length.
    pub texts: Vec<(SiteId, Vec<u8>, Vec<u8>)>,
}

/// How many of each kind are kept until somebody takes them; the last win.
const KEPT: usize = 1 << 16;

impl Comparisons {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.texts.is_empty()
    }

    /// Appends what was recorded in a call.
    pub(super) fn append(&mut self, mut later: Self) {
        self.numbers.append(&mut later.numbers);
        self.texts.append(&mut later.texts);
        let surplus = self.numbers.len().saturating_sub(KEPT);
        self.numbers.drain(..surplus);
        let surplus = self.texts.len().saturating_sub(KEPT);
        self.texts.drain(..surplus);
    }
}
