//! The JSON form of a scenario: what a person writes into a corpus and reads in a finding.
//!
//! Never accepts a field it does not know, and never changes a number by reading it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::error::nearest;
use super::{Arguments, Error, Operation, Scenario, Step};
use crate::adversary::ViaContract;
use crate::types::{AccountId, Duration, Gas, NearToken};
use crate::types::{amount, duration};

/// Gas of an operation that names none.
pub const USUAL_GAS: Gas = Gas::from_teragas(300);

impl Scenario {
    /// Reads the JSON form; `origin` names where the text comes from in the error.
    ///
    /// `schedule` and `faults` may be left out, then they are empty; so may `rest`, then it is `"fifo"`.
    ///
    /// # Errors
    /// When it is no JSON or no scenario, with line and column.
    pub fn from_json(text: &str, origin: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|reason| {
            let message = reason.to_string();
            let position = format!(" at line {} column {}", reason.line(), reason.column());
            let problem = message.strip_suffix(&position).unwrap_or(&message).to_owned();
            Error::Json {
                origin: origin.to_owned(),
                line: reason.line(),
                column: reason.column(),
                cure: cure(&problem),
                problem,
            }
        })
    }

    /// The JSON form, over several lines, in characters that can be printed. [`Scenario::from_json`]
    /// reads it back.
    ///
    /// # Panics
    /// Never: all that a scenario holds has a JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a scenario has a JSON form");
        crate::types::printable_json(&text)
    }
}

/// What to do about it: the nearest field where the reader names an unknown one and those that it knows.
fn cure(problem: &str) -> String {
    const PAGE: &str = "targets/TARGET.md shows a scenario under \"A scenario by hand\"";
    let mut names = problem.split('`').skip(1).step_by(2);
    let written = names.next().filter(|_| problem.starts_with("unknown "));
    match written.and_then(|written| nearest(written, names)) {
        Some(name) => format!("did you mean `{name}`? {PAGE}"),
        None => PAGE.to_owned(),
    }
}

/// An operation as JSON shows it: at most one of the two kinds of arguments.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OperationForm {
    signer: AccountId,
    receiver: AccountId,
    method: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "exact_json")]
    arguments: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments_base64: Option<String>,
    #[serde(default, with = "amount::balance")]
    deposit: NearToken,
    #[serde(default = "default_gas", with = "amount::gas")]
    gas: Gas,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    through: Option<ViaContract>,
    #[serde(default, skip_serializing_if = "Duration::is_zero", with = "duration")]
    wait: Duration,
}

fn default_gas() -> Gas {
    USUAL_GAS
}

/// A JSON value, `null` included, none of whose numbers was rounded.
fn exact_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match rounded_number(&value) {
        Some(number) => Err(D::Error::custom(format!(
            "the number {number} is too large to keep every digit: write it as text, in quotes"
        ))),
        None => Ok(Some(value)),
    }
}

/// The first whole number in the value that is beyond 64 bits, which a JSON reader rounds.
pub(crate) fn rounded_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().filter(|number| number.abs() >= 2f64.powi(63))
        }
        Value::Array(items) => items.iter().find_map(rounded_number),
        Value::Object(members) => members.values().find_map(rounded_number),
        _ => None,
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { signer, receiver, method, arguments, deposit, gas, through, wait } =
            self.clone();
        let (arguments, arguments_base64) = match arguments {
            Arguments::Json(value) => (Some(value), None),
            Arguments::Bytes(bytes) => (None, Some(BASE64.encode(bytes))),
        };
        let form = OperationForm {
            signer,
            receiver,
            method,
            arguments,
            arguments_base64,
            deposit,
            gas,
            through,
            wait,
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = OperationForm::deserialize(deserializer)?;
        let OperationForm { signer, receiver, method, deposit, gas, through, wait, .. } = form;
        let arguments = match (form.arguments, form.arguments_base64) {
            (Some(_), Some(_)) => {
                return Err(D::Error::custom(
                    "`arguments` and `arguments-base64` exclude each other: remove one",
                ));
            }
            (None, Some(text)) => Arguments::Bytes(BASE64.decode(&text).map_err(|reason| {
                D::Error::custom(format!(
                    "`arguments-base64` is no base64 ({reason}): encode the bytes anew"
                ))
            })?),
            (value, None) => {
                Arguments::Json(value.unwrap_or_else(|| Value::Object(serde_json::Map::new())))
            }
        };
        Ok(Self { signer, receiver, method, arguments, deposit, gas, through, wait })
    }
}

/// Why a text is no step of a schedule.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no step: write \"start 1\" to start operation 1, or a receipt's name such as \"1.0.2\" to deliver it"
)]
pub struct InvalidStep(String);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(operation) => write!(f, "start {operation}"),
            Self::Deliver(receipt) => receipt.fmt(f),
        }
    }
}

impl FromStr for Step {
    type Err = InvalidStep;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let step = match text.strip_prefix("start ") {
            Some(operation) => operation.parse().ok().map(Self::Start),
            None => text.parse().ok().map(Self::Deliver),
        };
        step.ok_or_else(|| InvalidStep(text.to_owned()))
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Network;
    use crate::scenario::FallbackScheduler;

