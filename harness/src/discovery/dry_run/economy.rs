//! Finds calls for the set-up that give every actor tokens: registration, then transfers from an account that
//! holds many, or a method that creates tokens, found by trial.
//!
//! Only as the owner, the token itself, or a holder. Believes a call only if the token's views confirm it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::attempts::{Attempts, Callable, operation};
use super::sandbox::Sandbox;
use super::setup_synthesis::{call, succeeded};
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::discovery::Error;
use crate::discovery::argument_inference::{ArgumentType, InputType, TextKind};
use crate::discovery::draft::{Draft, DraftContract, SetupCall};
use crate::discovery::interface::{MethodInterface, MethodKind};
use crate::scenario::Operation;
use crate::types::{AccountId, NearToken};

const ONE_YOCTO: NearToken = NearToken::from_yoctonear(1);
/// What registration costs, if the token does not say.
const REGISTRATION: NearToken = NearToken::from_millinear(100);
/// Deposits with which methods that create tokens are tried.
const MINT_DEPOSITS: [NearToken; 4] =
    [NearToken::ZERO, NearToken::from_millinear(100), ONE_YOCTO, NearToken::from_near(1)];
/// How many whole tokens each actor gets.
const WHOLE_TOKENS: u128 = 1_000;
/// How many times the largest amount of the set-up each actor gets at least.
const TIMES_SETUP: u128 = 10;
/// Amounts of the set-up above this are supplies.
const MOST_SETUP: u128 = NearToken::from_near(1_000).as_yoctonear();

/// Gives actors tokens.
pub(super) struct TokenEconomy<'a> {
    pub(super) sandbox: Sandbox<'a>,
    pub(super) attempts: &'a Attempts,
    pub(super) draft: &'a Draft,
    /// The attacker that no token registers, if there is one.
    pub(super) unregistered: Option<&'a AccountId>,
}

/// The calls that give actors tokens, and what they hold then.
#[derive(Debug, Default)]
pub(super) struct Endowment {
    pub(super) calls: Vec<SetupCall>,
    /// How much of each fungible token an actor holds, as a rule.
    pub(super) amounts: BTreeMap<AccountId, u128>,
    /// Ids of other tokens, with their holders.
    pub(super) token_ids: BTreeMap<String, AccountId>,
}

