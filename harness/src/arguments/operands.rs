//! What a contract compared, arranged so that it can be looked up: for each operand, what it was
//! compared with.
//!
//! Never knows where in a case an operand comes from.

use std::collections::{BTreeMap, BTreeSet};

use crate::vm::comparison::{Comparisons, SiteId};

/// Numbers below this are everywhere: lengths, letters, counters. A match says little.
const SMALL: u64 = 1 << 16;

/// How many others a small number meets at one place at most, where that place is about it.
const STEADY: usize = 2;

/// Most partners that a number is given: a small one meets many by chance.
const MOST_PARTNERS: usize = 24;

/// What a text is padded with: account ids may have these.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

/// Longest text that is padded to reach a length.
const LONGEST: usize = 256;

/// How a part of a case matched what was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// A text. This can hardly be an accident.
    Text,
    /// A large number. Nor can this.
    Number,
    /// The length of a text. Texts are compared only when they have the same length, so that what it
    /// should be shows in the next run.
    Length,
    /// A small number, or one beside a number that matches.
    Small,
}

impl Match {
    fn number(large: bool) -> Self {
        if large { Self::Number } else { Self::Small }
    }
}

/// What to write instead, and why.
pub(crate) type Suggestion<T> = (Match, T);

/// For each operand, what it was compared with.
#[derive(Debug, Default)]
pub(crate) struct Operands {
    numbers: BTreeMap<u64, BTreeSet<u64>>,
    /// Numbers of 128 bits, compared half by half.
    wide: BTreeMap<u128, BTreeSet<u128>>,
    texts: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

impl Operands {
    pub(crate) fn of(compared: &Comparisons) -> Self {
        let mut operands = Self::default();
        for ((_, number), partners) in partners_by_site(compared) {
            // A small number that meets many at one place is a counter's end, or a letter.
            if number >= SMALL || partners.len() <= STEADY {
                operands.numbers.entry(number).or_default().extend(partners);
            }
        }
        for pair in compared.numbers.windows(2) {
            let [(first, left, right), (second, left_high, right_high)] = pair else { continue };
            if first.0 + 1 == second.0 {
                // Which half comes first is the compiler's choice.
                operands.note_wide([*left, *left_high], [*right, *right_high]);
                operands.note_wide([*left_high, *left], [*right_high, *right]);
            }
        }
        for (_, left, right) in &compared.texts {
            operands.texts.insert((left.clone(), right.clone()));
            operands.texts.insert((right.clone(), left.clone()));
        }
        operands
    }

    fn note_wide(&mut self, left: [u64; 2], right: [u64; 2]) {
        let [left, right] =
            [left, right].map(|[low, high]| u128::from(high) << 64 | u128::from(low));
        self.wide.entry(left).or_default().insert(right);
        self.wide.entry(right).or_default().insert(left);
    }

    /// What a number was compared with: whole, or one half of it, or nearly, since a comparison for order
    /// is passed beside its bound.
    pub(crate) fn of_integer(&self, number: u128) -> Vec<Suggestion<u128>> {
        const LOW: u128 = u64::MAX as u128;
        let half = |half: u128| u64::try_from(half).expect("64 bits are left");
        let (low, high) = (half(number & LOW), half(number >> 64));
        let whole = self.wide.get(&number).into_iter().flatten();
        let mut made: Vec<_> =
            whole.map(|whole| (Match::number(number >= SMALL.into()), *whole)).collect();
        let lows = self.partners(low).map(|low| number & !LOW | u128::from(low));
        made.extend(lows.map(|new| (Match::number(low >= SMALL), new)));
        let highs = self.partners(high).map(|high| u128::from(high) << 64 | number & LOW);
        made.extend(highs.map(|new| (Match::number(high >= SMALL), new)));
        let near = made.iter().filter(|(kind, _)| *kind == Match::Number).flat_map(|(_, new)| {
            [(Match::Small, new.saturating_add(1)), (Match::Small, new.saturating_sub(1))]
        });
        let near: Vec<_> = near.collect();
        made.extend(near);
        made
    }

