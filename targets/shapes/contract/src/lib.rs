//! Takes arguments of every shape that contracts take, and does nothing with them: for the tests of
//! argument discovery, which have to find all of them out from the compiled contract alone.
#![cfg(target_family = "wasm")]

use std::collections::BTreeMap;

use near_sdk::json_types::{Base58CryptoHash, Base64VecU8, I64, U64, U128};
use near_sdk::serde_json::Value;
use near_sdk::{
    AccountId, NearToken, PanicOnDefault, PublicKey, assert_one_yocto, env, near, require,
};

#[near(serializers = [json])]
pub struct Order {
    pub maker: AccountId,
    pub price: U128,
    pub legs: Vec<Leg>,
    pub note: Option<String>,
}

#[near(serializers = [json])]
pub struct Leg {
    pub asset: AccountId,
    pub amount: u64,
    #[serde(default)]
    pub weight: u8,
}

#[near(serializers = [json])]
pub enum Side {
    Buy,
    Sell,
    Limit { price: U128 },
    Swap(AccountId, U64),
    Only(u16),
}

#[near(serializers = [json])]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    Stake { amount: U128 },
    Send { receiver: AccountId, amount: U128 },
}

#[near(serializers = [json])]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub fee: Option<u32>,
    pub open: Option<bool>,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Shapes {
    owner_id: AccountId,
    count: u64,
}

#[near]
impl Shapes {
    #[init]
    pub fn new(owner_id: AccountId, total: U128, pool_id: AccountId) -> Self {
        require!(owner_id != pool_id, "The pool cannot be the owner");
        require!(total.0 >= 1_000_000, "Too little");
        Self { owner_id, count: 0 }
    }

    #[payable]
    pub fn numbers(&mut self, small: u8, signed: i32, wide: u128, text: U64, negative: I64) {
        self.take(&(small, signed, wide, text.0, negative.0));
    }

    pub fn order(&mut self, order: Order) {
        self.take(&order.legs.iter().map(|leg| leg.amount + u64::from(leg.weight)).max());
        self.take(&(order.maker, order.price.0, order.note));
    }

    pub fn side(&mut self, side: Side) {
        self.take(&match side {
            Side::Buy => 0,
            Side::Sell => 1,
            Side::Limit { price } => price.0,
            Side::Swap(account, amount) => account.len() as u128 + u128::from(amount.0),
            Side::Only(number) => number.into(),
        });
    }

    pub fn act(&mut self, action: Action) {
        self.take(&match action {
            Action::Stake { amount } => amount.0,
            Action::Send { receiver, amount } => amount.0 + receiver.len() as u128,
        });
    }

    pub fn bytes(
        &mut self,
        packed: Base64VecU8,
        plain: Vec<u8>,
        hash: Base58CryptoHash,
        key: PublicKey,
    ) {
        self.take(&(packed.0, plain, near_sdk::CryptoHash::from(hash), key.as_bytes().to_vec()));
    }

    pub fn lists(
        &mut self,
        pairs: Vec<(AccountId, U128)>,
        sums: BTreeMap<AccountId, U128>,
        flags: [bool; 2],
    ) {
        self.take(&(pairs.len(), sums.len(), flags[0] && flags[1]));
    }

    pub fn settings(&mut self, settings: Settings, memo: Option<String>, anything: Value) {
        self.take(&(settings.fee, settings.open, memo, anything.to_string()));
    }

    /// Refuses everything but one yoctoNEAR, after it has read its arguments.
    #[payable]
    pub fn careful(&mut self, receiver_id: AccountId) {
        assert_one_yocto();
        self.take(&receiver_id);
    }

    /// Wants a whole NEAR.
    #[payable]
    pub fn costly(&mut self) {
        require!(env::attached_deposit() >= NearToken::from_near(1), "Attach 1 NEAR");
        self.count += 1;
    }

    pub fn packed(
        &mut self,
        #[serializer(borsh)] amount: u128,
        #[serializer(borsh)] flag: bool,
        #[serializer(borsh)] name: String,
        #[serializer(borsh)] parts: Vec<u64>,
        #[serializer(borsh)] limit: Option<u32>,
    ) {
        self.take(&(amount, flag, name, parts, limit));
    }

    #[private]
    pub fn on_done(&mut self, #[callback_unwrap] result: U128, account: AccountId) {
        self.take(&(result.0, account));
    }

    pub fn owner_of(&self, account_id: AccountId) -> bool {
        self.owner_id == account_id
    }

    pub fn count(&self) -> u64 {
        self.count
    }
}

impl Shapes {
    /// Reads the value, so that nothing of it is left out when the contract is built.
    fn take(&mut self, value: &impl near_sdk::borsh::BorshSerialize) {
        let bytes = near_sdk::borsh::to_vec(value).unwrap_or_default();
        env::log_str(&format!("{} bytes", bytes.len()));
        self.count += 1;
    }
}
