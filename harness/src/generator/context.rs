//! What new values may repeat: numbers and texts of the target's set-up and of a case's other operations.

use crate::arguments::used::Used;
use crate::scenario::{Arguments, Operation};
use crate::targets::{Setup, Target};

/// What the target's set-up and these operations use, and the balances of its contracts.
pub(super) fn used(target: &Target, operations: &[Operation]) -> Used {
    let mut used = Used::default();
    for account in target.accounts.iter().filter(|account| account.contract.is_some()) {
        used.number(account.balance.as_yoctonear());
    }
    for operation in operations.iter().chain(target.setup.iter().filter_map(Setup::call)) {
        used.number(operation.deposit.as_yoctonear());
        match (&operation.arguments, target.method_of(operation)) {
            (Arguments::Json(value), _) => used.value(value),
            (Arguments::Bytes(_), Some(method)) => {
                let values = method.argument_values(&operation.arguments).unwrap_or_default();
                values.iter().for_each(|(_, value)| used.value(value));
            }
            (Arguments::Bytes(_), None) => {}
        }
    }
    used
}
