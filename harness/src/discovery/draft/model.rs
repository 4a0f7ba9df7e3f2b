//! What a draft holds.
//!
//! Data, and the rules by which accounts are added to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::chain::Protocol;
use crate::discovery::argument_inference::{ArgumentType, InputType};
use crate::discovery::interface::{Metadata, MethodInterface, MethodKind};
use crate::targets::{Answers, Dump};
use crate::types::{AccountId, NearToken};

/// The most puppets: contracts that make up account ids would add more and more.
const MAX_PUPPETS: usize = 12;

/// The longest text that is a hint, in bytes.
const MAX_HINT: usize = 64;
/// The most hints for one name.
const MAX_HINTS: usize = 4;

/// A target that is being made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name, and the name of its folder.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// Accounts with contracts, those under test first.
    pub contracts: Vec<DraftContract>,
    /// Accounts that a puppet plays.
    pub puppets: Vec<DraftPuppet>,
    /// The owner of the contracts: signs calls of the set-up, and operations that no user can call, before a case.
    pub owner: AccountId,
    /// The accounts that sign operations: users, then attackers.
    pub actors: Vec<AccountId>,
    /// How many of the actors are attackers: the last ones.
    pub attackers: usize,
    /// What the attacker's contract answers when it behaves well.
    pub attacker_answers: Answers,
    /// Calls that run before every case.
    pub setup: Vec<SetupCall>,
    /// How much of each fungible token an actor holds, as a rule.
    pub endowments: BTreeMap<AccountId, u128>,
    /// Ids of tokens of NEP-171 and NEP-245, each with the actor that holds it.
    pub token_ids: BTreeMap<String, AccountId>,
    /// Texts that initializers and calls between contracts contain, by the name of their member.
    pub hints: BTreeMap<String, BTreeSet<String>>,
    /// Methods that succeeded for the owner and for no user: the contract and the method.
    pub owner_only: BTreeSet<(AccountId, String)>,
    /// Calls by contracts that succeeded in dry runs: the caller, the account called, and the method.
    pub calls: BTreeSet<(AccountId, AccountId, String)>,
}

/// An account with a contract.
#[derive(Clone, Debug)]
pub struct DraftContract {
    /// The account.
    pub id: AccountId,
    /// The name of the wasm file in the target's folder.
    pub file: String,
    /// The code.
    pub code: Arc<[u8]>,
    /// State from the real network: the name of the file in the target's folder, and its content.
    pub state: Option<(String, Arc<Dump>)>,
    /// What `target.toml` says about the contract, if it stands in for a real one.
    pub note: Option<&'static str>,
    /// Its balance at the start.
    pub balance: NearToken,
    /// Whether it is under test.
    pub under_test: bool,
    /// What it says about itself, after NEP-330.
    pub metadata: Option<Metadata>,
    /// Its methods.
    pub methods: Vec<MethodInterface>,
    /// Words in its code that texts in arguments may be.
    pub words: BTreeSet<String>,
    /// Initializers that failed with every value that was tried, each with its failure. Empty if one
    /// succeeded.
    pub failed_initializers: Vec<(String, String)>,
}

/// An account that a puppet plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftPuppet {
    /// The account.
    pub id: AccountId,
    /// The methods that the contracts call on it, as far as a call showed.
    pub methods: BTreeSet<String>,
    /// Whether no user-supplied argument names it, so that the contract's owner must have chosen it.
    pub trusted: bool,
    /// What it answers to a method, the usual answer first.
    pub answers: Answers,
}

/// A call of the set-up.
#[derive(Clone, Debug, PartialEq)]
pub struct SetupCall {
    /// The signer.
    pub signer: AccountId,
    /// The contract that it calls.
    pub receiver: AccountId,
    /// The method.
    pub method: String,
    /// JSON arguments.
    pub arguments: Value,
    /// The attached deposit.
    pub deposit: NearToken,
    /// Why it is there: a sentence for the reader of `target.toml`.
    pub why: String,
}

impl Draft {
    /// The actors that are not attackers.
    #[must_use]
    pub fn users(&self) -> &[AccountId] {
        &self.actors[..self.actors.len().saturating_sub(self.attackers)]
    }

    /// Whether the owner may sign the method.
    pub(in crate::discovery) fn has_owner_role(&self) -> bool {
        !self.owner_only.is_empty()
    }

    /// Whether only the owner signs the method: no user ever could, and it belongs to a companion.
    pub(in crate::discovery) fn only_owner_signs(
        &self,
        contract: &DraftContract,
        method: &str,
    ) -> bool {
        let key = (contract.id.clone(), method.to_owned());
        !contract.under_test && self.owner_only.contains(&key)
    }

    /// The accounts of all contracts, puppets and people.
    pub(in crate::discovery) fn account_ids(&self) -> impl Iterator<Item = &AccountId> {
        let contracts = self.contracts.iter().map(|contract| &contract.id);
        let puppets = self.puppets.iter().map(|puppet| &puppet.id);
        contracts.chain(puppets).chain(std::iter::once(&self.owner)).chain(&self.actors)
    }

    /// The contract under test that could not be initialized: all initializers failed, and so does every call.
    #[must_use]
    pub fn uninitialized(&self) -> Option<&DraftContract> {
        self.contracts.iter().find(|contract| {
            let works = |method: &MethodInterface| {
                method.kind == MethodKind::Call && method.failure.is_none()
            };
            let failed = !contract.failed_initializers.is_empty();
            contract.under_test && failed && !contract.methods.iter().any(works)
        })
    }

