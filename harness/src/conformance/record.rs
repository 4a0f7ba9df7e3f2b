//! Records what the simulated chain does with a case, in the form of the recordings of the real
//! runtime. Such a snapshot shows that behaviour has not changed, never that it is right.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::Error as _;
use serde_json::{Value, json};

use super::case::{Case, UnknownAction};
use super::compare::{Names, contract_json, name_transactions, status};
use super::run::{self, Run};
use super::{Engines, Error, recordings};
use crate::chain::{AccountRecord, Outcome};
use crate::vm::EngineChoice;

/// What the simulated chain makes of the case in this file: its `expect`.
///
/// # Errors
/// When the file holds no case, or one that cannot be run.
pub fn record(path: &Path) -> Result<Value, Error> {
    let recording = recordings::read_case(path)?;
    let engines = Engines::for_cases(std::iter::once(&recording.case), EngineChoice::Pristine)?;
    let case = Box::new(recording.source.clone());
    match run::run(&recording, &engines) {
        Ok(run) => Ok(expect(&recording.case, &run)),
        Err(run::Error::Chain(error)) => Err(Error::Chain { case, error }),
        Err(run::Error::Version(error)) => Err(Error::Version { case, error }),
        Err(run::Error::Action(UnknownAction(action))) => {
            let error = serde_json::Error::custom(format!("unknown action {action}"));
            Err(Error::Format { case, error })
        }
        Err(run::Error::Differs(_)) => unreachable!("without outcomes there is no order to follow"),
    }
}

fn expect(case: &Case, run: &Run) -> Value {
    let mut names = name_transactions(run);
    let outcomes: Vec<_> = run.outcomes.iter().map(|done| outcome(done, &mut names)).collect();
    let existing = run.world.accounts();
    let mut accounts: BTreeMap<_, _> =
        existing.map(|(id, record)| (id.to_string(), account(record))).collect();
    for gone in &case.accounts {
        accounts.entry(gone.id.to_string()).or_insert(Value::Null);
    }
    json!({ "accounts": accounts, "outcomes": outcomes })
}

fn outcome(outcome: &Outcome, names: &mut Names) -> Value {
    let receipts: Vec<_> = outcome.receipts.iter().map(|id| names.of(*id)).collect();
    json!({
        "id": names.of(outcome.id),
        "predecessor": outcome.receipt().map(|receipt| receipt.predecessor_id()),
        "executor": outcome.executor,
        "block": outcome.block,
        "status": status(outcome, names),
        "logs": outcome.logs,
        "gas_burnt": outcome.gas_burnt.as_gas(),
        "tokens_burnt": outcome.tokens_burnt.as_yoctonear().to_string(),
        "receipts": receipts,
    })
}

fn account(record: &AccountRecord) -> Value {
    let state = record.storage().iter();
    let state: BTreeMap<_, _> =
        state.map(|(key, value)| (hex::encode(key), hex::encode(value))).collect();
    let keys: BTreeMap<_, _> =
        record.keys().iter().map(|(handle, key)| (handle.to_string(), &key.permission)).collect();
    json!({
        "balance": record.balance().as_yoctonear().to_string(),
        "locked": record.locked().as_yoctonear().to_string(),
        "storage_usage": record.storage_usage(),
        "state": state,
        "keys": keys,
        "contract": contract_json(record),
    })
}
