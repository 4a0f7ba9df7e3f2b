//! What the tests of this module share: short scenarios, and a target with every kind of argument.
//!
//! Never part of a build.

use super::{Arguments, Fault, FaultKind, Operation, Scenario};
use crate::types::{Duration, Gas, NearToken};

/// A call of the vault without arguments.
pub(crate) fn operation(signer: &str, method: &str) -> Operation {
    Operation {
        signer: signer.parse().unwrap(),
        receiver: "vault.near".parse().unwrap(),
        method: method.to_owned(),
        arguments: Arguments::Json(serde_json::json!({})),
        deposit: NearToken::from_yoctonear(0),
        gas: Gas::from_teragas(300),
        through: None,
        wait: Duration::ZERO,
    }
}

/// So many calls of different methods, with steps and faults in their text form.
pub(crate) fn scenario(operations: usize, schedule: &[&str], faults: &[&str]) -> Scenario {
    let fault = |name: &&str| Fault { receipt: name.parse().unwrap(), kind: FaultKind::Panic };
    Scenario {
        operations: (0..operations)
            .map(|index| operation("alice.near", &format!("method_{index}")))
            .collect(),
        schedule: schedule.iter().map(|step| step.parse().unwrap()).collect(),
        faults: faults.iter().map(fault).collect(),
        ..Scenario::default()
    }
}
