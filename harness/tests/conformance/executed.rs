//! What the recordings execute: which actions, and which instructions of the recorded puppets, which
//! make one host call each or a few.

use std::collections::{BTreeMap, BTreeSet};

use borsh::BorshDeserialize;
use interloper::chain::{Outcome, action_receipt};
use interloper::conformance::CaseReport;
use near_primitives::transaction::Action;

use crate::RECORDINGS;

/// The names of actions and host functions that the recordings of each group execute.
pub(crate) fn executed() -> BTreeMap<&'static str, BTreeSet<String>> {
    let names = |cases: &[CaseReport]| {
        let agreeing = cases.iter().filter(|case| case.difference.is_none());
        let outcomes = agreeing.flat_map(|case| &case.outcomes);
        outcomes.filter(|outcome| !outcome.failed()).flat_map(names_of).collect()
    };
    RECORDINGS.iter().map(|group| (&*group.name, names(&group.cases))).collect()
}

/// What a receipt that succeeded has executed.
fn names_of(outcome: &Outcome) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Some(receipt) = outcome.receipt().and_then(action_receipt) else { return names };
    for action in receipt.actions() {
        names.insert(action.as_ref().to_owned());
        if let Action::FunctionCall(call) = action
            && let Ok(program) = Vec::<Op>::try_from_slice(&call.args)
        {
            let functions = program.iter().flat_map(Op::functions);
            names.extend(functions.map(|function| (*function).to_owned()));
        }
    }
    names
}

/// The instructions of the recordings' puppets, in the order of their numbers.
#[derive(BorshDeserialize)]
#[expect(dead_code, reason = "the arguments are there to be decoded")]
enum Op {
    Log(String),
    Write(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
    Add(Vec<u8>, u64),
    Burn(u64),
    Panic(String),
    Trap,
    Return(Vec<u8>),
    Create(String),
    Then(u32, String),
    And(Vec<u32>),
    Call(u32, String, Vec<u8>, u128, u64, u64),
    Transfer(u32, u128),
    CreateAccount(u32),
    Deploy(u32, Vec<u8>),
    AddFullKey(u32, Vec<u8>, u64),
    DeleteAccount(u32, String),
    ReturnPromise(u32),
    RecordResults,
    Yield(String, Vec<u8>, u64, u64, Vec<u8>),
    Resume(Vec<u8>, Vec<u8>),
    RecordContext,
    DeployGlobal(u32, Vec<u8>, bool),
    UseGlobal(u32, Vec<u8>),
    UseGlobalOf(u32, String),
    StateInit(u32, Vec<u8>, u128, Vec<(Vec<u8>, Vec<u8>)>),
    Stake(u32, u128, Vec<u8>),
    AddCallKey(u32, Vec<u8>, u128, String, String),
    DeleteKey(u32, Vec<u8>),
    RefundTo(u32, String),
    RecordRefundTo,
    AddGasKey(u32, Vec<u8>, u64),
    TransferToGasKey(u32, Vec<u8>, u128),
    YieldWithId(String, Vec<u8>, u64, u64, Vec<u8>),
    ResumeById(Vec<u8>, Vec<u8>),
    UniversalStateInit(u32, Vec<u8>, u128),
    StateInitOf(u32, String, u128, Vec<(Vec<u8>, Vec<u8>)>),
    AddGasCallKey(u32, Vec<u8>, u64, u128, String, String),
    YieldWithIdPaid(String, Vec<u8>, u128, u64, u64, Vec<u8>),
    RecordAccount(Vec<u8>),
    ReturnStored(Vec<u8>),
    RecordStake(String),
}

impl Op {
    /// The host functions that the instruction calls, apart from those with which it reads registers.
    fn functions(&self) -> &'static [&'static str] {
        match self {
            Self::Burn(_) | Self::Panic(_) | Self::Trap | Self::UniversalStateInit(..) => &[],
            Self::Log(_) => &["log_utf8"],
            Self::Write(..) => &["storage_write"],
            Self::Remove(_) => &["storage_remove"],
            Self::Add(..) => &["storage_read", "storage_write"],
            Self::Return(_) => &["value_return"],
            Self::Create(_) => &["promise_batch_create"],
            Self::Then(..) => &["promise_batch_then"],
            Self::And(_) => &["promise_and"],
            Self::Call(..) => &["promise_batch_action_function_call_weight"],
            Self::Transfer(..) => &["promise_batch_action_transfer"],
            Self::CreateAccount(_) => &["promise_batch_action_create_account"],
            Self::Deploy(..) => &["promise_batch_action_deploy_contract"],
            Self::AddFullKey(..) => &["promise_batch_action_add_key_with_full_access"],
            Self::DeleteAccount(..) => &["promise_batch_action_delete_account"],
            Self::ReturnPromise(_) => &["promise_return"],
            Self::RecordResults => &["promise_results_count", "promise_result"],
            Self::Yield(..) => &["promise_yield_create"],
            Self::Resume(..) => &["promise_yield_resume"],
            Self::RecordContext => &[
                "account_balance",
                "attached_deposit",
                "prepaid_gas",
                "block_index",
                "predecessor_account_id",
                "signer_account_id",
            ],
            Self::DeployGlobal(_, _, false) => &["promise_batch_action_deploy_global_contract"],
            Self::DeployGlobal(_, _, true) => {
                &["promise_batch_action_deploy_global_contract_by_account_id"]
            }
            Self::UseGlobal(..) => &["promise_batch_action_use_global_contract"],
            Self::UseGlobalOf(..) => &["promise_batch_action_use_global_contract_by_account_id"],
            Self::StateInit(_, _, _, entries) => {
                state_init("promise_batch_action_state_init", entries.len())
            }
            Self::StateInitOf(_, _, _, entries) => {
                state_init("promise_batch_action_state_init_by_account_id", entries.len())
            }
            Self::Stake(..) => &["promise_batch_action_stake"],
            Self::AddCallKey(..) => &["promise_batch_action_add_key_with_function_call"],
            Self::DeleteKey(..) => &["promise_batch_action_delete_key"],
            Self::RefundTo(..) => &["promise_set_refund_to"],
            Self::RecordRefundTo => &["refund_to_account_id"],
            Self::AddGasKey(..) => &["promise_batch_action_add_gas_key_with_full_access"],
            Self::AddGasCallKey(..) => &["promise_batch_action_add_gas_key_with_function_call"],
            Self::TransferToGasKey(..) => &["promise_batch_action_transfer_to_gas_key"],
            Self::YieldWithId(..) | Self::YieldWithIdPaid(..) => &["promise_yield_create_with_id"],
            Self::ResumeById(..) => &["promise_yield_resume_with_yield_id"],
            Self::RecordAccount(_) => &[
                "current_contract_code",
                "storage_usage",
                "account_balance",
                "account_locked_balance",
                "used_gas",
            ],
            Self::ReturnStored(_) => &["storage_read", "value_return"],
            Self::RecordStake(_) => &["validator_stake", "validator_total_stake"],
        }
    }
}

fn state_init(function: &'static str, entries: usize) -> &'static [&'static str] {
    match (function, entries) {
        ("promise_batch_action_state_init", 0) => &["promise_batch_action_state_init"],
        ("promise_batch_action_state_init", _) => {
            &["promise_batch_action_state_init", "set_state_init_data_entry"]
        }
        (_, 0) => &["promise_batch_action_state_init_by_account_id"],
        _ => &["promise_batch_action_state_init_by_account_id", "set_state_init_data_entry"],
    }
}
