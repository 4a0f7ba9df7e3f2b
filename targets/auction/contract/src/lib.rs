//! An auction of one picture: the highest bid is kept here, whoever is outbid gets the money back.
//!
//! `settle` has the gallery hand over the picture to the highest bidder, and the callback `on_settled`
//! pays the seller.
//!
//! **The broken build** takes bids until the callback. A bid in between sends the winner's money back
//! and becomes the one that the seller is paid from: the winner has the picture for nothing.
//!
//! **The fixed build** takes no bids while it is settled, and takes them again when the gallery failed.
#![cfg(target_family = "wasm")]

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

#[derive(Clone)]
#[near(serializers = [borsh])]
pub struct Bid {
    bidder: AccountId,
    amount: NearToken,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Auction {
    gallery_id: AccountId,
    seller_id: AccountId,
    token_id: String,
    highest: Option<Bid>,
    settling: bool,
    over: bool,
}

#[near]
impl Auction {
    #[init]
    pub fn new(gallery_id: AccountId, seller_id: AccountId, token_id: String) -> Self {
        Self { gallery_id, seller_id, token_id, highest: None, settling: false, over: false }
    }

    #[payable]
    pub fn bid(&mut self) {
        let bid = Bid { bidder: env::predecessor_account_id(), amount: env::attached_deposit() };
        require!(!self.over && !self.settling, "The auction is over");
        let least = self.highest.as_ref().map_or(NearToken::from_near(1), |highest| {
            highest.amount.saturating_add(NearToken::from_yoctonear(1))
        });
        require!(bid.amount >= least, "Bid more");
        if let Some(outbid) = self.highest.replace(bid) {
            Promise::new(outbid.bidder).transfer(outbid.amount).detach();
        }
    }

    /// Ends the auction. Anybody may.
    pub fn settle(&mut self) -> Promise {
        require!(!self.over && !self.settling, "The auction is over");
        let winner = self.highest.as_ref();
        let winner = winner.unwrap_or_else(|| env::panic_str("Nobody has bid")).bidder.clone();
        self.settling = FIXED;
        ext_gallery::ext(self.gallery_id.clone())
            .with_attached_deposit(ONE_YOCTO)
            .with_static_gas(GAS_FOR_GALLERY)
            .nft_transfer(winner, self.token_id.clone())
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_settled())
    }

    #[private]
    pub fn on_settled(&mut self) -> bool {
        let settled = is_promise_success();
        self.settling = false;
        if settled {
            self.over = true;
            if let Some(bid) = self.highest.take() {
                Promise::new(self.seller_id.clone()).transfer(bid.amount).detach();
            }
        }
        settled
    }

    pub fn is_over(&self) -> bool {
        self.over
    }
}
