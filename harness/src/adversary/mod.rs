//! What an attacker may do beside choosing the order: make what they control fail, and play accounts.
//!
//! A [`Rule`] gives a [`Verdict`] on each receipt that is about to be delivered; the first that is not
//! [`Verdict::Pass`] counts. Rules never apply anything. Calls by third parties are operations like
//! all others: that they come in between is a matter of the schedule.

mod drawn;
mod kind;
mod listed;
mod op;
mod power;
mod puppet;

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::{PendingReceipt, called_method, is_external};
use crate::decision::Chooser;
use crate::types::AccountId;

pub use drawn::RandomFaults;
pub use kind::{
    ANSWERS, DELAYS, FaultKind, PuppetCall, PuppetTransfer, SpoofedCallback, ViaContract,
};
pub use listed::ScriptedFaults;
pub use power::Power;
pub use puppet::{GAS_FOR_RELAY, Puppet, relayed};

/// What a rule says about a receipt that is about to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Pass,
    /// This happens to it.
    Inflict(FaultKind),
}

/// A fault, as a small rule.
pub trait Rule {
    /// What happens to `entry`. `menu` holds what can be made of it in this target without further
    /// knowledge; it is empty where nobody outside decides.
    fn verdict(
        &mut self,
        entry: &PendingReceipt,
        menu: &[FaultKind],
        chooser: &mut dyn Chooser,
    ) -> Verdict;
}

/// Asks the rules in order.
pub fn verdict(
    rules: &mut [&mut dyn Rule],
    entry: &PendingReceipt,
    menu: &[FaultKind],
    chooser: &mut dyn Chooser,
) -> Verdict {
    for rule in rules {
        let verdict = rule.verdict(entry, menu, chooser);
        if verdict != Verdict::Pass {
            return verdict;
        }
    }
    Verdict::Pass
}

/// Whom the adversary plays, and what it may do to a target.
#[derive(Clone, Debug, Default)]
pub struct FaultPolicy {
    /// Accounts that a puppet plays.
    pub puppets: BTreeSet<AccountId>,
    /// Those among them that mean well: they may fail, and else give one of their answers.
    pub trusted: BTreeSet<AccountId>,
    /// What they answer to a method, the usual answer first.
    pub answers: BTreeMap<(AccountId, String), Vec<Vec<u8>>>,
    /// Names of kinds of faults that the target rules out.
    pub off: BTreeSet<String>,
}

impl FaultPolicy {
    /// What may be drawn for this receipt.
    #[must_use]
    pub fn menu(&self, entry: &PendingReceipt, under_test: &BTreeSet<AccountId>) -> Vec<FaultKind> {
        if !can_fail(entry, under_test) {
            return Vec::new();
        }
        let receiver = entry.receipt.receiver_id();
        let puppet = self.puppets.contains(receiver) && !self.trusted.contains(receiver);
        let mut menu = FaultKind::menu(puppet);
        menu.extend(self.others(entry).iter().map(|answer| FaultKind::Answer(answer.clone())));
        menu.retain(|kind| !self.off.contains(kind.name()));
        menu
    }

    /// Whether this can happen to this receipt.
    #[must_use]
    pub fn allows(
        &self,
        kind: &FaultKind,
        entry: &PendingReceipt,
        under_test: &BTreeSet<AccountId>,
    ) -> bool {
        if self.off.contains(kind.name()) {
            return false;
        }
        // Time passes for everybody.
        matches!(kind, FaultKind::Delay(_))
            || can_fail(entry, under_test) && (!kind.needs_puppet() || self.plays(kind, entry))
    }

    /// Whether the account that a puppet plays does such a thing.
    fn plays(&self, kind: &FaultKind, entry: &PendingReceipt) -> bool {
        let receiver = entry.receipt.receiver_id();
        let listed = |answer: &Vec<u8>| self.answers(entry).contains(answer);
        self.puppets.contains(receiver)
            && (!self.trusted.contains(receiver)
                || matches!(kind, FaultKind::Answer(answer) if listed(answer)))
    }

    /// What the target says that the called account answers, the usual answer first.
    #[must_use]
    pub fn answers(&self, entry: &PendingReceipt) -> &[Vec<u8>] {
        let Some(method) = called_method(&entry.receipt) else { return &[] };
        let known = self.answers.get(&(entry.receipt.receiver_id().clone(), method));
        known.map_or(&[], Vec::as_slice)
    }

    /// The answers beside the usual one.
    fn others(&self, entry: &PendingReceipt) -> &[Vec<u8>] {
        self.answers(entry).split_first().map_or(&[], |(_, others)| others)
    }
}

/// Whether somebody outside can make this receipt fail: it calls a contract that is not under test.
/// Plain transfers are left out, since nobody can make one fail.
#[must_use]
pub fn can_fail(entry: &PendingReceipt, under_test: &BTreeSet<AccountId>) -> bool {
    is_external(&entry.receipt, under_test)
}
