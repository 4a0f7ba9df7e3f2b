//! Withdrawals that wait in a queue: `withdraw` puts one at its end, `pay` pays the one at its head,
//! one at a time, and puts it back when the money did not arrive.
//!
//! Nothing here is wrong. Money stays here for a while, one waits for another, and who calls `pay`
//! pays somebody else; but each is paid once, in turn.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, is_promise_success, near, require,
};

const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Queue {
    balances: LookupMap<AccountId, NearToken>,
    waiting: LookupMap<u64, (AccountId, NearToken)>,
    head: u64,
    tail: u64,
    paying: bool,
}

#[near]
impl Queue {
    #[init]
    pub fn new() -> Self {
        Self {
            balances: LookupMap::new(b"b"),
            waiting: LookupMap::new(b"w"),
            head: 0,
            tail: 0,
            paying: false,
        }
    }

    #[payable]
    pub fn deposit(&mut self) {
        require!(env::attached_deposit() >= MINIMUM, "Deposit at least 0.01 NEAR");
        let balance = self.balances.entry(env::predecessor_account_id()).or_default();
        *balance = balance.saturating_add(env::attached_deposit());
    }

    /// Puts everything that the caller has into the queue.
    pub fn withdraw(&mut self) {
        let user = env::predecessor_account_id();
        let amount = self.balances.remove(&user);
        let amount = amount.unwrap_or_else(|| env::panic_str("You have nothing here"));
        self.waiting.insert(self.tail, (user, amount));
        self.tail += 1;
    }

    /// Pays the head of the queue. Anybody may.
    pub fn pay(&mut self) -> Promise {
        require!(!self.paying, "A payment is under way");
        let head = self.waiting.get(&self.head).cloned();
        let (user, amount) = head.unwrap_or_else(|| env::panic_str("Nobody waits"));
        self.paying = true;
        let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_paid();
        Promise::new(user).transfer(amount).then(callback)
    }

    #[private]
    pub fn on_paid(&mut self) -> bool {
        self.paying = false;
        let paid = is_promise_success();
        if let Some(entry) = self.waiting.remove(&self.head) {
            self.head += 1;
            if !paid {
                self.waiting.insert(self.tail, entry);
                self.tail += 1;
            }
        }
        paid
    }

    pub fn waiting(&self) -> u64 {
        self.tail - self.head
    }
}
