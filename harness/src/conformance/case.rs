//! A recorded case, as its file holds it.
//!
//! Never runs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use near_primitives::action::{
    DeployContractAction, DeployGlobalContractAction, FunctionCallAction, GlobalContractDeployMode,
};
use near_primitives::transaction::{Action, TransferAction};
use serde::Deserialize;
use serde::de::Error as _;

use super::Error;
use crate::chain::{Layout, Protocol, Transaction, World};
use crate::types::{AccountId, BlockHeight, Gas, NearToken, ProtocolVersion};
use crate::vm::ContractCode;

/// A recorded case.
#[derive(Debug, Deserialize)]
pub struct Case {
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

impl Case {
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
}

#[derive(Debug, Deserialize)]
pub(super) struct Block {
    pub(super) transactions: Vec<RecordedTransaction>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RecordedTransaction {
    signer: AccountId,
    receiver: AccountId,
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
}

/// A contract, by the name of its file.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
struct RecordedCode {
    file: String,
    code: Option<Arc<ContractCode>>,
}

impl From<String> for RecordedCode {
    fn from(file: String) -> Self {
        Self { file, code: None }
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
}

#[derive(Debug, Deserialize)]
pub(super) struct ExpectedAccount {
    #[serde(deserialize_with = "number")]
    pub(super) balance: u128,
    #[serde(deserialize_with = "number")]
    pub(super) locked: u128,
    pub(super) storage_usage: u64,
    pub(super) state: BTreeMap<String, String>,
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

fn bytes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(D::Error::custom)
}

impl RecordedTransaction {
    pub(super) fn transaction(&self) -> Transaction {
        let actions = self.actions.iter().map(RecordedAction::action).collect();
        let (signer, receiver) = (self.signer.clone(), self.receiver.clone());
        Transaction { signer, receiver, key: None, actions }
    }
}

impl RecordedAction {
    fn action(&self) -> Action {
        match self {
            Self::FunctionCall(call) => Action::FunctionCall(Box::new(FunctionCallAction {
                method_name: call.method.clone(),
                args: call.args.clone(),
                gas: Gas::from_gas(call.gas),
                deposit: NearToken::from_yoctonear(call.deposit),
            })),
            Self::Transfer { deposit } => {
                Action::Transfer(TransferAction { deposit: NearToken::from_yoctonear(*deposit) })
            }
            Self::DeployContract(code) => {
                Action::DeployContract(DeployContractAction { code: code.bytes() })
            }
            Self::DeployGlobalContract(code) => {
                Action::DeployGlobalContract(DeployGlobalContractAction {
                    code: code.bytes().into(),
                    deploy_mode: GlobalContractDeployMode::AccountId,
                })
            }
            Self::Other(action) => Action::clone(action),
        }
    }
}

impl RecordedCode {
    fn bytes(&self) -> Vec<u8> {
        self.code.as_ref().expect("it was read with the case").code().to_vec()
    }
}

impl Case {
    /// Reads the contracts that transactions deploy.
    fn read_code(&mut self, path: &Path) -> Result<(), Error> {
        let transactions = self.blocks.iter_mut().flat_map(|block| &mut block.transactions);
        for action in transactions.flat_map(|transaction| &mut transaction.actions) {
            if let RecordedAction::DeployContract(code)
            | RecordedAction::DeployGlobalContract(code) = action
            {
                code.code = Some(contract(path, &code.file)?);
            }
        }
        Ok(())
    }
}

/// Reads every case in the folder, in the order of their names.
pub(super) fn read_all(folder: &Path) -> Result<Vec<(PathBuf, Case)>, Error> {
    let read = |error| Error::Read { path: folder.to_owned(), error };
    let entries = std::fs::read_dir(folder).map_err(read)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(read)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(Error::Empty(folder.to_owned()));
    }
    paths.into_iter().map(read_one).collect()
}

/// Reads one case, and the contracts that it deploys.
pub(super) fn read_one(path: PathBuf) -> Result<(PathBuf, Case), Error> {
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::Read { path: path.clone(), error })?;
    let mut case: Case =
        serde_json::from_str(&text).map_err(|error| Error::Format { path: path.clone(), error })?;
    case.read_code(&path)?;
    Ok((path, case))
}

/// The world before the first block.
pub(super) fn genesis(path: &Path, case: &Case, protocol: Arc<Protocol>) -> Result<World, Error> {
    let mut world = World::new(protocol);
    for account in &case.accounts {
        let code = account.contract.as_deref().map(|name| contract(path, name)).transpose()?;
        let balance = NearToken::from_yoctonear(account.balance);
        world.add_account(account.id.clone(), balance, code);
    }
    Ok(world)
}

/// A contract's file is looked for beside the case, then in the folder above.
fn contract(path: &Path, name: &str) -> Result<Arc<ContractCode>, Error> {
    let folders = path.ancestors().skip(1).take(2);
    let file = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    let Some(file) = file else {
        return Err(Error::Contract { case: path.to_owned(), contract: name.to_owned() });
    };
    let code = std::fs::read(&file).map_err(|error| Error::Read { path: file, error })?;
    Ok(Arc::new(ContractCode::new(code, None)))
}
