//! Completes a drafted target with what only running the whole of it shows: whom the contracts call, what
//! they want to hear from them, and calls after which there is something to lose.
//!
//! Writes nothing but the files of contracts that stand in for others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::Error;
use super::answers::{Known, Listener};
use super::draft::{Contract, Draft, Puppet, Step};
use super::invent::Inventor;
use super::make::{Maker, Piece, balance, write};
use super::passed;
use super::rehearse::{Rehearsal, load};
use super::standin::StandIn;
use crate::types::AccountId;
use crate::vm::{ContractCode, Storage};

/// How often the draft is tried to learn whom the contracts call and what they want to hear.
const ROUNDS: usize = 6;
/// How often there is a new beginning, where what was prepared brought something new to light.
const BEGINNINGS: usize = 3;
/// Accounts that are learnt at run time: more are made up by the contract.
const MAX_PUPPETS: usize = 12;

/// Completes a draft.
pub(super) struct Finish<'a> {
    pub(super) maker: &'a Maker<'a>,
    pub(super) folder: &'a Path,
    pub(super) inventor: &'a Inventor,
    /// Words of the contracts' data.
    pub(super) names: BTreeSet<String>,
}

impl Finish<'_> {
    /// Completes it.
    pub(super) fn run(&self, draft: &mut Draft) -> Result<(), Error> {
        let mut known = Known::new();
        for beginning in 0..BEGINNINGS {
            for _ in 0..ROUNDS {
                if !self.learn(draft, &mut known)? {
                    break;
                }
            }
            let made = draft.setup.len();
            self.prepare(draft)?;
            // What is possible only now may call others, and hear others.
            let added = draft.setup.split_off(made);
            let news = self.learn_after(draft, &added, &mut known)?;
            if !news || beginning + 1 == BEGINNINGS {
                draft.setup.extend(added);
                break;
            }
        }
        load(draft, self.folder).map(drop)
    }

    fn rehearsal(&self, draft: &Draft) -> Result<Rehearsal<'_>, Error> {
        Rehearsal::of(draft, self.folder, &self.maker.protocol, self.maker.engine, self.inventor)
    }

    fn prepare(&self, draft: &mut Draft) -> Result<(), Error> {
        for step in self.rehearsal(draft)?.prepare(draft)? {
            draft.setup.push(step);
            // What worked in a rehearsal may not in a world that begins at another time.
            if self.rehearsal(draft).is_err() {
                draft.setup.pop();
            }
        }
        Ok(())
    }

    fn learn_after(
        &self,
        draft: &mut Draft,
        added: &[Step],
        known: &mut Known,
    ) -> Result<bool, Error> {
        let made = draft.setup.len();
        draft.setup.extend_from_slice(added);
        let news = self.learn(draft, known);
        // What stands in for others is set up before everything else.
        let before = draft.setup.len() - added.len();
        debug_assert!(before >= made);
        draft.setup.truncate(before);
        news
    }

    /// Tries everything once, and takes in what is new. Whether anything was.
    fn learn(&self, draft: &mut Draft, known: &mut Known) -> Result<bool, Error> {
        let seen = self.rehearsal(draft)?.look(draft)?;
        let mut news = add_puppets(draft, seen.called.values().cloned());
        news |= passed::fill(draft, &seen.passed);
        news |= self.stand_in(draft)?;
        let codes = codes(draft, self.folder)?;
        let listener = Listener {
            engine: self.maker.engine,
            protocol: &self.maker.protocol,
            codes: &codes,
            inventor: self.inventor,
            names: &self.names,
        };
        let contracts: BTreeSet<_> =
            draft.contracts.iter().map(|contract| contract.id.clone()).collect();
        news |= listener.learn(&seen, |id| !contracts.contains(id), known)?;
        for ((id, method), answers) in &*known {
            let puppet = draft.puppets.iter_mut().find(|puppet| puppet.id == *id);
            // Users have no contract, and the attacker's may answer what theirs would.
            let answerer = puppet.map_or(&mut draft.attacker_answers, |puppet| &mut puppet.answers);
            answerer.insert(method.clone(), answers.clone());
        }
        Ok(news)
    }

    /// Puts tokens of ours where a puppet would play a token.
    fn stand_in(&self, draft: &mut Draft) -> Result<bool, Error> {
        let mut news = false;
        for puppet in draft.puppets.clone() {
            let Some(stand_in) = StandIn::of(&puppet, draft) else { continue };
            let before = draft.clone();
            self.replace(draft, &puppet.id, stand_in)?;
            // A contract that the set-up cannot do with stays a puppet.
            match self.rehearsal(draft) {
                Ok(_) => news = true,
                Err(_) => *draft = before,
            }
        }
        Ok(news)
    }

    fn replace(&self, draft: &mut Draft, id: &AccountId, stand_in: StandIn) -> Result<(), Error> {
        let file = format!("{id}.wasm");
        let path = self.folder.join(&file);
        write(&path, stand_in.code)?;
        let piece = Piece { id: id.clone(), file: path, code: stand_in.code.into(), abi: None };
        let survey = self.maker.survey(&piece, Storage::default(), self.inventor)?;
        draft.puppets.retain(|puppet| puppet.id != *id);
        draft.contracts.push(Contract {
            id: id.clone(),
            file,
            state: None,
            note: Some(stand_in.note),
            balance: balance(&piece, None, &self.maker.protocol),
            under_test: false,
            metadata: survey.metadata,
            methods: survey.methods,
        });
        let step = Step {
            signer: id.clone(),
            receiver: id.clone(),
            method: "new".to_owned(),
            arguments: stand_in.arguments,
            deposit: 0,
            why: "Makes the token's first state.".to_owned(),
        };
        draft.setup.insert(0, step);
        Ok(())
    }
}

/// Accounts that nobody plays yet become puppets, and known puppets learn what else is called on them.
/// Whether anything was new.
pub(super) fn add_puppets(draft: &mut Draft, called: impl Iterator<Item = Puppet>) -> bool {
    let mut news = false;
    for puppet in called {
        if let Some(known) = draft.puppets.iter_mut().find(|known| known.id == puppet.id) {
            let before = known.methods.len();
            known.methods.extend(puppet.methods);
            known.trusted &= puppet.trusted;
            news |= known.methods.len() > before;
            continue;
        }
        let taken = draft.contracts.iter().any(|contract| contract.id == puppet.id)
            || draft.actors.contains(&puppet.id)
            || draft.owner == puppet.id;
        if !taken && draft.puppets.len() < MAX_PUPPETS {
            draft.puppets.push(puppet);
            news = true;
        }
    }
    news
}

/// The code of the draft's contracts.
fn codes(draft: &Draft, folder: &Path) -> Result<BTreeMap<AccountId, Arc<ContractCode>>, Error> {
    let accounts = load(draft, folder)?.accounts.into_iter();
    Ok(accounts
        .filter_map(|account| {
            let code = account.contract?.code.to_vec();
            Some((account.id, Arc::new(ContractCode::new(code, None))))
        })
        .collect())
}
