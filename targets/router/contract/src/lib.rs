//! A router: `invest` sends the attached deposit to an agent (`agent/`), which puts it into a bank.
//! Three contracts deep, the bank may fail.
//!
//! The agent then sends the money back here and answers `false`: its own callback did well.
//!
//! **The broken build** asks whether the agent's call succeeded, not what it answered: the user is
//! written down as an investor, and the money stays here.
//!
//! **The fixed build** reads the answer, and sends the money back to the user.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, PromiseError, env, ext_contract, near,
    require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(100);
const GAS_FOR_AGENT: Gas = Gas::from_tgas(60);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

#[ext_contract(ext_agent)]
pub trait Agent {
    fn place(&mut self) -> bool;
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Router {
    agent_id: AccountId,
    invested: LookupMap<AccountId, NearToken>,
}

#[near]
impl Router {
    #[init]
    pub fn new(agent_id: AccountId) -> Self {
        Self { agent_id, invested: LookupMap::new(b"i") }
    }

    #[payable]
    pub fn invest(&mut self) -> Promise {
        let user = env::predecessor_account_id();
        let amount = env::attached_deposit();
        require!(amount >= MINIMUM, "Invest at least 0.1 NEAR");
        ext_agent::ext(self.agent_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_AGENT)
            .place()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_placed(user, amount))
    }

    #[private]
    pub fn on_placed(
        &mut self,
        user: AccountId,
        amount: NearToken,
        #[callback_result] answer: Result<bool, PromiseError>,
    ) -> bool {
        let placed = if FIXED { answer.unwrap_or(false) } else { answer.is_ok() };
        if placed {
            let invested = self.invested.entry(user).or_default();
            *invested = invested.saturating_add(amount);
        } else {
            Promise::new(user).transfer(amount).detach();
        }
        placed
    }

    pub fn invested_by(&self, account_id: AccountId) -> NearToken {
        self.invested.get(&account_id).copied().unwrap_or_default()
    }
}
