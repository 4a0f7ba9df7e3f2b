//! Scaffolds a target: creates a folder with `target.toml` and the contracts.
//!
//! Writes into a folder that did not exist before, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Error;
use super::argument_inference::{ExampleValues, example_values};
use super::draft::{Draft, DraftContract, DraftPuppet, SetupCall, starting_balance};
use super::dry_run::Refinement;
use super::identities::{self, Candidate, Identities};
use super::interface::{ContractInterface, ContractReader, MethodKind};
use super::request::{InputContract, ScaffoldRequest, write_file};
use crate::chain::Protocol;
use crate::targets::{TARGET_FILE, Target};
use crate::types::{AccountId, NearToken};
use crate::vm::Engine;

/// Scaffolds targets.
#[derive(Clone)]
pub struct Scaffolder<'a> {
    /// The rules of the chain.
    pub protocol: Arc<Protocol>,
    /// Runs the contracts.
    pub engine: &'a dyn Engine,
}

impl std::fmt::Debug for Scaffolder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scaffolder").finish_non_exhaustive()
    }
}

/// The most trials of a companion in the place of an invented account.
const MOST_TRIALS: usize = 6;

/// The users who sign operations, and the attacker.
const USERS: [&str; 2] = ["alice", "bob"];
const ATTACKER: &str = "mallory";

impl Scaffolder<'_> {
    /// Creates the target's folder.
    ///
    /// # Errors
    /// If a contract cannot be used, nothing uses a companion, the folder exists already, or a file cannot be
    /// written.
    pub fn scaffold(&self, request: &ScaffoldRequest) -> Result<Draft, Error> {
        if request.folder.exists() {
            return Err(Error::Exists { folder: request.folder.clone() });
        }
        let draft = self.draft(request)?;
        let written = write_contracts(request, &draft);
        if let Err(error) = written.and_then(|()| write_target(request, &draft)) {
            // Half a target would be in the way of the next attempt. All files in the folder are ours.
            let _ = std::fs::remove_dir_all(&request.folder);
            return Err(error);
        }
        Ok(draft)
    }

    /// Drafts the target again and again, until nothing more is found out about accounts that were invented
    /// for arguments.
    fn draft(&self, request: &ScaffoldRequest) -> Result<Draft, Error> {
        let ids: Vec<_> = request.contracts().map(|contract| contract.id.clone()).collect();
        let values = example_values(&ids);
        let mut identities = identities(request, &values);
        loop {
            let draft = self.attempt(request, &values, &mut identities)?;
            let Some(draft) = draft else { continue };
            if identities.identify_users(&draft.puppets) {
                continue;
            }
            if self.bind_by_trial(request, &values, &mut identities, &draft)? {
                continue;
            }
            return match identities.unused().find(|unused| !takes_contracts(&draft, unused)) {
                Some(unused) => Err(unused_companion(unused, request, &draft)),
                None => Ok(draft),
            };
        }
    }

    /// The draft with the identities that are known; `None` if more became known meanwhile.
    fn attempt(
        &self,
        request: &ScaffoldRequest,
        values: &ExampleValues,
        identities: &mut Identities,
    ) -> Result<Option<Draft>, Error> {
        let mut interfaces = Vec::new();
        for contract in request.contracts() {
            let values = values_for(&contract.id, values, identities);
            let reader =
                ContractReader { protocol: &self.protocol, engine: self.engine, values: &values };
            interfaces.push(reader.interface(contract, request.state_of(&contract.id))?);
        }
        for (contract, interface) in request.contracts().zip(&interfaces) {
            identities.note_named(&contract.id, &interface.accounts);
        }
        let mut draft = first_draft(request, values, &interfaces, &self.protocol);
        if identities.identify(&draft.puppets) {
            return Ok(None);
        }
        let names = interfaces.into_iter().flat_map(|interface| interface.names).collect();
        let reader = ContractReader { protocol: &self.protocol, engine: self.engine, values };
        let complete =
            Refinement { reader, folder: &request.folder, names }.run(&mut draft, identities)?;
        Ok(complete.then_some(draft))
    }

    /// Puts a companion that nothing uses in the place of each invented account, and keeps the one that gets
    /// the contracts furthest. Returns whether any was bound.
    fn bind_by_trial(
        &self,
        request: &ScaffoldRequest,
        values: &ExampleValues,
        identities: &mut Identities,
        draft: &Draft,
    ) -> Result<bool, Error> {
        let unused: Vec<_> = identities.unused().map(|unused| unused.id.clone()).collect();
        let invented = draft.puppets.iter().map(|puppet| &puppet.id);
        let mocks = draft.contracts.iter().filter(|contract| contract.note.is_some());
        let invented: Vec<_> = invented.chain(mocks.map(|mock| &mock.id)).cloned().collect();
        let pairs =
            unused.iter().flat_map(|id| invented.iter().map(move |stranger| (id, stranger)));
        let mut best: Option<(usize, Identities)> = None;
        for (id, stranger) in pairs.take(MOST_TRIALS) {
            let mut trial = identities.clone();
            trial.bind(stranger, id);
            // Contracts may refuse to be initialized with this account.
            let Ok(Some(tried)) = self.attempt(request, values, &mut trial) else { continue };
            let calls = tried.calls.iter().filter(|(_, called, _)| called == id).count();
            if calls > 0 && best.as_ref().is_none_or(|(most, _)| calls > *most) {
                best = Some((calls, trial));
            }
        }
        let Some((_, found)) = best else { return Ok(false) };
        *identities = found;
        Ok(true)
    }
}

