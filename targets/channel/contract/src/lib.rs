//! A payment channel: the payer keeps money here, and `close` pays it all to the recipient.
//!
//! **The broken build** forgets the channel in the callback, when the payment has arrived. A `top_up`
//! in between is accepted and forgotten with it: nobody has that money any more. Nobody gains.
//!
//! **The fixed build** forgets only what it paid.
#![cfg(target_family = "wasm")]

use near_sdk::store::LookupMap;
use near_sdk::{
    AccountId, Gas, NearToken, PanicOnDefault, Promise, env, is_promise_success, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const MINIMUM: NearToken = NearToken::from_millinear(10);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(10);

#[derive(Clone)]
#[near(serializers = [borsh])]
pub struct Channel {
    recipient: AccountId,
    amount: NearToken,
    closing: bool,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Channels {
    by_payer: LookupMap<AccountId, Channel>,
}

#[near]
impl Channels {
    #[init]
    pub fn new() -> Self {
        Self { by_payer: LookupMap::new(b"c") }
    }

    #[payable]
    pub fn open(&mut self, recipient: AccountId) {
        let (payer, amount) = (env::predecessor_account_id(), env::attached_deposit());
        require!(amount >= MINIMUM, "Attach at least 0.01 NEAR");
        require!(!self.by_payer.contains_key(&payer), "You have a channel already");
        self.by_payer.insert(payer, Channel { recipient, amount, closing: false });
    }

    #[payable]
    pub fn top_up(&mut self) {
        require!(env::attached_deposit() >= MINIMUM, "Attach at least 0.01 NEAR");
        let channel = self.by_payer.get_mut(&env::predecessor_account_id());
        let channel = channel.unwrap_or_else(|| env::panic_str("You have no channel"));
        channel.amount = channel.amount.saturating_add(env::attached_deposit());
    }

    /// Pays the recipient everything. Returns whether the money arrived.
    pub fn close(&mut self) -> Promise {
        let payer = env::predecessor_account_id();
        let channel = self.by_payer.get_mut(&payer);
        let channel = channel.unwrap_or_else(|| env::panic_str("You have no channel"));
        require!(!channel.closing, "It is being closed");
        channel.closing = true;
        let (recipient, amount) = (channel.recipient.clone(), channel.amount);
        let callback = Self::ext_self().with_static_gas(GAS_FOR_CALLBACK);
        Promise::new(recipient).transfer(amount).then(callback.on_closed(payer, amount))
    }

    #[private]
    pub fn on_closed(&mut self, payer: AccountId, amount: NearToken) -> bool {
        let paid = is_promise_success();
        let Some(channel) = self.by_payer.get_mut(&payer) else { return paid };
        channel.closing = false;
        if paid {
            channel.amount = channel.amount.saturating_sub(amount);
            if !FIXED || channel.amount.is_zero() {
                self.by_payer.remove(&payer);
            }
        }
        paid
    }

    pub fn balance_of(&self, payer: AccountId) -> NearToken {
        self.by_payer.get(&payer).map_or(NearToken::ZERO, |channel| channel.amount)
    }
}
