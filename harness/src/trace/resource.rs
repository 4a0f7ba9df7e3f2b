//! What the receipts of a case read and change: keys of the state, balances, accounts and yields.
//!
//! - A *key* is read by a contract that looks at it or writes the value that it already has, and changed by one
//!   that leaves another value. What a receipt did before it failed counts as reads.
//! - Deposits that come in and payments that go out *adjust* a balance, which commutes. A balance is read by a
//!   call of a contract whose code imports `account_balance`, by a receipt that failed because the balance was too
//!   small, and by one that would have failed without what other operations had brought until then.
//! - An *account* is changed by whatever makes it, deletes it, or gives it other code or keys, and read by
//!   everything that runs on it.
//! - *Yields* are changed by who makes or gets one and read by every other call of that contract, since any of
//!   them may have resumed it.
//!
//! Time, block heights, random seeds, gas rewards and storage prices are read by no one here. Neither is anything
//! read by a view: views run outside the case. Accounts that a puppet plays have no memory, so their answers
//! depend on the receipt alone. Global contracts that an operation distributes are not followed.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::errors::{
    ActionErrorKind, FunctionCallError, InvalidTxError, TxExecutionError,
};
use near_primitives::receipt::VersionedReceiptEnum;
use near_primitives::transaction::{Action, ExecutionStatus};

use super::{Event, Observation};
use crate::chain::{AccountRecord, action_receipt};
use crate::types::{AccountId, NearToken, OperationId, ReceiptName};

/// How the runtime says that a contract wanted to pay more than it has.
const BALANCE_EXCEEDED: &str = "Exceeded the account balance";

/// What two operations can conflict about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource<'a> {
    /// A key of an account's state.
    Key {
        /// The account.
        account: &'a AccountId,
        /// The key.
        key: &'a [u8],
    },
    /// An account's balance in NEAR, with the storage that it has to cover.
    Balance {
        /// The account.
        account: &'a AccountId,
    },
    /// Whether an account exists, its code and its access keys.
    Account {
        /// The account.
        account: &'a AccountId,
    },
    /// The yielded promises of an account.
    Yields {
        /// The account.
        account: &'a AccountId,
    },
}

/// What a receipt did with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessKind {
    /// It looked at it.
    Read,
    /// It added to it or took from it, whatever it was before. Two adjustments commute.
    Adjust,
    /// It changed it, and may have looked at it.
    Change,
}

/// What one receipt did with a resource.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// The operation that the receipt belongs to.
    pub operation: OperationId,
    /// The receipt.
    pub event: &'a Event,
    /// What it did.
    pub kind: AccessKind,
}

impl<'a> Resource<'a> {
    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> &'a AccountId {
        match self {
            Self::Key { account, .. }
            | Self::Balance { account }
            | Self::Account { account }
            | Self::Yields { account } => account,
        }
    }
}

impl Access<'_> {
    /// Whether the order of these two says something about the order of their operations.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        let commute = match (self.kind, other.kind) {
            (AccessKind::Read, AccessKind::Read) | (AccessKind::Adjust, AccessKind::Adjust) => true,
            (AccessKind::Read, _) | (AccessKind::Adjust, _) | (AccessKind::Change, _) => false,
        };
        self.operation != other.operation && !commute
    }
}

/// What the receipts of a case did with what, in the order in which they ran.
pub(super) fn accesses(seen: &Observation) -> impl Iterator<Item = (Resource<'_>, Access<'_>)> {
    let mut balances = Balances::of(seen);
    let yields = Yields::of(seen);
    seen.events.iter().flat_map(move |event| {
        let account = &event.outcome.executor;
        let access = move |kind| Access { operation: event.outcome.name.operation, event, kind };
        let keys = event.accesses().map(move |touch| {
            let kind = if touch.changed { AccessKind::Change } else { AccessKind::Read };
            (Resource::Key { account, key: touch.key }, access(kind))
        });
        let balance = balances.accesses(seen, event).into_iter().flatten();
        let balance = balance.map(move |kind| (Resource::Balance { account }, access(kind)));
        let record = (Resource::Account { account }, access(record_access(event)));
        let yields = yields.access(event);
        let yields = yields.map(move |kind| (Resource::Yields { account }, access(kind)));
        keys.chain(balance).chain([record]).chain(yields)
    })
}

/// What a receipt did with its executor's account itself.
fn record_access(event: &Event) -> AccessKind {
    let nature = |record: &AccountRecord| {
        let keys: Vec<_> = record.keys().keys().cloned().collect();
        (record.code_hash(), keys)
    };
    let nature = |record: &Option<_>| record.as_deref().map(nature);
    let changed = nature(&event.before) != nature(&event.after);
    if changed { AccessKind::Change } else { AccessKind::Read }
}

