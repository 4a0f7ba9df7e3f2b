//! Deploying and using global contracts, and passing their code on from shard to shard.

use std::sync::Arc;

use near_primitives::account::AccountContract;
use near_primitives::action::{
    DeployGlobalContractAction, GlobalContractDeployMode, GlobalContractIdentifier,
};
use near_primitives::errors::ActionErrorKind;
use near_primitives::receipt::{GlobalContractDistributionReceipt, Receipt};
use near_primitives::utils::create_receipt_id_from_receipt_id;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::ShardId;

use super::account::AccountRecord;
use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::global_contracts::Deployment;
use super::receipt_queue::{Distribution, Lane, PendingReceipt, Route};
use super::world::World;
use crate::types::AccountId;
use crate::vm::ContractCode;

impl World {
    /// Puts a global contract into the world, under its hash or under the name of an account.
    pub fn add_global_contract(&mut self, code: Arc<ContractCode>, account: Option<AccountId>) {
        let id = match account {
            Some(account) => GlobalContractIdentifier::AccountId(account),
            None => GlobalContractIdentifier::CodeHash(*code.hash()),
        };
        self.globals.install_everywhere(&id, &Deployment { nonce: 0, code: Some(code) });
    }

    /// The code that runs if this account is called: its own, or the global contract that it uses, as
    /// the account's shard knows it.
    pub(super) fn code_of(
        &self,
        account: &AccountId,
        record: &AccountRecord,
    ) -> Option<Arc<ContractCode>> {
        if let Some(code) = &record.code {
            return Some(Arc::clone(code));
        }
        let id = GlobalContractIdentifier::try_from(record.account.contract().into_owned()).ok()?;
        self.globals.code(&id, &self.protocol.layout.shard_of(account)).cloned()
    }

    /// Where a distribution goes first: to the shard that began it.
    pub(super) fn first_hop(&self, shard: &AccountId) -> Arc<Distribution> {
        let target = self.protocol.layout.shard_of(shard);
        Arc::new(Distribution { target, delivered: Vec::new() })
    }

    /// A distribution receipt has arrived at a shard: installs the code there and sends it on to the
    /// first shard that does not have it.
    pub(super) fn distribute(
        &mut self,
        entry: &PendingReceipt,
        receipt: &GlobalContractDistributionReceipt,
    ) {
        let hash = match receipt.id() {
            GlobalContractIdentifier::CodeHash(hash) => Some(*hash),
            GlobalContractIdentifier::AccountId(_) => None,
        };
        let code = Some(Arc::new(ContractCode::new(receipt.code().to_vec(), hash)));
        let deployment = Deployment { nonce: receipt.nonce(), code };
        let here = entry.destination();
        self.globals.install(receipt.id(), here, &deployment);
        let mut delivered = entry.delivered_shards().to_vec();
        delivered.push(here.clone());
        let shards = self.protocol.layout.shards(self.accounts.keys());
        let Some(target) = shards.into_iter().find(|shard| !delivered.contains(shard)) else {
            return self.globals.install_everywhere(receipt.id(), &deployment);
        };
        let mut next = Receipt::clone(&entry.receipt);
        let parent = entry.receipt.receipt_id();
        next.set_receipt_id(create_receipt_id_from_receipt_id(parent, self.height, 0));
        let mut route = Route::from(here.clone(), Lane::Shards, self.height + 1);
        route.distribution = Some(Arc::new(Distribution { target, delivered }));
        self.receipts.send(next, entry.name.child(0), route);
    }

    /// Burns what the code's storage costs, which buys it for good, and begins the distribution.
    pub(super) fn deploy_global(
        &self,
        context: &ApplyContext<'_>,
        action: &DeployGlobalContractAction,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let account_id = context.receiver().clone();
        let price =
            self.protocol.fees().storage_usage_config.global_contract_storage_amount_per_byte;
        let amount = price.saturating_mul(action.code.len() as u128);
        let record = state.existing();
        let Some(left) = record.balance().checked_sub(amount) else {
            return result.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
        };
        record.account.set_amount(left);
        result.tokens_burnt = amount;
        let id = match action.deploy_mode {
            GlobalContractDeployMode::CodeHash => {
                GlobalContractIdentifier::CodeHash(CryptoHash::hash_bytes(&action.code))
            }
            GlobalContractDeployMode::AccountId => {
                GlobalContractIdentifier::AccountId(account_id.clone())
            }
        };
        let nonce = state.globals.begin(&id, &self.protocol.layout.shard_of(context.shard));
        // The real receipt names its target shard by number; here the route does.
        let (unused, code) = (ShardId::new(0), Arc::clone(&action.code));
        let receipt = GlobalContractDistributionReceipt::new(id, unused, Vec::new(), code, nonce);
        result.receipts.push(Receipt::new_global_contract_distribution(account_id, receipt));
    }

    /// Makes the account use a global contract, which must have arrived, in place of what it had.
    pub(super) fn use_global(
        &self,
        context: &ApplyContext<'_>,
        id: &GlobalContractIdentifier,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let shard = self.protocol.layout.shard_of(context.shard);
        if state.globals.code(id, &shard).is_none() {
            let identifier = id.clone();
            return result.fail(ActionErrorKind::GlobalContractDoesNotExist { identifier });
        }
        let record = state.existing();
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