/// Whether a method of a contract under test takes accounts of contracts, so that a call may name the companion.
fn takes_contracts(draft: &Draft, companion: &Candidate) -> bool {
    let hooks = |name: &str| name.ends_with("_on_transfer") || name.ends_with("_on_approve");
    let calls = draft.contracts.iter().filter(|contract| contract.under_test);
    let mut calls = calls
        .flat_map(|contract| &contract.methods)
        .filter(|method| method.kind == MethodKind::Call && !hooks(&method.name));
    calls.any(|method| identities::may_name(&method.arguments, companion))
}

fn unused_companion(unused: &Candidate, request: &ScaffoldRequest, draft: &Draft) -> Error {
    let initializes = |call: &&SetupCall| {
        let known = request.contracts().any(|contract| contract.id == call.signer);
        known && call.signer == call.receiver && call.receiver != unused.id
    };
    let mut arguments = Vec::new();
    for call in draft.setup.iter().filter(initializes) {
        for (name, value) in call.arguments.as_object().into_iter().flatten() {
            let value = value.to_string().replace('"', "");
            if draft.account_ids().any(|id| value.contains(id.as_str())) {
                arguments.push((call.receiver.clone(), name.clone(), value));
            }
        }
    }
    let called = draft.puppets.iter().filter(|puppet| !puppet.methods.is_empty());
    Error::UnusedCompanion {
        id: unused.id.clone(),
        file: unused.file.clone(),
        arguments,
        called: called.map(|puppet| puppet.id.clone()).collect(),
    }
}

fn identities(request: &ScaffoldRequest, values: &ExampleValues) -> Identities {
    let under_test = 1 + request.also.len();
    let candidate = |(number, contract): (usize, &InputContract)| Candidate {
        id: contract.id.clone(),
        file: contract.file.clone(),
        // A contract that cannot be read is an error as soon as its interface is read.
        exports: crate::vm::exports(&contract.code).unwrap_or_default(),
        companion: number >= under_test,
    };
    let candidates = request.contracts().enumerate().map(candidate).collect();
    Identities::new(candidates, &values.participants)
}

/// Example values for the initializer of this contract.
fn values_for(id: &AccountId, values: &ExampleValues, identities: &Identities) -> ExampleValues {
    let alike = |one: &Candidate| {
        identities.candidates.iter().filter(|other| other.exports == one.exports).count()
    };
    let companions = identities.candidates.iter().filter(|candidate| candidate.companion);
    ExampleValues {
        known: values.known.iter().filter(|known| *known != id).cloned().collect(),
        identified: identities.known.clone(),
        list_length: companions.map(alike).max().unwrap_or_default().max(values.list_length),
        ..values.clone()
    }
}

