//! Makes a target's folder out of compiled contracts: survey, draft, rehearsal, files.
//!
//! Writes into a folder of its own that was not there before, and nowhere else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Error;
use super::abi;
use super::draft::{Contract, Draft, Puppet, Step};
use super::finish::{Finish, add_puppets};
use super::inspection::rejected;
use super::invent::Inventor;
use super::probe::Probe;
use super::schema::Abi;
use super::survey::{Survey, Surveyor};
use crate::chain::Protocol;
use crate::targets::{Dump, TARGET_FILE};
use crate::types::{AccountId, NearToken};
use crate::vm::{ContractCode, Engine, ModuleInfo, Storage};

/// What to make a target of.
#[derive(Clone, Debug)]
pub struct Request {
    /// The contract under test and its file.
    pub contract: Piece,
    /// Further contracts under test, which make up one system with it.
    pub also: Vec<Piece>,
    /// Contracts of others that it calls.
    pub with: Vec<Piece>,
    /// The target's name.
    pub name: String,
    /// Where the folder is made.
    pub folder: PathBuf,
    /// State of accounts, from the real network.
    pub dumps: Vec<(AccountId, Dump)>,
}

/// A contract and the account that runs it.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The account.
    pub id: AccountId,
    /// The file that it comes from.
    pub file: PathBuf,
    /// The code.
    pub code: Arc<[u8]>,
    /// What its ABI file holds, where there is one beside it.
    pub abi: Option<serde_json::Value>,
}

/// Makes targets.
#[derive(Clone)]
pub struct Maker<'a> {
    /// The rules of the chain.
    pub protocol: Arc<Protocol>,
    /// What runs the contracts.
    pub engine: &'a dyn Engine,
}

impl std::fmt::Debug for Maker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Maker").finish_non_exhaustive()
    }
}

impl Maker<'_> {
    /// Makes the target's folder.
    ///
    /// # Errors
    /// When a contract cannot be used, the folder is there already, or a file cannot be written.
    pub fn make(&self, request: &Request) -> Result<Draft, Error> {
        let ids: Vec<_> = request.pieces().map(|piece| piece.id.clone()).collect();
        let inventor = inventor(&ids);
        let mut surveys = Vec::new();
        for piece in request.pieces() {
            surveys.push(self.survey(piece, request.state_of(&piece.id), &inventor)?);
        }
        introduce(request, &mut surveys);
        let mut draft = first_draft(request, &inventor, &surveys, &self.protocol);
        write_contracts(request, &draft)?;
        let written = self
            .finish(&mut draft, &request.folder, &inventor, &surveys)
            .and_then(|()| write(&request.folder.join(TARGET_FILE), draft.text().as_bytes()));
        if let Err(error) = written {
            // Half a target would stand in the way of the next attempt. What was written is ours.
            let _ = std::fs::remove_dir_all(&request.folder);
            return Err(error);
        }
        Ok(draft)
    }

    /// Surveys one contract.
    pub(super) fn survey(
        &self,
        piece: &Piece,
        storage: Storage,
        inventor: &Inventor,
    ) -> Result<Survey, Error> {
        let unusable = |problem| Error::Contract { file: piece.file.clone(), problem };
        let anatomy = ModuleInfo::of(&piece.code).map_err(unusable)?;
        let probe = Probe {
            engine: self.engine,
            protocol: &self.protocol,
            code: Arc::new(ContractCode::new(piece.code.to_vec(), None)),
            account: piece.id.clone(),
            storage,
        };
        if let Some(reason) = rejected(&probe)? {
            return Err(Error::Rejected { file: piece.file.clone(), reason });
        }
        let abi = match &piece.abi {
            Some(abi) => Some(abi.clone()),
            None => abi::embedded(&probe, &anatomy)?,
        };
        let abi = abi.as_ref().and_then(Abi::read);
        let surveyor = Surveyor { probe, anatomy: &anatomy, abi: abi.as_ref(), inventor };
        let survey = surveyor.survey()?;
        if survey.methods.is_empty() {
            return Err(Error::NoMethods { file: piece.file.clone() });
        }
        Ok(survey)
    }
}

impl Maker<'_> {
    fn finish(
        &self,
        draft: &mut Draft,
        folder: &Path,
        inventor: &Inventor,
        surveys: &[Survey],
    ) -> Result<(), Error> {
        let names = surveys.iter().flat_map(|survey| survey.names.iter().cloned()).collect();
        Finish { maker: self, folder, inventor, names }.run(draft)
    }
}

impl Request {
    /// The contracts under test, and then those that go with them.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        std::iter::once(&self.contract).chain(&self.also).chain(&self.with)
    }

    fn dump_of(&self, id: &AccountId) -> Option<&Dump> {
        self.dumps.iter().find(|(account, _)| account == id).map(|(_, dump)| dump)
    }

    fn state_of(&self, id: &AccountId) -> Storage {
        let mut storage = Storage::default();
        for (_, dump) in self.dumps.iter().filter(|(account, _)| account == id) {
            for (key, value) in &dump.values {
                storage.insert(key, value);
            }
        }
        storage
    }
}

