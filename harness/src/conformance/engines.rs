//! Compares the two engines on random calls of any contract.
//!
//! Knows only the methods of the contract: arguments are JSON with the names that near-sdk contracts
//! often use, or bytes that are not JSON. If the engines differ, the pristine one is right.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use near_primitives::account::AccountContract;
use near_primitives::errors::FunctionCallError;
use near_primitives_core::config::ViewConfig;
use near_primitives_core::hash::CryptoHash;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

use crate::chain::Protocol;
use crate::types::{AccountId, Gas, NearToken, Seed};
use crate::vm::{
    self, Both, Call, ContractCode, Engine, Outcome, PromiseResult, Storage, TrieDepth,
    UninstrumentedContract, VMContext, Yields,
};

/// After this many calls the contract starts anew, without state.
const CALLS_PER_STATE: u64 = 100;

/// What a call may cost at most.
const PLENTY: u64 = 300_000_000_000_000;

/// More yoctoNEAR than there are: sums of it still fit.
const MOST: u128 = 1 << 120;

/// Accounts that occur.
const ACCOUNTS: [&str; 3] = ["alice.near", "bob.near", "contract.near"];

/// The result of a comparison in which the engines agreed.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// How many calls both made.
    pub calls: u64,
    /// How often which kind of outcome occurred.
    pub outcomes: BTreeMap<String, u64>,
    /// Contracts that were not instrumented.
    pub fallbacks: Vec<UninstrumentedContract>,
}

/// Makes `runs` random calls of `code` in both engines.
///
/// # Errors
/// [`vm::Error::Disagree`] if they differ in anything.
pub fn compare_engines(
    code: &Arc<ContractCode>,
    protocol: &Protocol,
    runs: u64,
    seed: Seed,
) -> Result<Agreement, vm::Error> {
    let both = Both::new(Arc::clone(&protocol.config))?;
    let methods = vm::exports(code.code()).unwrap_or_default().into_iter().collect();
    let random = Random(ChaCha8Rng::seed_from_u64(seed.0));
    let mut walk = Walk::new(code, methods, random);
    let mut agreement = Agreement::default();
    for run in 0..runs {
        if run % CALLS_PER_STATE == 0 {
            walk.start_anew();
            // Recorders of comparisons must not change anything either.
            both.instrumented().record_comparisons(run / CALLS_PER_STATE % 4 == 3);
        }
        let outcome = walk.step(&both)?;
        agreement.calls += 1;
        *agreement.outcomes.entry(kind(&outcome)).or_default() += 1;
    }
    agreement.fallbacks = both.instrumented().fallbacks();
    Ok(agreement)
}

/// The outcome without what is particular to the contract.
fn kind(outcome: &Outcome) -> String {
    let Err(error) = &outcome.result else { return "success".to_owned() };
    let text = match error {
        FunctionCallError::ExecutionError(text) => text.clone(),
        other => format!("{other:?}"),
    };
    text.split([':', '{', '`', '\'']).next().unwrap_or_default().trim().to_owned()
}

struct Random(ChaCha8Rng);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end.max(1)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len() as u64);
        &from[usize::try_from(index).expect("smaller than the length")]
    }

    fn account(&mut self) -> AccountId {
        self.pick(&ACCOUNTS).parse().expect("they are account ids")
    }

    fn amount(&mut self) -> u128 {
        let near = 1_000_000_000_000_000_000_000_000;
        *self.pick(&[0, 1, 1_000, near / 100, near / 50, near, 5 * near, u128::MAX])
    }

    fn number(&mut self) -> u64 {
        let any = self.0.next_u64();
        *self.pick(&[0, 1, 7, 255, 1 << 32, any])
    }

    /// A value for an argument that contracts call `name`.
    fn argument(&mut self, name: &str) -> Value {
        if self.one_in(20) {
            return Value::Null;
        }
        match name {
            "amount" => json!(self.amount().to_string()),
            "value" | "memory" => json!(self.number() % (1 << 32)),
            "gas" => json!(self.number().to_string()),
            "paused" => json!(self.one_in(2)),
            "method" | "msg" => {
                let methods = ["hello", "echo", "fail", "keep", "return", "panic", "12", ""];
                json!(self.pick(&methods))
            }
            "label" | "text" | "answer" => {
                json!("é".repeat(usize::try_from(self.below(40)).expect("small")))
            }
            "account_ids" => (0..self.below(4)).map(|_| json!(self.account())).collect(),
            "calls" => (0..self.below(4)).map(|_| self.nested_call()).collect(),
            "shares" => (0..self.below(4)).map(|_| self.share()).collect(),
            "transfer" => json!(self.amount().to_string()),
            _ => json!(self.account()),
        }
    }

    fn nested_call(&mut self) -> Value {
        json!({ "method": self.argument("method"), "text": self.argument("text"), "args": "" })
    }

    fn share(&mut self) -> Value {
        json!({ "method": "note", "gas": self.number().to_string(), "weight": self.below(5) })
    }

    fn arguments(&mut self) -> Vec<u8> {
        const NAMES: [&str; 24] = [
            "account_id",
            "receiver_id",
            "sender_id",
            "owner_id",
            "owner",
            "user",
            "external_id",
            "pool_id",
            "amount",
            "value",
            "memory",
            "gas",
            "paused",
            "method",
            "msg",
            "label",
            "text",
            "answer",
            "account_ids",
            "calls",
            "shares",
            "transfer",
            "token_id",
            "to",
        ];
        if self.one_in(15) {
            let mut bytes = vec![0; usize::try_from(self.below(64)).expect("small")];
            self.0.fill_bytes(&mut bytes);
            return bytes;
        }
        let values = NAMES.iter().map(|name| ((*name).to_owned(), self.argument(name)));
        let object = Value::Object(values.collect());
        let mut bytes = object.to_string().into_bytes();
        if self.one_in(15) {
            bytes.truncate(usize::try_from(self.below(bytes.len() as u64)).expect("small"));
        }
        bytes
    }

    fn results(&mut self) -> Arc<[PromiseResult]> {
        let result = |random: &mut Self| match random.below(3) {
            0 => PromiseResult::Failed,
            1 => PromiseResult::Successful(Rc::from(&b"\"7\""[..])),
            _ => PromiseResult::Successful(Rc::from(&b""[..])),
        };
        (0..self.below(3)).map(|_| result(self)).collect()
    }
}

