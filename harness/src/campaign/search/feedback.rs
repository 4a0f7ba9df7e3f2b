//! What a campaign is rewarded for: code that ran, and how often, and behaviour that it has not seen.
//!
//! Each source has its own small region of counters and can be switched off, to measure what it is
//! worth. Never keeps a case.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::{Deserialize, Serialize};

use super::{CoverageSink, behaviour};
use crate::trace::Observation;
use crate::vm::coverage::{Coverage, bucket};

/// How many counters each source but the edges has. Targets show 20 to 300 behaviours.
const REGION: usize = 1024;

/// What can be learnt from a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedbackSource {
    /// How receipts ended.
    Outcomes,
    /// What ran in whose window.
    Windows,
    /// Who read what another operation wrote.
    Reads,
    /// What callbacks were told.
    Results,
    /// Which code of the contracts ran, and how often.
    Edges,
    /// What the contracts compared: put into arguments, it is no reward.
    Comparisons,
}

impl FeedbackSource {
    /// All of them. The first few are those that have a region of their own here.
    pub const ALL: [Self; 6] =
        [Self::Outcomes, Self::Windows, Self::Reads, Self::Results, Self::Edges, Self::Comparisons];

    /// All of them, as a campaign takes them.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        Self::ALL.into_iter().collect()
    }

    /// All but these.
    #[must_use]
    pub fn all_but(blind: &[Self]) -> BTreeSet<Self> {
        Self::ALL.into_iter().filter(|source| !blind.contains(source)).collect()
    }

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Outcomes => "outcomes",
            Self::Windows => "windows",
            Self::Reads => "reads",
            Self::Results => "results",
            Self::Edges => "edges",
            Self::Comparisons => "comparisons",
        }
    }
}

impl fmt::Display for FeedbackSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FeedbackSource {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|source| source.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("the sources of feedback are {names}")
        })
    }
}

/// How many counters there are, those of behaviours first and then those of the contracts' code.
#[cfg(feature = "libfuzzer")]
pub(in crate::campaign) fn counters(coverage: &Coverage) -> usize {
    Behaviours::COUNT + coverage.used()
}

/// Counters of all behaviours of one case.
pub(in crate::campaign) struct Behaviours(Box<[AtomicU8]>);

impl Behaviours {
    /// How many there are. Edges come after them.
    pub(in crate::campaign) const COUNT: usize = 4 * REGION;

    pub(in crate::campaign) fn new() -> Self {
        Self(std::iter::repeat_with(AtomicU8::default).take(Self::COUNT).collect())
    }

    /// Counts what a case did, as far as `sources` has it. Returns the counters that are not zero, each
    /// once.
    pub(in crate::campaign) fn count(
        &self,
        seen: &Observation,
        sources: &BTreeSet<FeedbackSource>,
    ) -> BTreeSet<usize> {
        let mut touched = BTreeSet::new();
        behaviour::for_each(seen, &mut |source, number| {
            if sources.contains(&source) {
                let slot = usize::try_from(number % REGION as u64).expect("a small number");
                let slot = source as usize * REGION + slot;
                let count = self.0[slot].load(Ordering::Relaxed).saturating_add(1);
                self.0[slot].store(count, Ordering::Relaxed);
                touched.insert(slot);
            }
        });
        touched
    }

    fn take(&self, slot: usize) -> u8 {
        self.0[slot].swap(0, Ordering::Relaxed)
    }
}

/// What was new in a case.
#[derive(Clone, Debug, Default)]
pub(in crate::campaign) struct Novelty {
    /// The counters that showed something new.
    pub(in crate::campaign) slots: Vec<usize>,
    /// Whether one of them was never above zero before.
    pub(in crate::campaign) first: bool,
}

/// What all cases so far have shown.
pub(in crate::campaign) struct Feedback {
    sources: BTreeSet<FeedbackSource>,
    behaviours: Behaviours,
    /// For each counter the steps of [`bucket`] that it was seen in, one bit each.
    seen: Vec<u16>,
    /// For each counter the number of cases in which it was above zero.
    frequency: Vec<u32>,
    features: usize,
}

impl Feedback {
    pub(in crate::campaign) fn new(sources: &BTreeSet<FeedbackSource>) -> Self {
        Self {
            sources: sources.clone(),
            behaviours: Behaviours::new(),
            seen: Vec::new(),
            frequency: Vec::new(),
            features: 0,
        }
    }

    pub(in crate::campaign) fn uses(&self, source: FeedbackSource) -> bool {
        self.sources.contains(&source)
    }

    /// Learns from a case that ran since the coverage was last reset. Resets it. Passes every counter above
    /// zero on to `sink`.
    pub(in crate::campaign) fn consider(
        &mut self,
        seen: &Observation,
        coverage: &Coverage,
        sink: &dyn CoverageSink,
    ) -> Novelty {
        let mut novelty = Novelty::default();
        for slot in self.behaviours.count(seen, &self.sources) {
            let count = self.behaviours.take(slot);
            sink.count(slot, count);
            self.note(slot, count, &mut novelty);
        }
        if self.uses(FeedbackSource::Edges) {
            coverage.for_each_hit(|edge, count| {
                sink.count(Behaviours::COUNT + edge, count);
                self.note(Behaviours::COUNT + edge, count, &mut novelty);
            });
        }
        coverage.reset();
        novelty
    }

    fn note(&mut self, slot: usize, count: u8, novelty: &mut Novelty) {
        if slot >= self.seen.len() {
            self.seen.resize(slot + 1, 0);
            self.frequency.resize(slot + 1, 0);
        }
        self.frequency[slot] = self.frequency[slot].saturating_add(1);
        let step = 1 << bucket(count);
        if self.seen[slot] & step == 0 {
            novelty.first |= self.seen[slot] == 0;
            novelty.slots.push(slot);
            self.seen[slot] |= step;
            self.features += 1;
        }
    }

    /// In how few cases the rarest of these counters was above zero.
    pub(in crate::campaign) fn rarity(&self, slots: &[usize]) -> u32 {
        let frequencies = slots.iter().map(|slot| self.frequency[*slot]);
        frequencies.min().unwrap_or(u32::MAX)
    }

    /// How many different things were seen.
    pub(in crate::campaign) fn features(&self) -> usize {
        self.features
    }
}
