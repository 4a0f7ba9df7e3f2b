//! What to make a target of.
//!
//! Data only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
use crate::targets::Dump;
use crate::types::AccountId;
use crate::vm::Storage;

/// What to make a target of.
#[derive(Clone, Debug)]
pub struct ScaffoldRequest {
    /// The contract under test.
    pub contract: InputContract,
    /// Further contracts under test, which form one system with it.
    pub also: Vec<InputContract>,
    /// Contracts of others that it calls.
    pub with: Vec<InputContract>,
    /// The target's name.
    pub name: String,
    /// The folder to create.
    pub folder: PathBuf,
    /// State of accounts, from the real network.
    pub dumps: Vec<(AccountId, Dump)>,
}

/// A contract and the account that runs it.
#[derive(Clone, Debug)]
pub struct InputContract {
    /// The account.
    pub id: AccountId,
    /// The file that it comes from.
    pub file: PathBuf,
    /// The code.
    pub code: Arc<[u8]>,
    /// The content of its ABI file, if there is one.
    pub abi: Option<serde_json::Value>,
}

impl ScaffoldRequest {
    /// All contracts: those under test first.
    pub fn contracts(&self) -> impl Iterator<Item = &InputContract> {
        std::iter::once(&self.contract).chain(&self.also).chain(&self.with)
    }

    /// The first dump of this account.
    pub(super) fn dump_of(&self, id: &AccountId) -> Option<&Dump> {
        self.dumps.iter().find(|(account, _)| account == id).map(|(_, dump)| dump)
    }

    /// What the dumps of this account hold.
    pub(super) fn state_of(&self, id: &AccountId) -> Storage {
        let mut storage = Storage::default();
        for (_, dump) in self.dumps.iter().filter(|(account, _)| account == id) {
            for (key, value) in &dump.values {
                storage.insert(key, value);
            }
        }
        storage
    }
}

/// Writes a file of the new target.
pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(file, bytes).map_err(|source| Error::Write { file: file.to_owned(), source })
}