struct Walk<'a> {
    code: &'a Arc<ContractCode>,
    methods: Vec<String>,
    random: Random,
    storage: Storage,
    yields: Yields,
    calls: u64,
    /// What each method last burnt: just less than that makes it stop at some point.
    burnt: BTreeMap<String, u64>,
}

impl<'a> Walk<'a> {
    fn new(code: &'a Arc<ContractCode>, methods: Vec<String>, random: Random) -> Self {
        let (storage, yields, burnt) = Default::default();
        Self { code, methods, random, storage, yields, calls: 0, burnt }
    }

    fn start_anew(&mut self) {
        self.storage = Storage::default();
        self.yields = Yields::default();
    }

    fn step(&mut self, both: &Both) -> Result<Outcome, vm::Error> {
        let method = self.method();
        let gas = self.gas(&method);
        let context = self.context(gas);
        let is_view = context.view_config.is_some();
        let action_hash = CryptoHash::hash_bytes(&context.random_seed);
        let outcome = both.call(Call {
            code: Some(self.code),
            method: &method,
            context,
            storage: self.storage.clone(),
            yields: self.yields.clone(),
            action_hash,
            trie_depth: TrieDepth::PESSIMISTIC,
            post_quantum_keys: false,
        })?;
        if outcome.result.is_ok() && !is_view {
            self.storage = outcome.storage.clone();
            self.yields = outcome.yields.clone();
        }
        if gas == PLENTY {
            self.burnt.insert(method, outcome.used_gas.as_gas());
        }
        Ok(outcome)
    }

    fn method(&mut self) -> String {
        if self.storage.is_empty() && !self.random.one_in(4) {
            return "new".to_owned();
        }
        if self.methods.is_empty() || self.random.one_in(50) {
            return self.random.pick(&["", "nothing_like_it", "memory"]).to_string();
        }
        self.random.pick(&self.methods).clone()
    }

    fn gas(&mut self, method: &str) -> u64 {
        let burnt = self.burnt.get(method).copied().unwrap_or(PLENTY / 100);
        match self.random.below(6) {
            0..=2 => PLENTY,
            3 | 4 => self.random.below(burnt.saturating_add(burnt / 10)),
            _ => self.random.below(PLENTY / 20),
        }
    }

    fn context(&mut self, gas: u64) -> VMContext {
        self.calls += 1;
        let random = &mut self.random;
        let signer = random.account();
        let gas = Gas::from_gas(gas);
        let view = random.one_in(20);
        VMContext {
            current_account_id: "contract.near".parse().expect("it is an account id"),
            signer_account_pk: vec![0; 33],
            predecessor_account_id: random.account(),
            refund_to_account_id: signer.clone(),
            signer_account_id: signer,
            input: Rc::from(random.arguments()),
            promise_results: random.results(),
            block_height: 10 + self.calls,
            block_timestamp: self.calls * 1_000_000_000,
            epoch_height: 1,
            account_balance: NearToken::from_yoctonear(random.amount().min(MOST)),
            account_locked_balance: NearToken::from_yoctonear(0),
            storage_usage: 1 << 30,
            account_contract: AccountContract::Local(*self.code.hash()),
            attached_deposit: NearToken::from_yoctonear(random.amount().min(MOST)),
            prepaid_gas: gas,
            random_seed: self.calls.to_le_bytes().repeat(4),
            view_config: view.then_some(ViewConfig { max_gas_burnt: gas }),
            output_data_receivers: Vec::new(),
        }
    }
}
