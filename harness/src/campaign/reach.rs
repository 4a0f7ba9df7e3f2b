//! What a campaign has reached of its target: which methods have succeeded, why the others have not, and which
//! windows have opened.
//!
//! A campaign that never opens a window tests nothing between a call and its callback: [`Reach::untested`]
//! says so. Never judges a case and never prints.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use near_primitives::transaction::ExecutionStatus;
use serde::{Deserialize, Serialize};

use super::windows::{WindowCounts, Windows};
use crate::chain::Cause;
use crate::simulation::Execution;
use crate::targets::Target;
use crate::trace::{Event, Observation, text};
use crate::types::AccountId;
use crate::vm::{ModuleInfo, exports_that_reach};

/// Host functions that make a contract wait for something, and with that open a window.
const WAITING: [&str; 3] = ["promise_then", "promise_batch_then", "promise_yield_create"];

/// Different refusals kept for one method.
const MOST_REFUSALS: usize = 16;
/// The longest text of a refusal, in characters.
const MOST_TEXT: usize = 240;

/// What was reached of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reach {
    /// Whether a contract under test can wait for a promise at all. If none can, there is no window.
    pub can_wait: bool,
    /// The methods that operations call, in the target's order. Those with weight 0 are not among them.
    pub methods: Vec<MethodReach>,
    /// The windows that have opened, in that order.
    pub windows: Vec<WindowReach>,
}

/// How one method fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MethodReach {
    /// The account whose contract exports it.
    pub contract: AccountId,
    /// Its name.
    pub method: String,
    /// The line of its `[[method]]` in `target.toml`, counted from 1.
    pub line: usize,
    /// Whether it is a method of a contract under test whose code can wait for a promise, as far as direct
    /// calls in the code tell.
    pub can_wait: bool,
    /// How often it succeeded.
    pub succeeded: u64,
    /// How often it failed without being made to.
    pub failed: u64,
    /// After how many executions it succeeded for the first time.
    pub first_success: Option<u64>,
    /// Why it failed, for as long as it has never succeeded: the commonest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
}

/// Why a method failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Refusal {
    /// The contract's words or the chain's, as they were the first time. Later ones may differ in numbers.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// A window that has opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WindowReach {
    /// The contract under test.
    pub contract: AccountId,
    /// The method that opens it.
    pub opened_by: String,
    /// The callback that closes it.
    pub closed_by: String,
    /// After how many executions it opened for the first time.
    pub opened: u64,
    /// After how many executions another operation ran in it for the first time.
    pub entered: Option<u64>,
}

/// Why a campaign tested nothing between a call and its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untested {
    /// No contract under test can wait for a promise: there is no window.
    NoCallback,
    /// A contract under test can, and never did.
    NoWindow,
    /// Windows opened, and no other operation ran in one.
    NoVisit,
}

impl Reach {
    /// How many methods have succeeded.
    #[must_use]
    pub fn succeeded(&self) -> usize {
        self.methods.iter().filter(|method| method.succeeded > 0).count()
    }

    /// The methods that have never succeeded, in the target's order.
    pub fn never_succeeded(&self) -> impl Iterator<Item = &MethodReach> {
        self.methods.iter().filter(|method| method.succeeded == 0)
    }

    /// How many windows have opened, and into how many of them another operation came.
    #[must_use]
    pub fn coverage(&self) -> WindowCounts {
        let entered = self.windows.iter().filter(|window| window.entered.is_some()).count();
        WindowCounts { entered: entered as u64, seen: self.windows.len() as u64 }
    }

    /// How many windows can open: those that have, and one for each method whose code can wait for a promise
    /// and that has opened none.
    #[must_use]
    pub fn possible_windows(&self) -> usize {
        let missing = |method: &&MethodReach| {
            let opens = |window: &WindowReach| {
                window.contract == method.contract && window.opened_by == method.method
            };
            method.can_wait && !self.windows.iter().any(opens)
        };
        self.windows.len() + self.methods.iter().filter(missing).count()
    }

    /// Why nothing was tested between a call and its callback; `None` if something was. Also `None` if nothing
    /// is known, as in files of earlier versions.
    #[must_use]
    pub fn untested(&self) -> Option<Untested> {
        match self.coverage() {
            _ if self.methods.is_empty() => None,
            WindowCounts { seen: 0, .. } if !self.can_wait => Some(Untested::NoCallback),
            WindowCounts { seen: 0, .. } => Some(Untested::NoWindow),
            WindowCounts { entered: 0, .. } => Some(Untested::NoVisit),
            WindowCounts { .. } => None,
        }
    }

    /// Adds what another campaign of the same target has reached. The lower number of executions counts.
    pub fn merge(&mut self, other: &Self) {
        self.can_wait |= other.can_wait;
        for theirs in &other.methods {
            let same = |own: &&mut MethodReach| {
                own.contract == theirs.contract && own.method == theirs.method
            };
            match self.methods.iter_mut().find(same) {
                Some(own) => own.merge(theirs),
                None => self.methods.push(theirs.clone()),
            }
        }
        for theirs in &other.windows {
            match self.windows.iter_mut().find(|own| own.is_same(theirs)) {
                Some(own) => {
                    own.opened = own.opened.min(theirs.opened);
                    own.entered = earlier(own.entered, theirs.entered);
                }
                None => self.windows.push(theirs.clone()),
            }
        }
    }
}

