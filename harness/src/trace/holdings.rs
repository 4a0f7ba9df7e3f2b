//! Who holds how much of each token, as the token contracts themselves say it (NEP-141, NEP-171).
//!
//! Never judges.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::transaction::{Action, ExecutionStatus};
use serde_json::{Value, json};

use super::{Event, Observation, json_number};
use crate::chain::{Cause, Error, World, action_receipt};
use crate::types::{AccountId, ReceiptName};
use crate::vm::Engine;

/// Which views a token contract answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// `ft_balance_of` and `ft_total_supply` of NEP-141.
    Fungible,
    /// `nft_supply_for_owner` and `nft_total_supply` of NEP-181.
    NonFungible,
}

/// What one token contract says of its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Which kind of token.
    pub kind: TokenKind,
    /// All there are, in the token's smallest unit; `None` where the view gave no number.
    pub supply: Option<u128>,
    /// What each account holds, in the token's smallest unit; accounts that hold nothing are left out.
    pub balances: BTreeMap<AccountId, u128>,
}

impl TokenKind {
    /// The kind of a contract with these exports, where it is a token.
    #[must_use]
    pub fn of(exports: &BTreeSet<String>) -> Option<Self> {
        [Self::Fungible, Self::NonFungible].into_iter().find(|kind| {
            let (balance, supply) = kind.views();
            exports.contains(balance) && exports.contains(supply)
        })
    }

    /// The view that says how much somebody holds.
    pub(crate) fn balance_view(self) -> &'static str {
        self.views().0
    }

    /// Its arguments.
    pub(crate) fn question(self, holder: &AccountId) -> Vec<u8> {
        json!({ "account_id": holder }).to_string().into_bytes()
    }

    fn views(self) -> (&'static str, &'static str) {
        match self {
            Self::Fungible => ("ft_balance_of", "ft_total_supply"),
            Self::NonFungible => ("nft_supply_for_owner", "nft_total_supply"),
        }
    }
}

impl Holdings {
    /// Asks the token contract about each of the accounts.
    ///
    /// # Errors
    /// When the machine fails.
    pub fn ask<'a>(
        world: &World,
        engine: &dyn Engine,
        (token, kind): (&AccountId, TokenKind),
        accounts: impl Iterator<Item = &'a AccountId>,
    ) -> Result<Self, Error> {
        let (balance, supply) = kind.views();
        let supply = world.view(engine, token, supply, b"{}")?.value();
        let supply = supply.and_then(|bytes| json_number(&bytes, None));
        let mut balances = BTreeMap::new();
        for account in accounts {
            let answer = world.view(engine, token, balance, &kind.question(account))?;
            let amount = answer.value().and_then(|bytes| json_number(&bytes, None)).unwrap_or(0);
            if amount > 0 {
                balances.insert(account.clone(), amount);
            }
        }
        Ok(Self { kind, supply, balances })
    }

    /// What an account holds.
    #[must_use]
    pub fn of(&self, account: &AccountId) -> u128 {
        self.balances.get(account).copied().unwrap_or(0)
    }
}

/// Whether somebody spent tokens before the call which brought them was resolved, contracts under test
/// left out: NEP-141 allows that. It may leave less to go back than was not used, and it moves tokens
/// which that account never gets to keep.
pub(crate) fn spent_in_flight(seen: &Observation, token: &AccountId) -> bool {
    let here = seen.events.iter().enumerate().filter(|(_, event)| event.outcome.executor == *token);
    let mut transfers = here.filter_map(|(index, event)| Some((index, Resolved::of(event)?)));
    transfers.any(|(index, transfer)| {
        transfer.kept > transfer.used || transfer.is_passed_on(seen, token, index)
    })
}

/// What came of a transfer with a call.
struct Resolved {
    receiver: String,
    /// How much the receiver kept.
    kept: u128,
    /// How much it said that it used.
    used: u128,
    /// The receipt that began it.
    began: ReceiptName,
}

impl Resolved {
    fn of(event: &Event) -> Option<Self> {
        let Cause::Receipt { receipt, results, .. } = &event.outcome.cause else { return None };
        let ExecutionStatus::SuccessValue(kept) = &event.outcome.status else { return None };
        let arguments =
            action_receipt(receipt)?.actions().iter().find_map(|action| match action {
                Action::FunctionCall(call) if call.method_name == "ft_resolve_transfer" => {
                    serde_json::from_slice::<Value>(&call.args).ok()
                }
                _ => None,
            })?;
        let amount = arguments.get("amount")?.as_str()?.parse::<u128>().ok()?;
        let answer = results.first()?.as_ref();
        let unused = answer
            .and_then(|bytes| json_number(bytes, None))
            .map_or(amount, |unused| unused.min(amount));
        Some(Self {
            receiver: arguments.get("receiver_id")?.as_str()?.to_owned(),
            kept: json_number(kept, None)?,
            used: amount - unused,
            began: event.outcome.name.parent()?,
        })
    }

    /// Whether its receiver moved any of this token before this event, in which it was resolved.
    fn is_passed_on(&self, seen: &Observation, token: &AccountId, resolved: usize) -> bool {
        let began = seen.events.iter().position(|event| {
            event.outcome.name == self.began && event.outcome.receipt().is_some()
        });
        let between = began.map_or(&[][..], |began| &seen.events[began + 1..resolved]);
        let by_receiver = |event: &Event| {
            event.outcome.receipt().is_some_and(|receipt| {
                receipt.predecessor_id().as_str() == self.receiver
                    && !seen.parties.under_test.contains(receipt.predecessor_id())
            })
        };
        between.iter().any(|event| {
            let method = event.method();
            let moves = matches!(method.as_deref(), Some("ft_transfer" | "ft_transfer_call"));
            event.outcome.executor == *token && !event.failed() && moves && by_receiver(event)
        })
    }
}
