//! Writes down what the simulated chain makes of a case, in the form in which cases hold what the
//! real runtime made of it.
//!
//! What is recorded this way shows that behaviour has not changed, never that it is right.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::case::{self, Case};
use super::compare::{Names, name_transactions, status};
use super::run::{self, Run};
use super::{Engines, Error, protocol};
use crate::chain::{AccountRecord, Outcome};
use crate::vm::EngineChoice;

/// What the simulated chain makes of the case in this file: its `expect`.
///
/// # Errors
/// When the file holds no case, or one that cannot be run.
pub fn record(path: &Path) -> Result<Value, Error> {
    let (path, case) = case::read_one(path.to_owned())?;
    let cases = [(path, case)];
    let engines = Engines::for_cases(&cases, EngineChoice::Pristine)?;
    let [(path, case)] = cases;
    let world = case::genesis(&path, &case, protocol(&path, &case)?)?;
    match run::run(world, engines.engine(case.protocol_version), &case) {
        Ok(run) => Ok(expect(&case, &run)),
        Err(run::Error::Chain(error)) => Err(Error::Chain { case: path, error }),
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
    json!({
        "balance": record.balance().as_yoctonear().to_string(),
        "locked": record.locked().as_yoctonear().to_string(),
        "storage_usage": record.storage_usage(),
        "state": state,
    })
}