    const BY_HAND: &str = r#"{
  "operations": [
    { "signer": "alice.near", "receiver": "vault.near", "method": "withdraw",
      "arguments": { "amount": "5" }, "deposit": "1 yocto", "gas": "30 Tgas" },
    { "signer": "alice.near", "receiver": "vault.near", "method": "raw", "arguments-base64": "AQI=" },
    { "signer": "alice.near", "receiver": "vault.near", "method": "nothing" }
  ],
  "schedule": ["start 0", "start 1", "0.0.2"],
  "faults": [{ "receipt": "0.0", "kind": "panic" }],
  "rest": { "random": 7 }
}"#;

    #[test]
    fn a_scenario_by_hand_reads_back_as_it_prints() {
        let case = Scenario::from_json(BY_HAND, "case.json").unwrap();
        assert_eq!(case.operations[1].arguments, Arguments::Bytes(vec![1, 2]));
        assert_eq!(case.operations[2].arguments.bytes(), b"{}");
        assert_eq!(case.operations[2].gas, USUAL_GAS);
        assert_eq!(Scenario::from_json(&case.to_json(), "").unwrap(), case);
        assert_eq!(Scenario::read(BY_HAND.as_bytes(), "").unwrap(), case);
        assert_eq!(Scenario::read(&case.to_bytes(), "").unwrap(), case);
        insta::assert_snapshot!(case.to_json(), @r#"
        {
          "operations": [
            {
              "signer": "alice.near",
              "receiver": "vault.near",
              "method": "withdraw",
              "arguments": {
                "amount": "5"
              },
              "deposit": "1 yocto",
              "gas": "30 Tgas"
            },
            {
              "signer": "alice.near",
              "receiver": "vault.near",
              "method": "raw",
              "arguments-base64": "AQI=",
              "deposit": "0 NEAR",
              "gas": "300 Tgas"
            },
            {
              "signer": "alice.near",
              "receiver": "vault.near",
              "method": "nothing",
              "arguments": {},
              "deposit": "0 NEAR",
              "gas": "300 Tgas"
            }
          ],
          "schedule": [
            "start 0",
            "start 1",
            "0.0.2"
          ],
          "faults": [
            {
              "receipt": "0.0",
              "kind": "panic"
            }
          ],
          "rest": {
            "random": 7
          }
        }
        "#);
    }

    #[test]
    fn what_is_left_out_is_empty_and_in_order() {
        let case = Scenario::from_json(r#"{"operations": []}"#, "").unwrap();
        assert_eq!(
            case,
            Scenario {
                rest: FallbackScheduler::Fifo,
                network: Network::Congested,
                ..Scenario::default()
            }
        );
    }

    #[test]
    fn errors_name_the_place_and_the_cure() {
        let change = |from: &str, to: &str| {
            assert!(BY_HAND.contains(from), "{from}");
            Scenario::from_json(&BY_HAND.replace(from, to), "case.json").unwrap_err().to_string()
        };
        let errors = [
            change("\"deposit\"", "\"depsit\""),
            change("1 yocto", "1 yotco"),
            change("start 1", "begin 1"),
            change("\"0.0\"", "\"0..0\""),
            change("\"AQI=\"", "\"A\""),
            change("\"AQI=\"", "\"AQI=\", \"arguments\": {}"),
            change("\"5\"", "340282366920938463463374607431768211455"),
            change("{ \"random\": 7 }", "\"lifo\""),
            change("vault.near\", \"method\": \"raw\"", "Vault\", \"method\": \"raw\""),
            change("],\n  \"rest\"", ",\n  \"rest\""),
        ];
        insta::assert_snapshot!(errors.join("\n"), @r#"
        case.json:4:46: unknown field `depsit`, expected one of `signer`, `receiver`, `method`, `arguments`, `arguments-base64`, `deposit`, `gas`, `through`, `wait`
          help: did you mean `deposit`? targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:4:58: `1 yotco` has an unknown unit: write for example "5 NEAR", "0.5 NEAR", "1 yocto", or plain digits for yoctoNEAR
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:8:37: `begin 1` is no step: write "start 1" to start operation 1, or a receipt's name such as "1.0.2" to deliver it
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:9:32: `0..0` is no receipt name: write the operation's index, then the index at each level, as in `2.0.1`
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:6:4: `arguments-base64` is no base64 (Invalid input length: 1): encode the bytes anew
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:6:4: `arguments` and `arguments-base64` exclude each other: remove one
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:4:72: the number 340282366920938500000000000000000000000 is too large to keep every digit: write it as text, in quotes
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:10:16: unknown variant `lifo`, expected one of `fifo`, `random`, `surw`, `pct`, `bytes`
          help: did you mean `fifo`? targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:5:49: invalid value: "Vault", the Account ID contains an invalid character 'V' at index 0
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        case.json:10:8: invalid type: string "rest", expected struct Fault
          help: targets/TARGET.md shows a scenario under "A scenario by hand"
        "#);
    }
}
