//! Asks for deposits, messages and initial values that follow rules, and says as little about them as real
//! contracts do: for the tests of discovery, which has to find the rules from the compiled contract alone.
#![cfg(target_family = "wasm")]

use near_sdk::borsh::{BorshDeserialize, BorshSerialize};
use near_sdk::json_types::{Base64VecU8, U64, U128};
use near_sdk::serde_json;
use near_sdk::{AccountId, NearToken, PanicOnDefault, PromiseOrValue, env, near, require};

const PRICE: NearToken = NearToken::from_millinear(370);

/// The message of `ft_on_transfer`: its errors reach the caller.
#[near(serializers = [json])]
#[serde(rename_all = "snake_case")]
pub enum Order {
    Open { price: U128, period_ms: u64, side: Side },
    TopUp { order_id: U64 },
    Close,
}

#[near(serializers = [json])]
pub enum Side {
    Bid,
    Ask,
}

/// The message of `nft_on_transfer`: its errors are hidden.
#[near(serializers = [json])]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    Sale { min_price: U128, seller: AccountId, splits: Option<Vec<Split>> },
    Rent { days: u32, escrow: Option<bool> },
    Withdrawn,
}

#[near(serializers = [json])]
pub struct Split {
    receiver: AccountId,
    share: u16,
}

/// The message of `nft_on_approve`: the variant is named by a member.
#[near(serializers = [json])]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Permit {
    Lend { rate_bps: u16, until: U64 },
    Show { gallery: AccountId },
}

/// The text of `relay`, packed and written in base64.
#[derive(BorshDeserialize, BorshSerialize)]
#[borsh(crate = "near_sdk::borsh")]
pub struct Packet {
    nonce: u64,
    amount: u128,
    last: bool,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Messages {
    token_id: AccountId,
    fee: u128,
    count: u64,
}

#[near]
impl Messages {
    /// Each value has a rule of its own.
    #[init]
    pub fn new(token_id: AccountId, fee: U128, round_ms: U64, label: String) -> Self {
        require!(
            fee.0 >= NearToken::from_millinear(50).as_yoctonear(),
            "The fee is below 0.05 NEAR"
        );
        require!(fee.0 <= NearToken::from_near(3).as_yoctonear(), "The fee is too high");
        require!(round_ms.0 >= 60_000, "A round is too short");
        require!(round_ms.0 <= 7 * 86_400_000, "A round is too long");
        require!(label.len() == 12, "Bad label");
        Self { token_id, fee: fee.0, count: 0 }
    }

    /// The values depend on each other.
    #[init]
    pub fn new_shared(
        token_id: AccountId,
        owners: Vec<AccountId>,
        shares: Vec<u32>,
        first_oracle: Option<AccountId>,
        second_oracle: Option<AccountId>,
    ) -> Self {
        require!(owners.len() == shares.len(), "As many shares as owners");
        require!(shares.iter().sum::<u32>() == 10_000, "The shares must sum to 10000");
        require!(
            first_oracle.is_some() != second_oracle.is_some(),
            "Exactly one oracle must be enabled"
        );
        Self { token_id, fee: 1, count: 0 }
    }

    /// An address in hexadecimal digits.
    #[init]
    pub fn new_bridged(token_id: AccountId, factory: String) -> Self {
        let bytes =
            decode_hex(&factory).unwrap_or_else(|| env::panic_str("Invalid factory address"));
        require!(bytes.len() == 20, "Invalid factory address");
        Self { token_id, fee: 1, count: 0 }
    }

    #[payable]
    pub fn register(&mut self) {
        require!(
            env::attached_deposit() == NearToken::from_millinear(13),
            "Attach exactly 0.013 NEAR"
        );
        self.count += 1;
    }

    #[payable]
    pub fn store(&mut self, key: String) {
        let attached = env::attached_deposit().as_yoctonear();
        let price = env::storage_byte_cost().as_yoctonear() * 125;
        require!(
            attached >= price,
            format!("{attached} is not enough for {key}: at least {price}")
        );
        self.count += 1;
    }

    /// The refusal names no number.
    #[payable]
    pub fn buy(&mut self) {
        require!(env::attached_deposit() == PRICE, "Wrong price");
        self.count += 1;
    }

    /// The refusal names no number, and another precondition comes first and last.
    #[payable]
    pub fn rent(&mut self) {
        let attached = env::attached_deposit().as_yoctonear();
        let price = PRICE.as_yoctonear();
        require!(attached > 0 && attached % price == 0, "Attach a day's price for each day");
        require!(self.count > 1_000_000, "The house is not built yet");
        self.count += 1;
    }

