//! Finds out who an account is that was invented for an argument: another contract of the target, or a user.
//!
//! By what the contracts call on it, and by names. Never runs a contract.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::argument_inference::{ArgumentType, InputType, TextKind, words_of_name};
use super::draft::DraftPuppet;
use crate::types::AccountId;

/// How strongly something suggests that an account is a contract.
const CALLED: u32 = 100;
const SAME_NAME: u32 = 50;
const SAME_KIND: u32 = 20;

/// Kinds of contracts: by which exports they are recognised, and words in the names of arguments that mean one.
const KINDS: &[(&[&str], &[&str])] = &[
    (
        &["ft_transfer", "ft_balance_of"],
        &["ft", "token", "tokens", "coin", "asset", "currency", "stable", "usd", "usdc", "usdt"],
    ),
    (&["nft_transfer", "nft_token"], &["nft", "nfts", "collection", "item", "art", "ticket"]),
    (&["mt_transfer", "mt_balance_of"], &["mt", "multi", "multitoken", "token", "asset"]),
    (&["get_price", "price", "get_price_data", "get_asset"], &["oracle", "price", "feed"]),
    (&["swap"], &["exchange", "dex", "amm", "router", "swap"]),
    (&["deposit", "stake", "deposit_and_stake"], &["pool", "vault", "bank", "staking", "lender"]),
];

/// Words in the names of arguments that mean a contract of some kind.
const CONTRACTS: &[&str] = &[
    "contract",
    "factory",
    "bridge",
    "market",
    "connector",
    "prover",
    "locker",
    "wallet",
    "adapter",
    "proxy",
    "registry",
    "resolver",
    "verifier",
    "receiver",
    "target",
];

/// A contract of the target.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: AccountId,
    pub(super) file: PathBuf,
    pub(super) exports: BTreeSet<String>,
    /// Whether it was named with `--with`, so that something should use it.
    pub(super) companion: bool,
}

/// Who invented accounts are.
#[derive(Clone, Debug)]
pub(super) struct Identities {
    pub(super) candidates: Vec<Candidate>,
    users: Vec<AccountId>,
    /// Invented accounts, and who they turned out to be.
    pub(super) known: BTreeMap<AccountId, AccountId>,
    /// Contracts that others name or call.
    used: BTreeSet<AccountId>,
    /// Accounts that the arguments of initializers name, each with the contracts that name it. Only these can
    /// become others.
    named: BTreeMap<AccountId, BTreeSet<AccountId>>,
}

impl Identities {
    pub(super) fn new(candidates: Vec<Candidate>, users: &[AccountId]) -> Self {
        Self {
            candidates,
            users: users.to_vec(),
            known: BTreeMap::new(),
            used: BTreeSet::new(),
            named: BTreeMap::new(),
        }
    }

    /// Notes that the arguments of this contract's initializer name these accounts.
    pub(super) fn note_named(&mut self, contract: &AccountId, ids: &BTreeSet<AccountId>) {
        for id in ids {
            self.named.entry(id.clone()).or_default().insert(contract.clone());
        }
        self.used.extend(ids.iter().cloned());
    }

    /// Notes that a contract calls this account.
    pub(super) fn note_called(&mut self, id: &AccountId) {
        self.used.insert(id.clone());
    }

    /// Whether the account was invented for an argument, and may still be anyone.
    pub(super) fn is_open(&self, id: &AccountId) -> bool {
        self.named.contains_key(id) && !self.known.contains_key(id)
    }

