//! Refines a draft with dry runs: adds the accounts that the contracts call, the answers that callbacks accept,
//! and calls after which there is something to lose.
//!
//! Writes no files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::attempts::Attempts;
use super::callback_probe::{CallbackProbe, KnownAnswers};
use super::economy::{Endowment, TokenEconomy};
use super::observations::DryRun;
use super::sandbox::Sandbox;
use super::setup_synthesis::{SetupSynthesis, Synthesis};
use crate::discovery::Error;
use crate::discovery::argument_inference::Probe;
use crate::discovery::draft::mock_token::MockToken;
use crate::discovery::draft::{Draft, DraftContract, SetupCall, starting_balance};
use crate::discovery::identities::Identities;
use crate::discovery::interface::{ContractReader, ask_again};
use crate::discovery::request::InputContract;
use crate::types::{AccountId, NearToken};
use crate::vm::{ContractCode, ModuleInfo, Storage};

/// The most dry runs in a row, each of which brought something new.
const DRY_RUNS: usize = 6;
/// How often the set-up is made again, if a dry run after it brought something new.
const SETUPS: usize = 3;

/// How many attackers there are if a token registers its holders: the last one is not registered.
const MOST_ATTACKERS: usize = 2;

/// Refines a draft.
pub(in crate::discovery) struct Refinement<'a> {
    pub(in crate::discovery) reader: ContractReader<'a>,
    /// The target's folder.
    pub(in crate::discovery) folder: &'a Path,
    /// Words in the contracts, which members may be called.
    pub(in crate::discovery) names: BTreeSet<String>,
}

