//! The binary form of a scenario: one version byte, then borsh. What libFuzzer mutates and corpora keep.
//!
//! Reading trusts nothing: lengths, trailing bytes and nested JSON are all checked. Never reads files.

use borsh::BorshDeserialize;

use super::{Arguments, Error, FallbackScheduler, Fault, History, Operation, Scenario, Step};
use crate::adversary::ViaContract;
use crate::chain::Network;
use crate::types::{AccountId, Duration, Gas, NearToken};

/// The first byte of every binary scenario. Rises when the form changes.
const VERSION: u8 = 3;

/// The form before that, which is still read: without a history and without waits.
const WITHOUT_HISTORY: u8 = 2;

/// No scenario is longer: what is longer is no scenario.
const MAX_BYTES: usize = 1 << 20;

impl Scenario {
    /// The binary form. [`Scenario::from_bytes`] reads it back.
    ///
    /// # Panics
    /// Never for a scenario that fits a target: writing to memory fails only at lengths beyond `u32`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        borsh::to_writer(&mut bytes, self).expect("memory takes what is written to it");
        bytes
    }

    /// Reads the binary form. `origin` names where it comes from in the error.
    ///
    /// # Errors
    /// When it is too long, of another version, ends early, goes on after its end, or holds JSON that is none.
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self, Error> {
        let error = |problem: String| {
            Error::Bytes {
            origin: origin.to_owned(),
            problem,
            cure: "a scenario is what `interloper fuzz` or `cargo fuzz run` saved, or JSON that starts with `{`; \
                   delete this file, or record it again with this version"
                .to_owned(),
        }
        };
        if bytes.len() > MAX_BYTES {
            return Err(error(format!(
                "it has {} bytes, more than the {MAX_BYTES} that one can have",
                bytes.len()
            )));
        }
        match bytes.split_first() {
            None => Err(error("it is empty".to_owned())),
            Some((&VERSION, rest)) => {
                borsh::from_slice(rest).map_err(|reason| error(reason.to_string()))
            }
            Some((&WITHOUT_HISTORY, rest)) => borsh::from_slice(rest)
                .map(ScenarioV2::into_scenario)
                .map_err(|reason| error(reason.to_string())),
            Some((other, _)) => Err(error(format!(
                "its first byte is {other}, that of a binary scenario is {VERSION}"
            ))),
        }
    }

    /// Reads a corpus file or a finding's scenario: JSON if it starts with `{`, else the binary form.
    ///
    /// # Errors
    /// As [`Scenario::from_json`] and [`Scenario::from_bytes`].
    pub fn read(bytes: &[u8], origin: &str) -> Result<Self, Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) if text.trim_start().starts_with('{') => Self::from_json(text, origin),
            _ => Self::from_bytes(bytes, origin),
        }
    }
}

/// A scenario of version 2.
#[derive(BorshDeserialize)]
struct ScenarioV2 {
    operations: Vec<OperationV2>,
    schedule: Vec<Step>,
    faults: Vec<Fault>,
    rest: FallbackScheduler,
    network: Network,
}

/// An operation of version 2.
#[derive(BorshDeserialize)]
struct OperationV2 {
    signer: AccountId,
    receiver: AccountId,
    method: String,
    arguments: Arguments,
    deposit: NearToken,
    gas: Gas,
    through: Option<ViaContract>,
}

impl ScenarioV2 {
    fn into_scenario(self) -> Scenario {
        let Self { operations, schedule, faults, rest, network } = self;
        let operations = operations.into_iter().map(OperationV2::into_operation).collect();
        Scenario { history: History::default(), operations, schedule, faults, rest, network }
    }
}

impl OperationV2 {
    fn into_operation(self) -> Operation {
        let Self { signer, receiver, method, arguments, deposit, gas, through } = self;
        let wait = Duration::ZERO;
        Operation { signer, receiver, method, arguments, deposit, gas, through, wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::testing::scenario;
    use proptest::prelude::*;

    #[test]
    fn bytes_that_are_no_scenario_say_what_to_do() {
        let error = |bytes: &[u8]| Scenario::read(bytes, "corpus/x").unwrap_err().to_string();
        let good = scenario(2, &["start 0", "1.0"], &["0.0"]).to_bytes();
        let long = [&good[..], &[0]].concat();
        insta::assert_snapshot!([&b""[..], b"garbage", &good[..good.len() - 1], &long].map(error).join("\n"), @r"
        corpus/x: this is no scenario: it is empty
          help: a scenario is what `interloper fuzz` or `cargo fuzz run` saved, or JSON that starts with `{`; delete this file, or record it again with this version
        corpus/x: this is no scenario: its first byte is 103, that of a binary scenario is 3
          help: a scenario is what `interloper fuzz` or `cargo fuzz run` saved, or JSON that starts with `{`; delete this file, or record it again with this version
        corpus/x: this is no scenario: Unexpected length of input
          help: a scenario is what `interloper fuzz` or `cargo fuzz run` saved, or JSON that starts with `{`; delete this file, or record it again with this version
        corpus/x: this is no scenario: Not all bytes read
          help: a scenario is what `interloper fuzz` or `cargo fuzz run` saved, or JSON that starts with `{`; delete this file, or record it again with this version
        ");
        assert!(error(&vec![1; MAX_BYTES + 1]).contains("more than the 1048576"));
    }

    #[test]
    fn hostile_lengths_are_refused_without_taking_memory() {
        let mut bytes = vec![VERSION];
        bytes.extend(u32::MAX.to_le_bytes());
        assert!(Scenario::from_bytes(&bytes, "").is_err());
        let nested = "[".repeat(100_000);
        let mut bytes = scenario(1, &[], &[]).to_bytes();
        let at = bytes.windows(2).position(|pair| pair == b"{}").unwrap();
        let length = u32::try_from(nested.len()).unwrap().to_le_bytes();
        bytes.splice(at - 4..at + 2, length.into_iter().chain(nested.bytes()));
        assert!(Scenario::from_bytes(&bytes, "").unwrap_err().to_string().contains("recursion"));
    }

    #[test]
    fn a_scenario_of_version_2_still_reads() {
        let case = scenario(2, &["start 0", "1.0"], &["0.0"]);
        let operation = &case.operations[0];
        let bytes = |operation: &Operation| {
            let Operation { signer, receiver, method, arguments, deposit, gas, through, .. } =
                operation;
            borsh::to_vec(&(signer, receiver, method, arguments, deposit, gas, through)).unwrap()
        };
        let mut old = vec![WITHOUT_HISTORY];
        old.extend(u32::to_le_bytes(2));
        old.extend(bytes(operation));
        old.extend(bytes(&case.operations[1]));
        let rest = (&case.schedule, &case.faults, &case.rest, &case.network);
        old.extend(borsh::to_vec(&rest).unwrap());
        assert_eq!(Scenario::from_bytes(&old, "").unwrap(), case);
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = Scenario::read(&bytes, "");
            let _ = Scenario::from_bytes(&[&[VERSION], &bytes[..]].concat(), "");
        }
    }
}
