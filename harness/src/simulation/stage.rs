//! The world in which every case of a target starts: accounts made, contracts deployed, set-up run.
//!
//! Runs the set-up once. Never runs a case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Error;
use super::start::Past;
use super::undisturbed::{End, Undisturbed};
use crate::adversary::{FaultPolicy, Puppet};
use crate::chain::{self, Protocol, World};
use crate::invariant::Settings;
use crate::targets::{SetupAction, Target};
use crate::trace::{Holdings, Parties, TokenKind, same_state};
use crate::types::{AccountId, OperationId};
use crate::vm::{ContractCode, Engine, ModuleInfo, exports};

/// Operations of the set-up are numbered from here, so that their receipts never share a name, and
/// with it an id, with those of a case.
const FIRST_SETUP_OPERATION: u32 = 1 << 31;

/// Most receipts of one call of the set-up.
const MOST_SETUP_RECEIPTS: u32 = 100_000;

/// Host functions that give a contract its own balance.
const BALANCE: &[&str] = &["account_balance"];

/// Host functions that tell a contract about the block.
const BLOCK: &[&str] = &["block_index", "block_timestamp", "epoch_height", "random_seed"];

/// The world in which every case of a target starts.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The world after the set-up.
    pub world: World,
    /// Who plays which part.
    pub parties: Arc<Parties>,
    /// What the target says about invariants.
    pub settings: Arc<Settings>,
    /// Who holds which tokens, by the token's contract.
    pub holdings: Arc<BTreeMap<AccountId, Holdings>>,
    /// Most receipts that a case may run.
    pub receipts: u32,
    /// Whom the adversary plays, and what it leaves alone.
    pub reach: FaultPolicy,
    /// What plays them.
    pub puppet: Puppet,
    /// The target that it was made of. Without one, nothing is known of what accounts can call.
    pub target: Option<Arc<Target>>,
    /// What the contracts export, by account.
    pub exports: Arc<BTreeMap<AccountId, Vec<String>>>,
    /// Worlds that start from this one.
    pub(super) past: Past,
}

impl Fixture {
    /// This world, with the adversary's defaults, without puppets and without known tokens. A case may run so many
    /// receipts.
    #[must_use]
    pub fn of_world(world: World, parties: Parties, receipts: u32) -> Self {
        Self {
            world,
            parties: Arc::new(parties),
            settings: Arc::default(),
            holdings: Arc::default(),
            receipts,
            reach: FaultPolicy::default(),
            puppet: Puppet::default(),
            target: None,
            exports: Arc::default(),
            past: Past::default(),
        }
    }

    /// Makes the target's world and runs its set-up.
    ///
    /// # Errors
    /// When a contract cannot be used, lacks a method that the target names, or a set-up call fails.
    pub fn prepare(
        target: &Target,
        protocol: Arc<Protocol>,
        engine: &dyn Engine,
    ) -> Result<Self, Error> {
        let exports = exported(target)?;
        target.check_exports(&exports)?;
        let mut world = World::starting(protocol, target.clock);
        for account in &target.accounts {
            let contract = account.contract.as_ref();
            let code =
                contract.map(|contract| Arc::new(ContractCode::new(contract.code.to_vec(), None)));
            world.add_account(account.id.clone(), account.balance, code);
            if let Some(dump) = &account.state {
                let state = dump.values.iter().map(|(key, value)| (&key[..], &value[..]));
                world.add_state(&account.id, state);
            }
        }
        world.next_block();
        let (reach, puppet) = (target.reach(), Puppet::default());
        let undisturbed = Undisturbed { engine, reach: &reach, puppet: &puppet };
        for (number, setup) in (FIRST_SETUP_OPERATION..).map(OperationId).zip(&target.setup) {
            let operation = match &setup.action {
                SetupAction::Call(operation) => operation,
                SetupAction::Wait(duration) => {
                    world.wait(*duration);
                    continue;
                }
            };
            let failed = |problem| Error::Setup {
                file: target.file.clone(),
                line: setup.line,
                method: operation.method.clone(),
                problem,
            };
            match undisturbed.run(&mut world, operation, number, MOST_SETUP_RECEIPTS)? {
                End::Success => {}
                End::Failure(problem) => return Err(failed(problem)),
                End::CutOff => {
                    let problem = format!("more than {MOST_SETUP_RECEIPTS} receipts came of it");
                    return Err(failed(problem));
                }
            }
        }
        let parties = parties(target);
        let holdings = holdings(&world, engine, &parties.tokens)?.into();
        let settings = Arc::new(settings(target));
        Ok(Self {
            world,
            parties: Arc::new(parties),
            settings,
            holdings,
            receipts: target.limits.receipts,
            reach,
            puppet,
            target: Some(Arc::new(target.clone())),
            exports: Arc::new(exports),
            past: Past::default(),
        })
    }
}

