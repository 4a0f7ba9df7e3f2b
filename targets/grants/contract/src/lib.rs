//! A fund that pays grants into a bank: what is granted is reserved until it is paid.
//!
//! `pay` is tried once. If the bank fails, the grant ends as failed, a counter says so, and the keeper can grant
//! the same amount again.
//!
//! **The broken build** forgets to release the reservation in that case. The NEAR is in the contract, and no
//! call can ever use it.
//!
//! **The fixed build** releases it.
//!
//! Neither takes anything from an account: what fails is only written down, so both are right about that.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const RESERVE: NearToken = NearToken::from_near(3);
const GAS_FOR_BANK: Gas = Gas::from_tgas(20);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

#[ext_contract(ext_bank)]
pub trait Bank {
    fn deposit(&mut self);
}

#[near(serializers = [borsh, json])]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Granted,
    Paying,
    Paid,
    Failed,
    Withdrawn,
}

#[near(serializers = [borsh])]
pub struct Grant {
    amount: NearToken,
    status: Status,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Fund {
    keeper_id: AccountId,
    bank_id: AccountId,
    grants: LookupMap<u32, Grant>,
    count: u32,
    failures: u32,
    reserved: NearToken,
}

#[near]
impl Fund {
    #[init]
    pub fn new(keeper_id: AccountId, bank_id: AccountId) -> Self {
        let reserved = NearToken::from_yoctonear(0);
        Self { keeper_id, bank_id, grants: LookupMap::new(b"g"), count: 0, failures: 0, reserved }
    }

    /// Reserves an amount, and returns the grant's number.
    pub fn grant(&mut self, amount: NearToken) -> u32 {
        self.require_keeper();
        require!(!amount.is_zero(), "Grant more than nothing");
        require!(amount <= self.available(), "The fund has less than that");
        self.reserved = self.reserved.saturating_add(amount);
        let id = self.count;
        self.count += 1;
        self.grants.insert(id, Grant { amount, status: Status::Granted });
        id
    }

    /// Takes back a grant that was not paid yet.
    pub fn withdraw(&mut self, id: u32) {
        self.require_keeper();
        let amount = self.advance(id, Status::Granted, Status::Withdrawn);
        self.release(amount);
    }

    /// Pays a grant into the bank. Once.
    pub fn pay(&mut self, id: u32) -> Promise {
        self.require_keeper();
        let amount = self.advance(id, Status::Granted, Status::Paying);
        let bank = ext_bank::ext(self.bank_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_BANK);
        let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK);
        bank.deposit().then(callback.on_paid(id))
    }

    #[private]
    pub fn on_paid(&mut self, id: u32) -> bool {
        let paid = is_promise_success();
        let status = if paid { Status::Paid } else { Status::Failed };
        let amount = self.advance(id, Status::Paying, status);
        if !paid {
            self.failures += 1;
        }
        if paid || FIXED {
            self.release(amount);
        }
        paid
    }

    /// What can be granted.
    pub fn available(&self) -> NearToken {
        env::account_balance().saturating_sub(self.reserved).saturating_sub(RESERVE)
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn status_of(&self, id: u32) -> Option<Status> {
        self.grants.get(&id).map(|grant| grant.status)
    }
}

impl Fund {
    fn require_keeper(&self) {
        require!(env::predecessor_account_id() == self.keeper_id, "Only the keeper may do this");
    }

    /// Moves a grant on, and returns its amount.
    fn advance(&mut self, id: u32, from: Status, to: Status) -> NearToken {
        let grant = self.grants.get_mut(&id).unwrap_or_else(|| env::panic_str("No such grant"));
        require!(grant.status == from, "The grant is not in this state");
        grant.status = to;
        grant.amount
    }

    fn release(&mut self, amount: NearToken) {
        self.reserved = self.reserved.saturating_sub(amount);
    }
}