impl TokenEconomy<'_> {
    /// The calls to add to the set-up, in order.
    pub(super) fn endowment(mut self) -> Result<Endowment, Error> {
        let mut all = Endowment::default();
        for token in &self.draft.contracts {
            let exports = |name: &str| token.exports(name);
            if exports("storage_deposit") && exports("storage_balance_of") {
                self.register(token, &mut all.calls)?;
            }
            if exports("ft_transfer") && exports("ft_balance_of") {
                self.endow(token, &mut all)?;
            }
            if exports("nft_transfer") && exports("nft_token") {
                self.mint_each(token, Unique::Nft, &mut all)?;
            } else if exports("mt_transfer") && exports("mt_balance_of") {
                self.mint_each(token, Unique::Multi, &mut all)?;
            }
        }
        Ok(all)
    }

    /// Registers contracts, users and attackers, except the one that stays unregistered.
    fn register(&mut self, token: &DraftContract, calls: &mut Vec<SetupCall>) -> Result<(), Error> {
        let bounds = self.sandbox.view(&token.id, "storage_balance_bounds", &json!({}))?;
        let least = bounds.as_ref().and_then(|bounds| bounds["min"].as_str()?.parse().ok());
        let deposit = least.map_or(REGISTRATION, NearToken::from_yoctonear);
        let draft = self.draft;
        let contracts = draft.contracts.iter().map(|contract| &contract.id);
        let people = std::iter::once(&draft.owner).chain(&draft.actors);
        let unregistered = self.unregistered;
        let registered = |id: &&AccountId| **id != token.id && Some(*id) != unregistered;
        for id in contracts.chain(people).filter(registered) {
            let known =
                self.sandbox.view(&token.id, "storage_balance_of", &json!({ "account_id": id }))?;
            if known.is_none_or(|known| !known.is_null()) {
                continue;
            }
            let arguments = json!({ "account_id": id, "registration_only": true });
            let attempt = operation(&draft.owner, &token.id, "storage_deposit", arguments, deposit);
            self.keep(&attempt, format!("Registers {id} with the token."), calls)?;
        }
        Ok(())
    }

    /// Gives every registered actor some of a fungible token.
    fn endow(&mut self, token: &DraftContract, all: &mut Endowment) -> Result<(), Error> {
        let (draft, unregistered) = (self.draft, self.unregistered);
        let metadata = self.sandbox.view(&token.id, "ft_metadata", &json!({}))?;
        let decimals = metadata.and_then(|metadata| metadata["decimals"].as_u64()).unwrap_or(24);
        let whole = u32::try_from(decimals).ok().and_then(|decimals| 10_u128.checked_pow(decimals));
        let wanted = whole
            .and_then(|whole| whole.checked_mul(WHOLE_TOKENS))
            .unwrap_or(u128::MAX / 1_000)
            .max(largest_amount(draft).saturating_mul(TIMES_SETUP));
        for actor in draft.actors.iter().filter(|actor| Some(*actor) != unregistered) {
            if self.balance(token, actor)? >= wanted {
                continue;
            }
            let done = self.transfer(token, actor, wanted, &mut all.calls)?
                || self.mint(token, actor, wanted, &mut all.calls)?;
            if !done {
                // A token that cannot be had is not an error: its users may earn it later.
                break;
            }
        }
        let held = self.balance(token, &draft.actors[0])?;
        if held > 0 {
            all.amounts.insert(token.id.clone(), held);
        }
        Ok(())
    }

    /// Transfers from an account that holds a lot more.
    fn transfer(
        &mut self,
        token: &DraftContract,
        actor: &AccountId,
        wanted: u128,
        calls: &mut Vec<SetupCall>,
    ) -> Result<bool, Error> {
        let mut holder = None;
        for id in self.draft.account_ids() {
            let balance = self.balance(token, id)?;
            if id != actor && holder.as_ref().is_none_or(|(_, most)| balance > *most) {
                holder = Some((id.clone(), balance));
            }
        }
        let Some((holder, balance)) = holder else { return Ok(false) };
        let share = balance / (self.draft.actors.len() as u128 + 2);
        if share == 0 {
            return Ok(false);
        }
        let amount = wanted.min(share);
        let arguments = json!({ "receiver_id": actor, "amount": amount.to_string() });
        let attempt = operation(&holder, &token.id, "ft_transfer", arguments, ONE_YOCTO);
        self.keep(&attempt, format!("Gives {actor} some of the token."), calls)
    }

    /// Finds a method that creates tokens for an account.
    fn mint(
        &mut self,
        token: &DraftContract,
        actor: &AccountId,
        wanted: u128,
        calls: &mut Vec<SetupCall>,
    ) -> Result<bool, Error> {
        let before = self.balance(token, actor)?;
        let attempts = self.mints(token, actor, &wanted.to_string(), None);
        let attempt =
            self.first_confirmed(attempts, |economy| Ok(economy.balance(token, actor)? > before))?;
        let minted = attempt.is_some();
        calls.extend(attempt.map(|it| call(&it, format!("Gives {actor} some of the token."))));
        Ok(minted)
    }

    /// Creates tokens with ids of their own, one for each actor.
    fn mint_each(
        &mut self,
        token: &DraftContract,
        kind: Unique,
        all: &mut Endowment,
    ) -> Result<(), Error> {
        let mut number = 0;
        for actor in &self.draft.actors {
            // A mock collection starts with tokens that are named after their holders.
            if self.holds(token, kind, actor, actor.as_str())? {
                all.token_ids.insert(actor.to_string(), actor.clone());
                continue;
            }
            let id = number.to_string();
            let amount = WHOLE_TOKENS.to_string();
            let attempts = self.mints(token, actor, &amount, Some(&id));
            let attempt =
                self.first_confirmed(attempts, |economy| economy.holds(token, kind, actor, &id))?;
            if let Some(attempt) = attempt {
                all.calls.push(call(&attempt, format!("Gives {actor} the token `{id}`.")));
                all.token_ids.insert(id, actor.clone());
                number += 1;
            }
        }
        Ok(())
    }

    /// Calls that may create tokens for an actor: of methods that name such a thing first.
    fn mints(
        &self,
        token: &DraftContract,
        actor: &AccountId,
        amount: &str,
        id: Option<&str>,
    ) -> Vec<Operation> {
        let number = self.draft.actors.iter().position(|known| known == actor).unwrap_or_default();
        let standard =
            |name: &str| ["transfer", "approve", "revoke"].iter().any(|part| name.contains(part));
        let methods = token.methods.iter().filter(|method| {
            method.kind == MethodKind::Call
                && !standard(&method.name)
                && !method.name.starts_with("storage_")
        });
        let mut methods: Vec<_> = methods.collect();
        methods.sort_by_key(|method| !names_creation(&method.name));
        let mut all = Vec::new();
        for method in methods {
            let InputType::Json(shape) = &method.arguments else { continue };
            let callable = Callable { contract: &token.id, method };
            let values = self.attempts.peer_of(number);
            for variation in 0..2 {
                let mut arguments = values.for_call(shape, variation);
                fill(shape, &mut arguments, &Filling { actor, amount, id });
                for signer in [&self.draft.owner, &token.id, actor] {
                    let deposits = deposits(method);
                    let by = |deposit| callable.by(signer, arguments.clone(), deposit);
                    all.extend(deposits.into_iter().map(by));
                }
            }
        }
        all
    }

    fn balance(&mut self, token: &DraftContract, id: &AccountId) -> Result<u128, Error> {
        let balance =
            self.sandbox.view(&token.id, "ft_balance_of", &json!({ "account_id": id }))?;
        Ok(balance.and_then(|balance| balance.as_str()?.parse().ok()).unwrap_or_default())
    }

    fn holds(
        &mut self,
        token: &DraftContract,
        kind: Unique,
        actor: &AccountId,
        id: &str,
    ) -> Result<bool, Error> {
        Ok(match kind {
            Unique::Nft => {
                let answer =
                    self.sandbox.view(&token.id, "nft_token", &json!({ "token_id": id }))?;
                answer.is_some_and(|answer| answer["owner_id"] == actor.as_str())
            }
            Unique::Multi => {
                let question = json!({ "account_id": actor, "token_id": id });
                let answer = self.sandbox.view(&token.id, "mt_balance_of", &question)?;
                answer.is_some_and(|answer| answer.as_str().is_some_and(|held| held != "0"))
            }
        })
    }

    /// The first of these calls that succeeds and does what it should, as views confirm. Its effects stay.
    fn first_confirmed(
        &mut self,
        attempts: Vec<Operation>,
        mut is_done: impl FnMut(&mut Self) -> Result<bool, Error>,
    ) -> Result<Option<Operation>, Error> {
        for attempt in attempts {
            let observation = self.sandbox.run(&attempt)?;
            if !succeeded(&observation) {
                continue;
            }
            let previous = self.sandbox.adopt(observation.end);
            if is_done(self)? {
                return Ok(Some(attempt));
            }
            self.sandbox.restore(previous);
        }
        Ok(None)
    }

    /// Keeps the call if it succeeds.
    fn keep(
        &mut self,
        attempt: &Operation,
        why: String,
        calls: &mut Vec<SetupCall>,
    ) -> Result<bool, Error> {
        let observation = self.sandbox.run(attempt)?;
        let kept = succeeded(&observation);
        if kept {
            self.sandbox.adopt(observation.end);
            calls.push(call(attempt, why));
        }
        Ok(kept)
    }
}

