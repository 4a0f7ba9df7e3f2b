//! A token's supply is the sum of its holders' balances.

use std::collections::BTreeSet;

use near_primitives::transaction::Action;
use serde_json::Value;

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::{Error, action_receipt};
use crate::trace::{Holdings, Observation, TokenKind, json_number};
use crate::types::AccountId;

/// A token's supply is the sum of its holders' balances.
///
/// Asks the views of NEP-141 and NEP-181 of every token contract under test, when no receipt is pending: the balances of
/// all accounts of the world, and if these add up to less than the supply, of every account that a call of the token
/// named. If the views add up before the case, they must afterwards.
///
/// Ignores tokens in flight, which belong to no account for a while, since nothing is asked before the end, and calls
/// with arguments that are not JSON, which may name other accounts.
///
/// Example: `ft_resolve_transfer` gives back tokens that the receiver has spent, and the supply grows.
#[derive(Clone, Copy, Debug)]
pub struct Token;

impl Invariant for Token {
    fn name(&self) -> &'static str {
        "token"
    }

    fn rule(&self) -> &'static str {
        "A token's supply is the sum of its holders' balances."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for token in &seen.parties.under_test {
            let (Some(before), Some(after)) =
                (seen.held_at_start.get(token), seen.holdings.get(token))
            else {
                continue;
            };
            if after.supply == Some(sum(after)) || before.supply != Some(sum(before)) {
                continue;
            }
            let Some(strangers) = strangers(seen, token) else { continue };
            let mut after = after.clone();
            for stranger in strangers {
                let input = after.kind.question(&stranger);
                let answer =
                    counterfactuals.view(&seen.end, token, after.kind.balance_view(), &input)?;
                let amount =
                    answer.value().and_then(|bytes| json_number(&bytes, None)).unwrap_or(0);
                after.balances.insert(stranger, amount);
            }
            if after.supply != Some(sum(&after)) {
                return Ok(Some(violation(self.name(), seen, token, &after)));
            }
        }
        Ok(None)
    }
}

fn violation(name: &str, seen: &Observation, token: &AccountId, after: &Holdings) -> Violation {
    let supply = after.supply.map_or_else(|| "no number".to_owned(), |supply| supply.to_string());
    let own = seen.calls.iter().find(|call| call.receiver == *token);
    let method = own.or(seen.calls.first()).map_or_else(String::new, |call| call.method.clone());
    let unit = if after.kind == TokenKind::Fungible { "tokens" } else { "NFTs" };
    let holders = after.balances.iter().map(|(id, amount)| format!("{id} holds {amount}"));
    Violation {
        invariant: name.to_owned(),
        severity: Severity::High,
        account: token.clone(),
        method,
        summary: format!(
            "{token} has a supply of {supply} {unit}, and its holders have {}",
            sum(after)
        ),
        details: holders.collect(),
    }
}

fn sum(holdings: &Holdings) -> u128 {
    holdings.balances.values().fold(0, |sum, amount| sum.saturating_add(*amount))
}

/// Accounts that the world does not have and that a call of the token named. `None` where a call's
/// arguments are not JSON.
fn strangers(seen: &Observation, token: &AccountId) -> Option<BTreeSet<AccountId>> {
    let mut named = BTreeSet::new();
    for event in seen.events.iter().filter(|event| event.outcome.executor == *token) {
        let action = event.outcome.receipt().and_then(action_receipt);
        for action in action.iter().flat_map(|action| action.actions()) {
            if let Action::FunctionCall(call) = action
                && !call.args.is_empty()
            {
                texts(&serde_json::from_slice(&call.args).ok()?, &mut named);
            }
        }
    }
    let ids = named.iter().filter_map(|text| text.parse::<AccountId>().ok());
    Some(ids.filter(|id| seen.end.account(id).is_none()).collect())
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}
