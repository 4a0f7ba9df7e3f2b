//! Finds the first thing in which a run differs from its recording. Ids differ by design: they are
//! compared by the order in which they appear.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKeyPermission, AccountContract};
use near_primitives::receipt::VersionedReceiptEnum;
use near_primitives::transaction::ExecutionStatus;
use near_primitives_core::hash::CryptoHash;
use serde_json::{Value, json};

use super::case::{Case, ExpectedAccount, ExpectedOutcome};
use super::run::Run;
use crate::chain::{AccountRecord, ETH_WALLET, Outcome};
use crate::types::AccountId;

/// The first thing in which two runs differ, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub what: String,
    /// What the real runtime did.
    pub real: String,
    /// What the simulated chain did.
    pub simulated: String,
}

type Check = Result<(), Difference>;

fn same<T: PartialEq + std::fmt::Display>(what: &str, real: T, simulated: T) -> Check {
    if real == simulated {
        return Ok(());
    }
    let (real, simulated) = (real.to_string(), simulated.to_string());
    Err(Difference { what: what.to_owned(), real, simulated })
}

/// The first difference, outcomes before accounts.
pub(super) fn compare(case: &Case, run: &Run) -> Option<Difference> {
    let mut names = name_transactions(run);
    outcomes(case, run, &mut names).and_then(|()| accounts(case, run)).err()
}

/// The names of a run's transactions, which come before all others.
pub(super) fn name_transactions(run: &Run) -> Names {
    let transactions = run.transactions.iter();
    Names(transactions.map(|(hash, number)| (*hash, format!("tx{number}"))).collect())
}

/// The names of ids, given in the order in which outcomes mention them.
#[derive(Default)]
pub(super) struct Names(BTreeMap<CryptoHash, String>);

impl Names {
    pub(super) fn of(&mut self, id: CryptoHash) -> String {
        // Transactions are named beforehand.
        let next = self.0.values().filter(|name| name.starts_with('r')).count();
        self.0.entry(id).or_insert_with(|| format!("r{next}")).clone()
    }
}

fn outcomes(case: &Case, run: &Run, names: &mut Names) -> Check {
    let expected = &case.expect.outcomes;
    for (index, expected) in expected.iter().enumerate() {
        let Some(outcome) = run.outcomes.get(index) else {
            return same(&format!("outcome {index}"), expected.id.as_str(), "nothing");
        };
        let what = format!("outcome {index}, {}", expected.id);
        outcome_differs(&what, expected, outcome, names)?;
    }
    let extra = run.outcomes.get(expected.len());
    let extra = extra.map_or_else(|| "nothing".to_owned(), |outcome| format!("{:?}", outcome.id));
    same(&format!("outcome {}", expected.len()), "nothing".to_owned(), extra)
}

fn outcome_differs(
    what: &str,
    expected: &ExpectedOutcome,
    outcome: &Outcome,
    names: &mut Names,
) -> Check {
    let receipts: Vec<_> = outcome.receipts.iter().map(|id| names.of(*id)).collect();
    let id = names.of(outcome.id);
    let field = |name| format!("{what}: {name}");
    same(&field("id"), expected.id.as_str(), &id)?;
    let predecessor = outcome.receipt().map(|receipt| receipt.predecessor_id().to_string());
    let expected_predecessor = expected.predecessor.as_ref().map(ToString::to_string);
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    same(&field("predecessor"), or_none(expected_predecessor), or_none(predecessor))?;
    same(&field("executor"), expected.executor.as_str(), outcome.executor.as_str())?;
    same(&field("block"), expected.block, outcome.block)?;
    same(&field("status"), &expected.status, &status(outcome, names))?;
    same(&field("gas burnt"), expected.gas_burnt, outcome.gas_burnt.as_gas())?;
    let tokens = outcome.tokens_burnt.as_yoctonear();
    same(&field("tokens burnt"), expected.tokens_burnt, tokens)?;
    same(&field("logs"), json!(expected.logs), json!(outcome.logs))?;
    same(&field("receipts"), json!(expected.receipts), json!(receipts))
}

pub(super) fn status(outcome: &Outcome, names: &mut Names) -> Value {
    match &outcome.status {
        ExecutionStatus::SuccessReceiptId(id) => json!({ "success_receipt": names.of(*id) }),
        ExecutionStatus::SuccessValue(value) => {
            json!({ "success_value": base64::engine::general_purpose::STANDARD.encode(value) })
        }
        ExecutionStatus::Failure(error) => json!({ "failure": error }),
        ExecutionStatus::Unknown => json!("unknown"),
    }
}

