//! What was tried in which window: a table that a campaign keeps, and what is missing in it.
//!
//! A window is a call of a contract under test up to the callback that it asked for. Never runs a case
//! and never prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;
use crate::simulation::Execution;
use crate::targets::Target;
use crate::trace::Event;
use crate::types::{AccountId, ReceiptName};

/// A window: what opens it and what closes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct WindowKind {
    /// The contract under test.
    pub contract: AccountId,
    /// The method that opens it.
    pub opened_by: String,
    /// The callback that closes it.
    pub closed_by: String,
}

/// A method of a contract under test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Intruder {
    /// The contract.
    pub contract: AccountId,
    /// The method.
    pub method: String,
}

/// How many windows were seen, and into how many of them somebody came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowCounts {
    /// Windows in which a method of another operation ran.
    pub entered: u64,
    /// All windows.
    pub seen: u64,
}

impl WindowCounts {
    /// The most of two campaigns that may have seen the same windows.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self { entered: self.entered.max(other.entered), seen: self.seen.max(other.seen) }
    }

    /// Of campaigns that cannot have seen the same windows: of different targets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { entered: self.entered + other.entered, seen: self.seen + other.seen }
    }
}

impl std::fmt::Display for WindowCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}/{}", self.entered, self.seen))
    }
}

/// How often each method ran in each window, and what had happened to the outside calls of that window.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    table: BTreeMap<WindowKind, BTreeMap<Intruder, BTreeMap<String, u64>>>,
}

/// What stands for "nothing has happened to the outside call".
const UNDISTURBED: &str = "undisturbed";

impl Windows {
    /// Takes a run into the table. Whether it shows a combination for the first time.
    pub fn add(&mut self, ran: &Execution) -> bool {
        let events = &ran.observation.events;
        let under_test = &ran.observation.parties.under_test;
        let mut new = false;
        for (closing, event) in events.iter().enumerate() {
            let executor = &event.outcome.executor;
            let Some((opening, window)) =
                window(events, closing).filter(|_| under_test.contains(executor))
            else {
                continue;
            };
            let fault = fault(&ran.recorded, &event.outcome.name);
            let row = self.table.entry(window).or_default();
            for between in &events[opening + 1..closing] {
                let foreign = between.outcome.name.operation != event.outcome.name.operation;
                let contract = between.outcome.executor.clone();
                let (true, true, Some(method)) =
                    (foreign, under_test.contains(&contract), between.method())
                else {
                    continue;
                };
                let cell = row.entry(Intruder { contract, method }).or_default();
                let count = cell.entry(fault.clone()).or_default();
                new |= *count == 0;
                *count += 1;
            }
        }
        new
    }

    /// The windows that have opened, and whether a method of another operation ran in each.
    pub fn opened(&self) -> impl Iterator<Item = (&WindowKind, bool)> {
        self.table.iter().map(|(window, row)| (window, !row.is_empty()))
    }

    /// How many windows there are, and how many are not empty.
    #[must_use]
    pub fn coverage(&self) -> WindowCounts {
        let entered = self.table.values().filter(|row| !row.is_empty()).count() as u64;
        WindowCounts { entered, seen: self.table.len() as u64 }
    }

    /// Windows with methods that never ran in them, of those that a target lists.
    #[must_use]
    pub fn untried(&self, target: &Target) -> Vec<(WindowKind, Intruder)> {
        let under_test: BTreeSet<_> = target.under_test().map(|account| &account.id).collect();
        let methods = target.methods().iter();
        let methods = methods.filter(|method| under_test.contains(&method.contract));
        let intruders: BTreeSet<_> = methods
            .map(|method| Intruder {
                contract: method.contract.clone(),
                method: method.name.clone(),
            })
            .collect();
        let missing = |(window, row): (&WindowKind, &BTreeMap<Intruder, _>)| {
            let missing = intruders.iter().filter(|intruder| !row.contains_key(*intruder));
            missing.map(|intruder| (window.clone(), intruder.clone())).collect::<Vec<_>>()
        };
        self.table.iter().flat_map(missing).collect()
    }

    /// The whole table: how often a method ran in a window, by what had happened to its outside call.
    pub fn cells(&self) -> impl Iterator<Item = (&WindowKind, &Intruder, &BTreeMap<String, u64>)> {
        self.table.iter().flat_map(|(window, row)| {
            row.iter().map(move |(intruder, counts)| (window, intruder, counts))
        })
    }

    /// The table as text, with what was never tried below.
    #[must_use]
    pub fn text(&self, target: &Target) -> String {
        let mut text = String::new();
        for (window, row) in &self.table {
            let _ = writeln!(text, "{window}");
            for (intruder, counts) in row {
                let total: u64 = counts.values().sum();
                let counts: Vec<_> =
                    counts.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
                let _ = writeln!(text, "  {intruder:<40} {total:>8}  ({})", counts.join(", "));
            }
        }
        let untried: Vec<_> = self.untried(target);
        let untried: Vec<_> =
            untried.iter().map(|(window, intruder)| format!("{intruder} in {window}")).collect();
        if self.table.is_empty() {
            text.push_str("no window was seen: no call of a contract under test got a callback\n");
        } else if untried.is_empty() {
            text.push_str("every listed method ran in every window that was seen\n");
        } else {
            let _ = writeln!(text, "never tried: {}", untried.join("; "));
        }
        text
    }
}

impl std::fmt::Display for WindowKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{} … {}", self.contract, self.opened_by, self.closed_by)
    }
}

impl std::fmt::Display for Intruder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{}", self.contract, self.method))
    }
}

/// The window that this event closes, where it is a contract's callback to itself, and where it opened.
fn window(events: &[Event], closing: usize) -> Option<(usize, WindowKind)> {
    let event = &events[closing];
    let receipt = event.outcome.receipt().filter(|_| event.is_callback())?;
    if receipt.predecessor_id() != receipt.receiver_id() {
        return None;
    }
    let parent = event.outcome.name.parent()?;
    let opening = events[..closing].iter().rposition(|earlier| {
        earlier.outcome.receipt().is_some() && earlier.outcome.name == parent
    })?;
    let window = WindowKind {
        contract: event.outcome.executor.clone(),
        opened_by: events[opening].method()?,
        closed_by: event.method()?,
    };
    Some((opening, window))
}

/// What has happened to the outside calls that this callback waited for: those made beside it.
fn fault(recorded: &Scenario, callback: &ReceiptName) -> String {
    let beside = |name: &ReceiptName| {
        name.operation == callback.operation && name.parent() == callback.parent()
    };
    let fault = recorded.faults.iter().find(|fault| beside(&fault.receipt));
    fault.map_or(UNDISTURBED, |fault| fault.kind.name()).to_owned()
}
