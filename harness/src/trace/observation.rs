//! Everything that ran in a case, with the world before and after it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;
use std::sync::Arc;

use near_primitives::errors::TxExecutionError;
use near_primitives::transaction::ExecutionStatus;
use near_primitives_core::hash::CryptoHash;
use serde_json::Value;

use super::holdings::{Holdings, TokenKind};
use crate::chain::{AccountRecord, Cause, Outcome, World, called_method, is_external};
use crate::types::{AccountId, NearToken, OperationId};

/// One transaction of the case, as invariants need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationView {
    /// Who signs and pays.
    pub signer: AccountId,
    /// Who is called.
    pub receiver: AccountId,
    /// The method.
    pub method: String,
    /// What is attached, in yoctoNEAR.
    pub deposit: NearToken,
    /// The arguments, where they are JSON.
    pub arguments: Option<Value>,
    /// Whose contract makes the call, where the signer does not make it.
    pub through: Option<AccountId>,
}

/// Something that ran, with its executor's account around it.
#[derive(Clone, Debug)]
pub struct Event {
    /// What came of it.
    pub outcome: Outcome,
    /// The executor's account before, where it existed.
    pub before: Option<Arc<AccountRecord>>,
    /// The executor's account afterwards, where it exists.
    pub after: Option<Arc<AccountRecord>>,
    /// The world afterwards, where a declaration must hold after every receipt.
    pub world: Option<World>,
}

/// Who plays which part in a case.
#[derive(Clone, Debug, Default)]
pub struct Parties {
    /// The contracts under test.
    pub under_test: BTreeSet<AccountId>,
    /// The token contracts of the world.
    pub tokens: BTreeMap<AccountId, TokenKind>,
    /// Accounts whose contracts can read their own balance: their code imports `account_balance`.
    pub balance_readers: BTreeSet<AccountId>,
    /// Accounts whose contracts can read a block's height, time, epoch or random seed.
    pub block_readers: BTreeSet<AccountId>,
    /// Accounts that a puppet plays: what calls of them do is not in their state.
    pub puppets: BTreeSet<AccountId>,
    /// Puppets that do not attack: they fail, or give one of their listed answers.
    pub trusted: BTreeSet<AccountId>,
}

/// A receipt's path, whether it failed, and what it returned.
type End<'a> = (&'a [u32], bool, Option<&'a [u8]>);

/// A case that has ended.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Who plays which part.
    pub parties: Arc<Parties>,
    /// The transactions, in the order of their indices.
    pub calls: Vec<OperationView>,
    /// Everything that ran, in order.
    pub events: Vec<Event>,
    /// The world before.
    pub start: World,
    /// The world afterwards.
    pub end: World,
    /// Who held which tokens before, by the token's contract.
    pub held_at_start: Arc<BTreeMap<AccountId, Holdings>>,
    /// Who holds which tokens afterwards, by the token's contract.
    pub holdings: Arc<BTreeMap<AccountId, Holdings>>,
    /// Whether it ran to its end, or was cut off at a limit.
    pub complete: bool,
}

impl Index<OperationId> for Observation {
    type Output = OperationView;

    fn index(&self, id: OperationId) -> &OperationView {
        &self.calls[id.index()]
    }
}

