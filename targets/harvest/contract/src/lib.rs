//! A harvest: anybody may have this contract move its earnings from one bank into another, one harvest
//! at a time.
//!
//! `harvest` asks the source for its price, then puts earnings into the bank; each step has a callback.
//!
//! **The broken build** returns early when the bank failed, and forgets the lock: nobody can harvest
//! ever again.
//!
//! **The fixed build** releases the lock whatever happened.
#![cfg(target_family = "wasm")]

use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, ext_contract,
    is_promise_success, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const EARNINGS: NearToken = NearToken::from_millinear(1);
const GAS_FOR_CALL: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(50);
const GAS_FOR_LAST_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_source)]
pub trait Source {
    fn price(&self) -> u32;
}

#[ext_contract(ext_bank)]
pub trait Bank {
    fn deposit(&mut self) -> NearToken;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Harvest {
    source_id: AccountId,
    bank_id: AccountId,
    harvesting: bool,
    harvests: u32,
}

#[near]
impl Harvest {
    #[init]
    pub fn new(source_id: AccountId, bank_id: AccountId) -> Self {
        Self { source_id, bank_id, harvesting: false, harvests: 0 }
    }

    pub fn harvest(&mut self) -> Promise {
        require!(!self.harvesting, "A harvest is under way");
        self.harvesting = true;
        ext_source::ext(self.source_id.clone())
            .with_static_gas(GAS_FOR_CALL)
            .price()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_source())
    }

    #[private]
    pub fn on_source(&mut self, #[callback_result] price: Result<u32, PromiseError>) {
        if price.is_err() {
            self.harvesting = false;
            return;
        }
        let _ = ext_bank::ext(self.bank_id.clone())
            .with_attached_deposit(EARNINGS)
            .with_static_gas(GAS_FOR_CALL)
            .deposit()
            .then(Self::ext_self().with_static_gas(GAS_FOR_LAST_CALLBACK).on_deposited())
            .as_return();
    }

    #[private]
    pub fn on_deposited(&mut self) -> bool {
        let deposited = is_promise_success();
        if !FIXED && !deposited {
            return false;
        }
        self.harvesting = false;
        self.harvests += u32::from(deposited);
        deposited
    }

    pub fn harvests(&self) -> u32 {
        self.harvests
    }
}
