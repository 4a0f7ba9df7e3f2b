//! A guest book: whoever signs pays for the bytes, once a translator has looked at the text.
//!
//! **The broken build** charges for the storage that `sign` itself used, as one does. But the entry is
//! written in the callback, and that is free: anybody can have this account's balance locked up in
//! storage, a few bytes of gas at a time.
//!
//! **The fixed build** charges for the entry in advance.
#![cfg(target_family = "wasm")]

use near_sdk::store::Vector;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_TRANSLATOR: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);
/// More than an entry takes up beside its text.
const ENTRY_BYTES: u128 = 200;

#[ext_contract(ext_translator)]
pub trait Translator {
    fn price(&self) -> u32;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct GuestBook {
    translator_id: AccountId,
    entries: Vector<(AccountId, String)>,
}

#[near]
impl GuestBook {
    #[init]
    pub fn new(translator_id: AccountId) -> Self {
        Self { translator_id, entries: Vector::new(b"e") }
    }

    /// Writes `text` into the book. What is attached beyond its price is a gift.
    #[payable]
    pub fn sign(&mut self, text: String) -> Promise {
        let (guest, paid) = (env::predecessor_account_id(), env::attached_deposit());
        require!(text.len() <= 200, "Be brief");
        let bytes = if FIXED { ENTRY_BYTES + text.len() as u128 } else { 0 };
        require!(paid >= env::storage_byte_cost().saturating_mul(bytes), "Pay for the storage");
        ext_translator::ext(self.translator_id.clone())
            .with_static_gas(GAS_FOR_TRANSLATOR)
            .price()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_read(guest, text, paid))
    }

    #[private]
    pub fn on_read(&mut self, guest: AccountId, text: String, paid: NearToken) -> bool {
        let readable = is_promise_success();
        if readable {
            self.entries.push((guest, text));
        } else if !paid.is_zero() {
            Promise::new(guest).transfer(paid).detach();
        }
        readable
    }

    pub fn count(&self) -> u32 {
        self.entries.len()
    }
}
