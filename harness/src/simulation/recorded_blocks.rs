//! In which blocks the receipts of a case ran, so that variations of it show each receipt the same time.
//!
//! A variation has other blocks than its case: a serial order takes more of them, and one without an operation takes
//! fewer. A deadline between the two would make a difference that has nothing to do with what was changed. So the
//! receipts of a variation see the block height, time, epoch and random seed that their counterparts in the case saw.

use std::collections::BTreeMap;

use crate::trace::Event;
use crate::types::{BlockHeight, OperationId, ReceiptName};

/// How a variation uses the recorded blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// As recorded, but time does not go back: after a later block no receipt sees an earlier one.
    Forward,
    /// Exactly as recorded, even if an earlier block follows a later one.
    Exact,
}

/// The blocks of a case, by receipt.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedBlocks {
    blocks: BTreeMap<ReceiptName, BlockHeight>,
    /// The last block of the case.
    last: BlockHeight,
}

/// The blocks that the receipts of one variation see.
#[derive(Clone, Debug)]
pub(super) struct SeenBlocks {
    recorded: RecordedBlocks,
    clock: Clock,
    /// The latest block that a receipt has seen.
    latest: BlockHeight,
}

impl RecordedBlocks {
    /// The blocks in which these receipts ran.
    pub(super) fn of(events: &[Event]) -> Self {
        let receipts = events.iter().filter(|event| event.outcome.receipt().is_some());
        let blocks: BTreeMap<_, _> =
            receipts.map(|event| (event.outcome.name.clone(), event.outcome.block)).collect();
        let last = blocks.values().copied().max().unwrap_or_default();
        Self { blocks, last }
    }

    /// The same for the case without these operations, whose indices rise.
    pub(super) fn without(&self, left_out: &[OperationId]) -> Self {
        let renamed = |(name, block): (&ReceiptName, &BlockHeight)| {
            let mut name = name.clone();
            for operation in left_out.iter().rev() {
                if name.operation == *operation {
                    return None;
                }
                name.operation = name.operation.after_removing(*operation);
            }
            Some((name, *block))
        };
        Self { blocks: self.blocks.iter().filter_map(renamed).collect(), last: self.last }
    }

    /// For one variation.
    pub(super) fn seen_by(&self, clock: Clock) -> SeenBlocks {
        SeenBlocks { recorded: self.clone(), clock, latest: 0 }
    }
}

impl SeenBlocks {
    /// The block that the receipt of this name sees. A receipt that the case does not have sees the block of the one
    /// that made it, and one of an operation that the case does not have sees the last block.
    pub(super) fn of(&mut self, name: &ReceiptName) -> BlockHeight {
        let ancestors = std::iter::successors(Some(name.clone()), ReceiptName::parent);
        let mut recorded = ancestors.filter_map(|name| self.recorded.blocks.get(&name).copied());
        let block = recorded.next().unwrap_or(self.recorded.last);
        self.latest = self.latest.max(block);
        match self.clock {
            Clock::Forward => self.latest,
            Clock::Exact => block,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded() -> RecordedBlocks {
        let blocks = [("0", 3), ("0.0", 7), ("1", 5), ("2", 6)];
        let blocks = blocks.map(|(name, block)| (name.parse().unwrap(), block));
        RecordedBlocks { blocks: blocks.into(), last: 7 }
    }

    fn seen(blocks: &RecordedBlocks, clock: Clock, names: &[&str]) -> Vec<BlockHeight> {
        let mut seen = blocks.seen_by(clock);
        names.iter().map(|name| seen.of(&name.parse().unwrap())).collect()
    }

    #[test]
    fn a_serial_order_sees_the_recorded_blocks() {
        let order = ["0", "0.0", "1", "2"];
        assert_eq!(seen(&recorded(), Clock::Exact, &order), [3, 7, 5, 6]);
        assert_eq!(seen(&recorded(), Clock::Forward, &order), [3, 7, 7, 7]);
    }

    #[test]
    fn what_the_case_does_not_have_sees_a_block_of_it() {
        assert_eq!(seen(&recorded(), Clock::Exact, &["1", "1.0.2", "3", "3.0"]), [5, 5, 7, 7]);
    }

    #[test]
    fn without_an_operation_the_others_keep_their_blocks() {
        let shorter = recorded().without(&[OperationId(0), OperationId(2)]);
        assert_eq!(seen(&shorter, Clock::Exact, &["0", "0.0"]), [5, 5]);
        assert_eq!(shorter.blocks.len(), 1);
    }
}
