//! Global contracts: code that is deployed once and used by any account.
//!
//! Simplified: one delivery of the distribution receipt installs the code for all shards at once,
//! where the real one is passed on from shard to shard.

use std::sync::Arc;

use near_primitives::account::AccountContract;
use near_primitives::action::{
    DeployGlobalContractAction, GlobalContractDeployMode, GlobalContractIdentifier,
};
use near_primitives::errors::ActionErrorKind;
use near_primitives::receipt::{GlobalContractDistributionReceipt, Receipt};
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::ShardId;
use rpds::RedBlackTreeMapSync;

use super::account::AccountRecord;
use super::action::existing;
use super::apply::{Tally, Work};
use super::world::World;
use crate::types::AccountId;
use crate::vm::ContractCode;

/// All global contracts.
#[derive(Clone, Debug, Default)]
pub(super) struct GlobalContracts {
    by_hash: RedBlackTreeMapSync<CryptoHash, Arc<ContractCode>>,
    by_account: RedBlackTreeMapSync<AccountId, Arc<ContractCode>>,
}

impl GlobalContracts {
    pub(super) fn get(&self, id: &GlobalContractIdentifier) -> Option<&Arc<ContractCode>> {
        match id {
            GlobalContractIdentifier::CodeHash(hash) => self.by_hash.get(hash),
            GlobalContractIdentifier::AccountId(account) => self.by_account.get(account),
        }
    }

    fn install(&mut self, id: &GlobalContractIdentifier, code: Arc<ContractCode>) {
        match id {
            GlobalContractIdentifier::CodeHash(hash) => self.by_hash.insert_mut(*hash, code),
            GlobalContractIdentifier::AccountId(account) => {
                self.by_account.insert_mut(account.clone(), code);
            }
        }
    }
}

impl World {
    /// Puts a global contract into the world, under its hash or under the name of an account.
    pub fn add_global_contract(&mut self, code: Arc<ContractCode>, account: Option<AccountId>) {
        let id = match account {
            Some(account) => GlobalContractIdentifier::AccountId(account),
            None => GlobalContractIdentifier::CodeHash(*code.hash()),
        };
        self.globals.install(&id, code);
    }

    /// The code that runs when this account is called: its own, or the global contract that it uses.
    pub(super) fn code_of(&self, record: &AccountRecord) -> Option<Arc<ContractCode>> {
        match GlobalContractIdentifier::try_from(record.account.contract().into_owned()) {
            Ok(id) => self.globals.get(&id).cloned(),
            Err(_) => record.code.clone(),
        }
    }

    /// A distribution receipt has arrived: from now on the code is what its name means.
    pub(super) fn distribute(&mut self, receipt: &GlobalContractDistributionReceipt) {
        let hash = match receipt.id() {
            GlobalContractIdentifier::CodeHash(hash) => Some(*hash),
            GlobalContractIdentifier::AccountId(_) => None,
        };
        let code = Arc::new(ContractCode::new(receipt.code().to_vec(), hash));
        self.globals.install(receipt.id(), code);
    }

    /// Burns what the code's storage costs, which buys it for good, and sends it on its way.
    pub(super) fn deploy_global(
        &self,
        receiver: &AccountId,
        action: &DeployGlobalContractAction,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        let price =
            self.protocol.fees().storage_usage_config.global_contract_storage_amount_per_byte;
        let amount = price.saturating_mul(action.code.len() as u128);
        let record = existing(work);
        let Some(left) = record.balance().checked_sub(amount) else {
            let account_id = receiver.clone();
            return tally.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
        };
        record.account.set_amount(left);
        tally.tokens_burnt = amount;
        let id = match action.deploy_mode {
            GlobalContractDeployMode::CodeHash => {
                GlobalContractIdentifier::CodeHash(CryptoHash::hash_bytes(&action.code))
            }
            GlobalContractDeployMode::AccountId => {
                GlobalContractIdentifier::AccountId(receiver.clone())
            }
        };
        let (nowhere, code) = (ShardId::new(0), Arc::clone(&action.code));
        // Nobody looks at the nonce here: receipts of one account to the system keep their order.
        let receipt = GlobalContractDistributionReceipt::new(id, nowhere, Vec::new(), code, 0);
        tally.receipts.push(Receipt::new_global_contract_distribution(receiver.clone(), receipt));
    }

    /// Makes the account use a global contract, which must have arrived, in place of what it had.
    pub(super) fn use_global(
        &self,
        id: &GlobalContractIdentifier,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        if self.globals.get(id).is_none() {
            let identifier = id.clone();
            return tally.fail(ActionErrorKind::GlobalContractDoesNotExist { identifier });
        }
        let record = existing(work);
        record.remove_usage(record.contract_usage());
        record.code = None;
        record.add_usage(id.len() as u64);
        record.set_contract(match id {
            GlobalContractIdentifier::CodeHash(hash) => AccountContract::Global(*hash),
            GlobalContractIdentifier::AccountId(account) => {
                AccountContract::GlobalByAccount(account.clone())
            }
        });
    }
}