/// What is known about balances while the receipts of a case pass by.
struct Balances<'a> {
    /// What each receipt carries.
    deposits: BTreeMap<near_primitives_core::hash::CryptoHash, NearToken>,
    /// What has come to an account until now, by operation.
    brought: BTreeMap<&'a AccountId, BTreeMap<OperationId, NearToken>>,
}

impl<'a> Balances<'a> {
    fn of(seen: &Observation) -> Self {
        let deposits = seen.events.iter().map(|event| (event.outcome.id, event.deposit()));
        Self { deposits: deposits.collect(), brought: BTreeMap::new() }
    }

    /// What a receipt did with its executor's balance.
    fn accesses(&mut self, seen: &Observation, event: &'a Event) -> [Option<AccessKind>; 2] {
        let (account, deposit) = (&event.outcome.executor, event.deposit());
        let own = event.outcome.name.operation;
        let brought = self.brought.entry(account).or_default();
        let others = brought.iter().filter(|(operation, _)| **operation != own);
        let others = others
            .fold(NearToken::from_yoctonear(0), |sum, (_, brought)| sum.saturating_add(*brought));
        if !event.failed() && event.outcome.receipt().is_some() {
            let sum = brought.entry(own).or_default();
            *sum = sum.saturating_add(deposit);
        }
        let receipts = event.outcome.receipts.iter();
        let mut paid = receipts.filter_map(|id| self.deposits.get(id));
        let pays = paid.any(|deposit| !deposit.is_zero());
        let usage = |record: &Option<_>| record.as_deref().map(AccountRecord::storage_usage);
        let grows = usage(&event.after) > usage(&event.before);
        let reads = reads_balance(seen, event)
            || stakes(event)
            || (pays || grows) && available(seen, event) < others;
        let reader = seen.parties.balance_readers.contains(account);
        let resizes = reader && usage(&event.before) != usage(&event.after);
        let adjusts = !event.failed() && (!deposit.is_zero() || pays || resizes);
        [reads.then_some(AccessKind::Read), adjusts.then_some(AccessKind::Adjust)]
    }
}

/// What its executor could have paid out in addition, storage left covered.
fn available(seen: &Observation, event: &Event) -> NearToken {
    event.after.as_deref().map_or(NearToken::from_yoctonear(0), |record| {
        record.balance().saturating_sub(record.storage_stake(seen.end.protocol()))
    })
}

/// Whether a receipt stakes, which needs a balance.
fn stakes(event: &Event) -> bool {
    let action = event.outcome.receipt().and_then(action_receipt);
    action.is_some_and(|action| action.actions().iter().any(|one| matches!(one, Action::Stake(_))))
}

/// Whether what a receipt does may depend on its executor's balance.
fn reads_balance(seen: &Observation, event: &Event) -> bool {
    let asks =
        event.method().is_some() && seen.parties.balance_readers.contains(&event.outcome.executor);
    asks || lacks_balance(&event.outcome.status)
}

fn lacks_balance(status: &ExecutionStatus) -> bool {
    let error = match status {
        ExecutionStatus::Failure(TxExecutionError::ActionError(error)) => error,
        ExecutionStatus::Failure(TxExecutionError::InvalidTxError(error)) => {
            return matches!(
                error,
                InvalidTxError::NotEnoughBalance { .. }
                    | InvalidTxError::LackBalanceForState { .. }
            );
        }
        _ => return false,
    };
    match &error.kind {
        ActionErrorKind::FunctionCallError(FunctionCallError::ExecutionError(text)) => {
            text.contains(BALANCE_EXCEEDED)
        }
        ActionErrorKind::LackBalanceForState { .. } => true,
        _ => false,
    }
}

/// The yielded promises of a case: which accounts have any, and which receipts make and get them.
struct Yields<'a> {
    accounts: BTreeSet<&'a AccountId>,
    /// The receipts that get the data, and those that yielded.
    ends: BTreeSet<ReceiptName>,
}

impl<'a> Yields<'a> {
    fn of(seen: &'a Observation) -> Self {
        let (mut accounts, mut ends) = (BTreeSet::new(), BTreeSet::new());
        for event in seen.events.iter().filter(|event| is_yielded(event)) {
            accounts.insert(&event.outcome.executor);
            ends.extend(event.outcome.name.parent());
            ends.insert(event.outcome.name.clone());
        }
        Self { accounts, ends }
    }

    /// What a receipt may have done with its executor's yields.
    fn access(&self, event: &Event) -> Option<AccessKind> {
        let concerned = self.accounts.contains(&event.outcome.executor) && event.method().is_some();
        let end = self.ends.contains(&event.outcome.name);
        concerned.then_some(if end { AccessKind::Change } else { AccessKind::Read })
    }
}

fn is_yielded(event: &Event) -> bool {
    event.outcome.receipt().is_some_and(|receipt| {
        matches!(receipt.versioned_receipt(), VersionedReceiptEnum::PromiseYield(_))
    })
}