/// Accounts that were made up for one contract, and on which it calls what only another one exports, are
/// that one.
fn introduce(request: &Request, surveys: &mut [Survey]) {
    let exports: Vec<(AccountId, BTreeSet<String>)> = request
        .pieces()
        .zip(&*surveys)
        .map(|(piece, survey)| {
            let names = survey.methods.iter().map(|method| method.name.clone());
            (piece.id.clone(), names.collect())
        })
        .collect();
    for (number, survey) in surveys.iter_mut().enumerate() {
        for made_up in survey.accounts.clone() {
            let Some(called) = survey.called.get(&made_up) else { continue };
            let fits = |(other, (_, names)): &(usize, &(_, BTreeSet<String>))| {
                *other != number && called.is_subset(names)
            };
            let mut fitting = exports.iter().enumerate().filter(fits);
            let real = exports.iter().all(|(id, _)| *id != made_up);
            if let (true, Some((_, (id, _))), None) = (real, fitting.next(), fitting.next()) {
                survey.rename(&made_up, id);
            }
        }
    }
}

/// Who is who: accounts get the ending of the contract's own.
fn inventor(ids: &[AccountId]) -> Inventor {
    let suffix = if ids[0].as_str().ends_with(".testnet") { ".testnet" } else { ".near" };
    let named = |name: &str| -> AccountId {
        let taken = |id: &str| ids.iter().any(|known| known.as_str() == id);
        let id = format!("{name}{suffix}");
        let id = if taken(&id) { format!("{name}-{id}") } else { id };
        id.parse().expect("short names with a known ending are account ids")
    };
    Inventor {
        owner: named("owner"),
        someone: named("alice"),
        suffix: suffix.to_owned(),
        people: ["alice", "bob", "mallory"].map(named).to_vec(),
        known: ids.to_vec(),
    }
}

fn first_draft(
    request: &Request,
    inventor: &Inventor,
    surveys: &[Survey],
    protocol: &Protocol,
) -> Draft {
    let contracts = request.pieces().zip(surveys).enumerate();
    let contracts: Vec<_> = contracts
        .map(|(number, (piece, survey))| {
            let dump = request.dump_of(&piece.id);
            Contract {
                id: piece.id.clone(),
                file: file_name(piece),
                note: None,
                state: dump.map(|_| format!("{}.state.json", piece.id)),
                balance: balance(piece, dump, protocol),
                under_test: number <= request.also.len(),
                metadata: survey.metadata.clone(),
                methods: survey.methods.clone(),
            }
        })
        .collect();
    let mut draft = Draft {
        name: request.name.clone(),
        description: format!("{}, as `interloper init` found it", request.contract.id),
        contracts,
        puppets: Vec::new(),
        owner: inventor.owner.clone(),
        actors: inventor.people.clone(),
        attacker_answers: std::collections::BTreeMap::new(),
        setup: Vec::new(),
    };
    // Those that are called come first: the contract under test may call them when it is made.
    for (piece, survey) in request.pieces().zip(surveys).rev_for_setup() {
        if let Some(setup) = &survey.setup {
            draft.setup.push(Step {
                signer: piece.id.clone(),
                receiver: piece.id.clone(),
                method: setup.method.clone(),
                arguments: setup.arguments.clone(),
                deposit: 0,
                why: "Makes the contract's first state.".to_owned(),
            });
        }
        let named = survey.accounts.iter().cloned().map(Puppet::new);
        let called = survey
            .called
            .iter()
            .map(|(id, methods)| Puppet { methods: methods.clone(), ..Puppet::new(id.clone()) });
        add_puppets(&mut draft, named.chain(called));
    }
    draft
}

/// The contract under test last.
trait RevForSetup: Iterator + Sized {
    fn rev_for_setup(self) -> impl Iterator<Item = Self::Item> {
        let mut all: Vec<_> = self.collect();
        all.reverse();
        all.into_iter()
    }
}

impl<I: Iterator> RevForSetup for I {}

/// Enough for its code and state, and some for its own.
pub(super) fn balance(piece: &Piece, dump: Option<&Dump>, protocol: &Protocol) -> NearToken {
    let price = protocol.config.storage_amount_per_byte();
    let bytes = piece.code.len() + dump.map_or(0, Dump::bytes);
    let stake = price.saturating_mul(bytes as u128 + 10_000);
    let rounded = NearToken::from_near(stake.as_near() + 11);
    dump.and_then(|dump| dump.balance).unwrap_or(rounded).max(rounded)
}

fn file_name(piece: &Piece) -> String {
    format!("{}.wasm", piece.id)
}

fn write_contracts(request: &Request, draft: &Draft) -> Result<(), Error> {
    if request.folder.exists() {
        return Err(Error::Exists { folder: request.folder.clone() });
    }
    std::fs::create_dir_all(&request.folder)
        .map_err(|source| Error::Write { file: request.folder.clone(), source })?;
    for (piece, contract) in request.pieces().zip(&draft.contracts) {
        write(&request.folder.join(&contract.file), &piece.code)?;
        let dump = request.dump_of(&piece.id);
        if let (Some(file), Some(dump)) = (&contract.state, dump) {
            write(&request.folder.join(file), dump.text().as_bytes())?;
        }
    }
    Ok(())
}

pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(file, bytes).map_err(|source| Error::Write { file: file.to_owned(), source })
}
