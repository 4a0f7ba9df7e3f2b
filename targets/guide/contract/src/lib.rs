//! What NEAR's cross-contract guide promises, one method for each claim, so that a test can hold
//! the simulated chain against it with a compiled contract. The callbacks write down what they saw.
//!
//! Most methods take the `method` of the external contract to call: `fail` shows the claim's other
//! side. Nothing here is broken on purpose, and nothing is safe: it is a test bench.
#![cfg(target_family = "wasm")]

#[path = "../../seen.rs"]
mod seen;

use std::sync::atomic::{AtomicU32, Ordering};

use near_sdk::serde_json::json;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success, near,
};
use seen::Seen;

const GAS_FOR_CALL: Gas = Gas::from_tgas(5);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

/// Lives in the memory of one execution, and nowhere else (claim 3).
static MEMORY: AtomicU32 = AtomicU32::new(0);

#[ext_contract(ext_external)]
pub trait External {
    fn hello(&self) -> String;
    fn echo(&self, text: String) -> String;
    fn fail(&mut self);
    fn record(&mut self, text: String);
    fn on_result(&mut self);
}

/// What a callback saw, and this contract's state at that moment.
#[derive(Clone)]
#[near(serializers = [json, borsh])]
pub struct Note {
    seen: Seen,
    value: u32,
    memory: u32,
}

/// A call of `method` with the argument `text`.
#[near(serializers = [json])]
pub struct Call {
    method: String,
    text: String,
}

/// A call of the external contract's `record(text)`, and the gas it shall have.
#[near(serializers = [json])]
pub struct Share {
    text: String,
    static_gas: Gas,
    weight: u64,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Guide {
    external_id: AccountId,
    value: u32,
    notes: Vec<Note>,
}

#[near]
impl Guide {
    #[init]
    pub fn new(external_id: AccountId) -> Self {
        Self { external_id, value: 0, notes: Vec::new() }
    }

    /// Claim 1: what a failed function sent is never sent.
    pub fn call_then_panic(&mut self) {
        self.external().record("from a call that failed".to_string()).detach();
        env::panic_str("I fail after the call was made");
    }

    /// Claims 1, 2 and 4: the call, later the callback, and between the two anyone may act.
    pub fn call(&mut self, method: String) -> Promise {
        self.call_external(method, NearToken::ZERO).then(callback().note("call".to_string()))
    }

    /// Claim 2: anyone, at any time.
    pub fn set_value(&mut self, value: u32) {
        self.value = value;
    }

    /// Claim 3: `label` and `value` reach the callback, what is in memory does not.
    pub fn remember(&mut self, label: String, value: u32, memory: u32) -> Promise {
        self.value = value;
        MEMORY.store(memory, Ordering::Relaxed);
        self.external().hello().then(callback().note(label))
    }

    /// Claim 5: `value` stays when the call fails.
    pub fn set_and_call(&mut self, value: u32, method: String) -> Promise {
        self.value = value;
        self.call(method)
    }

    /// Claim 6: attaches the caller's money; when the call fails, this contract has it.
    #[payable]
    pub fn pay(&mut self, method: String) -> Promise {
        self.call_external(method, env::attached_deposit()).then(callback().note("pay".to_string()))
    }

    /// Claim 6: the same, with a callback that passes the money on.
    #[payable]
    pub fn pay_and_pass_on(&mut self, method: String) -> Promise {
        let (user, amount) = (env::predecessor_account_id(), env::attached_deposit());
        self.call_external(method, amount).then(callback().pass_on(user, amount))
    }

    /// Claim 7: the callback is `on_result` of the contract at `account_id`.
    pub fn call_back_on(&mut self, account_id: AccountId) -> Promise {
        self.external().hello().then(ext_external::ext(account_id).on_result())
    }

    /// Claim 9: sets the value to 1, and leaves it to a callback with `gas` to undo that.
    pub fn undo_with_gas(&mut self, gas: Gas) -> Promise {
        self.value = 1;
        let undo = Self::ext_self().with_static_gas(gas).with_unused_gas_weight(0).undo();
        self.external().fail().then(undo)
    }

    /// Claim 10: the outcome of the call becomes the outcome of the transaction.
    pub fn return_promise(&mut self, method: String) -> Promise {
        self.call_external(method, NearToken::ZERO)
    }

    /// Claim 10: whatever the call does, the outcome is 7.
    pub fn return_value(&mut self, method: String) -> u32 {
        self.call_external(method, NearToken::ZERO).detach();
        7
    }

    /// Claim 10: whatever the call does, the outcome is success without a value.
    pub fn return_nothing(&mut self, method: String) {
        self.call_external(method, NearToken::ZERO).detach();
    }