fn accounts(case: &Case, run: &Run) -> Check {
    let yields = yield_ids(run);
    for (id, expected) in &case.expect.accounts {
        let what = format!("account {id}");
        match (expected, run.world.account(id)) {
            (None, None) => {}
            (None, Some(_)) => return same(&what, "does not exist", "exists"),
            (Some(_), None) => return same(&what, "exists", "does not exist"),
            (Some(expected), Some(record)) => account(&what, expected, record, &yields)?,
        }
    }
    let known = |id: &&AccountId| !case.expect.accounts.contains_key(*id);
    match run.world.accounts().map(|(id, _)| id).find(known) {
        Some(id) => same(&format!("account {id}"), "does not exist", "exists"),
        None => Ok(()),
    }
}

fn account(
    what: &str,
    expected: &ExpectedAccount,
    record: &AccountRecord,
    yields: &BTreeSet<CryptoHash>,
) -> Check {
    let field = |name| format!("{what}: {name}");
    same(&field("balance"), expected.balance, record.balance().as_yoctonear())?;
    same(&field("locked"), expected.locked, record.locked().as_yoctonear())?;
    same(&field("storage usage"), expected.storage_usage, record.storage_usage())?;
    let state = record.storage().iter();
    let state: BTreeMap<_, _> =
        state.map(|(key, value)| (hex::encode(key), hex::encode(value))).collect();
    keys(&field("key"), expected, record)?;
    contract(&field("contract"), expected, record)?;
    for key in expected.state.keys().chain(state.keys()) {
        let none = "nothing".to_owned();
        let (real, ours) = (expected.state.get(key), state.get(key));
        if is_yield_id(real, ours, yields) {
            continue;
        }
        let what = format!("{what}: state {key}");
        same(&what, real.unwrap_or(&none), ours.unwrap_or(&none))?;
    }
    Ok(())
}

/// Compares permissions, with allowances and the balances of gas keys. Nonces are not recorded.
fn keys(what: &str, expected: &ExpectedAccount, record: &AccountRecord) -> Check {
    let Some(expected) = &expected.keys else { return Ok(()) };
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(key, permission)| (PublicKeyHandle::from(key), permission)).collect();
    let permission = |permission: Option<&AccessKeyPermission>| json!(permission);
    for handle in expected.keys().chain(record.keys().keys()) {
        let real = permission(expected.get(handle).copied());
        let simulated = permission(record.keys().get(handle).map(|key| &key.permission));
        same(&format!("{what} {handle}"), real, simulated)?;
    }
    Ok(())
}

/// Compares which contract the account uses. The wallet contract of `0x…` accounts depends on the
/// network: any global contract will do.
fn contract(what: &str, expected: &ExpectedAccount, record: &AccountRecord) -> Check {
    let Some(expected) = &expected.contract else { return Ok(()) };
    let simulated = contract_json(record);
    if simulated["global"] == json!(ETH_WALLET) && expected["global"].is_string() {
        return Ok(());
    }
    same(what, expected, &simulated)
}

/// The contract that an account uses, as recordings have it.
pub(super) fn contract_json(record: &AccountRecord) -> Value {
    match record.contract() {
        AccountContract::None => Value::Null,
        AccountContract::Local(hash) => json!({ "local": hash }),
        AccountContract::Global(hash) => json!({ "global": hash }),
        AccountContract::GlobalByAccount(account) => json!({ "global_of": account }),
    }
}

/// Whether both hold the data id of a yield, a hash that differs by design.
fn is_yield_id(
    real: Option<&String>,
    simulated: Option<&String>,
    yields: &BTreeSet<CryptoHash>,
) -> bool {
    let (Some(real), Some(simulated)) = (real, simulated) else { return false };
    let mut id = [0; 32];
    hex::decode_to_slice(simulated, &mut id).is_ok()
        && yields.contains(&CryptoHash(id))
        && real.len() == simulated.len()
}

fn yield_ids(run: &Run) -> BTreeSet<CryptoHash> {
    let receipts = run.outcomes.iter().filter_map(Outcome::receipt);
    let ids = receipts.filter_map(|receipt| match receipt.versioned_receipt() {
        VersionedReceiptEnum::PromiseYield(action) => action.input_data_ids().first().copied(),
        _ => None,
    });
    ids.collect()
}
