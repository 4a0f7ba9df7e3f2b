//! The world in which a case starts: the target's, after the case's history.
//!
//! Remembers worlds, since many cases share a history. What it returns does not depend on what it remembers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Error;
use super::run::Simulation;
use super::undisturbed::{End, Undisturbed};
use crate::chain::World;
use crate::scenario::History;
use crate::trace::Holdings;
use crate::types::{AccountId, Fingerprint, OperationId};
use crate::vm::Engine;

/// Operations of a history are numbered from here, so that their receipts never share a name, and with it an
/// id, with those of a case or of the set-up.
const FIRST_HISTORY_OPERATION: u32 = 1 << 30;

/// How many worlds are remembered.
const REMEMBERED_WORLDS: usize = 1 << 10;

/// The world in which a case starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// The world. No receipt is pending in it.
    pub world: World,
    /// Who holds which tokens in it, by the token's contract.
    pub holdings: Arc<BTreeMap<AccountId, Holdings>>,
}

/// Worlds after histories.
#[derive(Clone, Debug, Default)]
pub(super) struct Past(Arc<Mutex<BTreeMap<Key, Arc<After>>>>);

/// The engine that ran a history, by its address, and the history.
type Key = (usize, Fingerprint);

/// What a history leaves.
#[derive(Debug)]
struct After {
    /// The world in which yields still wait: the next operation of a longer history may resume them.
    world: World,
    start: Start,
}

impl Simulation<'_> {
    /// The world in which cases with this history start. An operation that does not come to rest within the
    /// target's limit of receipts is left out.
    ///
    /// # Errors
    /// If the virtual machine fails, or a contract does something that is not simulated.
    pub fn start(&self, history: &History) -> Result<Start, Error> {
        if history.is_empty() {
            let (world, holdings) = (self.stage.world.clone(), Arc::clone(&self.stage.holdings));
            return Ok(Start { world, holdings });
        }
        let past = &self.stage.past;
        let known = (1..=history.len())
            .rev()
            .find_map(|length| Some((length, past.get(self.engine, history.digest(length))?)));
        let (mut length, mut after) = match known {
            Some((length, after)) => (length, Some(after)),
            None => (0, None),
        };
        while length < history.len() {
            let next = Arc::new(self.after(after.as_deref(), history, length)?);
            length += 1;
            past.put(self.engine, history.digest(length), Arc::clone(&next));
            after = Some(next);
        }
        let after = after.expect("the history is not empty");
        Ok(after.start.clone())
    }

    /// What an operation of a history leaves, given what those before it left.
    fn after(
        &self,
        before: Option<&After>,
        history: &History,
        index: usize,
    ) -> Result<After, Error> {
        let stage = self.stage;
        let (before, known) = match before {
            Some(After { world, start }) => (world, start.clone()),
            None => (&stage.world, self.start(&History::default())?),
        };
        let undisturbed =
            Undisturbed { engine: self.engine, reach: &stage.reach, puppet: &stage.puppet };
        let mut world = before.clone();
        let number = OperationId(FIRST_HISTORY_OPERATION + OperationId::at(index).0);
        let end = undisturbed.run(&mut world, &history[index], number, stage.receipts)?;
        let mut settled = world.clone();
        if matches!(end, End::CutOff) || !undisturbed.settle(&mut settled, stage.receipts)? {
            world = before.clone();
            settled = before.clone();
            undisturbed.settle(&mut settled, stage.receipts)?;
        }
        let holdings =
            stage.holdings_since(&known.world, &known.holdings, &settled, self.engine)?;
        Ok(After { world, start: Start { world: settled, holdings } })
    }
}

impl Past {
    fn get(&self, engine: &dyn Engine, digest: Fingerprint) -> Option<Arc<After>> {
        let worlds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        worlds.get(&key(engine, digest)).cloned()
    }

    fn put(&self, engine: &dyn Engine, digest: Fingerprint, after: Arc<After>) {
        let mut worlds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if worlds.len() >= REMEMBERED_WORLDS {
            // Digests are as good as random, so this forgets a world at random.
            worlds.pop_first();
        }
        worlds.insert(key(engine, digest), after);
    }
}

fn key(engine: &dyn Engine, digest: Fingerprint) -> Key {
    (std::ptr::from_ref(engine).cast::<()>().addr(), digest)
}
