//! Requests that a clerk approves: `request` keeps the deposit and yields until the clerk answers or
//! the time is over, after 200 blocks.
//!
//! **The broken build** takes silence for nothing to do: when the time is over, the deposit stays, and
//! so does the mark that keeps the user from asking again.
//!
//! **The fixed build** gives both back unless the clerk approved.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, CryptoHash, Gas, GasWeight, NearToken, PanicOnDefault, Promise, PromiseError, env,
    near, require, serde_json,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);
const DATA_ID_REGISTER: u64 = 0;

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Approval {
    clerk_id: AccountId,
    /// What waits for an answer, by who asked.
    waiting: LookupMap<AccountId, CryptoHash>,
    approved: LookupMap<AccountId, NearToken>,
}

#[near]
impl Approval {
    #[init]
    pub fn new(clerk_id: AccountId) -> Self {
        Self { clerk_id, waiting: LookupMap::new(b"w"), approved: LookupMap::new(b"a") }
    }

    /// Asks for an approval of the attached deposit.
    #[payable]
    pub fn request(&mut self) {
        let (user, amount) = (env::predecessor_account_id(), env::attached_deposit());
        require!(amount >= MINIMUM, "Attach at least 0.01 NEAR");
        require!(!self.waiting.contains_key(&user), "You have asked already");
        let arguments = serde_json::json!({ "user": user, "amount": amount }).to_string();
        let promise = env::promise_yield_create(
            "on_answer",
            arguments.as_bytes(),
            GAS_FOR_CALLBACK,
            GasWeight(0),
            DATA_ID_REGISTER,
        );
        let id = env::read_register(DATA_ID_REGISTER).and_then(|id| id.try_into().ok());
        self.waiting.insert(user, id.unwrap_or_else(|| env::panic_str("No yield")));
        env::promise_return(promise);
    }

    /// The clerk answers. Returns whether somebody was still waiting.
    pub fn answer(&mut self, account_id: AccountId, approved: bool) -> bool {
        require!(env::predecessor_account_id() == self.clerk_id, "You are not the clerk");
        let waiting = self.waiting.get(&account_id);
        let waiting = waiting.unwrap_or_else(|| env::panic_str("Nobody waits"));
        env::promise_yield_resume(waiting, approved.to_string())
    }

    #[private]
    pub fn on_answer(
        &mut self,
        user: AccountId,
        amount: NearToken,
        #[callback_result] answer: Result<bool, PromiseError>,
    ) -> bool {
        if !FIXED && answer.is_err() {
            return false;
        }
        let approved = answer.unwrap_or(false);
        self.waiting.remove(&user);
        if approved {
            let sum = self.approved.entry(user).or_default();
            *sum = sum.saturating_add(amount);
        } else {
            Promise::new(user).transfer(amount).detach();
        }
        approved
    }

    pub fn approved_of(&self, account_id: AccountId) -> NearToken {
        self.approved.get(&account_id).copied().unwrap_or_default()
    }
}