    /// Claim 11: a call for each share; the external contract notes the gas that it got.
    pub fn split_gas(&mut self, shares: Vec<Share>) {
        for Share { text, static_gas, weight } in shares {
            self.external()
                .with_static_gas(static_gas)
                .with_unused_gas_weight(weight)
                .record(text)
                .detach();
        }
    }

    /// Claim 12: attaches this contract's own money, and fails when it has less.
    pub fn attach(&mut self, amount: NearToken) -> Promise {
        self.call_external("record".to_string(), amount).then(callback().note("attach".to_string()))
    }

    /// Claim 13: the second callback sees what the first one returned.
    pub fn chain(&mut self) -> Promise {
        self.external()
            .echo("one".to_string())
            .then(callback().note_and_answer("first".to_string(), "two".to_string()))
            .then(callback().note("second".to_string()))
    }

    /// Claims 14 and 18: one call to each of the contracts at once, and one callback.
    pub fn join(&mut self, account_ids: Vec<AccountId>, calls: Vec<Call>) -> Promise {
        account_ids
            .into_iter()
            .zip(calls)
            .map(|(account_id, call)| call.add_to(Promise::new(account_id)))
            .reduce(Promise::and)
            .unwrap_or_else(|| env::panic_str("Name at least one call"))
            .then(callback().note("join".to_string()))
    }

    /// Claim 15: two calls without a callback, which cannot be returned.
    pub fn return_joined(&mut self) -> Promise {
        self.external().hello().and(self.external().hello())
    }

    /// Claims 16 and 17: all calls, then the transfer, in one receipt.
    pub fn batch(&mut self, calls: Vec<Call>, transfer: Option<NearToken>) -> Promise {
        let batch = Promise::new(self.external_id.clone());
        let batch = calls.into_iter().fold(batch, |batch, call| call.add_to(batch));
        let batch = match transfer {
            Some(amount) => batch.transfer(amount),
            None => batch,
        };
        batch.then(callback().note("batch".to_string()))
    }

    /// Claim 20: a call and its callback in the words of `ext_contract`.
    pub fn high_level(&mut self) -> Promise {
        ext_external::ext(self.external_id.clone())
            .with_static_gas(GAS_FOR_CALL)
            .with_unused_gas_weight(0)
            .echo("the same".to_string())
            .then(callback().note("level".to_string()))
    }

    /// Claim 20: the same call and callback in the words of `Promise`.
    pub fn low_level(&mut self) -> Promise {
        let echo = json!({ "text": "the same" }).to_string();
        let note = json!({ "label": "level" }).to_string();
        let none = NearToken::ZERO;
        Promise::new(self.external_id.clone()).function_call("echo", echo, none, GAS_FOR_CALL).then(
            Promise::new(env::current_account_id()).function_call(
                "note",
                note,
                none,
                GAS_FOR_CALLBACK,
            ),
        )
    }

    #[private]
    pub fn note(&mut self, label: String) {
        self.write_down(label);
    }

    /// Claim 8: a callback that is not private.
    pub fn note_public(&mut self, label: String) {
        self.write_down(label);
    }

    #[private]
    pub fn note_and_answer(&mut self, label: String, answer: String) -> String {
        self.write_down(label);
        answer
    }

    #[private]
    pub fn pass_on(&mut self, user: AccountId, amount: NearToken) {
        self.write_down("pass_on".to_string());
        if !is_promise_success() {
            Promise::new(user).transfer(amount).detach();
        }
    }

    #[private]
    pub fn undo(&mut self) {
        self.value = 0;
        self.write_down("undo".to_string());
    }

    pub fn value(&self) -> u32 {
        self.value
    }

    pub fn notes(&self) -> Vec<Note> {
        self.notes.clone()
    }
}

impl Guide {
    fn external(&self) -> ext_external::ExternalExt {
        ext_external::ext(self.external_id.clone()).with_static_gas(GAS_FOR_CALL)
    }

    fn call_external(&self, method: String, deposit: NearToken) -> Promise {
        let arguments = json!({ "text": method }).to_string();
        Promise::new(self.external_id.clone()).function_call(
            method,
            arguments,
            deposit,
            GAS_FOR_CALL,
        )
    }

    fn write_down(&mut self, label: String) {
        let (value, memory) = (self.value, MEMORY.load(Ordering::Relaxed));
        self.notes.push(Note { seen: Seen::now(label), value, memory });
    }
}

impl Call {
    fn add_to(self, promise: Promise) -> Promise {
        let arguments = json!({ "text": self.text }).to_string();
        promise.function_call(self.method, arguments, NearToken::ZERO, GAS_FOR_CALL)
    }
}

/// This contract's callbacks get the gas that was set aside for them, and no more.
fn callback() -> GuideExt {
    Guide::ext_self().with_static_gas(GAS_FOR_CALLBACK).with_unused_gas_weight(0)
}
