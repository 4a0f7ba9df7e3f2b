//! A target: a contract under test with its world, as `target.toml` says it.
//!
//! Reads files when it is loaded, and only then. Never runs a contract and never looks into its code.

mod declared;
mod document;
mod dump;
mod fit;
mod goals;
mod played;
mod read;
mod settings;
mod templates;
#[cfg(test)]
pub(crate) mod testing;
mod wasm;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use dump::{Dump, InvalidDump, MAX_STATE_BYTES};
pub use fit::MAX_HISTORY;
pub use played::Answers;
pub use wasm::{ContractOverride, InvalidOverride, MAX_CONTRACT_BYTES, read_contract};
pub use words::is_word;
pub(crate) use words::words_of;

use crate::arguments::template::{Amounts, Parameters};
use crate::chain::Clock;
use crate::invariant::{Allowance, Declaration, Goal};
use crate::scenario::cure_for_name;
use crate::scenario::{Error, Operation};
use crate::types::{AccountId, Duration, NearToken};

/// The name of the file that makes a folder a target.
pub const TARGET_FILE: &str = "target.toml";

/// A contract under test with its world. Everything in it refers only to accounts that it has.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name: `name`, or else the folder's.
    pub name: String,
    /// One line for people; may be empty.
    pub description: String,
    /// The file that it was read from.
    pub file: PathBuf,
    /// Which build runs, where the target has builds.
    pub build: Option<String>,
    /// The names of all builds, in alphabetical order.
    pub builds: Vec<String>,
    /// All accounts that there are at the start, in the file's order. At least one is under test.
    pub accounts: Vec<Account>,
    /// Who may sign operations, in the file's order; at least one.
    pub actors: Vec<Actor>,
    /// The block in which its chain starts, and how long its epochs are.
    pub clock: Clock,
    /// Calls that run once, in this order, before every case.
    pub setup: Vec<Setup>,
    /// What operations may call, in the file's order; at least one has a weight.
    pub methods: Vec<Method>,
    /// Which invariants are checked, and how.
    pub invariants: Invariants,
    /// How large a case may be.
    pub limits: Limits,
    /// What it declares holds.
    pub declarations: Vec<Declaration>,
    /// What its cases should reach.
    pub goals: Vec<Goal>,
    /// What breaks an invariant and is meant to.
    pub allowances: Vec<Allowance>,
    /// What `interloper benchmark` holds a build to, by the build's name: the invariants of which one has to
    /// break, or none where the build must stay silent.
    pub expect: BTreeMap<String, Vec<String>>,
    /// Names of the kinds of faults that do not happen to this target.
    pub faults_off: BTreeSet<String>,
    /// Words in the contracts' data, and the names of their methods: what texts in arguments may be.
    pub words: Vec<String>,
}

/// An account at the start.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it has before the set-up.
    pub balance: NearToken,
    /// What it runs, if anything.
    pub contract: Option<Contract>,
    /// Whether a puppet plays it: `contract = "puppet"`. Then it has no contract of its own.
    pub puppet: bool,
    /// Whether that puppet means well: it may fail, and else gives one of its answers.
    pub trusted: bool,
    /// What that puppet answers.
    pub answers: Answers,
    /// Its state before the set-up, where the target brings any along.
    pub state: Option<Arc<Dump>>,
    /// Whether invariants hold it to account. Then it has a contract.
    pub under_test: bool,
    /// Where in the file it stands, counted from 1.
    pub line: usize,
}

/// Compiled code. Starts with wasm's magic number and has at most [`MAX_CONTRACT_BYTES`]; more is not known of it.
#[derive(Clone)]
pub struct Contract {
    /// Where it was read from.
    pub file: PathBuf,
    /// The whole file.
    pub code: Arc<[u8]>,
}

/// Somebody who signs operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// An account that the target has.
    pub id: AccountId,
    /// On which side.
    pub role: Role,
}

/// On which side an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Uses the contract as it is meant to be used.
    User,
    /// Wants to gain from it.
    Attacker,
    /// Has a part that others have not: owns the contract, sits on its council, feeds its oracle. Signs only in
    /// histories, so that no finding blames it.
    Privileged,
}

/// A step of the set-up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What it does.
    pub action: SetupAction,
    /// Where in the file it stands, counted from 1.
    pub line: usize,
}

/// What a step of the set-up does.
#[derive(Clone, Debug)]
pub enum SetupAction {
    /// It calls a method.
    Call(Box<Operation>),
    /// It lets time pass.
    Wait(Duration),
}

impl Setup {
    /// The call that it makes, unless it only waits.
    #[must_use]
    pub fn call(&self) -> Option<&Operation> {
        match &self.action {
            SetupAction::Call(operation) => Some(operation),
            SetupAction::Wait(_) => None,
        }
    }
}

