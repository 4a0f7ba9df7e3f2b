//! Accounts that contracts under test call and that the target does not have: every such call fails, which
//! is seldom what was meant.
//!
//! Never tells of an account that somebody named in the case, as attackers do. Never prints.

use std::collections::BTreeSet;

use near_primitives::action::Action;
use serde::{Deserialize, Serialize};

use crate::chain::{Cause, action_receipt, called_method};
use crate::simulation::Execution;
use crate::trace::Event;
use crate::types::AccountId;

/// No more are told of: a contract can make up as many as it likes.
const MOST: usize = 8;

/// An account that is called and does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MissingAccount {
    /// The account.
    pub account: AccountId,
    /// What is called on it.
    pub method: String,
    /// Which contract calls it.
    pub caller: AccountId,
}

/// Those seen so far.
#[derive(Debug, Default)]
pub(super) struct MissingAccounts(BTreeSet<AccountId>);

impl MissingAccounts {
    /// Those that a run shows for the first time.
    pub(super) fn news(&mut self, ran: &Execution) -> Vec<MissingAccount> {
        let mut news = Vec::new();
        for event in &ran.observation.events {
            let Some(missing_account) = missing_account(event, ran) else { continue };
            if self.0.len() < MOST
                && !self.0.contains(&missing_account.account)
                && !is_named(&missing_account.account, ran)
            {
                self.0.insert(missing_account.account.clone());
                news.push(missing_account);
            }
        }
        news
    }
}

/// Adds those that another process has seen, each account once.
pub(super) fn merge(all: &mut Vec<MissingAccount>, more: &[MissingAccount]) {
    for missing_account in more {
        if all.len() < MOST && all.iter().all(|known| known.account != missing_account.account) {
            all.push(missing_account.clone());
        }
    }
}

/// Whom this calls, where that account does not exist and is nobody's sub-account: those are made as the
/// case goes on.
fn missing_account(event: &Event, ran: &Execution) -> Option<MissingAccount> {
    let Cause::Receipt { receipt, forced: false, .. } = &event.outcome.cause else { return None };
    if !event.outcome.failed() || event.before.is_some() {
        return None;
    }
    let (account, caller) = (receipt.receiver_id(), receipt.predecessor_id());
    let method = called_method(receipt)?;
    let parent = account.as_str().split_once('.').and_then(|(_, parent)| parent.parse().ok());
    let made =
        parent.is_some_and(|parent: AccountId| ran.observation.end.account(&parent).is_some());
    let theirs = ran.observation.parties.under_test.contains(caller);
    (theirs && !made).then(|| MissingAccount {
        account: account.clone(),
        method,
        caller: caller.clone(),
    })
}

/// Whether users or contracts of others named the account in what they called.
fn is_named(account: &AccountId, ran: &Execution) -> bool {
    let name = account.as_bytes();
    let under_test = &ran.observation.parties.under_test;
    let receipts = ran.observation.events.iter().filter_map(|event| event.outcome.receipt());
    let foreign = receipts.filter(|receipt| !under_test.contains(receipt.predecessor_id()));
    let mut actions =
        foreign.filter_map(action_receipt).flat_map(|receipt| receipt.actions().to_vec());
    actions.any(|action| match action {
        Action::FunctionCall(call) => call.args.windows(name.len()).any(|part| part == name),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_is_told_of_once_and_not_too_many_are() {
        let missing_account = |number: usize, method: &str| MissingAccount {
            account: format!("account{number}.near").parse().expect("an account id"),
            method: method.to_owned(),
            caller: "bank.near".parse().expect("an account id"),
        };
        let mut all = vec![missing_account(0, "price")];
        merge(&mut all, &[missing_account(0, "rate"), missing_account(1, "rate")]);
        assert_eq!(all, [missing_account(0, "price"), missing_account(1, "rate")]);
        let many: Vec<_> = (0..20).map(|number| missing_account(number, "price")).collect();
        merge(&mut all, &many);
        assert_eq!(all.len(), MOST);
    }
}
