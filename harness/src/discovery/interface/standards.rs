//! NEAR's standards: the methods by which they are recognised, and the arguments of these methods.
//!
//! Only lists what NEAR's specification says.

use crate::discovery::argument_inference::argument_type::{amount, member, object, optional};
use crate::discovery::argument_inference::{ArgumentType, TextKind};

/// A standard, recognised by methods that a contract must have for it.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    /// As in `NEP-141`.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// A contract that implements it has all of these.
    methods: &'static [&'static str],
}

macro_rules! standard {
    ($name:literal, $about:literal, $($method:literal),+) => {
        Standard { name: $name, about: $about, methods: &[$($method),+] }
    };
}

/// The standards that have methods. NEP-297 (events), NEP-264 and NEP-366 (actions) and NEP-413 (messages signed
/// off the chain) have none.
const STANDARDS: &[Standard] = &[
    standard!("NEP-141", "fungible token", "ft_transfer", "ft_transfer_call", "ft_balance_of"),
    standard!("NEP-145", "storage management", "storage_deposit", "storage_balance_of"),
    standard!("NEP-148", "fungible token metadata", "ft_metadata"),
    standard!("NEP-171", "non-fungible token", "nft_transfer", "nft_transfer_call", "nft_token"),
    standard!("NEP-177", "non-fungible token metadata", "nft_metadata"),
    standard!("NEP-178", "non-fungible token approvals", "nft_approve", "nft_revoke"),
    standard!("NEP-181", "non-fungible token enumeration", "nft_tokens", "nft_supply_for_owner"),
    standard!("NEP-199", "non-fungible token royalties", "nft_payout", "nft_transfer_payout"),
    standard!("NEP-245", "multi token", "mt_transfer", "mt_batch_transfer"),
    standard!("NEP-330", "contract source metadata", "contract_source_metadata"),
    standard!("receiver of NEP-141", "takes fungible tokens", "ft_on_transfer"),
    standard!("receiver of NEP-171", "takes non-fungible tokens", "nft_on_transfer"),
    standard!("receiver of NEP-178", "takes approvals", "nft_on_approve"),
    standard!("receiver of NEP-245", "takes multi tokens", "mt_on_transfer"),
];

/// The standards that a contract with these methods implements.
pub fn recognise(exports: impl Fn(&str) -> bool) -> Vec<Standard> {
    let follows = |standard: &&Standard| standard.methods.iter().all(|method| exports(method));
    STANDARDS.iter().filter(follows).copied().collect()
}

/// Methods of the standards with their arguments. `balance` is a number as text; a question mark follows
/// what is optional.
const ARGUMENTS: &[(&str, &str)] = &[
    ("ft_transfer", "receiver_id: account, amount: balance, memo: text?"),
    ("ft_transfer_call", "receiver_id: account, amount: balance, memo: text?, msg: text"),
    ("ft_on_transfer", "sender_id: account, amount: balance, msg: text"),
    ("ft_resolve_transfer", "sender_id: account, receiver_id: account, amount: balance"),
    ("ft_balance_of", "account_id: account"),
    ("storage_balance_of", "account_id: account"),
    ("storage_deposit", "account_id: account?, registration_only: bool?"),
    ("storage_withdraw", "amount: balance?"),
    ("storage_unregister", "force: bool?"),
    ("nft_transfer", "receiver_id: account, token_id: text, approval_id: u64?, memo: text?"),
    (
        "nft_transfer_call",
        "receiver_id: account, token_id: text, approval_id: u64?, memo: text?, msg: text",
    ),
    (
        "nft_on_transfer",
        "sender_id: account, previous_owner_id: account, token_id: text, msg: text",
    ),
    ("nft_approve", "token_id: text, account_id: account, msg: text?"),
    ("nft_on_approve", "token_id: text, owner_id: account, approval_id: u64, msg: text"),
    ("nft_revoke", "token_id: text, account_id: account"),
    ("nft_revoke_all", "token_id: text"),
    ("nft_token", "token_id: text"),
    ("nft_payout", "token_id: text, balance: balance, max_len_payout: u32?"),
    ("mt_transfer", "receiver_id: account, token_id: text, amount: balance, memo: text?"),
    (
        "mt_on_transfer",
        "sender_id: account, previous_owner_ids: accounts, token_ids: texts, amounts: balances, msg: text",
    ),
];

/// The arguments of a method, if a standard describes it.
pub fn arguments(method: &str) -> Option<ArgumentType> {
    let (_, written) = ARGUMENTS.iter().find(|(name, _)| *name == method)?;
    let each = written.split(", ").filter_map(|each| each.split_once(": "));
    Some(object(each.map(|(name, kind)| member(name, kind_named(kind))).collect()))
}

/// Whether a token calls this method when it was transferred or approved.
pub fn is_hook(method: &str) -> bool {
    receives(method).is_some()
}

/// The methods of tokens after which they call this hook, each with the argument that names the receiver.
pub fn receives(hook: &str) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match hook {
        "ft_on_transfer" => &[("ft_transfer_call", "receiver_id")],
        "nft_on_transfer" => &[("nft_transfer_call", "receiver_id")],
        "nft_on_approve" => &[("nft_approve", "account_id")],
        "mt_on_transfer" => {
            &[("mt_transfer_call", "receiver_id"), ("mt_batch_transfer_call", "receiver_id")]
        }
        _ => return None,
    })
}

/// What a method returns, if a standard describes it.
pub fn answer(method: &str) -> Option<ArgumentType> {
    let written = match method {
        "ft_balance_of" | "ft_total_supply" | "ft_transfer_call" | "ft_on_transfer" => "balance",
        "nft_transfer_call" | "nft_on_transfer" => "bool",
        "nft_total_supply" | "nft_supply_for_owner" => "balance",
        _ => return None,
    };
    Some(kind_named(written))
}

fn kind_named(kind: &str) -> ArgumentType {
    if let Some(kind) = kind.strip_suffix('?') {
        return optional(kind_named(kind));
    }
    if let Some(kind) = kind.strip_suffix('s') {
        return ArgumentType::List(Box::new(kind_named(kind)));
    }
    match kind {
        "account" => ArgumentType::Text(TextKind::Account),
        "balance" => amount("u128"),
        "bool" => ArgumentType::Bool,
        "text" => ArgumentType::Text(TextKind::Plain),
        number => ArgumentType::number(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        for (method, written) in ARGUMENTS {
            let said = arguments(method).unwrap().describe();
            assert_eq!(said.matches(':').count(), written.matches(':').count(), "{said}");
        }
        let said = arguments("storage_deposit").unwrap().describe();
        assert_eq!(said, "{ account_id: account?, registration_only: bool? }");
        let said = arguments("mt_on_transfer").unwrap().describe();
        assert!(said.contains("amounts: [u128 as text]"), "{said}");
        assert_eq!(arguments("new"), None);
    }
}
