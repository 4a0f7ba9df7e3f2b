//! Operations that overlap: one of them runs while another one is under way.
//!
//! An operation is under way between its first receipt and its last one. An overlap is wider than a
//! [window](super::Window), which is the gap before one callback on one account. Everything here works on the
//! operations of a sequence of steps, in the order in which they ran.

use std::collections::BTreeSet;

use crate::types::OperationId;

/// The other operations that are under way at the step at `index`: those that ran before it and run again
/// afterwards.
#[must_use]
pub fn under_way(operations: &[OperationId], index: usize) -> BTreeSet<OperationId> {
    let (before, after) = operations.split_at(index);
    let before: BTreeSet<OperationId> = before.iter().copied().collect();
    let after: BTreeSet<OperationId> = after.iter().copied().collect();
    let own = operations.get(index);
    before.intersection(&after).copied().filter(|other| Some(other) != own).collect()
}

/// Whether an operation starts while another one is under way.
#[must_use]
pub fn starts_amid(operations: &[OperationId], operation: OperationId) -> bool {
    let start = operations.iter().position(|other| *other == operation);
    start.is_some_and(|start| !under_way(operations, start).is_empty())
}

/// Whether any operation starts while another one is under way. If none does, the operations ran one after
/// the other.
#[must_use]
pub fn any_overlap(operations: &[OperationId]) -> bool {
    let distinct: BTreeSet<OperationId> = operations.iter().copied().collect();
    distinct.into_iter().any(|operation| starts_amid(operations, operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<T: FromIterator<OperationId>>(ids: &[u32]) -> T {
        ids.iter().copied().map(OperationId).collect()
    }

    fn overlap(operations: &[u32]) -> bool {
        any_overlap(&ids::<Vec<_>>(operations))
    }

    #[test]
    fn an_operation_is_under_way_from_its_first_step_to_its_last() {
        let operations: Vec<_> = ids(&[0, 1, 0, 2, 1]);
        assert_eq!(under_way(&operations, 0), BTreeSet::new());
        assert_eq!(under_way(&operations, 1), ids(&[0]));
        assert_eq!(under_way(&operations, 2), ids(&[1]));
        assert_eq!(under_way(&operations, 3), ids(&[1]));
        assert_eq!(under_way(&operations, 4), BTreeSet::new());
    }

    #[test]
    fn operations_one_after_the_other_do_not_overlap() {
        assert!(!overlap(&[0, 0, 1, 1, 2]));
        assert!(overlap(&[0, 1, 1, 0]));
        assert!(starts_amid(&ids::<Vec<_>>(&[0, 1, 0]), OperationId(1)));
        assert!(!starts_amid(&ids::<Vec<_>>(&[0, 1, 0]), OperationId(0)));
        assert!(!starts_amid(&ids::<Vec<_>>(&[0, 1, 0]), OperationId(7)));
    }
}
