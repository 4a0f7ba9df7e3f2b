//! Who holds how much of each token, as the token contracts themselves say it (NEP-141, NEP-171).
//!
//! Never judges.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::transaction::{Action, ExecutionStatus};
use serde_json::{Value, json};

use super::{Event, Observation};
use crate::chain::{Cause, Error, World, action_receipt};
use crate::types::AccountId;
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
    pub(super) fn balance_view(self) -> &'static str {
        self.views().0
    }

    /// Its arguments.
    pub(super) fn question(self, holder: &AccountId) -> Vec<u8> {
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
        let supply = supply.and_then(|bytes| number(&bytes));
        let mut balances = BTreeMap::new();
        for account in accounts {
            let answer = world.view(engine, token, balance, &kind.question(account))?;
            let amount = answer.value().and_then(|bytes| number(&bytes)).unwrap_or(0);
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

/// Whether somebody had spent tokens by the time that the call which brought them was resolved: then
/// less went back than was not used, and NEP-141 leaves it at that.
pub(super) fn spent_in_flight(seen: &Observation, token: &AccountId) -> bool {
    let resolved = seen.events.iter().filter(|event| {
        event.outcome.executor == *token && event.method().as_deref() == Some("ft_resolve_transfer")
    });
    resolved.filter_map(kept_and_due).any(|(kept, due)| kept > due)
}

/// How much of a transfer the receiver kept, and how much it said that it used.
fn kept_and_due(event: &Event) -> Option<(u128, u128)> {
    let Cause::Receipt { receipt, results, .. } = &event.outcome.cause else { return None };
    let ExecutionStatus::SuccessValue(kept) = &event.outcome.status else { return None };
    let action = action_receipt(receipt)?;
    let arguments = action.actions().iter().find_map(|action| match action {
        Action::FunctionCall(call) => serde_json::from_slice::<Value>(&call.args).ok(),
        _ => None,
    })?;
    let amount = arguments.get("amount")?.as_str()?.parse::<u128>().ok()?;
    let answer = results.first()?.as_ref();
    let unused = answer.and_then(|bytes| number(bytes)).map_or(amount, |unused| unused.min(amount));
    Some((number(kept)?, amount - unused))
}

/// A number as JSON shows it: digits, in quotes or not.
pub(super) fn number(bytes: &[u8]) -> Option<u128> {
    match serde_json::from_slice(bytes).ok()? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(u128::from),
        _ => None,
    }
}
