//! Which accounts a contract takes for its tokens: as these, its hooks are asked.
//!
//! Only calls hooks. Never decides what a hook takes.

use std::collections::BTreeSet;

use super::method_probe::{CallContext, MethodProbe, Result};
use super::standards;
use crate::discovery::argument_inference::stated_amounts::without_numbers;
use crate::types::AccountId;
use crate::vm::Storage;

/// The most accounts that are tried.
const MOST_ACCOUNTS: usize = 48;

/// The accounts as which the hook gets further than as a user, of these; empty if it makes no difference.
pub(super) fn predecessors(
    methods: &MethodProbe<'_>,
    hook: &str,
    context: &CallContext<'_>,
    accounts: &BTreeSet<AccountId>,
) -> Result<Vec<AccountId>> {
    let Some(shape) = standards::arguments(hook) else { return Ok(Vec::new()) };
    let input = methods.values.for_call(&shape, 0).to_string();
    let answer = |caller: &AccountId| -> Result<Option<String>> {
        let failure = methods
            .call(hook, &CallContext { caller, ..context.clone() }, input.as_bytes())?
            .failure;
        Ok(failure.map(|failure| without_numbers(&failure.replace(caller.as_str(), "ACCOUNT"))))
    };
    let Some(refusal) = answer(context.caller)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for account in accounts.iter().take(MOST_ACCOUNTS) {
        if answer(account)?.as_ref() != Some(&refusal) {
            found.push(account.clone());
        }
    }
    Ok(found)
}

/// The account ids in a contract's state: texts with a length before them, as borsh writes them.
pub(super) fn accounts_in(storage: &Storage) -> BTreeSet<AccountId> {
    let mut found = BTreeSet::new();
    for (key, value) in storage.iter() {
        for bytes in [key, value] {
            for (at, length) in bytes.windows(4).enumerate() {
                let length =
                    u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
                let text = bytes.get(at + 4..).and_then(|rest| rest.get(..length));
                let text = text.and_then(|text| std::str::from_utf8(text).ok());
                // Without a point it is more likely another text.
                let named = text.filter(|text| text.contains('.'));
                found.extend(named.and_then(|text| text.parse::<AccountId>().ok()));
            }
        }
    }
    found
}