    pub fn ft_on_transfer(
        &mut self,
        sender_id: AccountId,
        amount: U128,
        msg: String,
    ) -> PromiseOrValue<U128> {
        require!(env::predecessor_account_id() == self.token_id, "This token is not accepted");
        require!(sender_id != self.token_id && amount.0 > 0, "Nothing was sent");
        let order: Order = serde_json::from_str(&msg).expect("Not an order");
        self.count += match order {
            Order::Open { price, period_ms, side } => {
                require!(price.0 > 0 && period_ms >= 1_000, "The order is too small");
                match side {
                    Side::Bid => 1,
                    Side::Ask => 2,
                }
            }
            Order::TopUp { order_id } => order_id.0,
            Order::Close => 3,
        };
        PromiseOrValue::Value(U128(0))
    }

    pub fn nft_on_transfer(
        &mut self,
        sender_id: AccountId,
        previous_owner_id: AccountId,
        token_id: String,
        msg: String,
    ) -> PromiseOrValue<bool> {
        require!(env::predecessor_account_id() == self.token_id, "Not our NFT");
        let Ok(listing) = serde_json::from_str::<Listing>(&msg) else {
            env::panic_str("Invalid message")
        };
        let names = sender_id.len() + previous_owner_id.len() + token_id.len();
        self.count += names as u64;
        self.count += match listing {
            Listing::Sale { min_price, seller, splits } => {
                let splits = splits.unwrap_or_default();
                let shares =
                    splits.iter().map(|split| u64::from(split.share) + split.receiver.len() as u64);
                (min_price.0 % 1_000) as u64 + seller.len() as u64 + shares.sum::<u64>()
            }
            Listing::Rent { days, escrow } => {
                u64::from(days) + u64::from(escrow.unwrap_or_default())
            }
            Listing::Withdrawn => 1,
        };
        PromiseOrValue::Value(false)
    }

    pub fn nft_on_approve(
        &mut self,
        token_id: String,
        owner_id: AccountId,
        approval_id: u64,
        msg: String,
    ) {
        require!(env::predecessor_account_id() == self.token_id, "Not our NFT");
        let permit: Permit =
            serde_json::from_str(&msg).unwrap_or_else(|error| env::panic_str(&error.to_string()));
        self.count += approval_id + token_id.len() as u64 + owner_id.len() as u64;
        self.count += match permit {
            Permit::Lend { rate_bps, until } => u64::from(rate_bps) + until.0 % 7,
            Permit::Show { gallery } => gallery.len() as u64,
        };
    }

    pub fn mt_on_transfer(
        &mut self,
        sender_id: AccountId,
        previous_owner_ids: Vec<AccountId>,
        token_ids: Vec<String>,
        amounts: Vec<U128>,
        msg: String,
    ) -> PromiseOrValue<Vec<U128>> {
        require!(env::predecessor_account_id() == self.token_id, "Not our token");
        let parts: Vec<&str> = msg.split(':').collect();
        require!(parts.len() == 3, "Expected action:account:amount");
        require!(parts[0] == "deposit" || parts[0] == "stake", "Unknown action");
        let _: AccountId = parts[1].parse().unwrap_or_else(|_| env::panic_str("Not an account"));
        let amount: u128 = parts[2].parse().unwrap_or_else(|_| env::panic_str("Not an amount"));
        self.count += sender_id.len() as u64 + previous_owner_ids.len() as u64;
        self.count += token_ids.len() as u64 + (amount % 1_000) as u64;
        PromiseOrValue::Value(amounts)
    }

    /// Takes a packed text.
    pub fn relay(&mut self, packet: String) {
        let bytes: Base64VecU8 = serde_json::from_str(&format!("\"{packet}\""))
            .unwrap_or_else(|_| env::panic_str("The packet is not base64"));
        let packet: Packet = near_sdk::borsh::from_slice(&bytes.0)
            .unwrap_or_else(|_| env::panic_str("The packet is damaged"));
        require!(!packet.last || packet.amount > 0, "Empty");
        self.count += packet.nonce;
    }

    pub fn hidden(&mut self, address: String, parts: Vec<Vec<u8>>) {
        require!(decode_hex(&address).is_some_and(|bytes| bytes.len() == 20), "Bad address");
        self.count += parts.iter().map(|part| part.len() as u64).sum::<u64>();
    }

    pub fn settle(
        &mut self,
        #[serializer(borsh)] amount: u128,
        #[serializer(borsh)] by: AccountId,
    ) {
        require!(
            env::predecessor_account_id() == env::current_account_id(),
            "Method settle is private"
        );
        self.count += amount as u64 + by.len() as u64;
    }

    pub fn state(&self) -> (u64, U128) {
        (self.count, U128(self.fee))
    }
}

/// What compilers export besides methods.
#[unsafe(no_mangle)]
pub extern "C" fn __collect() {}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("0x").unwrap_or(text).as_bytes();
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let byte = |pair: &[u8]| Some((digit(pair[0])? * 16 + digit(*pair.get(1)?)?) as u8);
    text.chunks(2).map(byte).collect()
}
