//! Puts the attached deposit into a bank. When the bank fails, sends it back and answers `false`.
#![cfg(target_family = "wasm")]

use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success, near,
};

const GAS_FOR_BANK: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_bank)]
pub trait Bank {
    fn deposit(&mut self);
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Agent {
    bank_id: AccountId,
}

#[near]
impl Agent {
    #[init]
    pub fn new(bank_id: AccountId) -> Self {
        Self { bank_id }
    }

    #[payable]
    pub fn place(&mut self) -> Promise {
        let client = env::predecessor_account_id();
        let amount = env::attached_deposit();
        ext_bank::ext(self.bank_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_BANK)
            .deposit()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_deposited(client, amount))
    }

    #[private]
    pub fn on_deposited(&mut self, client: AccountId, amount: NearToken) -> bool {
        let deposited = is_promise_success();
        if !deposited {
            Promise::new(client).transfer(amount).detach();
        }
        deposited
    }
}