impl Refinement<'_> {
    /// Refines the draft. Returns whether it is complete: if it shows who an invented account is, the draft
    /// has to be made again.
    pub(in crate::discovery) fn run(
        &self,
        draft: &mut Draft,
        identities: &mut Identities,
    ) -> Result<bool, Error> {
        let mut known = KnownAnswers::new();
        for round in 1..=SETUPS {
            for _ in 0..DRY_RUNS {
                let news = self.learn(draft, &mut known)?;
                if identities.identify(&draft.puppets) {
                    return Ok(false);
                }
                if !(self.add_mock_tokens(draft)? || news) {
                    break;
                }
            }
            self.add_tokens(draft)?;
            let own = draft.setup.len();
            self.add_setup_calls(draft)?;
            // Methods that became possible only now may call other accounts and await other results.
            let added = draft.setup.split_off(own);
            let news = self.learn_after(draft, &added, &mut known)?;
            if identities.identify(&draft.puppets) {
                return Ok(false);
            }
            if !news || round == SETUPS {
                draft.setup.extend(added);
                break;
            }
        }
        let between = draft.calls.iter().filter(|(caller, called, _)| caller != called);
        between.for_each(|(_, called, _)| identities.note_called(called));
        Ok(true)
    }

    fn sandbox(&self, draft: &Draft) -> Result<Sandbox<'_>, Error> {
        Sandbox::new(draft, self.folder, self.reader.protocol, self.reader.engine)
    }

    /// Adds calls that give the actors tokens, and an attacker that no token has registered.
    fn add_tokens(&self, draft: &mut Draft) -> Result<(), Error> {
        let registers = |contract: &DraftContract| {
            let registers = contract.note.is_none() && contract.exports("storage_balance_of");
            registers && (contract.exports("ft_transfer") || contract.exports("mt_transfer"))
        };
        if draft.contracts.iter().any(registers) && draft.attackers < MOST_ATTACKERS {
            let id = self.reader.values.unused("eve", draft.account_ids());
            draft.actors.push(id);
            draft.attackers += 1;
        }
        let unregistered =
            (draft.attackers == MOST_ATTACKERS).then(|| draft.actors.last()).flatten();
        let attempts = Attempts::new(draft, self.reader.values);
        let sandbox = self.sandbox(draft)?;
        let economy = TokenEconomy { sandbox, attempts: &attempts, draft, unregistered };
        let Endowment { calls, amounts, token_ids } = economy.endowment()?;
        draft.setup.extend(calls);
        draft.endowments.extend(amounts);
        draft.token_ids.extend(token_ids);
        Ok(())
    }

    fn add_setup_calls(&self, draft: &mut Draft) -> Result<(), Error> {
        let attempts = Attempts::new(draft, self.reader.values);
        let sandbox = self.sandbox(draft)?;
        let Synthesis { calls, owner_only } =
            SetupSynthesis::new(sandbox, &attempts, draft).run()?;
        draft.owner_only = owner_only;
        for call in calls {
            draft.setup.push(call);
            // A call that succeeded in a dry run may fail in a world that starts at another time.
            if self.sandbox(draft).is_err() {
                draft.setup.pop();
            }
        }
        Ok(())
    }

    /// Learns from a dry run after these calls. The draft keeps its own set-up.
    fn learn_after(
        &self,
        draft: &mut Draft,
        added: &[SetupCall],
        known: &mut KnownAnswers,
    ) -> Result<bool, Error> {
        draft.setup.extend_from_slice(added);
        let asked = self.ask_again(draft)?;
        let news = self.learn(draft, known).map(|news| news || asked);
        draft.setup.truncate(draft.setup.len() - added.len());
        news
    }

    /// Asks the contracts again, in the state after the set-up, about methods that failed so far.
    fn ask_again(&self, draft: &mut Draft) -> Result<bool, Error> {
        let sandbox = self.sandbox(draft)?;
        let mut news = false;
        for contract in &mut draft.contracts {
            let Some(storage) = sandbox.storage(&contract.id) else { continue };
            let probe = Probe {
                engine: self.reader.engine,
                protocol: self.reader.protocol,
                code: Arc::new(ContractCode::new(contract.code.to_vec(), None)),
                account: contract.id.clone(),
                storage,
            };
            let module = ModuleInfo::of(&contract.code)?;
            news |= ask_again(probe, &module, self.reader.values, &mut contract.methods)?;
        }
        draft.connect_tokens();
        Ok(news)
    }

    /// Adds to the draft what a dry run shows. Returns whether anything was new.
    fn learn(&self, draft: &mut Draft, known: &mut KnownAnswers) -> Result<bool, Error> {
        let attempts = Attempts::new(draft, self.reader.values);
        let dry_run = DryRun::new(&mut self.sandbox(draft)?, &attempts, draft)?;
        let mut news = draft.add_puppets(dry_run.called.values().cloned());
        news |= dry_run.self_calls.add_to(draft);
        for arguments in &dry_run.passed {
            news |= draft.add_hints(arguments);
        }
        draft.calls.extend(dry_run.calls.iter().cloned());
        let codes = codes(draft);
        let probe = CallbackProbe {
            engine: self.reader.engine,
            protocol: self.reader.protocol,
            codes: &codes,
            values: self.reader.values,
            names: &self.names,
        };
        news |= probe.find_answers(&dry_run, |id| !codes.contains_key(id), known)?;
        for ((id, method), answers) in &*known {
            let puppet = draft.puppets.iter_mut().find(|puppet| puppet.id == *id);
            // Users have no contract. The attacker's contract may answer what theirs would.
            let all = puppet.map_or(&mut draft.attacker_answers, |puppet| &mut puppet.answers);
            all.insert(method.clone(), answers.clone());
        }
        Ok(news)
    }

    /// Replaces puppets that are tokens by mock tokens.
    fn add_mock_tokens(&self, draft: &mut Draft) -> Result<bool, Error> {
        let mut news = false;
        for puppet in draft.puppets.clone() {
            let Some(token) = MockToken::of(&puppet, draft) else { continue };
            let before = draft.clone();
            self.replace(draft, &puppet.id, token)?;
            // If the set-up does not work with the mock token, the account stays a puppet.
            match self.sandbox(draft) {
                Ok(_) => news = true,
                Err(_) => *draft = before,
            }
        }
        Ok(news)
    }

    fn replace(&self, draft: &mut Draft, id: &AccountId, token: MockToken) -> Result<(), Error> {
        let file = format!("{id}.wasm");
        let path = self.folder.join(&file);
        let contract =
            InputContract { id: id.clone(), file: path, code: token.code.into(), abi: None };
        let interface = self.reader.interface(&contract, Storage::default())?;
        draft.puppets.retain(|puppet| puppet.id != *id);
        draft.contracts.push(DraftContract {
            id: id.clone(),
            file,
            state: None,
            note: Some(token.note),
            balance: starting_balance(&contract.code, None, self.reader.protocol),
            code: contract.code,
            under_test: false,
            metadata: interface.metadata,
            methods: interface.methods,
            words: interface.words,
            failed_initializers: Vec::new(),
        });
        let call = SetupCall {
            signer: id.clone(),
            receiver: id.clone(),
            method: "new".to_owned(),
            arguments: token.arguments,
            deposit: NearToken::ZERO,
            why: "Initializes the token.".to_owned(),
        };
        draft.setup.insert(0, call);
        draft.connect_tokens();
        Ok(())
    }
}

/// The code of the draft's contracts.
fn codes(draft: &Draft) -> BTreeMap<AccountId, Arc<ContractCode>> {
    let code = |contract: &DraftContract| {
        let code = ContractCode::new(contract.code.to_vec(), None);
        (contract.id.clone(), Arc::new(code))
    };
    draft.contracts.iter().map(code).collect()
}