    /// A text that an argument of this name may be, if this account calls.
    pub(in crate::discovery) fn hint(&self, name: &str, caller: &AccountId) -> Option<&String> {
        if names_token_id(name) && !self.token_ids.is_empty() {
            let own = self.token_ids.iter().find(|(_, holder)| *holder == caller);
            return own.or_else(|| self.token_ids.first_key_value()).map(|(id, _)| id);
        }
        self.hints.get(name).and_then(BTreeSet::first)
    }

    /// Adds the texts in JSON arguments to the hints. Returns whether any was new.
    pub(in crate::discovery) fn add_hints(&mut self, arguments: &Value) -> bool {
        let mut news = false;
        for (name, value) in arguments.as_object().into_iter().flatten() {
            let Some(text) = value.as_str() else { continue };
            let plain = !text.is_empty() && text.len() <= MAX_HINT && text.parse::<u128>().is_err();
            if !plain || self.account_ids().any(|id| id == text) {
                continue;
            }
            let known = self.hints.entry(name.clone()).or_default();
            news |= known.len() < MAX_HINTS && known.insert(text.to_owned());
        }
        news
    }

    /// The refusals of a contract under test, if it has private methods, and so most likely callbacks, and no
    /// call in a dry run got as far as calling one: the method and its failure.
    #[must_use]
    pub fn refusals_before_any_call(&self) -> Vec<(&str, &str)> {
        let under_test = self.contracts.iter().filter(|contract| contract.under_test);
        let callable = |contract: &&DraftContract| {
            let private = |method: &MethodInterface| method.kind == MethodKind::Private;
            contract.methods.iter().any(private)
        };
        let calls = |contract: &DraftContract| {
            self.calls.iter().any(|(caller, _, _)| *caller == contract.id)
        };
        let all: Vec<_> = under_test.filter(callable).collect();
        if all.iter().any(|contract| calls(contract)) {
            return Vec::new();
        }
        let methods = all.into_iter().flat_map(|contract| &contract.methods);
        let calls = methods.filter(|method| method.kind == MethodKind::Call);
        calls
            .filter_map(|method| Some((method.name.as_str(), method.failure.as_deref()?)))
            .collect()
    }

    /// Adds puppets for accounts that are not in the draft yet, and adds to known puppets what else is called
    /// on them. Returns whether anything was new.
    pub(in crate::discovery) fn add_puppets(
        &mut self,
        called: impl Iterator<Item = DraftPuppet>,
    ) -> bool {
        let mut news = false;
        for puppet in called {
            if let Some(known) = self.puppets.iter_mut().find(|known| known.id == puppet.id) {
                let before = known.methods.len();
                known.methods.extend(puppet.methods);
                known.trusted &= puppet.trusted;
                news |= known.methods.len() > before;
                continue;
            }
            let taken = self.contracts.iter().any(|contract| contract.id == puppet.id)
                || self.actors.contains(&puppet.id)
                || self.owner == puppet.id;
            if !taken && self.puppets.len() < MAX_PUPPETS {
                self.puppets.push(puppet);
                news = true;
            }
        }
        news
    }
}

impl DraftContract {
    /// The type of the message that a hook of this contract takes.
    pub(in crate::discovery) fn message_type(&self, hook: &str) -> Option<&ArgumentType> {
        let hook = self.methods.iter().find(|method| method.name == hook)?;
        let InputType::Json(ArgumentType::Object(members)) = &hook.arguments else { return None };
        members.iter().find(|member| member.name == "msg").map(|member| &member.shape)
    }

    /// Whether it has a method of this name.
    pub(in crate::discovery) fn exports(&self, name: &str) -> bool {
        self.methods.iter().any(|method| method.name == name)
    }
}

impl DraftPuppet {
    /// A puppet that nothing is known of yet.
    pub(in crate::discovery) fn new(id: AccountId) -> Self {
        Self { id, methods: BTreeSet::new(), trusted: true, answers: BTreeMap::new() }
    }

    /// Why it is in the target, in a sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let methods: Vec<_> = self.methods.iter().map(|method| format!("`{method}`")).collect();
        if methods.is_empty() {
            "The set-up names this account.".to_owned()
        } else {
            format!("The contract calls {} on this account.", methods.join(", "))
        }
    }
}

/// Enough for a contract's code and state, and 10 to 11 NEAR more.
pub(in crate::discovery) fn starting_balance(
    code: &[u8],
    dump: Option<&Dump>,
    protocol: &Protocol,
) -> NearToken {
    let price = protocol.config.storage_amount_per_byte();
    let bytes = code.len() + dump.map_or(0, Dump::bytes);
    let stake = price.saturating_mul(bytes as u128 + 10_000);
    let rounded = NearToken::from_near(stake.as_near() + 11);
    dump.and_then(|dump| dump.balance).unwrap_or(rounded).max(rounded)
}

/// The hook that a transfer calls.
pub(in crate::discovery) fn hook_of(method: &str) -> Option<&'static str> {
    match method {
        "ft_transfer_call" => Some("ft_on_transfer"),
        "nft_transfer_call" => Some("nft_on_transfer"),
        "mt_transfer_call" => Some("mt_on_transfer"),
        "nft_approve" => Some("nft_on_approve"),
        _ => None,
    }
}

/// Whether an argument of this name means a token of NEP-171 or NEP-245.
pub(in crate::discovery) fn names_token_id(name: &str) -> bool {
    name.contains("token_id") || name.contains("nft_id") || name == "token_ids"
}
