//! One instruction of a program for the puppet. The first ones, up to `RecordContext`, have the same
//! form as in recorded conformance cases; new ones come after them.
//!
//! `promise` is an index into the promises that the program has made so far.

use borsh::{BorshDeserialize, BorshSerialize};

#[derive(BorshSerialize, BorshDeserialize)]
pub(crate) enum Op {
    Log(String),
    Write {
        key: Vec<u8>,
        value: Vec<u8>,
    },
    Remove {
        key: Vec<u8>,
    },
    /// Adds to a little-endian `u64`, which is 0 where there is none.
    Add {
        key: Vec<u8>,
        by: u64,
    },
    /// Goes round in circles this many times.
    Burn(u64),
    Panic(String),
    Trap,
    Return(Vec<u8>),
    Create {
        receiver: String,
    },
    Then {
        promise: u32,
        receiver: String,
    },
    And {
        promises: Vec<u32>,
    },
    Call {
        promise: u32,
        method: String,
        args: Vec<u8>,
        deposit: u128,
        gas: u64,
        weight: u64,
    },
    Transfer {
        promise: u32,
        amount: u128,
    },
    CreateAccount {
        promise: u32,
    },
    Deploy {
        promise: u32,
        code: Vec<u8>,
    },
    AddFullKey {
        promise: u32,
        public_key: Vec<u8>,
        nonce: u64,
    },
    DeleteAccount {
        promise: u32,
        beneficiary: String,
    },
    ReturnPromise {
        promise: u32,
    },
    /// Writes each promise result under `result:` and its number: a status byte, then the data.
    RecordResults,
    /// Makes a promise, and writes its data id under `key`.
    Yield {
        method: String,
        args: Vec<u8>,
        gas: u64,
        weight: u64,
        key: Vec<u8>,
    },
    /// Resumes the yield whose data id is under `key`.
    Resume {
        key: Vec<u8>,
        data: Vec<u8>,
    },
    /// Writes under `context`: balance, deposit, gas, block, predecessor, `|`, signer.
    RecordContext,

    /// By hash, or under the name of the account that deploys it.
    DeployGlobal {
        promise: u32,
        code: Vec<u8>,
        by_account: bool,
    },
    UseGlobal {
        promise: u32,
        code_hash: Vec<u8>,
    },
    UseGlobalOf {
        promise: u32,
        account: String,
    },
    /// The initial state of an account named by what is in it.
    StateInit {
        promise: u32,
        code_hash: Vec<u8>,
        amount: u128,
        entries: Vec<(Vec<u8>, Vec<u8>)>,
    },
    Stake {
        promise: u32,
        amount: u128,
        public_key: Vec<u8>,
    },
    /// A key that may call `methods`, separated by commas, of `receiver`.
    AddCallKey {
        promise: u32,
        public_key: Vec<u8>,
        allowance: u128,
        receiver: String,
        methods: String,
    },
    DeleteKey {
        promise: u32,
        public_key: Vec<u8>,
    },
    /// Who gets the deposit back when the promise fails.
    RefundTo {
        promise: u32,
        account: String,
    },
    /// Writes under `refund_to` who gets this call's deposit back when it fails.
    RecordRefundTo,

    // Not in all versions: only the newest puppet knows these.
    AddGasKey {
        promise: u32,
        public_key: Vec<u8>,
        nonces: u64,
    },
    TransferToGasKey {
        promise: u32,
        public_key: Vec<u8>,
        amount: u128,
    },
    YieldWithId {
        method: String,
        args: Vec<u8>,
        gas: u64,
        weight: u64,
        id: Vec<u8>,
    },
    /// Writes under `resumed` whether there was such a yield.
    ResumeById {
        id: Vec<u8>,
        data: Vec<u8>,
    },
    UniversalStateInit {
        promise: u32,
        state_init: Vec<u8>,
        amount: u128,
    },
}
