//! How a chain numbers and dates its blocks.
//!
//! Simulated time only: it never reads the machine's clock.

use crate::types::{BlockHeight, Duration};

/// Seconds between two blocks.
const BLOCK_SECONDS: u64 = 1;

/// How a chain numbers and dates its blocks. One block comes each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The height at which the chain starts.
    pub height: BlockHeight,
    /// The time at that height, in nanoseconds since 1970.
    pub time: u64,
    /// How many blocks an epoch has; at least 1.
    pub epoch_length: u64,
}

impl Clock {
    /// A chain that starts at height 0 and time 0, with epochs as long as those of the public network.
    pub const GENESIS: Self = Self { height: 0, time: 0, epoch_length: 43_200 };

    /// A chain that starts as the public network stood at a recent date: 2026-01-01T00:00:00Z.
    pub const RECENT: Self =
        Self { height: 180_000_000, time: 1_767_225_600_000_000_000, ..Self::GENESIS };

    /// The time of a block, in nanoseconds since 1970.
    #[must_use]
    pub fn time_at(&self, height: BlockHeight) -> u64 {
        let passed = height.saturating_sub(self.height).saturating_mul(BLOCK_SECONDS);
        self.time.saturating_add(passed.saturating_mul(1_000_000_000))
    }

    /// The epoch of a block.
    #[must_use]
    pub fn epoch_at(&self, height: BlockHeight) -> u64 {
        height / self.epoch_length.max(1)
    }

    /// How many blocks pass in this time.
    #[must_use]
    pub fn blocks_in(duration: Duration) -> u64 {
        duration.as_secs().div_ceil(BLOCK_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_each_second() {
        let clock = Clock::RECENT;
        assert_eq!(clock.time_at(clock.height), clock.time);
        assert_eq!(clock.time_at(clock.height + 90) - clock.time, 90_000_000_000);
        assert_eq!(
            clock.epoch_at(clock.height + clock.epoch_length),
            clock.epoch_at(clock.height) + 1
        );
        assert_eq!(Clock::blocks_in(Duration::from_secs(3_600)), 3_600);
    }
}
