//! No caller makes the contract pay for more and more storage.

use super::{Counterfactuals, Invariant, Settings, Severity, Violation};
use crate::chain::Error;
use crate::trace::Observation;
use crate::types::{AccountId, NearToken, OperationId};

/// How often an operation is done once more before it counts as one without end.
const REPEATS: usize = 16;

/// No caller makes the contract pay for more and more storage.
///
/// Looks at operations after which a contract under test stores more, and which leave it less NEAR than these bytes
/// lock up. The same case is run with the operation done once more at its end, and then sixteen times more: if each
/// adds as many bytes, for less than they cost, there is no end to it.
///
/// Ignores entries that a deposit inside the contract stands behind, since they cannot be made again and again; a short
/// list that forgets its oldest entry; and a price that is taken out of the caller's balance inside the contract, as
/// its own views of the caller's account say (`{"account_id": ...}`).
///
/// Example: `sign` adds an entry to a guestbook and takes no deposit.
#[derive(Clone, Copy, Debug)]
pub struct Storage;

impl Invariant for Storage {
    fn name(&self) -> &'static str {
        "storage"
    }

    fn rule(&self) -> &'static str {
        "No caller makes the contract pay for more and more storage."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        counterfactuals: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, Error> {
        for (index, call) in seen.ids().zip(&seen.calls) {
            let (Some(arguments), false) = (&call.arguments, call.signer == call.receiver) else {
                continue;
            };
            for account in &seen.parties.under_test {
                // Cheap to see, and most operations end here.
                if call.deposit >= price(seen, bytes_added(seen, index, account)) {
                    continue;
                }
                let again = counterfactuals.with_arguments(index, &vec![arguments.clone(); 2])?;
                let more = usage(&again, account).saturating_sub(usage(seen, account));
                let cost = price(seen, more);
                let paid = again.gained(account) - seen.gained(account);
                let paid = NearToken::from_yoctonear(u128::try_from(paid).unwrap_or(0));
                if more == 0 || paid >= cost || !again.complete {
                    continue;
                }
                let often =
                    counterfactuals.with_arguments(index, &vec![arguments.clone(); 1 + REPEATS])?;
                let all = usage(&often, account).saturating_sub(usage(seen, account));
                if all < more.saturating_mul(REPEATS as u64) || !often.complete {
                    continue;
                }
                if is_charged(seen, &again, (account, &call.signer), cost, counterfactuals)? {
                    continue;
                }
                let summary = format!(
                    "each {} by {} makes {account} store {more} bytes more, which lock {} of its balance, for {}",
                    call.method,
                    call.signer,
                    cost.exact_amount_display(),
                    paid.exact_amount_display()
                );
                let violation = Violation::new(self, account, &call.method, summary);
                return Ok(Some(violation.severity(Severity::Low).detail(format!(
                    "{account} stores {} bytes at the end, and {} after one more call",
                    usage(seen, account),
                    usage(&again, account)
                ))));
            }
        }
        Ok(None)
    }
}

/// Whether one more call took at least its price out of what the contract's views say of the caller's account.
fn is_charged(
    seen: &Observation,
    again: &Observation,
    (contract, caller): (&AccountId, &AccountId),
    price: NearToken,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<bool, Error> {
    let before = counterfactuals.account_numbers(&seen.end, contract, caller)?;
    let after = counterfactuals.account_numbers(&again.end, contract, caller)?;
    Ok(before.iter().any(|(view, number)| {
        let left = after.get(view).copied().unwrap_or(*number);
        number.saturating_sub(left) >= price.as_yoctonear()
    }))
}

/// Bytes by which an operation made the account larger.
fn bytes_added(seen: &Observation, operation: OperationId, account: &AccountId) -> u64 {
    let own = seen.of(operation).filter(|event| event.outcome.executor == *account);
    let usage = |record: &Option<std::sync::Arc<crate::chain::AccountRecord>>| {
        record.as_ref().map_or(0, |record| record.storage_usage())
    };
    let (before, after) = own.fold((0, 0), |(before, after), event| {
        (before + usage(&event.before), after + usage(&event.after))
    });
    after.saturating_sub(before)
}

fn usage(seen: &Observation, account: &AccountId) -> u64 {
    seen.end.account(account).map_or(0, crate::chain::AccountRecord::storage_usage)
}

fn price(seen: &Observation, bytes: u64) -> NearToken {
    let byte = seen.end.protocol().config.storage_amount_per_byte();
    byte.saturating_mul(u128::from(bytes))
}
