//! Names: everybody may bear one, once an office has been asked what it costs there.
//!
//! `rename` asks the office; its callback writes the name down, and returns it. No money moves.
//!
//! **The broken build** remembers the wish in a field of the contract until the office has answered:
//! who wishes meanwhile gives the other caller a name, too.
//!
//! **The fixed build** passes the wish on to its own callback.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, BorshStorageKey, Gas, PanicOnDefault, Promise, PromiseError, env, ext_contract,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const LONGEST: usize = 32;
const GAS_FOR_CALL: Gas = Gas::from_tgas(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(20);

#[ext_contract(ext_office)]
pub trait Office {
    fn price(&self) -> u32;
}

#[derive(BorshStorageKey)]
#[near]
enum Key {
    Names,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Names {
    office_id: AccountId,
    wish: String,
    names: LookupMap<AccountId, String>,
}

#[near]
impl Names {
    #[init]
    pub fn new(office_id: AccountId) -> Self {
        Self { office_id, wish: String::new(), names: LookupMap::new(Key::Names) }
    }

    pub fn rename(&mut self, name: String) -> Promise {
        require!(name.len() <= LONGEST, "The name is too long");
        if !FIXED {
            self.wish.clone_from(&name);
        }
        let user = env::predecessor_account_id();
        ext_office::ext(self.office_id.clone())
            .with_static_gas(GAS_FOR_CALL)
            .price()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_price(user, name))
    }

    #[private]
    pub fn on_price(
        &mut self,
        user: AccountId,
        name: String,
        #[callback_result] price: Result<u32, PromiseError>,
    ) -> bool {
        let name = if FIXED { name } else { std::mem::take(&mut self.wish) };
        if price.is_err() {
            return false;
        }
        self.names.insert(user, name);
        true
    }

    pub fn name_of(&self, account_id: AccountId) -> Option<String> {
        self.names.get(&account_id).cloned()
    }
}
