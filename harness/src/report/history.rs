//! What ran before a case, as lines of text.
//!
//! Never judges.

use super::amount::near;
use super::harmless;
use crate::scenario::{Arguments, Operation, Scenario};
use crate::types::duration;

/// Most characters of a call's arguments.
const MOST_CHARACTERS: usize = 96;

/// Each operation of the history, in order. Empty if the case starts right after the set-up.
pub(super) fn history(case: &Scenario) -> Vec<String> {
    case.history.iter().map(line).collect()
}

/// The waits of the case's own operations.
pub(super) fn waits(case: &Scenario) -> Vec<String> {
    let own = case.ids().zip(&case.operations);
    let waiting = own.filter(|(_, operation)| !operation.wait.is_zero());
    let line = |(id, operation): (_, &Operation)| {
        format!("{} before operation {id}", duration::text(operation.wait))
    };
    waiting.map(line).collect()
}

fn line(operation: &Operation) -> String {
    let Operation { signer, receiver, method, arguments, deposit, through, wait, .. } = operation;
    let arguments = match arguments {
        Arguments::Json(value) => value.to_string(),
        Arguments::Bytes(bytes) => format!("0x{}", hex::encode(bytes)),
    };
    let mut line = format!(
        "{signer} → {receiver} {}({})",
        harmless(method, MOST_CHARACTERS),
        harmless(&arguments, MOST_CHARACTERS)
    );
    if !deposit.is_zero() {
        line.push_str(&format!(" with {}", near(*deposit)));
    }
    if let Some(through) = through {
        line.push_str(&format!(" through {}", through.account));
    }
    if !wait.is_zero() {
        line.push_str(&format!(", {} later", duration::text(*wait)));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::History;
    use crate::scenario::testing::operation;
    use crate::types::{Duration, NearToken};

    #[test]
    fn each_operation_is_a_line_and_says_what_it_waits_for() {
        let mut buy = operation("alice.near", "buy");
        buy.deposit = NearToken::from_near(1);
        let mut draw = operation("bob.near", "draw");
        draw.wait = Duration::from_secs(3_600);
        let case = Scenario {
            history: History::new(vec![buy.clone(), draw.clone()]),
            operations: vec![buy, draw],
            ..Scenario::default()
        };
        insta::assert_snapshot!(history(&case).join("\n"), @r"
        alice.near → vault.near buy({}) with 1 NEAR
        bob.near → vault.near draw({}), 1h later
        ");
        assert_eq!(waits(&case), ["1h before operation 1"]);
    }
}
