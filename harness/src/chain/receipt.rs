//! Questions about a receipt that more than one module asks.

use std::collections::BTreeSet;

use near_primitives::receipt::{Receipt, VersionedActionReceipt, VersionedReceiptEnum};
use near_primitives::transaction::Action;

use crate::types::AccountId;

/// The receipt's actions, if it carries any: then it is a call, a transfer or the like.
#[must_use]
pub fn action_receipt(receipt: &Receipt) -> Option<VersionedActionReceipt<'_>> {
    match receipt.versioned_receipt() {
        VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action) => {
            Some(action)
        }
        VersionedReceiptEnum::Data(_)
        | VersionedReceiptEnum::PromiseResume(_)
        | VersionedReceiptEnum::GlobalContractDistribution(_) => None,
    }
}

/// The last method that a receipt calls, which is the one whose result counts.
#[must_use]
pub fn called_method(receipt: &Receipt) -> Option<String> {
    let action = action_receipt(receipt)?;
    action.actions().iter().rev().find_map(|action| match action {
        Action::FunctionCall(call) => Some(call.method_name.clone()),
        _ => None,
    })
}

/// Whether a receipt is a call that a contract under test makes to one that is not.
#[must_use]
pub fn is_external(receipt: &Receipt, under_test: &BTreeSet<AccountId>) -> bool {
    under_test.contains(receipt.predecessor_id())
        && !under_test.contains(receipt.receiver_id())
        && called_method(receipt).is_some()
}

/// Whether a receipt refunds gas that was bought and not used.
#[must_use]
pub fn is_gas_refund(receipt: &Receipt) -> bool {
    receipt.predecessor_id().is_system()
        && action_receipt(receipt).is_some_and(|action| action.signer_id() == receipt.receiver_id())
}
