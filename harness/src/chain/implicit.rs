//! Which accounts a transfer may create, and what they contain then. Accounts with a name of the
//! user's choice are created by an action of their own.

use near_crypto::{PublicKey, PublicKeyHandle};
use near_primitives::account::{AccessKey, Account, AccountContract};
use near_primitives::errors::{ActionError, ActionErrorKind};
use near_primitives::transaction::Action;
use near_primitives_core::account::id::AccountType;
use near_primitives_core::hash::CryptoHash;

use super::account::AccountRecord;
use super::action_result::{ApplyContext, ApplyState};
use super::keys::NONCE_RANGE;
use super::world::World;
use crate::types::{AccountId, NearToken};

/// Hash of the wallet contract that the public network gives to Ethereum-like accounts.
pub const ETH_WALLET: CryptoHash = CryptoHash([
    0x1d, 0xaa, 0x83, 0x5c, 0x46, 0x37, 0xf7, 0xae, 0x3d, 0x92, 0x40, 0x95, 0xba, 0x3f, 0x0b, 0xf2,
    0x82, 0x9b, 0xcf, 0xa1, 0x7b, 0x10, 0x68, 0xcd, 0x58, 0xbd, 0x85, 0x3d, 0xca, 0xd7, 0xce, 0xb5,
]);

impl World {
    /// Whether the action finds the account in the state that it needs.
    pub(super) fn check_existence(
        &self,
        context: &ApplyContext<'_>,
        action: &Action,
        state: &ApplyState,
    ) -> Result<(), ActionError> {
        let account_id = context.receipt.receiver_id().clone();
        let kind = match (action, &state.record) {
            (Action::CreateAccount(_), Some(_)) => {
                ActionErrorKind::AccountAlreadyExists { account_id }
            }
            (Action::CreateAccount(_), None)
                if self.kind(&account_id) != AccountType::NamedAccount =>
            {
                ActionErrorKind::OnlyImplicitAccountCreationAllowed { account_id }
            }
            (Action::Transfer(_), None) if !self.may_create(context, &account_id) => {
                ActionErrorKind::AccountDoesNotExist { account_id }
            }
            (
                Action::CreateAccount(_)
                | Action::Transfer(_)
                | Action::DeterministicStateInit(_)
                | Action::UniversalStateInit(_),
                _,
            ) => return Ok(()),
            (_, None) => ActionErrorKind::AccountDoesNotExist { account_id },
            (_, Some(record)) if !record.account.is_initialized() => {
                ActionErrorKind::AccountNotInitialized { account_id }
            }
            (_, Some(_)) => return Ok(()),
        };
        Err(kind.into())
    }

    /// Whether a transfer in this receipt creates the account. A universal account's keys follow from
    /// its name, so it does no harm there if more actions come with the transfer.
    fn may_create(&self, context: &ApplyContext<'_>, id: &AccountId) -> bool {
        let alone = context.action.actions().len() == 1;
        !context.is_refund()
            && match self.kind(id) {
                AccountType::NamedAccount => false,
                AccountType::UniversalAccount => true,
                AccountType::NearImplicitAccount
                | AccountType::EthImplicitAccount
                | AccountType::NearDeterministicAccount => alone,
            }
    }

    /// What the name says about the account, as far as this protocol version knows such names.
    fn kind(&self, id: &AccountId) -> AccountType {
        let wasm = &self.protocol.config.wasm_config;
        match id.get_account_type() {
            AccountType::EthImplicitAccount if !wasm.eth_implicit_accounts => {
                AccountType::NamedAccount
            }
            AccountType::UniversalAccount if !wasm.universal_accounts => AccountType::NamedAccount,
            kind => kind,
        }
    }

    /// The account that a transfer of `deposit` creates.
    pub(super) fn implicit_account(&self, id: &AccountId, deposit: NearToken) -> AccountRecord {
        let mut record = AccountRecord::empty(&self.protocol);
        match id.get_account_type() {
            AccountType::NearImplicitAccount => {
                let public_key = PublicKey::from_near_implicit_account(id)
                    .expect("an implicit account's name is its key");
                let (handle, key) = (PublicKeyHandle::from(public_key), AccessKey::full_access());
                record.add_key(&self.protocol, handle, key, self.first_nonce());
            }
            AccountType::EthImplicitAccount => {
                let contract = AccountContract::Global(ETH_WALLET);
                record.add_usage(contract.identifier_storage_usage());
                record.set_contract(contract);
            }
            AccountType::UniversalAccount => return self.uninitialized_account(deposit),
            AccountType::NearDeterministicAccount | AccountType::NamedAccount => {}
        }
        record.credit(deposit);
        record
    }

    /// A universal account that has a balance and nothing else.
    pub(super) fn uninitialized_account(&self, deposit: NearToken) -> AccountRecord {
        let mut record = AccountRecord::empty(&self.protocol);
        let bytes = self.protocol.fees().storage_usage_config.num_bytes_account;
        record.account = Account::new_uninitialized(deposit, bytes, self.first_nonce());
        record
    }

    /// Where the nonces of keys begin that are added in this block.
    pub(super) fn first_nonce(&self) -> u64 {
        self.height.saturating_sub(1) * NONCE_RANGE
    }
}