impl Fixture {
    /// Who holds which tokens in a world, given what is known of an earlier one. Asks only if a token contract has
    /// changed its state since.
    pub(super) fn holdings_since(
        &self,
        earlier: &World,
        known: &Arc<BTreeMap<AccountId, Holdings>>,
        world: &World,
        engine: &dyn Engine,
    ) -> Result<Arc<BTreeMap<AccountId, Holdings>>, chain::Error> {
        let tokens = &self.parties.tokens;
        if tokens.keys().all(|token| same_state(earlier, world, token)) {
            return Ok(Arc::clone(known));
        }
        Ok(holdings(world, engine, tokens)?.into())
    }
}

/// The target's token contracts.
fn tokens(target: &Target) -> BTreeMap<AccountId, TokenKind> {
    let kind = |account: &crate::targets::Account| {
        // A contract that cannot be read was an error before this.
        let exported = exports(&account.contract.as_ref()?.code).ok()?;
        Some((account.id.clone(), TokenKind::of(&exported)?))
    };
    target.accounts.iter().filter_map(kind).collect()
}

/// What is known of the contracts' modules, by account. Code that cannot be read fails when it is called, so it has
/// no part in anything.
fn modules(target: &Target) -> BTreeMap<AccountId, ModuleInfo> {
    let info = |account: &crate::targets::Account| {
        let info = ModuleInfo::of(&account.contract.as_ref()?.code).ok()?;
        Some((account.id.clone(), info))
    };
    target.accounts.iter().filter_map(info).collect()
}

/// Accounts whose contracts import one of these host functions.
fn importers(modules: &BTreeMap<AccountId, ModuleInfo>, functions: &[&str]) -> BTreeSet<AccountId> {
    let reads = |info: &ModuleInfo| functions.iter().any(|name| info.imports(name));
    modules.iter().filter(|(_, info)| reads(info)).map(|(id, _)| id.clone()).collect()
}

/// Views of contracts under test that must not fail: those whose names start as the target says.
fn checks(target: &Target) -> Vec<(AccountId, String)> {
    let Some(prefix) = &target.invariants.prefix else { return Vec::new() };
    let mut checks = Vec::new();
    for account in target.under_test() {
        let code = account.contract.as_ref().map(|contract| &contract.code);
        let exported = code.and_then(|code| exports(code).ok()).unwrap_or_default();
        let names = exported.into_iter().filter(|name| name.starts_with(prefix.as_str()));
        checks.extend(names.map(|name| (account.id.clone(), name)));
    }
    checks
}

/// Who holds how much of each of the tokens.
fn holdings(
    world: &World,
    engine: &dyn Engine,
    tokens: &BTreeMap<AccountId, TokenKind>,
) -> Result<BTreeMap<AccountId, Holdings>, chain::Error> {
    let ask = |(token, kind): (&AccountId, &TokenKind)| {
        let accounts = world.accounts().map(|(id, _)| id);
        Ok((token.clone(), Holdings::ask(world, engine, (token, *kind), accounts)?))
    };
    tokens.iter().map(ask).collect()
}

fn parties(target: &Target) -> Parties {
    let FaultPolicy { puppets, trusted, .. } = target.reach();
    let under_test = target.under_test().map(|account| account.id.clone()).collect();
    let modules = modules(target);
    let balance_readers = importers(&modules, BALANCE);
    let block_readers = importers(&modules, BLOCK);
    Parties { under_test, tokens: tokens(target), balance_readers, block_readers, puppets, trusted }
}

fn settings(target: &Target) -> Settings {
    let mut settings = Settings {
        declarations: target.declarations.clone(),
        allowances: target.allowances.clone(),
        checks: checks(target),
        ..Settings::default()
    };
    for (name, own) in &target.invariants.settings {
        for (account, prefixes) in &own.ignore_keys {
            settings.ignored_keys.insert((name.clone(), account.clone()), prefixes.clone());
        }
    }
    settings
}

/// What the contracts of a target export.
fn exported(target: &Target) -> Result<BTreeMap<AccountId, Vec<String>>, Error> {
    let mut all = BTreeMap::new();
    for account in &target.accounts {
        let Some(contract) = &account.contract else { continue };
        let names = exports(&contract.code)
            .map_err(|problem| Error::Contract { file: contract.file.clone(), problem })?;
        all.insert(account.id.clone(), names.into_iter().collect());
    }
    Ok(all)
}
