//! What `target.toml` declares holds: comparisons of what views return, and views that must not fail.
//!
//! Asked when nothing is under way: while it is, sums may be off for good reasons. Numbers are exact up
//! to 128 bits. A view that fails or returns no number breaks the declaration that needs it, so that
//! nobody believes in a check that does nothing. Needs no powers.

use serde_json::{Value, json};

use super::{Invariant, Laboratory, Observation, Severity, Violation};
use crate::chain::{Error, Viewed, World};
use crate::types::AccountId;

/// What one `[[invariant]]` of a target says.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// Its name.
    pub name: String,
    /// How bad it is when it breaks.
    pub severity: Severity,
    /// What is looked at.
    pub quantity: Quantity,
    /// How it must be.
    pub relation: Relation,
}

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

/// How a quantity must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// Not more than this.
    AtMost(Quantity),
    /// Not less than this.
    AtLeast(Quantity),
    /// The same as this.
    Equals(Quantity),
    /// Not less than at the start.
    NeverFalls,
    /// Not more than at the start.
    NeverRises,
}

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct Declared;

impl Invariant for Declared {
    fn name(&self) -> &'static str {
        "declared"
    }

    fn rule(&self) -> &'static str {
        "What the target declares holds when nothing is under way."
    }

    fn check(
        &self,
        seen: &Observation,
        laboratory: &mut dyn Laboratory,
    ) -> Result<Option<Violation>, Error> {
        if !seen.complete {
            return Ok(None);
        }
        for declaration in &seen.settings.declarations {
            if let Some(problem) = broken(declaration, seen, laboratory)? {
                let name = declaration.name.clone();
                return Ok(Some(violation(seen, name, declaration.severity, problem)));
            }
        }
        for (account, method) in &seen.settings.checks {
            if let Viewed::Failed(reason) = laboratory.view(&seen.end, account, method, b"{}")? {
                let problem = format!("{account}.{method} fails: {reason}");
                return Ok(Some(violation(seen, method.clone(), Severity::High, problem)));
            }
        }
        Ok(None)
    }
}

fn violation(seen: &Observation, name: String, severity: Severity, problem: String) -> Violation {
    let account = seen.settings.under_test.first().expect("a target has one").clone();
    Violation {
        invariant: Declared.name().to_owned(),
        severity,
        account,
        summary: format!("`{name}` does not hold: {problem}"),
        method: name,
        details: Vec::new(),
    }
}

/// How the declaration is broken, where it is.
fn broken(
    declaration: &Declaration,
    seen: &Observation,
    laboratory: &mut dyn Laboratory,
) -> Result<Option<String>, Error> {
    let Declaration { quantity, relation, .. } = declaration;
    let (other, world, word) = match relation {
        Relation::AtMost(other) => (other, &seen.end, "at most"),
        Relation::AtLeast(other) => (other, &seen.end, "at least"),
        Relation::Equals(other) => (other, &seen.end, "equal to"),
        Relation::NeverFalls => (quantity, &seen.start, "never less than at the start,"),
        Relation::NeverRises => (quantity, &seen.start, "never more than at the start,"),
    };
    let (left, right) =
        match (evaluate(quantity, &seen.end, laboratory)?, evaluate(other, world, laboratory)?) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(problem), _) | (_, Err(problem)) => return Ok(Some(problem)),
        };
    let holds = match relation {
        Relation::AtMost(_) | Relation::NeverRises => left <= right,
        Relation::AtLeast(_) | Relation::NeverFalls => left >= right,
        Relation::Equals(_) => left == right,
    };
    let text =
        || format!("{} is {left} and should be {word} {}, {right}", show(quantity), show(other));
    Ok((!holds).then(text))
}

/// The number, or why there is none.
fn evaluate(
    quantity: &Quantity,
    world: &World,
    laboratory: &mut dyn Laboratory,
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
        return ask(world, laboratory, (contract, method), arguments);
    };
    let mut sum: u128 = 0;
    for (id, _) in world.accounts() {
        let mut arguments = arguments.clone();
        arguments[argument.as_str()] = json!(id);
        let number = match ask(world, laboratory, (contract, method), &arguments)? {
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
    laboratory: &mut dyn Laboratory,
    (contract, method): (&AccountId, &str),
    arguments: &Value,
) -> Result<Result<u128, String>, Error> {
    let input = arguments.to_string();
    Ok(match laboratory.view(world, contract, method, input.as_bytes())? {
        Viewed::Value(bytes) => number(&bytes).ok_or_else(|| {
            let text = String::from_utf8_lossy(&bytes);
            format!("{contract}.{method}({input}) returned {text}, which is no whole number")
        }),
        Viewed::Nothing => Err(format!("{contract}.{method}({input}) returned nothing")),
        Viewed::Failed(reason) => Err(format!("{contract}.{method}({input}) failed: {reason}")),
    })
}

fn number(bytes: &[u8]) -> Option<u128> {
    match serde_json::from_slice(bytes).ok()? {
        Value::Null => Some(0),
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(u128::from),
        _ => None,
    }
}

fn show(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Fixed(_) => "this number".to_owned(),
        Quantity::Balance(account) => format!("the balance of {account}"),
        Quantity::View { contract, method, sum_over: None, .. } => format!("{contract}.{method}"),
        Quantity::View { contract, method, .. } => {
            format!("the sum of {contract}.{method} over all accounts")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_exact_and_may_be_missing() {
        assert_eq!(number(br#""340282366920938463463374607431768211455""#), Some(u128::MAX));
        assert_eq!(number(b"7"), Some(7));
        assert_eq!(number(b"null"), Some(0));
        assert_eq!(number(b"1.5"), None);
        assert_eq!(number(br#""-1""#), None);
    }
}
