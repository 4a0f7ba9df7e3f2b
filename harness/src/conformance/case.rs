//! A recorded case: what it starts with, what is sent, and what the real runtime made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use near_crypto::PublicKey;
use near_primitives::account::{AccessKey, AccessKeyPermission};
use near_primitives::action::{
    DeployContractAction, DeployGlobalContractAction, FunctionCallAction, GlobalContractDeployMode,
    GlobalContractIdentifier,
};
use near_primitives::transaction::{Action, TransferAction};
use near_primitives_core::types::{Nonce, NonceIndex};
use serde::Deserialize;
use serde::de::Error as _;

use crate::chain::{Layout, Protocol, Transaction, World};
use crate::types::{AccountId, BlockHeight, Gas, NearToken, ProtocolVersion};
use crate::vm::ContractCode;

/// The nonces that the recorder gives out in one block lie in a range of this length.
const NONCE_RANGE: Nonce = AccessKey::ACCESS_KEY_NONCE_RANGE_MULTIPLIER;

/// A recorded case.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    /// Its name, if it has one of its own.
    #[serde(default)]
    pub(super) name: String,
    /// The version that it ran under.
    pub protocol_version: ProtocolVersion,
    /// YoctoNEAR per gas, in every block.
    #[serde(deserialize_with = "number")]
    pub gas_price: u128,
    pub(super) accounts: Vec<Account>,
    pub(super) blocks: Vec<Block>,
    #[serde(default)]
    pub(super) order: Order,
    shards: Option<Shards>,
    #[serde(default)]
    pub(super) expect: Expect,
}

#[derive(Debug, Deserialize)]
struct Shards {
    boundaries: Vec<AccountId>,
}

/// The code of each contract that a case names, by the name of its file.
pub(super) type Contracts = BTreeMap<String, Arc<ContractCode>>;

/// An action of a kind that this version of the program does not know, as JSON.
pub(super) struct UnknownAction(pub(super) String);

impl Case {
    /// The files of all contracts that the case names.
    pub(super) fn contract_files(&self) -> impl Iterator<Item = &str> {
        let deployed = self.blocks.iter().flat_map(|block| &block.transactions);
        let deployed = deployed.flat_map(|transaction| &transaction.actions);
        let deployed = deployed.filter_map(|action| Some(action.code()?.file.as_str()));
        let genesis = self.accounts.iter().filter_map(|account| account.contract.as_deref());
        genesis.chain(deployed)
    }

    /// The world before the first block.
    pub(super) fn genesis(&self, contracts: &Contracts, protocol: Arc<Protocol>) -> World {
        let mut world = World::new(protocol);
        for account in &self.accounts {
            let code = account.contract.as_ref().map(|file| Arc::clone(&contracts[file]));
            let balance = NearToken::from_yoctonear(account.balance);
            match &account.key {
                Some(key) => world.add_account_with_key(account.id.clone(), balance, code, key),
                None => world.add_account(account.id.clone(), balance, code),
            }
        }
        world
    }

    /// All transactions with the number of their block, in order, as they were signed.
    ///
    /// In each block the recorder first counts up one nonce for each delegate action and then one for
    /// each transaction, and adds them to the first nonce of the block's range.
    pub(super) fn transactions(
        &self,
        contracts: &Contracts,
    ) -> Result<Vec<Vec<Transaction>>, UnknownAction> {
        let first_keys: BTreeMap<_, _> = self
            .accounts
            .iter()
            .filter_map(|account| Some((&account.id, account.key.as_ref()?)))
            .collect();
        let (mut counter, mut first) = (0, 0);
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let actions = block.transactions.iter().flat_map(|transaction| &transaction.actions);
            counter += actions.map(RecordedAction::nonces).sum::<Nonce>();
            let mut transactions = Vec::new();
            for recorded in &block.transactions {
                counter += 1;
                let actions = recorded.actions.iter().map(|action| action.action(contracts));
                let (signer, receiver) = (recorded.signer.clone(), recorded.receiver.clone());
                let key = recorded.signer_key.as_ref().or(first_keys.get(&signer).copied());
                transactions.push(Transaction {
                    key: key.cloned(),
                    nonce_index: recorded.nonce_index,
                    nonce: Some(first + counter),
                    ..Transaction::new(signer, receiver, actions.collect::<Result<_, _>>()?)
                });
            }
            blocks.push(transactions);
            first += NONCE_RANGE;
        }
        Ok(blocks)
    }

    pub(super) fn layout(&self) -> Layout {
        match &self.shards {
            None => Layout::Together,
            Some(shards) => Layout::Boundaries(shards.boundaries.clone()),
        }
    }
}

