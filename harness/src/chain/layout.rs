//! Which accounts share a shard.
//!
//! A shard is named by an account: the first id that it can hold. Two ids are on the same shard if
//! `Layout::shard_of` gives the same name for both.

use crate::types::AccountId;

/// The shortest id that sorts before every other.
const FIRST_ID: &str = "00";

/// Which accounts share a shard. Apart from order and delay, two things depend on it: an instant
/// receipt runs on the shard that created it, and a global contract arrives shard by shard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Every account has a shard of its own: what campaigns assume.
    #[default]
    Apart,
    /// All accounts share one shard.
    Together,
    /// Shards are ranges of account ids, as on the public network: each boundary begins a new one.
    Boundaries(Vec<AccountId>),
}

impl Layout {
    /// Whether both accounts are on one shard.
    #[must_use]
    pub fn same_shard(&self, left: &AccountId, right: &AccountId) -> bool {
        match self {
            Self::Apart => left == right,
            Self::Together => true,
            Self::Boundaries(boundaries) => number(boundaries, left) == number(boundaries, right),
        }
    }

    /// The shard of an account.
    #[must_use]
    pub fn shard_of(&self, account: &AccountId) -> AccountId {
        match self {
            Self::Apart => account.clone(),
            Self::Together => first_id(),
            Self::Boundaries(boundaries) => match number(boundaries, account) {
                0 => first_id(),
                number => boundaries[number - 1].clone(),
            },
        }
    }

    /// All shards in their order, if these accounts exist.
    pub fn shards<'a>(&self, accounts: impl Iterator<Item = &'a AccountId>) -> Vec<AccountId> {
        match self {
            Self::Apart => accounts.cloned().collect(),
            Self::Together => vec![first_id()],
            Self::Boundaries(boundaries) => {
                std::iter::once(first_id()).chain(boundaries.iter().cloned()).collect()
            }
        }
    }
}

fn number(boundaries: &[AccountId], account: &AccountId) -> usize {
    boundaries.partition_point(|first| first <= account)
}

fn first_id() -> AccountId {
    FIRST_ID.parse().expect("two digits are an account id")
}
