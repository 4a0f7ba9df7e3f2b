//! A simulated chain with the guide's contracts, and what the tests do on it.
//!
//! Delivers receipts first in, first out, unless a test asks for another order.

use std::sync::{Arc, Mutex, Weak};

use interloper::chain::{Outcome, Protocol, Transaction, World};
use interloper::types::{AccountId, Gas, NearToken, OperationId, ReceiptName};
use interloper::vm::{ContractCode, Pristine};
use near_primitives::action::{Action, FunctionCallAction};
use near_primitives::transaction::ExecutionStatus;
use serde_json::{Value, json};

use crate::support::{newest_protocol, pristine_engine, wasm};

pub(crate) const GUIDE: &str = "guide.near";
pub(crate) const EXTERNAL: &str = "external.near";
pub(crate) const OTHER: &str = "other.near";
pub(crate) const USER: &str = "user.near";
pub(crate) const ANYONE: &str = "anyone.near";

/// The gas that a transaction attaches by default.
pub(crate) const ENOUGH: Gas = Gas::from_teragas(100);
pub(crate) const NOTHING: NearToken = NearToken::from_yoctonear(0);

/// A world in the middle of a test, with the outcomes so far.
pub(crate) struct GuideChain {
    pub(crate) world: World,
    pub(crate) outcomes: Vec<Outcome>,
    engine: Arc<Pristine>,
    operations: u32,
    attached: Option<(NearToken, Gas)>,
}

impl GuideChain {
    /// An empty world under the newest protocol.
    pub(crate) fn empty() -> Self {
        let protocol = newest_protocol();
        let engine = shared_engine(&protocol);
        let world = World::new(protocol);
        Self { world, outcomes: Vec::new(), engine, operations: 0, attached: None }
    }

    /// The guide's contract, two copies of the external one, and two users with 100 NEAR each.
    pub(crate) fn new() -> Self {
        let mut chain = Self::empty();
        chain.account(GUIDE, 10, Some("guide/contract.wasm"));
        chain.account(EXTERNAL, 10, Some("guide/external.wasm"));
        chain.account(OTHER, 10, Some("guide/external.wasm"));
        chain.account(USER, 100, None);
        chain.account(ANYONE, 100, None);
        chain.run(USER, GUIDE, "new", json!({ "external_id": EXTERNAL }));
        chain.run(USER, EXTERNAL, "new", json!({}));
        chain.run(USER, OTHER, "new", json!({}));
        chain
    }

    /// Adds an account with `near` NEAR and the contract in this file of `targets/`.
    pub(crate) fn account(&mut self, id: &str, near: u128, contract: Option<&str>) {
        let code = contract.map(|file| Arc::new(ContractCode::new(wasm(file), None)));
        self.world.add_account(name(id), NearToken::from_near(near), code);
    }

    /// Attaches these to the next transaction.
    pub(crate) fn attach(&mut self, deposit: NearToken, gas: Gas) -> &mut Self {
        self.attached = Some((deposit, gas));
        self
    }

    /// Sends a transaction without running its receipts. Its number.
    pub(crate) fn send(
        &mut self,
        signer: &str,
        receiver: &str,
        method: &str,
        arguments: Value,
    ) -> u32 {
        let (deposit, gas) = self.attached.take().unwrap_or((NOTHING, ENOUGH));
        let call = FunctionCallAction {
            method_name: method.to_owned(),
            args: arguments.to_string().into_bytes(),
            gas,
            deposit,
        };
        self.submit(signer, receiver, vec![Action::FunctionCall(Box::new(call))])
    }

    /// Sends a transaction with these actions. Its number.
    pub(crate) fn submit(&mut self, signer: &str, receiver: &str, actions: Vec<Action>) -> u32 {
        let operation = self.operations;
        self.operations += 1;
        let transaction = Transaction::new(name(signer), name(receiver), actions);
        let outcome = self.world.submit(&transaction, ReceiptName::root(OperationId(operation)));
        assert!(!outcome.failed(), "the transaction is refused: {:?}", outcome.status);
        self.outcomes.push(outcome);
        operation
    }

    /// Sends a transaction and runs all pending receipts. Its number.
    pub(crate) fn run(
        &mut self,
        signer: &str,
        receiver: &str,
        method: &str,
        arguments: Value,
    ) -> u32 {
        let operation = self.send(signer, receiver, method, arguments);
        self.finish();
        operation
    }

    /// Runs all pending receipts, oldest first.
    pub(crate) fn finish(&mut self) {
        while !self.world.is_quiet() {
            let oldest = self.world.deliverable().next().expect("something is deliverable");
            let sequence = oldest.sequence;
            self.deliver(sequence);
        }
        assert!(self.world.audit().adds_up(), "{:?}", self.world.audit());
    }

    /// Runs pending receipts, oldest first, until the next one is for `account`.
    pub(crate) fn until_next_runs_at(&mut self, account: &str) {
        loop {
            let next = self.world.deliverable().next().expect("the account has a pending receipt");
            let (sequence, receiver) = (next.sequence, next.receipt.receiver_id());
            if receiver == account && !self.world.is_silent(next) {
                return;
            }
            self.deliver(sequence);
        }
    }