/// A method that operations may call.
#[derive(Clone, Debug)]
pub struct Method {
    /// The account whose contract exports it.
    pub contract: AccountId,
    /// Its exported name.
    pub name: String,
    /// Who may call it in a case. None if only privileged actors may, who sign in histories.
    pub actors: Vec<AccountId>,
    /// The privileged actors who may call it.
    pub privileged: Vec<AccountId>,
    /// What it takes.
    pub parameters: Parameters,
    /// In yoctoNEAR.
    pub deposit: Amounts,
    /// In single units of gas.
    pub gas: Amounts,
    /// How often it is drawn, compared with the others; 0 for never by itself.
    pub weight: u32,
    /// Where in the file it stands, counted from 1.
    pub line: usize,
}

/// Which invariants are checked, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invariants {
    /// Names of those that are not.
    pub off: BTreeSet<String>,
    /// Views of contracts under test whose names start so must not fail.
    pub prefix: Option<String>,
    /// Settings by the invariant's name.
    pub settings: BTreeMap<String, InvariantSettings>,
    /// Where in the file each name stands: the field and the line.
    places: BTreeMap<String, (&'static str, usize)>,
}

/// What a target says about one invariant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvariantSettings {
    /// Prefixes of state keys that it does not look at, by account.
    pub ignore_keys: BTreeMap<AccountId, Vec<Vec<u8>>>,
}

/// How large a case may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most operations in a scenario, at least 1.
    pub operations: u32,
    /// Most receipts that a case may run before it is cut off, at least 1.
    pub receipts: u32,
}

impl Target {
    /// Loads the target in a folder, or of a file named outright, with every contract that it runs.
    ///
    /// `build` is one of `[builds]`; none means `default-build`. An override replaces one account's contract.
    ///
    /// # Errors
    /// When a file cannot be read or used, with file, line, field and cure.
    pub fn load(
        place: &Path,
        build: Option<&str>,
        overrides: &[ContractOverride],
    ) -> Result<Self, Error> {
        let file = if place.is_dir() { place.join(TARGET_FILE) } else { place.to_owned() };
        let text = std::fs::read_to_string(&file).map_err(|source| Error::File {
            cure: format!("a target is a folder with a `{TARGET_FILE}`; `interloper list` shows those that come along"),
            file: file.clone(),
            source,
        })?;
        Self::from_text(&text, &file, build, overrides)
    }

    /// As [`Target::load`], with the file's text given. Contracts are still read from beside `file`.
    ///
    /// # Errors
    /// As [`Target::load`].
    pub fn from_text(
        text: &str,
        file: &Path,
        build: Option<&str>,
        overrides: &[ContractOverride],
    ) -> Result<Self, Error> {
        read::target(text, file, build, overrides)
    }

    /// The account of this id, if the target has it.
    #[must_use]
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// What operations may call.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The accounts that a puppet plays, in the file's order: those that say so, and attackers without
    /// a contract.
    pub fn puppets(&self) -> impl Iterator<Item = &AccountId> {
        let attacks = |account: &Account| {
            let is = |actor: &Actor| actor.id == account.id && actor.role == Role::Attacker;
            account.contract.is_none() && self.actors.iter().any(is)
        };
        let played = self.accounts.iter().filter(move |account| account.puppet || attacks(account));
        played.map(|account| &account.id)
    }

    /// The accounts that invariants hold to account.
    pub fn under_test(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.under_test)
    }

    /// Checks the names under `[invariants]` and `[expect]` against those that exist.
    ///
    /// # Errors
    /// At the first unknown name, with its line and the nearest right name.
    pub fn check_invariants(&self, known: &[&str]) -> Result<(), Error> {
        let unknown =
            self.invariants.places.iter().find(|(name, _)| !known.contains(&name.as_str()));
        match unknown {
            Some((name, (field, line))) => Err(Error::Field {
                file: self.file.clone(),
                line: *line,
                field: (*field).to_owned(),
                problem: format!("names `{name}`, which is no invariant"),
                cure: cure_for_name(name, "invariants", known),
            }),
            None => Ok(()),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { operations: 4, receipts: 200 }
    }
}

impl Method {
    /// How often it is drawn in a case, compared with the others.
    #[must_use]
    pub fn weight_in_cases(&self) -> u32 {
        if self.actors.is_empty() { 0 } else { self.weight }
    }
}

impl Limits {
    /// Most steps in a schedule: every operation starts once, every receipt is delivered once.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.operations as usize + self.receipts as usize
    }
}

impl Invariants {
    /// Whether the invariant of this name is checked.
    #[must_use]
    pub fn enabled(&self, name: &str) -> bool {
        !self.off.contains(name)
    }

    /// Prefixes of the account's state keys that the invariant does not look at.
    #[must_use]
    pub fn ignored_keys(&self, name: &str, account: &AccountId) -> &[Vec<u8>] {
        self.settings
            .get(name)
            .and_then(|settings| settings.ignore_keys.get(account))
            .map_or(&[], Vec::as_slice)
    }
}

impl std::fmt::Debug for Contract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contract({}, {} bytes)", self.file.display(), self.code.len())
    }
}
