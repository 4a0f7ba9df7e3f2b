//! Uniform choices from a seed.
//!
//! Never draws from the machine's own randomness: the seed is all there is.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng as _};

use super::{Chooser, Label, Site};
use crate::types::Seed;

/// Takes each option with the same probability, whatever was chosen before.
///
/// That is not the same as taking each *order* with the same probability: of a long chain of
/// events and a short one the short one tends to be over early.
#[derive(Clone, Debug)]
pub struct Random {
    stream: Stream,
}

impl Random {
    /// The choices that belong to `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { stream: Stream::new(seed) }
    }
}

impl Chooser for Random {
    fn choose(&mut self, _: Site, options: &[Label]) -> usize {
        self.stream.below(options.len())
    }
}

/// Random numbers whose values are the same on every machine and in every version.
///
/// ChaCha8 is named because its stream is specified; `rand`'s standard generators may change.
#[derive(Clone, Debug)]
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    pub(super) fn new(seed: Seed) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed.0))
    }

    /// A number below `bound`, which is not 0; each with the same probability, up to one part in
    /// 2⁶⁴ / `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        // The high half of a product needs one draw. Rejection would need an unknown number of them
        // to take away a bias that nobody could measure.
        let product = u128::from(self.0.next_u64()) * bound as u128;
        usize::try_from(product >> 64).expect("less than `bound`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::test_util::{letters, run, tally};

    const CHAINS: [&str; 3] = ["abc", "def", "ghi"];

    #[test]
    fn a_seed_stands_for_one_order_for_good() {
        // Written down on purpose: an update that changes this breaks every recorded seed.
        let order = letters(&run(&mut Random::new(Seed(7)), &CHAINS));
        assert_eq!(order, "adefbgchi");
    }

    #[test]
    fn each_option_is_as_likely_as_the_others() {
        let mut random = Random::new(Seed(1));
        let options = [Label(0), Label(1), Label(2), Label(3), Label(4)];
        let mut counts = [0_u32; 5];
        for _ in 0..10_000 {
            counts[random.choose(Site::Fault, &options)] += 1;
        }
        // 2,000 each is expected, with a standard deviation of 40.
        assert!(counts.iter().all(|count| (1_800..2_200).contains(count)), "{counts:?}");
    }

    #[test]
    fn seeds_reach_every_order() {
        // 3! orders of three events of which none waits for another.
        assert_eq!(tally(200, &["a", "b", "c"], |seed| Random::new(Seed(seed))).len(), 6);
    }
}
