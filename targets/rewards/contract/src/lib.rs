//! Rewards for seasons: `claim` pays for all seasons on the list at once.
//!
//! **The broken build** looks up all of them before it marks any: a season that is on the list twice
//! is paid twice.
//!
//! **The fixed build** marks each as it goes.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{AccountId, NearToken, PanicOnDefault, Promise, env, near, require};

const FIXED: bool = cfg!(feature = "fixed");
const REWARD: NearToken = NearToken::from_millinear(500);

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Rewards {
    seasons: u32,
    claimed: LookupMap<(AccountId, u32), bool>,
}

#[near]
impl Rewards {
    #[init]
    pub fn new(seasons: u32) -> Self {
        Self { seasons, claimed: LookupMap::new(b"c") }
    }

    /// Pays the caller for these seasons.
    pub fn claim(&mut self, seasons: Vec<u32>) -> Promise {
        let user = env::predecessor_account_id();
        let mut due = NearToken::ZERO;
        for season in &seasons {
            let key = (user.clone(), *season);
            require!(*season < self.seasons, "There is no such season");
            require!(!self.claimed.contains_key(&key), "You have had that");
            if FIXED {
                self.claimed.insert(key, true);
            }
            due = due.saturating_add(REWARD);
        }
        for season in seasons {
            self.claimed.insert((user.clone(), season), true);
        }
        Promise::new(user).transfer(due)
    }

    pub fn has_claimed(&self, account_id: AccountId, season: u32) -> bool {
        self.claimed.contains_key(&(account_id, season))
    }
}
