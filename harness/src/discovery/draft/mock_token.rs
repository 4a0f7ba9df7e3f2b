//! Mock tokens for token contracts of which there is no wasm. A puppet keeps no balances, so it would hand over
//! the same token twice, and no invariant could look at balances.
//!
//! Only chooses the mock token. `refine` adds it to the draft.

use serde_json::{Value, json};

use super::model::{Draft, DraftPuppet};

pub(super) const COIN: &[u8] = include_bytes!("../../../assets/coin.wasm");
const COLLECTION: &[u8] = include_bytes!("../../../assets/collection.wasm");

/// More than any call asks for; a sum of several does not overflow.
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

/// A token contract that stands in for a real one.
#[derive(Clone, Debug)]
pub(in crate::discovery) struct MockToken {
    /// Its code.
    pub(in crate::discovery) code: &'static [u8],
    /// The arguments of its `new`.
    pub(in crate::discovery) arguments: Value,
    /// What `target.toml` says about it.
    pub(in crate::discovery) note: &'static str,
}

impl MockToken {
    /// The mock token that can replace this puppet, if one fits.
    pub(in crate::discovery) fn of(puppet: &DraftPuppet, draft: &Draft) -> Option<Self> {
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
                note: "A mock fungible token stands in for the real one.",
            });
        }
        if calls(NON_FUNGIBLE) || silent && exports("nft_on_transfer") && named(&["nft"]) {
            return Some(Self {
                code: COLLECTION,
                arguments: json!({ "keeper_id": own.id, "holders": draft.actors }),
                note: "A mock NFT contract stands in for the real one: the contract owns all of its tokens.",
            });
        }
        None
    }
}