/// Who decides the order of receipts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// One shard, first in first out.
    #[default]
    Fifo,
    /// The recorded outcomes.
    Given,
}

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) id: AccountId,
    #[serde(deserialize_with = "number")]
    pub(super) balance: u128,
    pub(super) contract: Option<String>,
    /// The full-access key that the account starts with.
    pub(super) key: Option<PublicKey>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Block {
    pub(super) transactions: Vec<RecordedTransaction>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RecordedTransaction {
    signer: AccountId,
    receiver: AccountId,
    signer_key: Option<PublicKey>,
    nonce_index: Option<NonceIndex>,
    actions: Vec<RecordedAction>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordedAction {
    FunctionCall(RecordedCall),
    Transfer {
        #[serde(deserialize_with = "number")]
        deposit: u128,
    },
    DeployContract(RecordedCode),
    /// Under the name of the account that deploys it, not under its hash.
    DeployGlobalContract(RecordedCode),
    /// Any other action, as nearcore serialises it.
    #[serde(untagged)]
    Other(Box<Action>),
    /// What is none of these: a case with such an action differs.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// A contract, by the name of its file.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct RecordedCode {
    pub(super) file: String,
}

impl From<String> for RecordedCode {
    fn from(file: String) -> Self {
        Self { file }
    }
}

#[derive(Debug, Deserialize)]
struct RecordedCall {
    method: String,
    #[serde(deserialize_with = "bytes")]
    args: Vec<u8>,
    gas: u64,
    #[serde(deserialize_with = "number")]
    deposit: u128,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Expect {
    pub(super) accounts: BTreeMap<AccountId, Option<ExpectedAccount>>,
    pub(super) outcomes: Vec<ExpectedOutcome>,
    /// When a global contract came to each shard, in the order in which it did.
    #[serde(default)]
    pub(super) distributed: Vec<ExpectedDistribution>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExpectedDistribution {
    pub(super) block: BlockHeight,
    /// The shard's number among those of the layout.
    pub(super) shard: usize,
    pub(super) contract_identifier: GlobalContractIdentifier,
    pub(super) nonce: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExpectedAccount {
    #[serde(deserialize_with = "number")]
    pub(super) balance: u128,
    #[serde(deserialize_with = "number")]
    pub(super) locked: u128,
    pub(super) storage_usage: u64,
    pub(super) state: BTreeMap<String, String>,
    /// Older recordings have no keys and no contract.
    pub(super) keys: Option<BTreeMap<PublicKey, AccessKeyPermission>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) contract: Option<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExpectedOutcome {
    pub(super) id: String,
    pub(super) predecessor: Option<AccountId>,
    pub(super) executor: AccountId,
    pub(super) block: BlockHeight,
    pub(super) status: serde_json::Value,
    pub(super) logs: Vec<String>,
    pub(super) gas_burnt: u64,
    #[serde(deserialize_with = "number")]
    pub(super) tokens_burnt: u128,
    pub(super) receipts: Vec<String>,
}

/// Amounts are decimal strings, since JSON's numbers are too small; small ones may be numbers.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Text(String),
        Small(u64),
    }
    match Number::deserialize(deserializer)? {
        Number::Text(text) => text.parse().map_err(D::Error::custom),
        Number::Small(number) => Ok(number.into()),
    }
}

/// Tells a field that is `null` from one that is not there.
fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

fn bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(D::Error::custom)
}

impl RecordedAction {
    /// The file of the contract that it deploys.
    fn code(&self) -> Option<&RecordedCode> {
        match self {
            Self::DeployContract(code) | Self::DeployGlobalContract(code) => Some(code),
            Self::FunctionCall(_) | Self::Transfer { .. } | Self::Other(_) | Self::Unknown(_) => {
                None
            }
        }
    }

    fn action(&self, contracts: &Contracts) -> Result<Action, UnknownAction> {
        Ok(match self {
            Self::FunctionCall(call) => Action::FunctionCall(Box::new(FunctionCallAction {
                method_name: call.method.clone(),
                args: call.args.clone(),
                gas: Gas::from_gas(call.gas),
                deposit: NearToken::from_yoctonear(call.deposit),
            })),
            Self::Transfer { deposit } => {
                Action::Transfer(TransferAction { deposit: NearToken::from_yoctonear(*deposit) })
            }
            Self::DeployContract(code) => Action::DeployContract(DeployContractAction {
                code: contracts[&code.file].code().to_vec(),
            }),
            Self::DeployGlobalContract(code) => {
                Action::DeployGlobalContract(DeployGlobalContractAction {
                    code: contracts[&code.file].code().to_vec().into(),
                    deploy_mode: GlobalContractDeployMode::AccountId,
                })
            }
            Self::Other(action) => Action::clone(action),
            Self::Unknown(action) => return Err(UnknownAction(action.to_string())),
        })
    }

    /// How many of the recorder's nonces its own signature takes.
    fn nonces(&self) -> Nonce {
        let delegates =
            |action: &Action| matches!(action, Action::Delegate(_) | Action::DelegateV2(_));
        Nonce::from(matches!(self, Self::Other(action) if delegates(action)))
    }
}
