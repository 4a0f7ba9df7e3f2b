//! Global contracts, as each shard knows them: code that is deployed once and used by any account.
//!
//! Deploying raises a nonce for the contract's identifier at once, on the shard of the deployer. The
//! code then travels in a distribution receipt from shard to shard, the deployer's own first. A shard
//! installs it unless it knows of a newer nonce. So the users of one contract can run different code at
//! the same time, and several deployments in a row can leave them with the old code until the newest
//! has arrived.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_primitives::action::GlobalContractIdentifier;
use near_primitives_core::hash::CryptoHash;
use rpds::RedBlackTreeMapSync;

use crate::types::AccountId;
use crate::vm::ContractCode;

/// All global contracts, as each shard knows them.
#[derive(Clone, Debug, Default)]
pub(super) struct GlobalContracts(RedBlackTreeMapSync<Identifier, Arc<Deployments>>);

/// [`GlobalContractIdentifier`], with an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Hash(CryptoHash),
    Account(AccountId),
}

impl From<&GlobalContractIdentifier> for Identifier {
    fn from(id: &GlobalContractIdentifier) -> Self {
        match id {
            GlobalContractIdentifier::CodeHash(hash) => Self::Hash(*hash),
            GlobalContractIdentifier::AccountId(account) => Self::Account(account.clone()),
        }
    }
}

/// What became of one global contract.
#[derive(Clone, Debug, Default)]
struct Deployments {
    shards: BTreeMap<AccountId, Deployment>,
    /// What a shard knows that no distribution has reached on its own: the code that was there from
    /// the beginning, or whose distribution was over before the shard's account existed.
    everywhere: Deployment,
}

/// A global contract on one shard.
#[derive(Clone, Debug, Default)]
pub(super) struct Deployment {
    /// The highest nonce that was begun or has arrived.
    pub(super) nonce: u64,
    pub(super) code: Option<Arc<ContractCode>>,
}

impl Deployments {
    fn on(&self, shard: &AccountId) -> &Deployment {
        match self.shards.get(shard) {
            Some(own) if own.nonce >= self.everywhere.nonce => own,
            _ => &self.everywhere,
        }
    }
}

impl GlobalContracts {
    pub(super) fn code(
        &self,
        id: &GlobalContractIdentifier,
        shard: &AccountId,
    ) -> Option<&Arc<ContractCode>> {
        self.0.get(&Identifier::from(id))?.on(shard).code.as_ref()
    }

    fn change(&mut self, id: &GlobalContractIdentifier, change: impl FnOnce(&mut Deployments)) {
        let id = Identifier::from(id);
        let known = self.0.get(&id);
        let mut deployments = known.map(|known| Deployments::clone(known)).unwrap_or_default();
        change(&mut deployments);
        self.0.insert_mut(id, Arc::new(deployments));
    }

    /// Raises the nonce on the shard and returns it. The code stays what it was.
    pub(super) fn begin(&mut self, id: &GlobalContractIdentifier, shard: &AccountId) -> u64 {
        let mut nonce = 0;
        self.change(id, |deployments| {
            let mut deployment = deployments.on(shard).clone();
            deployment.nonce += 1;
            nonce = deployment.nonce;
            deployments.shards.insert(shard.clone(), deployment);
        });
        nonce
    }

    /// Installs code on the shard, unless a newer deployment is known there.
    pub(super) fn install(
        &mut self,
        id: &GlobalContractIdentifier,
        shard: &AccountId,
        new: &Deployment,
    ) {
        self.change(id, |deployments| {
            if new.nonce >= deployments.on(shard).nonce {
                deployments.shards.insert(shard.clone(), new.clone());
            }
        });
    }

    pub(super) fn install_everywhere(&mut self, id: &GlobalContractIdentifier, new: &Deployment) {
        self.change(id, |deployments| {
            if new.nonce >= deployments.everywhere.nonce {
                deployments.everywhere = new.clone();
            }
        });
    }
}
