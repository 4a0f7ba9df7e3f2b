//! Finds out which deposit a method asks for: from the amounts that its refusals name and from what it compares
//! the deposit with.
//!
//! Whatever is suggested is tried: a rule counts only if the method treats deposits according to it.

use std::collections::BTreeSet;

use super::contract_interface::DepositRule;
use super::method_probe::{CallContext, MethodProbe, Result};
use crate::arguments::operands::{Match, Operands};
use crate::discovery::argument_inference::stated_amounts::{stated_amounts, without_numbers};
use crate::types::NearToken;

/// Deposits whose halves hardly occur otherwise, so that what they are compared with shows.
const DISTINCTIVE: [NearToken; 2] = [
    NearToken::from_yoctonear(2_718_281_828_459_045_235_360_287),
    NearToken::from_yoctonear(3_141_592_653_589_793_238),
];
/// The most amounts that are tried.
const MOST_CANDIDATES: usize = 24;
/// How often the refusal of one amount may lead to further amounts.
const ROUNDS: usize = 3;
/// Larger deposits are not tried: users do not have them.
const LARGEST: NearToken = NearToken::from_near(500);

/// Words with which a contract speaks of the deposit.
const DEPOSIT_WORDS: [&str; 12] = [
    "deposit",
    "attach",
    "near",
    "yocto",
    "amount",
    "pay",
    "price",
    "fee",
    "cost",
    "enough",
    "insufficient",
    "stake",
];

/// How a call with a deposit ended: its failure without numbers, or `None` if it succeeded.
type Answer = Option<String>;

/// The rule for a method's deposit, called in this way with this input. `accepted` are deposits with which it
/// succeeds.
///
/// # Errors
/// If the engine fails.
pub(super) fn deposit_rule(
    methods: &MethodProbe<'_>,
    method: &str,
    context: &CallContext<'_>,
    input: &[u8],
    accepted: &[NearToken],
) -> Result<Option<DepositRule>> {
    // A method that takes nothing, some and much asks for no deposit.
    let takes_any = accepted.contains(&NearToken::ZERO) && accepted.len() > 1;
    if context.refuses_deposits || context.one_yocto || takes_any {
        return Ok(None);
    }
    let probe = DepositProbe { methods, method, context, input };
    let mut tried = BTreeSet::new();
    let mut best = None;
    let mut asked: Vec<NearToken> = DISTINCTIVE.to_vec();
    asked.push(NearToken::ZERO);
    let mut candidates = accepted.to_vec();
    for _ in 0..ROUNDS {
        for deposit in asked.drain(..) {
            candidates.extend(probe.suggested(deposit)?);
        }
        for candidate in candidates.drain(..) {
            if tried.len() >= MOST_CANDIDATES || candidate > LARGEST || !tried.insert(candidate) {
                continue;
            }
            let Some((rule, succeeds)) = probe.rule_at(candidate)? else { continue };
            if succeeds {
                return Ok(Some(rule));
            }
            best = Some(rule);
            // The next refusal may name another amount.
            asked.push(candidate);
        }
        if asked.is_empty() {
            break;
        }
    }
    Ok(best)
}

struct DepositProbe<'a> {
    methods: &'a MethodProbe<'a>,
    method: &'a str,
    context: &'a CallContext<'a>,
    input: &'a [u8],
}

impl DepositProbe<'_> {
    fn with(&self, deposit: NearToken) -> CallContext<'_> {
        CallContext { deposit, ..self.context.clone() }
    }

    fn failure(&self, deposit: NearToken) -> Result<Option<String>> {
        Ok(self.methods.call(self.method, &self.with(deposit), self.input)?.failure)
    }

    fn answer(&self, deposit: NearToken) -> Result<Answer> {
        Ok(self.failure(deposit)?.as_deref().map(without_numbers))
    }

    /// The amounts that the refusal of this deposit names, and those that the deposit was compared with.
    fn suggested(&self, deposit: NearToken) -> Result<Vec<NearToken>> {
        let call = self.with(deposit);
        let (outcome, compared) = self.methods.call_comparing(self.method, &call, self.input)?;
        let mut amounts = outcome.failure.as_deref().map(stated_amounts).unwrap_or_default();
        if DISTINCTIVE.contains(&deposit) {
            let partners = Operands::of(&compared).of_integer(deposit.as_yoctonear());
            let partners = partners.into_iter().filter(|(kind, _)| *kind == Match::Number);
            amounts.extend(partners.map(|(_, partner)| NearToken::from_yoctonear(partner)));
        }
        Ok(amounts)
    }

    /// The rule by which the method treats this deposit and those next to it, if they differ, and whether the
    /// call succeeds with it.
    fn rule_at(&self, deposit: NearToken) -> Result<Option<(DepositRule, bool)>> {
        let one = NearToken::from_yoctonear(1);
        let at = self.failure(deposit)?;
        let below = self.failure(deposit.saturating_sub(one))?;
        let [here, less] = [&at, &below].map(|failure| failure.as_deref().map(without_numbers));
        if here == less || is_worse(at.as_deref(), below.as_deref()) {
            return Ok(None);
        }
        let rule = if self.answer(deposit.saturating_add(one))? == here {
            DepositRule::AtLeast(deposit)
        } else if self.answer(deposit.saturating_mul(2))? == here {
            DepositRule::MultipleOf(deposit)
        } else {
            DepositRule::Exactly(deposit)
        };
        Ok(Some((rule, at.is_none())))
    }
}

/// Whether the first failure is about the deposit and the second is not.
fn is_worse(one: Option<&str>, other: Option<&str>) -> bool {
    let about_deposit = |failure: &str| {
        let text = failure.to_lowercase();
        DEPOSIT_WORDS.iter().any(|word| text.contains(word))
    };
    match (one, other) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(one), Some(other)) => about_deposit(one) && !about_deposit(other),
    }
}
