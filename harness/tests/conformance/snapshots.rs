//! The cases of the snapshots: one for each action and host function with rules of its own, and one
//! simple exchange under each protocol version.

use interloper::chain::SUPPORTED_VERSIONS;
use serde_json::Value;

use crate::program::{NEAR, Op, PUPPET, case, create, log, op_call, run_with, then};
use crate::{accounts, contracts};

/// Every case with the name of its file.
pub(crate) fn cases() -> Vec<(String, Value)> {
    let mut cases = vec![
        ("accounts_created_and_deleted", accounts::accounts()),
        ("accounts_made_by_transfers", accounts::implicit_accounts()),
        ("callback_to_a_deleted_account", accounts::deleted_before_callback()),
        ("code_replaced_in_a_batch", contracts::redeploy()),
        ("deterministic_accounts", accounts::deterministic_accounts()),
        ("gas_key_without_deposit", accounts::gas_key_without_deposit()),
        ("gas_keys", accounts::gas_keys()),
        ("gas_weights", contracts::gas_weights()),
        ("global_contract_of_an_account", contracts::global_of_account()),
        ("global_contract_with_a_hash", contracts::global_with_hash()),
        ("keys", accounts::keys()),
        ("refund_to", contracts::refund_to()),
        ("stake", accounts::stake()),
        ("universal_accounts", accounts::universal_accounts()),
        ("yields", contracts::yields()),
        ("yields_with_ids", contracts::yields_with_ids()),
    ]
    .into_iter()
    .map(|(name, case)| (name.to_owned(), case))
    .collect::<Vec<_>>();
    let versions =
        SUPPORTED_VERSIONS.map(|version| (format!("version_{version}"), exchange(version)));
    cases.extend(versions);
    cases
}

/// A call that works and one that fails, each with a deposit, and a callback that sees both.
fn exchange(version: u32) -> Value {
    let program = [
        create("p1.near"),
        op_call(0, &[log("works"), Op::Return(vec![7])], NEAR),
        create("p2.near"),
        op_call(1, &[Op::RecordContext, Op::Panic("fails".to_owned())], NEAR),
        Op::And { promises: vec![0, 1] },
        then(2, "p0.near"),
        op_call(3, &[Op::RecordResults, Op::RecordContext], 0),
        Op::ReturnPromise { promise: 3 },
    ];
    case(version, PUPPET, vec![vec![run_with("p0.near", &program, 3 * NEAR)]])
}
