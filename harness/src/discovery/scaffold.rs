//! Scaffolds a target: creates a folder with `target.toml` and the contracts.
//!
//! Writes into a folder that did not exist before, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Error;
use super::argument_inference::ExampleValues;
use super::draft::{Draft, DraftContract, DraftPuppet, SetupCall, starting_balance};
use super::dry_run::Refinement;
use super::interface::{ContractInterface, ContractReader};
use super::request::{ScaffoldRequest, write_file};
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

impl Scaffolder<'_> {
    /// Creates the target's folder.
    ///
    /// # Errors
    /// If a contract cannot be used, the folder exists already, or a file cannot be written.
    pub fn scaffold(&self, request: &ScaffoldRequest) -> Result<Draft, Error> {
        let ids: Vec<_> = request.contracts().map(|contract| contract.id.clone()).collect();
        let values = example_values(&ids);
        let reader =
            ContractReader { protocol: &self.protocol, engine: self.engine, values: &values };
        let mut interfaces = Vec::new();
        for contract in request.contracts() {
            interfaces.push(reader.interface(contract, request.state_of(&contract.id))?);
        }
        identify_accounts(request, &mut interfaces);
        let mut draft = first_draft(request, &values, &interfaces, &self.protocol);
        write_contracts(request, &draft)?;
        let names = interfaces.into_iter().flat_map(|interface| interface.names).collect();
        let refined = Refinement { reader, folder: &request.folder, names }.run(&mut draft);
        if let Err(error) = refined.and_then(|()| write_target(request, &draft)) {
            // Half a target would be in the way of the next attempt. All files in the folder are ours.
            let _ = std::fs::remove_dir_all(&request.folder);
            return Err(error);
        }
        Ok(draft)
    }
}

/// If contract A calls an invented account with methods that only contract B exports, that account is B.
fn identify_accounts(request: &ScaffoldRequest, interfaces: &mut [ContractInterface]) {
    let exports: Vec<(AccountId, BTreeSet<String>)> = request
        .contracts()
        .zip(&*interfaces)
        .map(|(contract, interface)| {
            let names = interface.methods.iter().map(|method| method.name.clone());
            (contract.id.clone(), names.collect())
        })
        .collect();
    for (number, interface) in interfaces.iter_mut().enumerate() {
        for invented in interface.accounts.clone() {
            let Some(called) = interface.called.get(&invented) else { continue };
            let fits = |(other, (_, names)): &(usize, &(_, BTreeSet<String>))| {
                *other != number && called.is_subset(names)
            };
            let mut fitting = exports.iter().enumerate().filter(fits);
            let unknown = exports.iter().all(|(id, _)| *id != invented);
            if let (true, Some((_, (id, _))), None) = (unknown, fitting.next(), fitting.next()) {
                interface.replace_account(&invented, id);
            }
        }
    }
}

/// Example values whose accounts end like the contract's own.
fn example_values(ids: &[AccountId]) -> ExampleValues {
    let suffix = if ids[0].as_str().ends_with(".testnet") { ".testnet" } else { ".near" };
    let named = |name: &str| -> AccountId {
        let taken = |id: &str| ids.iter().any(|known| known.as_str() == id);
        let id = format!("{name}{suffix}");
        let id = if taken(&id) { format!("{name}-{id}") } else { id };
        id.parse().expect("a short name with a known ending is an account id")
    };
    ExampleValues {
        owner: named("owner"),
        user: named("alice"),
        suffix: suffix.to_owned(),
        participants: ["alice", "bob", "mallory"].map(named).to_vec(),
        known: ids.to_vec(),
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
    let mut draft = Draft {
        name: request.name.clone(),
        description: format!("{}, set up by `interloper init`", request.contract.id),
        contracts,
        puppets: Vec::new(),
        owner: values.owner.clone(),
        actors: values.participants.clone(),
        attacker_answers: BTreeMap::new(),
        setup: Vec::new(),
    };
    // The contract under test comes last: its initializer may call the others.
    let mut all: Vec<_> = request.contracts().zip(interfaces).collect();
    all.reverse();
    for (contract, interface) in all {
        if let Some(initializer) = &interface.initializer {
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
    draft
}

fn write_contracts(request: &ScaffoldRequest, draft: &Draft) -> Result<(), Error> {
    if request.folder.exists() {
        return Err(Error::Exists { folder: request.folder.clone() });
    }
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
