//! A marketplace for pictures: the gallery's `nft_transfer` hands them over, the buyer's deposit pays.
//!
//! Two can buy the same picture before the first sale is settled; the gallery gives it to the first,
//! and the other one's deposit has to go back.
//!
//! **The broken build** sends it to the listing's owner in both cases.
//!
//! **The fixed build** sends it back to the buyer when the gallery refused.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract, is_promise_success,
    near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_GALLERY: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);
const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);

#[ext_contract(ext_gallery)]
pub trait Gallery {
    fn nft_transfer(&mut self, receiver_id: AccountId, token_id: String);
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Market {
    gallery_id: AccountId,
    seller_id: AccountId,
    prices: LookupMap<String, NearToken>,
}

#[near]
impl Market {
    /// The pictures belong to this account already, on behalf of the seller.
    #[init]
    pub fn new(gallery_id: AccountId, seller_id: AccountId, token_ids: Vec<String>) -> Self {
        let mut prices = LookupMap::new(b"p");
        for id in token_ids {
            prices.insert(id, NearToken::from_near(1));
        }
        Self { gallery_id, seller_id, prices }
    }

    #[payable]
    pub fn buy(&mut self, token_id: String) -> Promise {
        let buyer = env::predecessor_account_id();
        let price = self.prices.get(&token_id).copied();
        let price = price.unwrap_or_else(|| env::panic_str("It is not for sale"));
        let paid = env::attached_deposit();
        require!(paid >= price, "It costs more than that");
        ext_gallery::ext(self.gallery_id.clone())
            .with_attached_deposit(ONE_YOCTO)
            .with_static_gas(GAS_FOR_GALLERY)
            .nft_transfer(buyer.clone(), token_id.clone())
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_sold(buyer, token_id, paid))
    }

    #[private]
    pub fn on_sold(&mut self, buyer: AccountId, token_id: String, paid: NearToken) -> bool {
        let sold = is_promise_success();
        if sold {
            self.prices.remove(&token_id);
        }
        let back = FIXED && !sold;
        let payee = if back { buyer } else { self.seller_id.clone() };
        Promise::new(payee).transfer(paid).detach();
        sold
    }

    pub fn price_of(&self, token_id: String) -> Option<NearToken> {
        self.prices.get(&token_id).copied()
    }
}
