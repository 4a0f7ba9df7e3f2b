//! Worlds at rest that are worth starting from: a case whose operations leave state that no case has left
//! before becomes the history of others.
//!
//! The idea is that of snapshot-based fuzzing (ItyFuzz, 2023): what many calls built up is kept and built upon,
//! so that a case may stay short. Never runs a case.

use std::collections::BTreeSet;

use rand_chacha::rand_core::RngCore;

use crate::chain::World;
use crate::decision::Label;
use crate::scenario::{History, Operation};
use crate::trace::{Observation, state_value};
use crate::types::{AccountId, Fingerprint};

/// Most worlds that are kept.
const MOST_WORLDS: usize = 512;

/// Longest history that the search builds.
const LONGEST: usize = 40;

/// How many worlds are drawn of which the one that was chosen least is taken.
const DRAWN: usize = 3;

/// How much of a value is looked at.
const BYTES: usize = 128;

/// How many bytes of a key tell what kind of key it is: near-sdk begins the keys of a collection alike.
const KEY_BYTES: usize = 4;

/// How many buckets there are for a byte.
const BUCKETS: u64 = 7;

/// So many marks are about a value as a whole.
const MARKS_OF_LENGTH: u64 = 65;

/// Spreads the numbers of marks over 64 bits: the golden ratio times 2^64.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// A world and how often cases have started from it.
#[derive(Debug)]
struct RestingWorld {
    history: History,
    chosen: u32,
}

/// The worlds that cases start from, besides the one after the set-up.
#[derive(Debug, Default)]
pub(crate) struct Worlds {
    worlds: Vec<RestingWorld>,
    digests: BTreeSet<Fingerprint>,
    /// Marks of state that cases left, however they were interleaved.
    left: BTreeSet<u64>,
    /// Marks of state in worlds at rest.
    resting: BTreeSet<u64>,
}

/// A key of an account's state.
pub(crate) type StateKey = (AccountId, Vec<u8>);

/// A history that may lead to a new world, and the keys in which that would show.
pub(crate) struct Lead {
    pub(crate) history: History,
    pub(crate) keys: BTreeSet<StateKey>,
}

impl Worlds {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.worlds.len()
    }

    /// How many operations the longest history has.
    pub(crate) fn deepest(&self) -> usize {
        self.worlds.iter().map(|world| world.history.len()).max().unwrap_or(0)
    }

    /// Looks at what a case left. If that is new, the history that may lead there without any interleaving.
    pub(crate) fn lead(
        &mut self,
        seen: &Observation,
        history: &History,
        operations: &[Operation],
    ) -> Option<Lead> {
        if !seen.complete {
            return None;
        }
        let keys: BTreeSet<StateKey> = seen
            .events
            .iter()
            .filter(|event| !event.outcome.failed())
            .flat_map(|event| {
                let account = &event.outcome.executor;
                event.changed_keys().map(move |key| (account.clone(), key.to_vec()))
            })
            .collect();
        let marks = marks(&seen.end, &keys);
        let is_new = marks.iter().any(|mark| !self.left.contains(mark));
        self.left.extend(marks);
        let succeeded: Vec<_> = seen
            .ids()
            .zip(operations)
            .filter(|(id, _)| !seen.failed(*id))
            .map(|(_, operation)| operation.clone())
            .collect();
        if !is_new || succeeded.is_empty() || history.len() + succeeded.len() > LONGEST {
            return None;
        }
        Some(Lead { history: history.followed_by(succeeded), keys })
    }

    /// Keeps the world that a history leads to, if its state is new among worlds at rest. Whether it is.
    pub(crate) fn add(&mut self, lead: &Lead, world: &World) -> bool {
        let marks = marks(world, &lead.keys);
        let is_new = marks.iter().any(|mark| !self.resting.contains(mark));
        self.resting.extend(marks);
        is_new && self.keep(&lead.history)
    }

    /// Keeps a history as it is: of a case from a corpus.
    pub(crate) fn keep(&mut self, history: &History) -> bool {
        if history.is_empty() || !self.digests.insert(history.digest(history.len())) {
            return false;
        }
        if self.worlds.len() >= MOST_WORLDS {
            // What has been built upon most has had its chance.
            let most = (0..self.worlds.len()).max_by_key(|index| self.worlds[*index].chosen);
            self.worlds.swap_remove(most.expect("there are worlds"));
        }
        self.worlds.push(RestingWorld { history: history.clone(), chosen: 0 });
        true
    }

    /// A world to start from: one that was chosen less often than others.
    pub(crate) fn pick(&mut self, random: &mut impl RngCore) -> Option<History> {
        let count = u32::try_from(self.worlds.len()).ok().filter(|count| *count > 0)?;
        let drawn = (0..DRAWN).map(|_| (random.next_u32() % count) as usize);
        let index = drawn.min_by_key(|index| self.worlds[*index].chosen)?;
        let world = &mut self.worlds[index];
        world.chosen += 1;
        Some(world.history.clone())
    }
}

/// What is remembered of the values of these keys: for each kind of key the order of magnitude of the value's
/// length, and of each of its bytes.
fn marks(world: &World, keys: &BTreeSet<StateKey>) -> BTreeSet<u64> {
    let mut marks = BTreeSet::new();
    for (account, key) in keys {
        let kind = &key[..key.len().min(KEY_BYTES)];
        let kind = Label::of(&format!("{account} {}", hex::encode(kind))).0;
        let mut mark = |what: u64| marks.insert(kind.wrapping_add(what.wrapping_mul(SPREAD)));
        let Some(value) = state_value(world, account, key) else {
            mark(0);
            continue;
        };
        mark(1 + u64::from(value.len().checked_ilog2().map_or(0, |log| log + 1)));
        for (position, byte) in (0..).zip(value.iter().take(BYTES)) {
            mark(MARKS_OF_LENGTH + position * BUCKETS + bucket(*byte));
        }
    }
    marks
}

/// Small numbers are often states and counters, so each of them counts; of others their order of magnitude.
fn bucket(byte: u8) -> u64 {
    match byte {
        0..=3 => byte.into(),
        4..=15 => 4,
        16..=127 => 5,
        _ => 6,
    }
}
