//! A maze: a bug that only those meet who give six right arguments.
//!
//! `open` compares one argument after the other with what it should be, each in another form: an
//! amount as decimal text, an account id, the beginning of a hash in base58, a number, a word, and
//! bytes in base64. Chance never passes even the first. Who passes all has the attached money kept
//! by a keeper, another contract, and learns in the callback `on_kept` whether that went well.
//!
//! **The broken build**'s callback does nothing when the keeper fails: the money comes back to this
//! contract and stays there.
//!
//! **The fixed build**'s callback sends it to whom it belongs.
#![cfg(target_family = "wasm")]

use near_sdk::json_types::{Base58CryptoHash, Base64VecU8, U128};
use near_sdk::{
    AccountId, CryptoHash, Gas, NearToken, PanicOnDefault, Promise, env, ext_contract,
    is_promise_success, near, require,
};

const FIXED: bool = cfg!(feature = "fixed");
const GAS_FOR_KEEPER: Gas = Gas::from_tgas(15);
const GAS_FOR_CALLBACK: Gas = Gas::from_tgas(15);

const AMOUNT: u128 = 271_828_182_845_904_523_536_028;
const HEIR: &str = "theseus.aegeus.near";
const PIN: u32 = 3_141_592_653;
const WORD: &str = "ariadne's thread";

#[ext_contract(ext_keeper)]
pub trait Keeper {
    fn keep(&mut self);
}

/// What has to be given, all at once.
#[near(serializers = [json])]
pub struct Attempt {
    amount: U128,
    heir: AccountId,
    proof: Base58CryptoHash,
    pin: u32,
    word: String,
    key: Base64VecU8,
}

#[derive(PanicOnDefault)]
#[near(contract_state)]
pub struct Maze {
    keeper_id: AccountId,
    /// No constant of the code: it is made when the contract is.
    key: u64,
}

#[near]
impl Maze {
    #[init]
    pub fn new(keeper_id: AccountId) -> Self {
        let hash = env::sha256_array(keeper_id.as_bytes());
        Self { keeper_id, key: u64::from_be_bytes(first(&hash)) }
    }

    /// Has the attached money kept. Returns whether it is.
    #[payable]
    pub fn open(&mut self, attempt: Attempt) -> Promise {
        require!(attempt.amount.0 == AMOUNT, "That is not the amount");
        require!(attempt.heir == HEIR, "That is not the heir");
        let proof = env::sha256_array(attempt.heir.as_bytes());
        require!(first(&CryptoHash::from(attempt.proof)) == first(&proof), "That is no proof");
        require!(attempt.pin == PIN, "That is not the number");
        require!(attempt.word == WORD, "That is not the word");
        require!(attempt.key.0.len() == 12, "That is no key");
        require!(u64::from_be_bytes(first(&attempt.key.0)) == self.key, "That is not the key");

        let user = env::predecessor_account_id();
        let amount = env::attached_deposit();
        ext_keeper::ext(self.keeper_id.clone())
            .with_attached_deposit(amount)
            .with_static_gas(GAS_FOR_KEEPER)
            .keep()
            .then(Self::ext_self().with_static_gas(GAS_FOR_CALLBACK).on_kept(user, amount))
    }

    #[private]
    pub fn on_kept(&mut self, user: AccountId, amount: NearToken) -> bool {
        let kept = is_promise_success();
        if FIXED && !kept {
            Promise::new(user).transfer(amount).detach();
        }
        kept
    }
}

fn first(bytes: &[u8]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    first
}
