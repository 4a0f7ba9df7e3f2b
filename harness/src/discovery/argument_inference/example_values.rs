//! Example values for argument types: for initializers, where the first that succeeds counts, and for calls.
//!
//! Uses the names of arguments only if a type says too little. Not random: the same type gives the same value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::argument_type::{ArgumentType, Member, TextKind, joined};
use super::plausible::plausible;
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::types::AccountId;

/// How many different values there are for each type.
pub(in crate::discovery) const VARIATIONS: usize = 8;

/// Amounts in the order in which they are tried.
const AMOUNTS: [&str; VARIATIONS] = [
    "1000000000000000000000000",
    "1",
    "1000",
    "1000000000000000000000000000000000",
    "0",
    "1000000000000000000",
    "100",
    "10000000000000000000000000",
];
/// Which of them is the largest.
const LARGEST: usize = 3;
const NUMBERS: [u64; VARIATIONS] = [1, 0, 2, 10, 100, 1_000, 24, 1_000_000_000];
const SMALL_AMOUNTS: [&str; VARIATIONS] = ["1", "0", "2", "10", "100", "1000", "24", "1000000000"];
const TEXTS: [&str; VARIATIONS] = ["a", "1", "ft-1.0.0", "nft-1.0.0", "", "alice", "b", "name"];

/// Parts of argument names that mean the owner.
const OWNERS: [&str; 11] = [
    "owner",
    "admin",
    "manager",
    "council",
    "guardian",
    "operator",
    "governance",
    "dao",
    "treasury",
    "multisig",
    "controller",
];
/// Endings that only say that an argument is an account.
const ENDINGS: [&str; 7] =
    ["_account_id", "_contract_id", "_account", "_contract", "_address", "_id", "_acc"];

/// The fewest letters that make one name part of another.
const ALIKE: usize = 4;

/// Makes example values.
#[derive(Clone, Debug)]
pub struct ExampleValues {
    /// The owner of contracts.
    pub owner: AccountId,
    /// A user.
    pub user: AccountId,
    /// The ending of all account ids.
    pub suffix: String,
    /// The users who sign operations, without the attackers: a list of people holds them.
    pub participants: Vec<AccountId>,
    /// Accounts of known contracts: an argument with a similar name gets one of these.
    pub known: Vec<AccountId>,
    /// What accounts that were invented for arguments turned out to be.
    pub identified: BTreeMap<AccountId, AccountId>,
    /// How many contracts a list of contracts names.
    pub list_length: usize,
}

