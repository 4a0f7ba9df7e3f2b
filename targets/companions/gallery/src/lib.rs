//! Pictures with one owner each, as far as targets need NEP-171 and NEP-181.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{AccountId, PanicOnDefault, env, near, require, serde_json};

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Gallery {
    ids: Vec<String>,
    owners: LookupMap<String, AccountId>,
}

#[near]
impl Gallery {
    #[init]
    pub fn new(owner_id: AccountId, token_ids: Vec<String>) -> Self {
        let mut owners = LookupMap::new(b"o");
        for id in &token_ids {
            owners.insert(id.clone(), owner_id.clone());
        }
        Self { ids: token_ids, owners }
    }

    #[payable]
    pub fn nft_transfer(&mut self, receiver_id: AccountId, token_id: String) {
        require!(env::attached_deposit().as_yoctonear() == 1, "Attach 1 yoctoNEAR");
        let owner = self.owners.get(&token_id);
        require!(owner == Some(&env::predecessor_account_id()), "It is not yours");
        self.owners.insert(token_id, receiver_id);
    }

    pub fn nft_token(&self, token_id: String) -> Option<serde_json::Value> {
        let owner_id = self.owners.get(&token_id)?;
        Some(serde_json::json!({ "token_id": token_id, "owner_id": owner_id }))
    }

    pub fn nft_total_supply(&self) -> String {
        self.ids.len().to_string()
    }

    pub fn nft_supply_for_owner(&self, account_id: AccountId) -> String {
        let owned = |id: &&String| self.owners.get(*id) == Some(&account_id);
        self.ids.iter().filter(owned).count().to_string()
    }
}
