//! A number that the world has: what a view returns, a balance, or a sum of them.
//!
//! Numbers are exact up to 128 bits. Never says how large one should be.

use serde_json::{Value, json};

use super::Counterfactuals;
use crate::chain::{Error, Viewed, World};
use crate::trace::json_number;
use crate::types::AccountId;

/// A number that the world has.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// What a view returns: a number in JSON, in quotes or not; `null` is 0.
    View {
        /// Whose view.
        contract: AccountId,
        /// The method.
        method: String,
        /// Its arguments, a JSON object.
        arguments: Value,
        /// The argument that takes the id of every account of the world in turn: the sum counts.
        sum_over: Option<String>,
    },
    /// An account's balance, in yoctoNEAR.
    Balance(AccountId),
    /// A fixed number.
    Fixed(u128),
}

/// The number, or why there is none.
pub(super) fn evaluate(
    quantity: &Quantity,
    world: &World,
    counterfactuals: &mut dyn Counterfactuals,
) -> Result<Result<u128, String>, Error> {
    let (contract, method, arguments, sum_over) = match quantity {
        Quantity::Fixed(number) => return Ok(Ok(*number)),
        Quantity::Balance(account) => {
            let balance =
                world.account(account).map_or(0, |record| record.balance().as_yoctonear());
            return Ok(Ok(balance));
        }
        Quantity::View { contract, method, arguments, sum_over } => {
            (contract, method, arguments, sum_over)
        }
    };
    let Some(argument) = sum_over else {
        return ask(world, counterfactuals, (contract, method), arguments);
    };
    let mut sum: u128 = 0;
    for (id, _) in world.accounts() {
        let mut arguments = arguments.clone();
        arguments[argument.as_str()] = json!(id);
        let number = match ask(world, counterfactuals, (contract, method), &arguments)? {
            Ok(number) => number,
            Err(problem) => return Ok(Err(problem)),
        };
        let Some(more) = sum.checked_add(number) else {
            return Ok(Err(format!("the sum of {contract}.{method} is more than 128 bits hold")));
        };
        sum = more;
    }
    Ok(Ok(sum))
}

fn ask(
    world: &World,
    counterfactuals: &mut dyn Counterfactuals,
    (contract, method): (&AccountId, &str),
    arguments: &Value,
) -> Result<Result<u128, String>, Error> {
    let input = arguments.to_string();
    Ok(match counterfactuals.view(world, contract, method, input.as_bytes())? {
        Viewed::Value(bytes) => json_number(&bytes, Some(0)).ok_or_else(|| {
            let text = String::from_utf8_lossy(&bytes);
            format!("{contract}.{method}({input}) returned {text}, which is no whole number")
        }),
        Viewed::Nothing => Err(format!("{contract}.{method}({input}) returned nothing")),
        Viewed::Failed(reason) => Err(format!("{contract}.{method}({input}) failed: {reason}")),
    })
}

pub(super) fn show(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Fixed(_) => "this number".to_owned(),
        Quantity::Balance(account) => format!("the balance of {account}"),
        Quantity::View { contract, method, sum_over: None, .. } => format!("{contract}.{method}"),
        Quantity::View { contract, method, .. } => {
            format!("the sum of {contract}.{method} over all accounts")
        }
    }
}
