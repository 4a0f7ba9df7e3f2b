//! Where random choices come from: a seeded stream, or a fuzzer's bytes.
//!
//! Never keeps state of its own, so the same source gives the same choices on every machine.

use arbitrary::Unstructured;
use rand_chacha::rand_core::RngCore;

/// A source of choices. When a fuzzer's bytes run out, every choice is the first one.
pub(crate) struct Draw<'a> {
    below: Box<dyn FnMut(u64) -> u64 + 'a>,
}

impl<'a> Draw<'a> {
    /// Choices from a random number generator.
    pub(crate) fn random(generator: &'a mut impl RngCore) -> Self {
        let below = |bound: u64| (u128::from(generator.next_u64()) * u128::from(bound)) >> 64;
        let mut below = below;
        Self { below: Box::new(move |bound| u64::try_from(below(bound)).unwrap_or(0)) }
    }

    /// Choices from a fuzzer's bytes: a small choice takes one byte.
    pub(crate) fn bytes(bytes: &'a mut Unstructured<'_>) -> Self {
        Self { below: Box::new(move |bound| bytes.int_in_range(0..=bound - 1).unwrap_or(0)) }
    }

    /// A number from 0 up to, but without, the bound; 0 where the bound is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound <= 1 { 0 } else { usize::try_from((self.below)(bound as u64)).unwrap_or(0) }
    }

    /// A number between the two, both included. `min` where they are the wrong way round.
    pub(crate) fn between(&mut self, min: u128, max: u128) -> u128 {
        let Some(width) = max.checked_sub(min).and_then(|width| width.checked_add(1)) else {
            return if max < min { min } else { self.wide() };
        };
        match u64::try_from(width) {
            Ok(width) => min + u128::from((self.below)(width)),
            Err(_) => min + self.wide() % width,
        }
    }

    fn wide(&mut self) -> u128 {
        let word = |draw: &mut Self| u128::from((draw.below)(1 << 32));
        (0..4).fold(0, |bits, _| (bits << 32) | word(self))
    }

    /// True so many times in a hundred; false when a fuzzer's bytes have run out.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent.min(100)
    }

    /// One of the items; `None` where there are none.
    pub(crate) fn pick<'b, T>(&mut self, items: &'b [T]) -> Option<&'b T> {
        items.get(self.below(items.len()))
    }

    /// The index of one of the weights, drawn in proportion. 0 where all are 0.
    pub(crate) fn weighted(&mut self, weights: impl IntoIterator<Item = u32> + Clone) -> usize {
        let total = weights.clone().into_iter().map(|weight| weight as usize).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.into_iter().enumerate() {
            match left.checked_sub(weight as usize) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng as _;

    #[test]
    fn choices_stay_in_bounds_and_reach_both_ends() {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let mut draw = Draw::random(&mut generator);
        let mut seen = [0; 3];
        (0..300).for_each(|_| seen[draw.below(3)] += 1);
        assert!(seen.iter().all(|count| *count > 60), "{seen:?}");
        assert_eq!((draw.below(0), draw.between(7, 7), draw.between(9, 7)), (0, 7, 9));
        assert!((0..100).all(|_| (5..=u128::MAX - 1).contains(&draw.between(5, u128::MAX - 1))));
        assert!((0..100).any(|_| draw.between(0, u128::MAX) > u128::MAX / 2));
        assert!((0..100).all(|_| draw.weighted([0, 2, 0, 1]) % 2 == 1));
        assert!((0..100).all(|_| draw.chance(100) && !draw.chance(0)));
    }

    #[test]
    fn bytes_that_run_out_give_first_choices() {
        let mut bytes = Unstructured::new(&[]);
        let mut draw = Draw::bytes(&mut bytes);
        assert_eq!((draw.below(9), draw.between(3, 1 << 90), draw.chance(99)), (0, 3, false));
    }
}
