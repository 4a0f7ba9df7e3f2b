//! Staking on behalf of many: users stake through this contract in a pool, as in NEAR's
//! cross-contract guide.
//!
//! `deposit_and_stake` writes the money that the user attached to the user's stake, hands it on to
//! the pool, and learns in the callback `on_staked` whether the pool took it. If the pool failed,
//! the money comes back, but to this contract, and nothing that was written is undone: both is left
//! to the callback.
//!
//! **The broken build** leaves that branch out. When the pool fails, the user keeps a stake that no
//! pool holds, and this contract keeps the user's money.
//!
//! **The fixed build** takes the stake off again and sends the money to the user. The sum is owed
//! until the transfer has succeeded: if this contract cannot pay at once, because the pool's refund
//! is still on its way, or if the transfer fails, the user can `claim` it. The callback's gas is
//! set aside in advance, enough for the refund and its own callback. Records are written before the
//! pool is called, so that `on_staked` needs no new storage; their storage is paid by this
//! account's own money, and when that runs out, new users are refused.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_near(1);
const GAS_FOR_POOL: Gas = Gas::from_tgas(15);
/// For the refund and its callback too.
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(30);
const GAS_FOR_REFUND_CALLBACK: Gas = Gas::from_tgas(12);

#[ext_contract(ext_pool)]
pub trait Pool {
    fn deposit_and_stake(&mut self);
}

#[derive(Default)]
#[near(serializers = [borsh])]
pub struct Record {
    staked: NearToken,
    /// What the pool did not take and the user has not got back yet.
    owed: NearToken,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Staking {
    pool_id: AccountId,
    records: LookupMap<AccountId, Record>,
    /// The sum of all stakes.
    total: NearToken,
}

#[near]
impl Staking {
    #[init]
    pub fn new(pool_id: AccountId) -> Self {
        Self { pool_id, records: LookupMap::new(b"r"), total: NearToken::ZERO }
    }

    /// Stakes what is attached. Returns whether the pool took it.
    #[payable]
    pub fn deposit_and_stake(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Stake at least 1 NEAR");

        let record = self.records.entry(user.clone()).or_default();
        record.staked = record.staked.saturating_add(amount);
        self.total = self.total.saturating_add(amount);

        ext_pool::ext(self.pool_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_POOL)
            .deposit_and_stake()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_staked(user, amount))
    }

    #[private]
    pub fn on_staked(&mut self, user: AccountId, amount: NearToken) -> bool {
        let staked = is_promise_success();
        if FIXED && !staked {
            let record = self.records.entry(user.clone()).or_default();
            record.staked = record.staked.saturating_sub(amount);
            record.owed = record.owed.saturating_add(amount);
            self.total = self.total.saturating_sub(amount);
            if let Some(refund) = self.pay_owed(user) {
                refund.detach();
            }
        }
        staked
    }

    /// Pays the caller what is still owed. Returns whether the money arrived.
    pub fn claim(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        require!(!self.owed_to(user.clone()).is_zero(), "Nothing is owed to you");
        self.pay_owed(user).unwrap_or_else(|| env::panic_str("The money has not come back yet"))
    }

    #[private]
    pub fn on_refunded(&mut self, user: AccountId, amount: NearToken) -> bool {
        let paid = is_promise_success();
        if !paid {
            let record = self.records.entry(user).or_default();
            record.owed = record.owed.saturating_add(amount);
        }
        paid
    }

    pub fn staked_of(&self, account_id: AccountId) -> NearToken {
        self.records.get(&account_id).map_or(NearToken::ZERO, |record| record.staked)
    }

    pub fn owed_to(&self, account_id: AccountId) -> NearToken {
        self.records.get(&account_id).map_or(NearToken::ZERO, |record| record.owed)
    }

    pub fn total(&self) -> NearToken {
        self.total
    }

    pub fn pool_id(&self) -> AccountId {
        self.pool_id.clone()
    }
}

impl Staking {
    /// Sends `user` all that is owed, if this account has it to spend.
    fn pay_owed(&mut self, user: AccountId) -> Option<Promise> {
        let record = self.records.get_mut(&user)?;
        if spendable() < record.owed {
            return None;
        }
        let amount = std::mem::take(&mut record.owed);
        if record.staked.is_zero() {
            self.records.remove(&user);
        }
        let callback = Self::ext_self()
            .with_static_gas(GAS_FOR_REFUND_CALLBACK)
            .on_refunded(user.clone(), amount);
        Some(Promise::new(user).transfer(amount).then(callback))
    }
}

/// What this account has beyond the balance that its storage locks.
fn spendable() -> NearToken {
    let locked = env::storage_byte_cost().saturating_mul(env::storage_usage().into());
    env::account_balance().saturating_sub(locked)
}