impl MethodReach {
    /// Why it failed most often, if it has never succeeded and was called.
    #[must_use]
    pub fn commonest_refusal(&self) -> Option<&Refusal> {
        self.refusals.first()
    }

    fn merge(&mut self, other: &Self) {
        self.can_wait |= other.can_wait;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.first_success = earlier(self.first_success, other.first_success);
        if self.succeeded > 0 {
            self.refusals.clear();
        } else {
            other.refusals.iter().for_each(|refusal| self.refused(&refusal.text, refusal.count));
            self.refusals.sort_by_key(|refusal| Reverse(refusal.count));
        }
    }

    fn refused(&mut self, text: &str, count: u64) {
        let kind = text::kind(text);
        let known = self.refusals.iter_mut().find(|refusal| text::kind(&refusal.text) == kind);
        if let Some(refusal) = known {
            refusal.count += count;
        } else if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(Refusal { text: text.to_owned(), count });
        }
    }
}

impl WindowReach {
    fn is_same(&self, other: &Self) -> bool {
        (&self.contract, &self.opened_by, &self.closed_by)
            == (&other.contract, &other.opened_by, &other.closed_by)
    }
}

fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Counts what the cases of a campaign reach.
#[derive(Clone, Debug, Default)]
pub struct ReachRecorder {
    reach: Reach,
    /// Where each method is in the list.
    positions: BTreeMap<AccountId, BTreeMap<String, usize>>,
}

impl ReachRecorder {
    /// Nothing reached yet of this target. Reads the code of the contracts under test.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        let mut recorder = Self::default();
        let mut waiting: BTreeMap<&AccountId, BTreeSet<String>> = BTreeMap::new();
        for account in target.under_test() {
            let Some(contract) = &account.contract else { continue };
            // Code that cannot be read fails when it is compiled, and the campaign says so.
            let names = exports_that_reach(&contract.code, &WAITING).unwrap_or_default();
            let imports = ModuleInfo::of(&contract.code).unwrap_or_default();
            recorder.reach.can_wait |= WAITING.iter().any(|name| imports.imports(name));
            waiting.insert(&account.id, names);
        }
        for method in target.methods().iter().filter(|method| method.weight > 0) {
            let positions = recorder.positions.entry(method.contract.clone()).or_default();
            if positions.contains_key(&method.name) {
                continue;
            }
            positions.insert(method.name.clone(), recorder.reach.methods.len());
            let can_wait =
                waiting.get(&method.contract).is_some_and(|names| names.contains(&method.name));
            recorder.reach.methods.push(MethodReach {
                contract: method.contract.clone(),
                method: method.name.clone(),
                line: method.line,
                can_wait,
                succeeded: 0,
                failed: 0,
                first_success: None,
                refusals: Vec::new(),
            });
        }
        recorder
    }

    /// Counts what a case reached, the campaign's execution of this number. `windows` has seen it already.
    pub fn add(&mut self, ran: &Execution, execution: u64, windows: &Windows) {
        for event in &ran.observation.events {
            self.add_event(event, &ran.observation, execution);
        }
        if windows.coverage() != self.reach.coverage() {
            self.add_windows(windows, execution);
        }
    }

    /// What was reached so far.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let mut reach = self.reach.clone();
        for method in &mut reach.methods {
            method.refusals.sort_by_key(|refusal| Reverse(refusal.count));
        }
        reach
    }

    fn add_event(&mut self, event: &Event, seen: &Observation, execution: u64) {
        let (contract, name) = match &event.outcome.cause {
            Cause::Receipt { forced: true, .. } => return,
            Cause::Receipt { .. } => (&event.outcome.executor, event.method()),
            // A transaction that the chain refuses never becomes a receipt.
            Cause::Transaction if event.outcome.failed() => {
                let operation = &seen[event.outcome.name.operation];
                (&operation.receiver, Some(operation.method.clone()))
            }
            Cause::Transaction => return,
        };
        let Some(methods) = self.positions.get(contract) else { return };
        let Some(position) = name.and_then(|name| methods.get(&name)) else { return };
        let method = &mut self.reach.methods[*position];
        let ExecutionStatus::Failure(error) = &event.outcome.status else {
            method.succeeded += 1;
            method.first_success.get_or_insert(execution);
            method.refusals.clear();
            return;
        };
        method.failed += 1;
        if method.succeeded == 0 {
            let words: String =
                text::own_words(&text::failure(error)).chars().take(MOST_TEXT).collect();
            method.refused(&words, 1);
        }
    }

    fn add_windows(&mut self, windows: &Windows, execution: u64) {
        for (window, entered) in windows.opened() {
            let entered = entered.then_some(execution);
            let known = self.reach.windows.iter_mut().find(|known| {
                (&known.contract, &known.opened_by, &known.closed_by)
                    == (&window.contract, &window.opened_by, &window.closed_by)
            });
            match known {
                Some(known) => known.entered = known.entered.or(entered),
                None => self.reach.windows.push(WindowReach {
                    contract: window.contract.clone(),
                    opened_by: window.opened_by.clone(),
                    closed_by: window.closed_by.clone(),
                    opened: execution,
                    entered,
                }),
            }
        }
    }
}
