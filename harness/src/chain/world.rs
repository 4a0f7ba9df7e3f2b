//! The world: all simulated chain state, as one value.
//!
//! Never chooses what happens next, and never touches a file or a clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_crypto::{ED25519PublicKey, PublicKey, PublicKeyHandle};
use near_primitives::account::AccessKey;
use near_primitives_core::hash::CryptoHash;
use rpds::RedBlackTreeMapSync;

use super::account::AccountRecord;
use super::clock::Clock;
use super::global_contracts::GlobalContracts;
use super::order::Turn;
use super::protocol::Protocol;
use super::receipt_queue::ReceiptQueue;
use super::supply::Supply;
use crate::types::{AccountId, BlockHeight, Duration, NearToken};
use crate::vm::{ContractCode, Yields};

/// All simulated chain state. Cloning it is cheap and takes a snapshot.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) protocol: Arc<Protocol>,
    clock: Clock,
    pub(super) height: BlockHeight,
    /// The block that contracts see, if it is not the current one.
    shown: Option<BlockHeight>,
    pub(super) accounts: RedBlackTreeMapSync<AccountId, Arc<AccountRecord>>,
    pub(super) globals: GlobalContracts,
    pub(super) yields: RedBlackTreeMapSync<AccountId, Yields>,
    pub(super) receipts: ReceiptQueue,
    /// What has come to each account in this block.
    pub(super) turns: RedBlackTreeMapSync<AccountId, Turn>,
    pub(super) supply: Supply,
}

impl World {
    /// A chain without accounts, before its first block.
    #[must_use]
    pub fn new(protocol: Arc<Protocol>) -> Self {
        Self::starting(protocol, Clock::GENESIS)
    }

    /// A chain without accounts that starts at this height and time.
    #[must_use]
    pub fn starting(protocol: Arc<Protocol>, clock: Clock) -> Self {
        Self {
            protocol,
            clock,
            height: clock.height,
            shown: None,
            accounts: RedBlackTreeMapSync::default(),
            globals: GlobalContracts::default(),
            yields: RedBlackTreeMapSync::default(),
            receipts: ReceiptQueue::default(),
            turns: RedBlackTreeMapSync::default(),
            supply: Supply::default(),
        }
    }

    /// Puts an account into the world, with one full-access key, as a genesis would.
    pub fn add_account(
        &mut self,
        id: AccountId,
        balance: NearToken,
        code: Option<Arc<ContractCode>>,
    ) {
        let key = key_of(&id);
        self.add_account_with_key(id, balance, code, &key);
    }

    /// The same with this key.
    pub fn add_account_with_key(
        &mut self,
        id: AccountId,
        balance: NearToken,
        code: Option<Arc<ContractCode>>,
        key: &PublicKey,
    ) {
        let mut record = AccountRecord::empty(&self.protocol);
        record.add_key(&self.protocol, PublicKeyHandle::from(key), AccessKey::full_access(), 0);
        record.credit(balance);
        if let Some(code) = code {
            record.deploy(code);
        }
        self.supply.issue(balance);
        self.accounts.insert_mut(id, Arc::new(record));
    }

    /// Puts state into an existing account, as a genesis would.
    pub fn add_state<'s>(
        &mut self,
        id: &AccountId,
        state: impl IntoIterator<Item = (&'s [u8], &'s [u8])>,
    ) {
        let Some(record) = self.account(id) else { return };
        let mut record = record.clone();
        let extra = self.protocol.fees().storage_usage_config.num_extra_bytes_record;
        for (key, value) in state {
            record.storage.insert(key, value);
            record.add_usage(extra + (key.len() + value.len()) as u64);
        }
        self.accounts.insert_mut(id.clone(), Arc::new(record));
    }

    /// The protocol that this world follows.
    #[must_use]
    pub fn protocol(&self) -> &Arc<Protocol> {
        &self.protocol
    }

    /// The current block.
    #[must_use]
    pub fn height(&self) -> BlockHeight {
        self.height
    }

    /// The account called `id`, if it exists.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&AccountRecord> {
        self.accounts.get(id).map(|record| &**record)
    }

    /// The account called `id`, to keep: what happens later does not change it.
    #[must_use]
    pub fn record(&self, id: &AccountId) -> Option<Arc<AccountRecord>> {
        self.accounts.get(id).cloned()
    }

    /// All accounts, in the order of their ids.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &AccountRecord)> {
        self.accounts.iter().map(|(id, record)| (id, &**record))
    }

    /// The running totals of NEAR: issued, burnt, subsidised.
    #[must_use]
    pub fn supply(&self) -> &Supply {
        &self.supply
    }

    /// Every account's balance, locked balance included, in yoctoNEAR.
    #[must_use]
    pub fn balances(&self) -> BTreeMap<AccountId, NearToken> {
        let total = |record: &AccountRecord| record.balance().saturating_add(record.locked());
        self.accounts().map(|(id, record)| (id.clone(), total(record))).collect()
    }

    /// Ends the current block and begins the next: yields that have timed out are resumed without data.
    pub fn next_block(&mut self) {
        self.receipts.time_out(self.height);
        self.turns = RedBlackTreeMapSync::default();
        self.height += 1;
    }

    /// Begins new blocks until `height` is the current one.
    pub fn advance_to(&mut self, height: BlockHeight) {
        while self.height < height {
            match self.next_timeout() {
                Some(_) => self.next_block(),
                // Nothing happens in the blocks until then, so they need not be gone through one by one.
                None => {
                    self.turns = RedBlackTreeMapSync::default();
                    self.height = height;
                }
            }
        }
    }

    /// Shows contracts this block's height, time, epoch and random seed from now on, or the current block's
    /// again. Receipts still run in the current block.
    pub(crate) fn show_block(&mut self, height: Option<BlockHeight>) {
        self.shown = height;
    }

    /// The block that contracts see.
    pub(super) fn shown_height(&self) -> BlockHeight {
        self.shown.unwrap_or(self.height)
    }

    /// Lets this much time pass, at least one block. Yields that time out meanwhile are resumed without data.
    pub fn wait(&mut self, duration: Duration) {
        self.advance_to(self.height.saturating_add(Clock::blocks_in(duration).max(1)));
    }

    /// The time that contracts see, that of the current block, in nanoseconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> u64 {
        self.clock.time_at(self.shown_height())
    }

    pub(super) fn epoch(&self) -> u64 {
        self.clock.epoch_at(self.shown_height())
    }

    /// The block's random seed: made from its height, so that it replays.
    pub(super) fn random_seed(&self) -> CryptoHash {
        CryptoHash::hash_bytes(&self.shown_height().to_le_bytes())
    }
}

/// The key that an account starts with unless it is given another. No secret key belongs to it.
#[must_use]
pub fn key_of(id: &AccountId) -> PublicKey {
    let CryptoHash(bytes) = CryptoHash::hash_bytes(id.as_bytes());
    PublicKey::ED25519(ED25519PublicKey(bytes))
}