impl ExampleValues {
    /// An account of this name that is none of these.
    pub(in crate::discovery) fn unused<'i>(
        &self,
        name: &str,
        taken: impl Iterator<Item = &'i AccountId>,
    ) -> AccountId {
        unused(name, &self.suffix, taken)
    }

    /// A value for an initializer. Accounts of unknown contracts are invented.
    pub(in crate::discovery) fn for_setup(&self, shape: &ArgumentType, variation: usize) -> Value {
        self.value(shape, "", variation, true)
    }

    /// A value for a call. All accounts in it exist.
    pub(in crate::discovery) fn for_call(&self, shape: &ArgumentType, variation: usize) -> Value {
        self.value(shape, "", variation, false)
    }

    /// The account ids in a value.
    pub(in crate::discovery) fn accounts_in(&self, value: &Value) -> BTreeSet<AccountId> {
        let mut found = BTreeSet::new();
        self.collect(value, &mut found);
        found
    }

    fn collect(&self, value: &Value, found: &mut BTreeSet<AccountId>) {
        match value {
            Value::String(text) if text.ends_with(&self.suffix) => {
                found.extend(text.parse::<AccountId>())
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, found)),
            Value::Object(members) => {
                members.values().for_each(|member| self.collect(member, found))
            }
            _ => {}
        }
    }

    fn value(&self, shape: &ArgumentType, name: &str, variation: usize, setup: bool) -> Value {
        let inner = |shape: &ArgumentType, name: &str| self.value(shape, name, variation, setup);
        match shape {
            ArgumentType::Text(TextKind::Account) => json!(self.account(name, setup).as_str()),
            ArgumentType::Text(TextKind::Plain) => json!(self.text(name, variation, setup)),
            ArgumentType::Integer(kind, form) => number(*kind, *form, name, variation),
            // Optional values are left out first: the plainest call is the likeliest to succeed.
            ArgumentType::Optional(shape) if variation % 2 == 1 => inner(shape, name),
            ArgumentType::Optional(_) | ArgumentType::Null => Value::Null,
            ArgumentType::Object(members) => {
                let member = |each: &Member| (each.name.clone(), inner(&each.shape, &each.name));
                Value::Object(members.iter().map(member).collect())
            }
            ArgumentType::Map(key, value) => {
                let key = inner(&ArgumentType::Text((**key).clone()), "");
                json!({ key.as_str().unwrap_or("a"): inner(value, name) })
            }
            // A list of accounts that are not contracts holds the users.
            ArgumentType::List(item) if setup && is_account(item) && !name.ends_with("_ids") => {
                self.participants.iter().map(|id| json!(id.as_str())).collect()
            }
            ArgumentType::List(_) if setup && variation % 2 == 1 => json!([]),
            ArgumentType::List(item) if setup && is_account(item) => {
                self.several(name, self.list_length)
            }
            ArgumentType::Tuple(items)
                if setup && !items.is_empty() && items.iter().all(is_account) =>
            {
                self.several(name, items.len())
            }
            ArgumentType::List(item) => json!([inner(item, name)]),
            ArgumentType::Tuple(items) => items.iter().map(|item| inner(item, name)).collect(),
            ArgumentType::OneOf(choices) if !choices.is_empty() => {
                inner(&choices[variation % choices.len()], name)
            }
            ArgumentType::JsonText(shape) => inner(shape, name).to_string().into(),
            ArgumentType::Joined { separator, items } => {
                joined(separator, items.iter().map(|item| inner(item, name)))
            }
            other => other.example(&self.user),
        }
    }

    /// Several contracts, for an argument that lists them.
    fn several(&self, name: &str, count: usize) -> Value {
        let name = name.strip_suffix('s').unwrap_or(name);
        let one = self.known_by_name(name).cloned().unwrap_or_else(|| self.invented(name));
        let stem = one.as_str().strip_suffix(&self.suffix).unwrap_or("external");
        let id = |number: usize| match number {
            0 => self.identity(&one),
            number => match format!("{stem}{}{}", number + 1, self.suffix).parse() {
                Ok(other) => self.identity(&other),
                Err(_) => self.identity(&one),
            },
        };
        (0..count).map(|number| json!(id(number).as_str())).collect()
    }

    /// An account for an argument of this name.
    fn account(&self, name: &str, setup: bool) -> AccountId {
        let lower = name.to_ascii_lowercase();
        if OWNERS.iter().any(|owner| lower.contains(owner)) {
            return self.owner.clone();
        }
        if setup { self.contract(name) } else { self.user.clone() }
    }

    /// The known contract that an argument of this name means, or an invented account.
    fn contract(&self, name: &str) -> AccountId {
        match self.known_by_name(name) {
            Some(known) => known.clone(),
            None => self.identity(&self.invented(name)),
        }
    }

    /// The contract whose account the argument is named after: the more alike the names, the better.
    fn known_by_name(&self, name: &str) -> Option<&AccountId> {
        let name = name.to_ascii_lowercase();
        let stem = stem(&name);
        let fits = |known: &AccountId| {
            let first = known.as_str().split('.').next().unwrap_or_default();
            let alike = |one: &str, other: &str| one.len() >= ALIKE && other.contains(one);
            if first == stem || first == name {
                Some(0)
            } else if words_of_name(first)
                .any(|word| words_of_name(stem).any(|other| other == word))
            {
                Some(1)
            } else {
                (alike(first, stem) || alike(stem, first)).then_some(2)
            }
        };
        let fitting = self.known.iter().filter_map(|known| Some((fits(known)?, known)));
        fitting.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
    }

    /// An account that is named after the argument.
    fn invented(&self, name: &str) -> AccountId {
        let name = name.to_ascii_lowercase();
        let letters: String = stem(&name)
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .collect();
        let made_up =
            format!("{}.{}", letters.trim_matches('-'), self.suffix.trim_start_matches('.'));
        let fallback = || format!("external.{}", self.suffix.trim_start_matches('.')).parse();
        made_up.parse().or_else(|_| fallback()).unwrap_or_else(|_| self.owner.clone())
    }

    fn identity(&self, invented: &AccountId) -> AccountId {
        self.identified.get(invented).unwrap_or(invented).clone()
    }

    fn text(&self, name: &str, variation: usize, setup: bool) -> String {
        let account = name.ends_with("_id") || name.contains("account") || name.contains("owner");
        let with_account = if setup { variation.is_multiple_of(2) } else { variation == 1 };
        if account && with_account && (setup || !name.contains("token_id")) {
            return self.account(name, setup).to_string();
        }
        TEXTS[variation % TEXTS.len()].to_owned()
    }
}

/// An account of this name and ending that is none of these.
pub(in crate::discovery) fn unused<'i>(
    name: &str,
    suffix: &str,
    mut taken: impl Iterator<Item = &'i AccountId>,
) -> AccountId {
    let id = format!("{name}{suffix}");
    let is_taken = taken.any(|known| known.as_str() == id);
    let id = if is_taken { format!("{name}-{id}") } else { id };
    id.parse().expect("a short name with a known ending is an account id")
}

/// The name of an argument without the ending that only says that it is an account.
fn stem(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// The words of a name.
pub(in crate::discovery) fn words_of_name(name: &str) -> impl Iterator<Item = &str> {
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_account(shape: &ArgumentType) -> bool {
    *shape == ArgumentType::Text(TextKind::Account)
}

/// Whether a number of this name is the id or the position of something.
pub(in crate::discovery) fn is_count(name: &str) -> bool {
    words_of_name(name)
        .last()
        .is_some_and(|word| ["id", "ids", "index", "number", "no"].contains(&word))
}

fn number(kind: IntegerKind, form: NumberForm, name: &str, variation: usize) -> Value {
    // Supplies are large: the actors should get some.
    let large = if name.contains("supply") { LARGEST } else { 0 };
    // Contracts count from 0.
    if is_count(name) && form == NumberForm::Number {
        return json!(variation);
    } else if is_count(name) && kind != IntegerKind::U128 {
        return json!(variation.to_string());
    }
    let plausible = plausible(name, kind).and_then(|number| number.checked_add(kind.zero()));
    let at = match plausible {
        Some(position) if variation == 0 => return kind.value(position, form),
        Some(_) => (variation - 1) % VARIATIONS,
        None => (variation + large) % VARIATIONS,
    };
    match (kind, form) {
        (IntegerKind::U8 | IntegerKind::I8, NumberForm::Number) => {
            json!(NUMBERS[at].min(100))
        }
        (IntegerKind::U16 | IntegerKind::I16, NumberForm::Number) => json!(NUMBERS[at].min(10_000)),
        (_, NumberForm::Number) => json!(NUMBERS[at]),
        (IntegerKind::U128, NumberForm::Text) => json!(AMOUNTS[at]),
        (_, NumberForm::Text) => json!(SMALL_AMOUNTS[at]),
    }
}