    /// The largest first, since small ones meet by chance.
    fn partners(&self, number: u64) -> impl Iterator<Item = u64> {
        self.numbers.get(&number).into_iter().flatten().rev().copied().take(MOST_PARTNERS)
    }

    /// The bytes with a piece, or all pieces, replaced by what they were compared with, or with another
    /// length.
    pub(crate) fn of_bytes(&self, bytes: &[u8]) -> Vec<Suggestion<Vec<u8>>> {
        let mut made = self.of_texts(bytes);
        made.extend(self.of_words(bytes));
        let lengths = self.numbers.get(&(bytes.len() as u64)).into_iter().flatten();
        let lengths = lengths.filter_map(|length| usize::try_from(*length).ok());
        made.extend(lengths.filter(|length| *length <= LONGEST).map(|length| {
            let mut resized = bytes.to_vec();
            resized.truncate(length);
            // Eight equal letters would look like a parser's mask.
            resized.extend((resized.len()..length).map(|place| LETTERS[place % LETTERS.len()]));
            (Match::Length, resized)
        }));
        made
    }

    /// Texts are recorded up to a length; beyond that their rest is kept.
    fn of_texts(&self, bytes: &[u8]) -> Vec<Suggestion<Vec<u8>>> {
        let pieces = self.texts.iter().filter(|(left, _)| left.len() >= 2);
        let replaced = pieces.filter_map(|(left, right)| {
            let at = bytes.windows(left.len()).position(|window| window == left)?;
            Some((Match::Text, splice(bytes, at, right)))
        });
        replaced.collect()
    }

    /// Short texts are compared as numbers of eight or four bytes: each piece by itself, and all of them
    /// together.
    fn of_words(&self, bytes: &[u8]) -> Vec<Suggestion<Vec<u8>>> {
        let mut made = Vec::new();
        let mut together = bytes.to_vec();
        for width in [8, 4] {
            for at in 0..(bytes.len() + 1).saturating_sub(width) {
                for new in self.of_word(&bytes[at..at + width]) {
                    together[at..at + width].copy_from_slice(&new);
                    made.push((Match::Number, splice(bytes, at, &new)));
                }
            }
        }
        made.insert(0, (Match::Number, together));
        made
    }

    /// What a piece of eight or four bytes was compared with, in either order of bytes.
    fn of_word(&self, piece: &[u8]) -> Vec<Vec<u8>> {
        let width = piece.len();
        let (mut little, mut big) = ([0; 8], [0; 8]);
        little[..width].copy_from_slice(piece);
        big[8 - width..].copy_from_slice(piece);
        let (little, big) = (u64::from_le_bytes(little), u64::from_be_bytes(big));
        let fits = |new: &u64| width == 8 || u32::try_from(*new).is_ok();
        let littles = self.partners(little).filter(|_| little >= SMALL).filter(fits);
        let bigs = self.partners(big).filter(|_| big >= SMALL).filter(fits);
        let littles = littles.map(|new| new.to_le_bytes()[..width].to_vec());
        littles.chain(bigs.map(|new| new.to_be_bytes()[8 - width..].to_vec())).collect()
    }
}

/// What each number met at each place.
fn partners_by_site(compared: &Comparisons) -> BTreeMap<(SiteId, u64), BTreeSet<u64>> {
    let mut partners: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let numbers = compared.numbers.iter();
    for (site, left, right) in
        numbers.filter(|(_, left, right)| !is_mask(*left) && !is_mask(*right))
    {
        partners.entry((*site, *left)).or_default().insert(*right);
        partners.entry((*site, *right)).or_default().insert(*left);
    }
    partners
}

/// Eight times the same byte: what a parser uses to look at eight letters at a time.
fn is_mask(number: u64) -> bool {
    number != 0 && number == (number & 0xff) * 0x0101_0101_0101_0101
}

fn splice(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    [&bytes[..at], new, &bytes[at + new.len()..]].concat()
}