    /// Companions that nothing names or calls.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Candidate> {
        let used = |id: &AccountId| self.used.contains(id);
        self.candidates.iter().filter(move |candidate| candidate.companion && !used(&candidate.id))
    }

    /// Identifies invented accounts with contracts that nothing uses yet. Returns whether any was new.
    pub(super) fn identify(&mut self, invented: &[DraftPuppet]) -> bool {
        let free = |candidate: &&Candidate| !self.used.contains(&candidate.id);
        let free: Vec<_> = self.candidates.iter().filter(free).collect();
        let mut pairs = Vec::new();
        for (number, stranger) in invented.iter().enumerate() {
            for (order, candidate) in free.iter().enumerate() {
                let namers = self.named.get(&stranger.id);
                if namers.is_some_and(|namers| namers.contains(&candidate.id)) {
                    continue;
                }
                if let Some(score) = score(stranger, candidate) {
                    pairs.push((Reverse(score), number, order));
                }
            }
        }
        pairs.sort_unstable();
        let mut found = BTreeMap::new();
        for (_, number, order) in pairs {
            let (stranger, id) = (&invented[number].id, &free[order].id);
            let taken = found.values().any(|known| known == id);
            if !found.contains_key(stranger) && self.is_open(stranger) && !taken {
                found.insert(stranger.clone(), id.clone());
            }
        }
        let news = !found.is_empty();
        self.used.extend(found.values().cloned());
        self.known.extend(found);
        news
    }

    /// Identifies an invented account with this contract.
    pub(super) fn bind(&mut self, invented: &AccountId, contract: &AccountId) {
        self.known.insert(invented.clone(), contract.clone());
        self.used.insert(contract.clone());
    }

    /// Invented accounts that nothing calls and whose names suggest no contract are users: each another one.
    /// Returns whether any was new.
    pub(super) fn identify_users(&mut self, invented: &[DraftPuppet]) -> bool {
        let mut news = false;
        for stranger in invented.iter().filter(|stranger| stranger.methods.is_empty()) {
            if !self.is_open(&stranger.id) || suggests_contract(first_label(&stranger.id)) {
                continue;
            }
            let known = self.known.values().filter(|known| self.users.contains(known)).count();
            let Some(user) = self.users.get(known % self.users.len().max(1)) else { continue };
            self.known.insert(stranger.id.clone(), user.clone());
            news = true;
        }
        news
    }
}

/// How likely the account is this contract; `None` if nothing suggests it, or the contract lacks what is
/// called on the account.
fn score(stranger: &DraftPuppet, candidate: &Candidate) -> Option<u32> {
    if !stranger.methods.is_subset(&candidate.exports) {
        return None;
    }
    let name = first_label(&stranger.id);
    let mut score = if stranger.methods.is_empty() { 0 } else { CALLED };
    let file = candidate.file.file_stem().map(|stem| stem.to_string_lossy().to_ascii_lowercase());
    let share =
        |other: &str| words_of_name(name).any(|word| words_of_name(other).any(|w| w == word));
    if share(first_label(&candidate.id)) || file.is_some_and(|file| share(&file)) {
        score += SAME_NAME;
    }
    let exports = |all: &[&str]| all.iter().any(|method| candidate.exports.contains(*method));
    if KINDS.iter().any(|(methods, names)| exports(methods) && has_word(name, names)) {
        score += SAME_KIND;
    }
    (score > 0).then_some(score)
}

/// Whether an argument of this name means a contract.
pub(super) fn suggests_contract(name: &str) -> bool {
    has_word(name, CONTRACTS) || KINDS.iter().any(|(_, names)| has_word(name, names))
}

fn has_word(name: &str, known: &[&str]) -> bool {
    words_of_name(name).any(|word| {
        let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        known.contains(&word)
    })
}

fn first_label(id: &AccountId) -> &str {
    id.as_str().split('.').next().unwrap_or_default()
}

/// Whether an argument of this input may name the contract: an account whose name suggests a contract.
pub(super) fn may_name(input: &InputType, candidate: &Candidate) -> bool {
    let InputType::Json(shape) = input else { return false };
    names_contract(shape, "", candidate)
}

fn names_contract(shape: &ArgumentType, name: &str, candidate: &Candidate) -> bool {
    let exports = |all: &[&str]| all.iter().any(|method| candidate.exports.contains(*method));
    match shape {
        ArgumentType::Text(TextKind::Account) => {
            let kind =
                KINDS.iter().any(|(methods, names)| exports(methods) && has_word(name, names));
            kind || has_word(name, CONTRACTS)
        }
        ArgumentType::Object(members) => {
            members.iter().any(|member| names_contract(&member.shape, &member.name, candidate))
        }
        ArgumentType::List(inner) | ArgumentType::Optional(inner) => {
            names_contract(inner, name, candidate)
        }
        ArgumentType::Tuple(items) | ArgumentType::OneOf(items) => {
            items.iter().any(|item| names_contract(item, name, candidate))
        }
        _ => false,
    }
}
