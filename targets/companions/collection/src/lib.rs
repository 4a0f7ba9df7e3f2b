//! Non-fungible tokens that `interloper init` puts where a contract calls some and nobody has the wasm.
//!
//! NEP-171 with NEP-177 and NEP-181. Which tokens there are nobody knows, so there is every one: those
//! that nobody has moved yet belong to the keeper, which is the contract that is looked at.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, PanicOnDefault, Promise, env, ext_contract, near, require, serde_json,
};

const GAS_FOR_RECEIVER: Gas = Gas::from_tgas(20);
const GAS_FOR_RESOLVE: Gas = Gas::from_tgas(10);
/// The longest proper answer: `false`.
const MAX_ANSWER: usize = 5;

#[ext_contract(ext_receiver)]
pub trait Receiver {
    fn nft_on_transfer(
        &mut self,
        sender_id: AccountId,
        previous_owner_id: AccountId,
        token_id: String,
        msg: String,
    ) -> bool;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Collection {
    keeper_id: AccountId,
    owners: LookupMap<String, AccountId>,
    counts: LookupMap<AccountId, u32>,
    moved: u32,
}

#[near]
impl Collection {
    /// Each of the holders has the token that is called as their account.
    #[init]
    pub fn new(keeper_id: AccountId, holders: Vec<AccountId>) -> Self {
        let (owners, counts) = (LookupMap::new(b"o"), LookupMap::new(b"c"));
        let mut collection = Self { keeper_id, owners, counts, moved: 0 };
        for holder in holders {
            collection.give(&holder.to_string(), &holder);
        }
        collection
    }

    #[payable]
    pub fn nft_transfer(
        &mut self,
        receiver_id: AccountId,
        token_id: String,
        approval_id: Option<u64>,
        memo: Option<String>,
    ) {
        let _ = (approval_id, memo);
        self.send(&receiver_id, &token_id);
    }

    #[payable]
    pub fn nft_transfer_call(
        &mut self,
        receiver_id: AccountId,
        token_id: String,
        approval_id: Option<u64>,
        memo: Option<String>,
        msg: String,
    ) -> Promise {
        let _ = (approval_id, memo);
        let sender = env::predecessor_account_id();
        self.send(&receiver_id, &token_id);
        let callback = Self::ext_self().with_static_gas(GAS_FOR_RESOLVE).nft_resolve_transfer(
            sender.clone(),
            receiver_id.clone(),
            token_id.clone(),
        );
        ext_receiver::ext(receiver_id)
            .with_static_gas(GAS_FOR_RECEIVER)
            .nft_on_transfer(sender.clone(), sender, token_id, msg)
            .then(callback)
    }

    /// Returns whether the receiver kept it.
    #[private]
    pub fn nft_resolve_transfer(
        &mut self,
        previous_owner_id: AccountId,
        receiver_id: AccountId,
        token_id: String,
    ) -> bool {
        let answer = env::promise_result_checked(0, MAX_ANSWER).ok();
        let answer = answer.and_then(|bytes| serde_json::from_slice::<bool>(&bytes).ok());
        let back = answer.unwrap_or(true) && self.owner(&token_id) == receiver_id;
        if back {
            self.give(&token_id, &previous_owner_id);
        }
        !back
    }

    pub fn nft_token(&self, token_id: String) -> serde_json::Value {
        let owner_id = self.owner(&token_id);
        serde_json::json!({ "token_id": token_id, "owner_id": owner_id, "approved_account_ids": {} })
    }

    pub fn nft_metadata(&self) -> serde_json::Value {
        serde_json::json!({ "spec": "nft-1.0.0", "name": "Collection", "symbol": "COLL" })
    }

    pub fn nft_total_supply(&self) -> String {
        self.moved.to_string()
    }

    pub fn nft_supply_for_owner(&self, account_id: AccountId) -> String {
        self.counts.get(&account_id).copied().unwrap_or_default().to_string()
    }
}

impl Collection {
    fn owner(&self, token_id: &String) -> AccountId {
        self.owners.get(token_id).unwrap_or(&self.keeper_id).clone()
    }

    fn send(&mut self, receiver: &AccountId, token_id: &String) {
        require!(env::attached_deposit().as_yoctonear() == 1, "Attach 1 yoctoNEAR");
        let sender = env::predecessor_account_id();
        require!(self.owner(token_id) == sender, "It is not yours");
        require!(*receiver != sender, "You have that already");
        self.give(token_id, receiver);
    }

    fn give(&mut self, token_id: &String, receiver: &AccountId) {
        match self.owners.insert(token_id.clone(), receiver.clone()) {
            Some(before) => *self.counts.entry(before).or_default() -= 1,
            None => self.moved += 1,
        }
        *self.counts.entry(receiver.clone()).or_default() += 1;
    }
}
