//! A token's supply is the sum of what its holders have.
//!
//! Asks the views of NEP-141 of every token contract under test, when nothing is under way: balances of
//! all accounts of the world and of all that the case named. Where the views add up before the case,
//! they must afterwards. Tokens in flight are nobody's for a while, so nothing is asked before the end.
//! Needs no powers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Holdings, Invariant, Laboratory, Observation, Severity, TokenKind, Violation};
use crate::chain::Error;
use crate::types::AccountId;

/// See the module.
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
        _: &mut dyn Laboratory,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for token in &seen.settings.under_test {
            let (Some(before), Some(after)) =
                (seen.held_at_start.get(token), seen.holdings.get(token))
            else {
                continue;
            };
            let sum = sum(after);
            let right = after.supply == Some(sum);
            // Holders that are not known may have the rest.
            let unknown = after.supply.is_some_and(|supply| supply > sum) && has_strangers(seen);
            if right || unknown || before.supply != Some(self::sum(before)) {
                continue;
            }
            return Ok(Some(violation(self.name(), seen, token, after)));
        }
        Ok(None)
    }
}

fn violation(name: &str, seen: &Observation, token: &AccountId, after: &Holdings) -> Violation {
    let supply = after.supply.map_or_else(|| "no number".to_owned(), |supply| supply.to_string());
    let own = seen.calls.iter().find(|call| call.receiver == *token);
    let method = own.or(seen.calls.first()).map_or_else(String::new, |call| call.method.clone());
    let unit = if after.kind == TokenKind::Fungible { "tokens" } else { "things" };
    let holders = after.balances.iter().map(|(id, amount)| format!("{id} holds {amount}"));
    Violation {
        invariant: name.to_owned(),
        severity: Severity::High,
        account: token.clone(),
        method,
        summary: format!(
            "{token} says that there are {supply} {unit}, and that its holders have {}",
            sum(after)
        ),
        details: holders.collect(),
    }
}

fn sum(holdings: &Holdings) -> u128 {
    holdings.balances.values().fold(0, |sum, amount| sum.saturating_add(*amount))
}

/// Whether the case names accounts that the world does not have: nobody was asked about them.
fn has_strangers(seen: &Observation) -> bool {
    let mut named = BTreeSet::new();
    seen.calls.iter().filter_map(|call| call.arguments.as_ref()).for_each(|v| texts(v, &mut named));
    let ids = named.iter().filter(|text| text.contains('.') || text.len() == 64);
    let mut ids = ids.filter_map(|text| text.parse::<AccountId>().ok());
    ids.any(|id| seen.end.account(&id).is_none())
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
