//! Makes up values: for the set-up, where the first that works counts, and for calls.
//!
//! Goes by names only where a shape says too little. Never random: the same shape gives the same value.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shape::{Member, Shape, TextKind};
use crate::arguments::integer::{IntegerKind, NumberForm};
use crate::types::AccountId;

/// How many different values there are for each shape.
pub(super) const VARIATIONS: usize = 8;

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
const NUMBERS: [u64; VARIATIONS] = [1, 0, 2, 10, 100, 1_000, 24, 1_000_000_000];
const SMALL_AMOUNTS: [&str; VARIATIONS] = ["1", "0", "2", "10", "100", "1000", "24", "1000000000"];
const TEXTS: [&str; VARIATIONS] = ["a", "1", "ft-1.0.0", "nft-1.0.0", "", "alice", "b", "name"];

/// Who owns contracts, by the names of arguments.
const OWNERS: [&str; 12] = [
    "owner",
    "admin",
    "manager",
    "council",
    "guardian",
    "operator",
    "governance",
    "dao",
    "treasury",
    "creator",
    "multisig",
    "controller",
];
/// What says only that an argument is an account.
const ENDINGS: [&str; 7] =
    ["_account_id", "_contract_id", "_account", "_contract", "_address", "_id", "_acc"];

/// Makes up values.
#[derive(Clone, Debug)]
pub struct Inventor {
    /// Who owns contracts.
    pub owner: AccountId,
    /// A user.
    pub someone: AccountId,
    /// What account ids end with.
    pub suffix: String,
    /// Those who take part: users and the attacker.
    pub people: Vec<AccountId>,
    /// Accounts that stand for names of arguments, before any are made up.
    pub known: Vec<AccountId>,
}

impl Inventor {
    /// A value for the set-up: accounts that it names are made up.
    pub(super) fn for_setup(&self, shape: &Shape, variation: usize) -> Value {
        self.value(shape, "", variation, true)
    }

    /// A value for a call: accounts are those that there are.
    pub(super) fn for_call(&self, shape: &Shape, variation: usize) -> Value {
        self.value(shape, "", variation, false)
    }

    /// Account ids in a value that were made up or are known here.
    pub(super) fn accounts_in(&self, value: &Value) -> BTreeSet<AccountId> {
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

    fn value(&self, shape: &Shape, name: &str, variation: usize, setup: bool) -> Value {
        let inner = |shape: &Shape, name: &str| self.value(shape, name, variation, setup);
        match shape {
            Shape::Text(TextKind::Account) => json!(self.account(name, setup).as_str()),
            Shape::Text(TextKind::Plain) => json!(self.text(name, variation, setup)),
            Shape::Integer(kind, form) => number(*kind, *form, name, variation),
            // What may be left out is left out at first: the plainest call is the likeliest to work.
            Shape::Optional(shape) if variation % 2 == 1 => inner(shape, name),
            Shape::Optional(_) | Shape::Null => Value::Null,
            Shape::Object(members) => {
                let member = |each: &Member| (each.name.clone(), inner(&each.shape, &each.name));
                Value::Object(members.iter().map(member).collect())
            }
            Shape::Map(key, value) => {
                let key = inner(&Shape::Text((**key).clone()), "");
                json!({ key.as_str().unwrap_or("a"): inner(value, name) })
            }
            // Lists of accounts that are no contracts hold those who take part.
            Shape::List(item) if setup && is_account(item) && !name.ends_with("_ids") => {
                self.people.iter().map(|id| json!(id.as_str())).collect()
            }
            Shape::List(_) if setup && variation % 2 == 1 => json!([]),
            Shape::List(item) if setup && is_account(item) => self.several(name, 2),
            Shape::Tuple(items) if setup && !items.is_empty() && items.iter().all(is_account) => {
                self.several(name, items.len())
            }
            Shape::List(item) => json!([inner(item, name)]),
            Shape::Tuple(items) => items.iter().map(|item| inner(item, name)).collect(),
            Shape::OneOf(choices) if !choices.is_empty() => {
                inner(&choices[variation % choices.len()], name)
            }
            other => other.example(&self.someone),
        }
    }

    /// So many contracts, for an argument that lists them.
    fn several(&self, name: &str, count: usize) -> Value {
        let one = self.account(name.strip_suffix("s").unwrap_or(name), true);
        let stem = one.as_str().strip_suffix(&self.suffix).unwrap_or("external");
        let id = |number: usize| match number {
            0 => json!(one.as_str()),
            number => json!(format!("{stem}{}{}", number + 1, self.suffix)),
        };
        (0..count).map(id).collect()
    }

    /// An account for an argument of this name.
    fn account(&self, name: &str, setup: bool) -> AccountId {
        let name = name.to_ascii_lowercase();
        if OWNERS.iter().any(|owner| name.contains(owner)) {
            return self.owner.clone();
        }
        if !setup {
            return self.someone.clone();
        }
        let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
        let known = self.known.iter().find(|known| {
            let first = known.as_str().split('.').next().unwrap_or_default();
            !first.is_empty() && (stem.contains(first) || first.contains(stem) && !stem.is_empty())
        });
        if let Some(known) = known {
            return known.clone();
        }
        let letters: String = stem
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
            .collect();
        let made_up =
            format!("{}.{}", letters.trim_matches('-'), self.suffix.trim_start_matches('.'));
        let fallback = || format!("external.{}", self.suffix.trim_start_matches('.')).parse();
        made_up.parse().or_else(|_| fallback()).unwrap_or_else(|_| self.owner.clone())
    }

    fn text(&self, name: &str, variation: usize, setup: bool) -> String {
        let account = name.ends_with("_id") || name.contains("account") || name.contains("owner");
        if account && !name.contains("token_id") && variation == 1 {
            return self.account(name, setup).to_string();
        }
        TEXTS[variation % TEXTS.len()].to_owned()
    }
}

fn is_account(shape: &Shape) -> bool {
    *shape == Shape::Text(TextKind::Account)
}

fn number(kind: IntegerKind, form: NumberForm, name: &str, variation: usize) -> Value {
    let at = variation % VARIATIONS;
    match (kind, form) {
        (IntegerKind::U8 | IntegerKind::I8, NumberForm::Number) => {
            json!(if name == "decimals" { 24 } else { NUMBERS[at].min(100) })
        }
        (IntegerKind::U16 | IntegerKind::I16, NumberForm::Number) => json!(NUMBERS[at].min(10_000)),
        (_, NumberForm::Number) => json!(NUMBERS[at]),
        (IntegerKind::U128, NumberForm::Text) => json!(AMOUNTS[at]),
        (_, NumberForm::Text) => json!(SMALL_AMOUNTS[at]),
    }
}
