//! Contracts of ours that stand in for tokens of which there is no wasm: a puppet keeps no accounts, so
//! it would hand over the same token twice, and nobody's balance could be looked at.
//!
//! Only says which one fits. Never puts it anywhere.

use serde_json::{Value, json};

use super::draft::{Draft, Puppet};

const COIN: &[u8] = include_bytes!("../../assets/coin.wasm");
const COLLECTION: &[u8] = include_bytes!("../../assets/collection.wasm");

/// More than anybody asks for, and no sum of it overflows.
const AMOUNT: &str = "1000000000000000000000000000000";

const FUNGIBLE: &[&str] = &[
    "ft_transfer",
    "ft_transfer_call",
    "ft_balance_of",
    "ft_total_supply",
    "ft_metadata",
    "storage_deposit",
    "storage_balance_of",
    "storage_balance_bounds",
];
const NON_FUNGIBLE: &[&str] = &[
    "nft_transfer",
    "nft_transfer_call",
    "nft_token",
    "nft_metadata",
    "nft_total_supply",
    "nft_supply_for_owner",
];

/// A contract that stands in for another.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    /// Its code.
    pub(super) code: &'static [u8],
    /// The arguments of its `new`.
    pub(super) arguments: Value,
    /// What it is.
    pub(super) note: &'static str,
}

impl StandIn {
    /// What can play this account in place of a puppet.
    pub(super) fn of(puppet: &Puppet, draft: &Draft) -> Option<Self> {
        let own = &draft.contracts[0];
        let exports = |name: &str| own.methods.iter().any(|method| method.name == name);
        let calls = |known: &[&str]| {
            let all = puppet.methods.iter().all(|method| known.contains(&method.as_str()));
            all && puppet.methods.iter().any(|method| method.contains("ft_"))
        };
        let named = |words: &[&str]| words.iter().any(|word| puppet.id.as_str().contains(word));
        let silent = puppet.methods.is_empty();
        if calls(FUNGIBLE) || silent && exports("ft_on_transfer") && named(&["token", "ft", "coin"])
        {
            let holders = std::iter::once(&own.id).chain(&draft.actors).collect::<Vec<_>>();
            return Some(Self {
                code: COIN,
                arguments: json!({ "holders": holders, "amount": AMOUNT }),
                note: "A fungible token of ours stands in for the real one.",
            });
        }
        if calls(NON_FUNGIBLE) || silent && exports("nft_on_transfer") && named(&["nft"]) {
            return Some(Self {
                code: COLLECTION,
                arguments: json!({ "keeper_id": own.id, "holders": draft.actors }),
                note: "Non-fungible tokens of ours stand in for the real ones: all of them belong to the contract.",
            });
        }
        None
    }
}