/// Whether tokens have ids, and how a token says who holds one.
#[derive(Clone, Copy)]
enum Unique {
    /// NEP-171.
    Nft,
    /// NEP-245.
    Multi,
}

/// What a call that creates tokens should say.
struct Filling<'a> {
    actor: &'a AccountId,
    amount: &'a str,
    id: Option<&'a str>,
}

/// Puts an actor, an amount and an id into arguments of this type.
fn fill(shape: &ArgumentType, value: &mut Value, filling: &Filling<'_>) {
    match shape {
        ArgumentType::Text(TextKind::Account) => *value = json!(filling.actor),
        ArgumentType::Integer(IntegerKind::U128, NumberForm::Text) => {
            *value = json!(filling.amount)
        }
        ArgumentType::Integer(_, NumberForm::Text) => {
            *value = json!(filling.id.unwrap_or(filling.amount));
        }
        ArgumentType::Object(members) => {
            for member in members {
                let Some(inner) = value.get_mut(&member.name) else { continue };
                match (&member.shape, filling.id) {
                    (ArgumentType::Text(TextKind::Plain), Some(id))
                        if member.name.contains("id") =>
                    {
                        *inner = json!(id);
                    }
                    (shape, _) => fill(shape, inner, filling),
                }
            }
        }
        ArgumentType::Optional(inner) if !value.is_null() => fill(inner, value, filling),
        ArgumentType::List(item) => {
            for inner in value.as_array_mut().into_iter().flatten() {
                fill(item, inner, filling);
            }
        }
        _ => {}
    }
}

fn names_creation(method: &str) -> bool {
    ["mint", "issue", "create", "claim", "faucet"].iter().any(|word| method.contains(word))
}

fn deposits(method: &MethodInterface) -> Vec<NearToken> {
    if method.refuses_deposits {
        vec![NearToken::ZERO]
    } else if method.one_yocto {
        vec![ONE_YOCTO]
    } else {
        MINT_DEPOSITS.to_vec()
    }
}

/// The largest amount that the set-up names and that is not a supply.
fn largest_amount(draft: &Draft) -> u128 {
    let initializers = draft.setup.iter().filter(|call| call.signer == call.receiver);
    let members = initializers.filter_map(|call| call.arguments.as_object());
    let amounts = members.flat_map(Map::values).filter_map(|value| value.as_str()?.parse().ok());
    amounts.filter(|amount| *amount <= MOST_SETUP).max().unwrap_or_default()
}