    /// Runs all pending receipts, newest first.
    pub(crate) fn finish_newest_first(&mut self) {
        while let Some(sequence) = self.world.deliverable().last().map(|entry| entry.sequence) {
            self.deliver(sequence);
        }
    }

    fn deliver(&mut self, sequence: u64) {
        let delivered = self.world.deliver(&*self.engine, sequence, None);
        self.outcomes.extend(delivered.expect("the machine works").outcomes);
    }

    /// The outcome of the receipt with this name.
    pub(crate) fn outcome(&self, name: &str) -> &Outcome {
        let name: ReceiptName = name.parse().expect("a receipt name");
        let found = self
            .outcomes
            .iter()
            .find(|outcome| outcome.name == name && outcome.receipt().is_some());
        found.unwrap_or_else(|| panic!("{name} has not run"))
    }

    /// The outcomes of the receipts that ran at this account, in order.
    pub(crate) fn ran_at(&self, account: &str) -> Vec<&Outcome> {
        let at = |outcome: &&Outcome| outcome.executor == account && outcome.receipt().is_some();
        self.outcomes.iter().filter(at).collect()
    }

    /// The final result of a transaction, as its signer sees it.
    pub(crate) fn result(&self, operation: u32) -> Result<Vec<u8>, String> {
        let root = ReceiptName::root(OperationId(operation));
        let mut outcome = self.outcomes.iter().find(|outcome| outcome.name == root);
        loop {
            match &outcome.expect("it has run").status {
                ExecutionStatus::SuccessValue(value) => return Ok(value.clone()),
                ExecutionStatus::SuccessReceiptId(next) => {
                    outcome = self.outcomes.iter().find(|outcome| outcome.id == *next);
                }
                ExecutionStatus::Failure(error) => return Err(error.to_string()),
                ExecutionStatus::Unknown => unreachable!("every receipt that ran has a status"),
            }
        }
    }

    /// The answer of a view method. Runs on a copy of the world.
    pub(crate) fn view(&self, account: &str, method: &str, arguments: Value) -> Value {
        let mut copy = Self {
            world: self.world.clone(),
            outcomes: Vec::new(),
            engine: Arc::clone(&self.engine),
            operations: self.operations,
            attached: None,
        };
        let asked = copy.send(ANYONE, account, method, arguments);
        copy.finish();
        let answer = copy.result(asked).expect("views do not fail");
        serde_json::from_slice(&answer).expect("views answer in JSON")
    }

    pub(crate) fn value(&self) -> u64 {
        self.view(GUIDE, "value", json!({})).as_u64().expect("a number")
    }

    /// The notes of the callbacks of the guide's contract.
    pub(crate) fn notes(&self) -> Vec<Note> {
        read_notes(&self.view(GUIDE, "notes", json!({})))
    }

    /// The notes of a copy of the external contract.
    pub(crate) fn notes_of(&self, account: &str) -> Vec<Note> {
        read_notes(&self.view(account, "notes", json!({})))
    }

    pub(crate) fn balance(&self, account: &str) -> NearToken {
        self.world.account(&name(account)).expect("it exists").balance()
    }
}

/// One engine for all tests that run at the same time, so that each contract is compiled once.
fn shared_engine(protocol: &Protocol) -> Arc<Pristine> {
    static ENGINE: Mutex<Weak<Pristine>> = Mutex::new(Weak::new());
    let mut shared = ENGINE.lock().expect("no test holds it when it fails");
    shared.upgrade().unwrap_or_else(|| {
        let engine = Arc::new(pristine_engine(protocol));
        *shared = Arc::downgrade(&engine);
        engine
    })
}

fn name(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

/// What a contract recorded about one of its executions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) predecessor: String,
    pub(crate) block: u64,
    pub(crate) deposit: u128,
    pub(crate) prepaid_gas: u64,
    pub(crate) results: Vec<Option<String>>,
    /// The contract's state and its memory; only the guide's contract records them.
    pub(crate) value: Option<u64>,
    pub(crate) memory: Option<u64>,
}

fn read_notes(notes: &Value) -> Vec<Note> {
    notes.as_array().expect("a list").iter().map(read_note).collect()
}

fn read_note(note: &Value) -> Note {
    let seen = note.get("seen").unwrap_or(note);
    let text = |field: &str| seen[field].as_str().expect("a text").to_owned();
    let number = |field: &str| match &seen[field] {
        Value::String(digits) => digits.parse().expect("digits"),
        number => number.as_u64().expect("a number"),
    };
    let results = seen["results"].as_array().expect("a list").iter();
    Note {
        text: text("text"),
        predecessor: text("predecessor"),
        block: number("block"),
        deposit: text("deposit").parse().expect("digits"),
        prepaid_gas: number("prepaid_gas"),
        results: results.map(|result| result.as_str().map(str::to_owned)).collect(),
        value: note["value"].as_u64(),
        memory: note["memory"].as_u64(),
    }
}

/// Promise results: `Some` with JSON text, or `None` for a failure.
pub(crate) fn results(expected: &[Option<&str>]) -> Vec<Option<String>> {
    expected.iter().map(|result| result.map(str::to_owned)).collect()
}
