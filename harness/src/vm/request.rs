//! What a contract requests from the chain: receipts with actions, joined by data ids. The chain turns them into
//! real receipts.

use near_primitives::receipt::DataReceiver;
use near_primitives::transaction::Action;
use near_primitives_core::hash::CryptoHash;

use crate::types::{AccountId, Gas};

/// A receipt that the contract requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseReceipt {
    /// The receiver.
    pub receiver: AccountId,
    /// Who gets the deposit back if it fails. `None`: the predecessor.
    pub refund_to: Option<AccountId>,
    /// The data ids that its result is sent to, with their receivers.
    pub output_data_receivers: Vec<DataReceiver>,
    /// The data ids of the results that it waits for, in order.
    pub input_data_ids: Vec<CryptoHash>,
    /// Its actions.
    pub actions: Vec<Action>,
    /// Whether it waits for a resume instead of another receipt.
    pub is_yield: bool,
}

/// Data with which a contract resumes a yield.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The yield.
    pub data_id: CryptoHash,
    /// The payload: the callback's promise result.
    pub data: Vec<u8>,
}

/// A state key that a contract read or wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The key.
    pub key: Box<[u8]>,
    /// Whether it was written or removed.
    pub write: bool,
}

/// The position of a function call with a gas weight among the requested receipts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weighted {
    pub(super) receipt: usize,
    pub(super) action: usize,
    pub(super) weight: u64,
}

/// Shares `unused` gas among the weighted calls: the floor of each share, and the remainder to the last call.
/// Returns what was distributed.
pub(super) fn distribute(
    receipts: &mut [PromiseReceipt],
    weighted: &[Weighted],
    unused: Gas,
) -> Gas {
    let sum: u128 = weighted.iter().map(|call| u128::from(call.weight)).sum();
    let Some((last, others)) = weighted.split_last() else { return Gas::from_gas(0) };
    if sum == 0 || unused.as_gas() == 0 {
        return Gas::from_gas(0);
    }
    let mut left = unused.as_gas();
    for call in others {
        let share = u128::from(unused.as_gas()) * u128::from(call.weight) / sum;
        let share = u64::try_from(share).expect("a share is not larger than the whole");
        left -= share;
        add_gas(receipts, *call, share);
    }
    add_gas(receipts, *last, left);
    unused
}

fn add_gas(receipts: &mut [PromiseReceipt], call: Weighted, gas: u64) {
    let Action::FunctionCall(action) = &mut receipts[call.receipt].actions[call.action] else {
        panic!("only function calls have a gas weight");
    };
    // Cannot overflow: both parts come from the prepaid gas.
    action.gas = action.gas.saturating_add(Gas::from_gas(gas));
}

#[cfg(test)]
mod tests {
    use near_primitives::action::FunctionCallAction;

    use super::*;
    use crate::types::NearToken;

    fn calls(weights: &[u64]) -> (Vec<PromiseReceipt>, Vec<Weighted>) {
        let receipt = |_| PromiseReceipt {
            receiver: "a.near".parse().unwrap(),
            refund_to: None,
            output_data_receivers: Vec::new(),
            input_data_ids: Vec::new(),
            actions: vec![Action::FunctionCall(Box::new(FunctionCallAction {
                method_name: "m".to_owned(),
                args: Vec::new(),
                gas: Gas::from_gas(5),
                deposit: NearToken::from_yoctonear(0),
            }))],
            is_yield: false,
        };
        let weighted = weights.iter().enumerate();
        let weighted = weighted.map(|(receipt, &weight)| Weighted { receipt, action: 0, weight });
        (weights.iter().map(receipt).collect(), weighted.collect())
    }

    fn gas(receipt: &PromiseReceipt) -> u64 {
        let Action::FunctionCall(call) = &receipt.actions[0] else { panic!("a call") };
        call.gas.as_gas()
    }

    #[test]
    fn the_remainder_goes_to_the_last_call() {
        let (mut receipts, weighted) = calls(&[1, 1, 1]);
        assert_eq!(distribute(&mut receipts, &weighted, Gas::from_gas(100)).as_gas(), 100);
        assert_eq!(receipts.iter().map(gas).collect::<Vec<_>>(), [38, 38, 39]);
    }

    #[test]
    fn nothing_is_given_away_where_nobody_asked() {
        let (mut receipts, _) = calls(&[0]);
        assert_eq!(distribute(&mut receipts, &[], Gas::from_gas(100)).as_gas(), 0);
        assert_eq!(gas(&receipts[0]), 5);
    }
}