/// Example values whose accounts end like the contract's own.
fn example_values(ids: &[AccountId]) -> ExampleValues {
    let suffix = if ids[0].as_str().ends_with(".testnet") { ".testnet" } else { ".near" };
    let named = |name: &str| example_values::unused(name, suffix, ids.iter());
    ExampleValues {
        owner: named("owner"),
        user: named(USERS[0]),
        suffix: suffix.to_owned(),
        participants: USERS.map(named).to_vec(),
        known: ids.to_vec(),
        identified: BTreeMap::new(),
        list_length: 2,
    }
}

fn first_draft(
    request: &ScaffoldRequest,
    values: &ExampleValues,
    interfaces: &[ContractInterface],
    protocol: &Protocol,
) -> Draft {
    let mut contracts = Vec::new();
    for (number, (contract, interface)) in request.contracts().zip(interfaces).enumerate() {
        let dump = request.dump_of(&contract.id);
        let state = dump.map(|dump| (format!("{}.state.json", contract.id), dump.clone().into()));
        contracts.push(DraftContract {
            id: contract.id.clone(),
            file: format!("{}.wasm", contract.id),
            code: Arc::clone(&contract.code),
            state,
            note: None,
            balance: starting_balance(&contract.code, dump, protocol),
            under_test: number <= request.also.len(),
            metadata: interface.metadata.clone(),
            methods: interface.methods.clone(),
            words: interface.words.clone(),
            failed_initializers: interface.failed_initializers.clone(),
        });
    }
    let attacker = values.unused(ATTACKER, request.contracts().map(|contract| &contract.id));
    let mut draft = Draft {
        name: request.name.clone(),
        description: format!("{}, set up by `interloper init`", request.contract.id),
        contracts,
        puppets: Vec::new(),
        owner: values.owner.clone(),
        actors: values.participants.iter().cloned().chain([attacker]).collect(),
        attackers: 1,
        calls: BTreeSet::new(),
        owner_only: BTreeSet::new(),
        endowments: BTreeMap::new(),
        token_ids: BTreeMap::new(),
        hints: BTreeMap::new(),
        attacker_answers: BTreeMap::new(),
        setup: Vec::new(),
    };
    // The contract under test comes last: its initializer may call the others.
    let mut all: Vec<_> = request.contracts().zip(interfaces).collect();
    all.reverse();
    for (contract, interface) in all {
        if let Some(initializer) = &interface.initializer {
            draft.add_hints(&initializer.arguments);
            draft.setup.push(SetupCall {
                signer: contract.id.clone(),
                receiver: contract.id.clone(),
                method: initializer.method.clone(),
                arguments: initializer.arguments.clone(),
                deposit: NearToken::ZERO,
                why: "Initializes the contract.".to_owned(),
            });
        }
        let named = interface.accounts.iter().cloned().map(DraftPuppet::new);
        let called = interface.called.iter().map(|(id, methods)| DraftPuppet {
            methods: methods.clone(),
            ..DraftPuppet::new(id.clone())
        });
        draft.add_puppets(named.chain(called));
    }
    draft.connect_tokens();
    draft
}

fn write_contracts(request: &ScaffoldRequest, draft: &Draft) -> Result<(), Error> {
    std::fs::create_dir_all(&request.folder)
        .map_err(|source| Error::Write { file: request.folder.clone(), source })?;
    for contract in &draft.contracts {
        write_file(&request.folder.join(&contract.file), &contract.code)?;
        if let Some((file, dump)) = &contract.state {
            write_file(&request.folder.join(file), dump.text().as_bytes())?;
        }
    }
    Ok(())
}

/// Writes `target.toml`, after reading it once to check it.
fn write_target(request: &ScaffoldRequest, draft: &Draft) -> Result<(), Error> {
    let (file, text) = (request.folder.join(TARGET_FILE), draft.text());
    Target::from_text(&text, &file, None, &[])?;
    write_file(&file, text.as_bytes())
}