impl Observation {
    /// The ids of its operations, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = OperationId> + ExactSizeIterator + use<> {
        OperationId::all(self.calls.len())
    }

    /// The contract under test that an operation calls, or, if it calls another account, the first one that a
    /// receipt of it reaches; the called account if none does.
    #[must_use]
    pub fn contract_of(&self, operation: OperationId) -> &AccountId {
        let receiver = &self[operation].receiver;
        let under_test = &self.parties.under_test;
        let reached = self.of(operation).map(|event| &event.outcome.executor);
        [receiver]
            .into_iter()
            .chain(reached)
            .find(|id| under_test.contains(*id))
            .unwrap_or(receiver)
    }

    /// What happened in one operation, in order.
    pub fn of(&self, operation: OperationId) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.outcome.name.operation == operation)
    }

    /// NEAR burnt by everything that an operation caused: what its gas cost its signer.
    #[must_use]
    pub fn burnt(&self, operation: OperationId) -> NearToken {
        let none = NearToken::from_yoctonear(0);
        self.of(operation).fold(none, |sum, event| sum.saturating_add(event.outcome.tokens_burnt))
    }

    /// An account's balance at the end, plus what it paid for gas: comparable between cases that burn
    /// different amounts of gas.
    #[must_use]
    pub fn wealth(&self, account: &AccountId) -> NearToken {
        let balance = self.end.account(account).map_or(NearToken::from_yoctonear(0), |record| {
            record.balance().saturating_add(record.locked())
        });
        let own = self.ids().filter(|id| self[*id].signer == *account);
        own.fold(balance, |sum, id| sum.saturating_add(self.burnt(id)))
    }

    /// How much of a token an account holds at the end, in the token's smallest unit.
    #[must_use]
    pub fn held(&self, token: &AccountId, account: &AccountId) -> u128 {
        self.holdings.get(token).map_or(0, |holdings| holdings.of(account))
    }

    /// NEAR that accounts outside have in all, with the gas that operations paid for added back.
    #[must_use]
    pub fn wealth_outside(&self) -> NearToken {
        let accounts = self.end.accounts().map(|(id, _)| id);
        let outside = accounts.filter(|id| !self.parties.under_test.contains(*id));
        let none = NearToken::from_yoctonear(0);
        outside.fold(none, |sum, id| sum.saturating_add(self.wealth(id)))
    }

    /// What an account has at the end beyond what it had at the start, in yoctoNEAR; below 0 where it
    /// has less.
    #[must_use]
    pub fn gained(&self, account: &AccountId) -> i128 {
        let balance = |world: &World| {
            world.account(account).map_or(0, |record| record.balance().as_yoctonear())
        };
        let signed =
            |amount: u128| i128::try_from(amount).expect("there is less NEAR than 2^127 yoctoNEAR");
        signed(balance(&self.end)) - signed(balance(&self.start))
    }

    /// Operations that came to nothing, in the order of their indices. What a case gives, an order that
    /// never began them may give as well.
    #[must_use]
    pub fn failures(&self) -> Vec<OperationId> {
        self.ids().filter(|id| self.failed(*id)).collect()
    }

    /// Whether the operation's result, all promises followed, is a failure.
    #[must_use]
    pub fn failed(&self, operation: OperationId) -> bool {
        let mut event = self.of(operation).next();
        // The result of a returned promise is the result of whoever returned it.
        while let Some(current) = event {
            match &current.outcome.status {
                ExecutionStatus::SuccessReceiptId(id) => event = self.by_id(*id),
                ExecutionStatus::Failure(_) => return true,
                ExecutionStatus::SuccessValue(_) | ExecutionStatus::Unknown => return false,
            }
        }
        false
    }

    fn by_id(&self, id: CryptoHash) -> Option<&Event> {
        self.events.iter().find(|event| event.outcome.id == id)
    }

    /// Calls of an operation from contracts under test to others, in order.
    pub fn external(&self, operation: OperationId) -> impl Iterator<Item = &Event> {
        self.of(operation).filter(|event| {
            let receipt = event.outcome.receipt();
            receipt.is_some_and(|receipt| is_external(receipt, &self.parties.under_test))
        })
    }

    /// Whether leaving `operation` out has left every other operation's course as it was: the same
    /// receipts with the same ends, and what they returned. Only then can a difference be laid at its
    /// door.
    #[must_use]
    pub fn others_unchanged(&self, without: &Observation, operation: OperationId) -> bool {
        let mut others = self.ids().filter(|id| *id != operation);
        others.all(|id| self.ends(id) == without.ends(id.after_removing(operation)))
    }

    /// What each receipt of an operation came to: whether it failed, and what it returned.
    fn ends(&self, operation: OperationId) -> Vec<End<'_>> {
        let mut ends: Vec<_> = self
            .of(operation)
            .map(|event| (&*event.outcome.name.path, event.outcome.failed(), event.value()))
            .collect();
        ends.sort_unstable();
        ends
    }

    /// Whether the chain refused an operation outright: then nothing of it happened.
    #[must_use]
    pub fn refused(&self, operation: OperationId) -> bool {
        self.of(operation).next().is_none_or(|event| {
            matches!(
                event.outcome.status,
                ExecutionStatus::Failure(TxExecutionError::InvalidTxError(_))
            )
        })
    }
}

impl Event {
    /// The method that this receipt called last, where it called any.
    #[must_use]
    pub fn method(&self) -> Option<String> {
        called_method(self.outcome.receipt()?)
    }

    /// What it returned, where it did not fail or return a promise.
    #[must_use]
    pub fn value(&self) -> Option<&[u8]> {
        match &self.outcome.status {
            ExecutionStatus::SuccessValue(value) => Some(value),
            _ => None,
        }
    }

    /// Whether a result that it waited for was a failure; `None` where it waited for none.
    #[must_use]
    pub fn hears_failure(&self) -> Option<bool> {
        match &self.outcome.cause {
            Cause::Receipt { results, .. } if !results.is_empty() => {
                Some(results.iter().any(Option::is_none))
            }
            Cause::Receipt { .. } | Cause::Transaction => None,
        }
    }

    /// Whether it waited for the result of something.
    #[must_use]
    pub fn is_callback(&self) -> bool {
        match &self.outcome.cause {
            Cause::Receipt { results, .. } => !results.is_empty(),
            Cause::Transaction => false,
        }
    }
}
