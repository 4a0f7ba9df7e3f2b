//! Makes accounts: `create` sends a batch that creates `name.factory.near`, endows it with the
//! attached deposit and gives it a key. A batch happens wholly or not at all.
//!
//! **The broken build** trusts that: when the batch fails, since somebody has the name already, the
//! deposit comes back to the factory, and stays there.
//!
//! **The fixed build** sends it on to whoever paid.
#![cfg(target_family = "wasm")]

use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PublicKey, env, is_promise_success, near,
    require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(100);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Factory {
    made: u32,
}

#[near]
impl Factory {
    #[init]
    pub fn new() -> Self {
        Self { made: 0 }
    }

    #[payable]
    pub fn create(&mut self, name: String) -> Promise {
        let payer = env::predecessor_account_id();
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Attach at least 0.1 NEAR");
        let account: Result<AccountId, _> = format!("{name}.{}", env::current_account_id()).parse();
        let account = account.unwrap_or_else(|_| env::panic_str("That is no name"));
        Promise::new(account)
            .create_account()
            .transfer(amount)
            .add_full_access_key(key())
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_created(payer, amount))
    }

    #[private]
    pub fn on_created(&mut self, payer: AccountId, amount: NearToken) -> bool {
        let created = is_promise_success();
        if created {
            self.made += 1;
        } else if FIXED {
            Promise::new(payer).transfer(amount).detach();
        }
        created
    }

    pub fn made(&self) -> u32 {
        self.made
    }
}

fn key() -> PublicKey {
    env::signer_account_pk()
}
