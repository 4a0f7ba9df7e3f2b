//! An account's state as an RPC node tells it, saved as JSON: the answers to `view_state` and
//! `view_account`, whole or only their `result`, one after the other or in a list.
//!
//! Never asks a node itself, and takes nothing in the file for granted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::types::NearToken;

/// More state than this, keys and values together, is more than a campaign can carry along.
pub const MAX_STATE_BYTES: usize = 32 << 20;

/// The longest key that the chain stores.
const MAX_KEY_BYTES: usize = 2_048;

/// What is known of an account's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// Keys and values.
    pub values: Vec<(Vec<u8>, Vec<u8>)>,
    /// What the account has, in yoctoNEAR, where the file says so.
    pub balance: Option<NearToken>,
}

/// Why a text is no such answer: what is wrong, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {cure}")]
pub struct InvalidDump {
    /// What is wrong, with the field.
    pub problem: String,
    /// What to do.
    pub cure: String,
}

const ASK_AGAIN: &str = "save what `view_state` answers, as docs/any-contract.md shows";

fn invalid(problem: impl Into<String>, cure: impl Into<String>) -> InvalidDump {
    InvalidDump { problem: problem.into(), cure: cure.into() }
}

impl Dump {
    /// Reads one or several answers.
    ///
    /// # Errors
    /// When the text is no JSON, is the node's own error, or has neither state nor balance in it.
    pub fn read(text: &str) -> Result<Self, InvalidDump> {
        let mut dump = Self::default();
        let mut known = false;
        for answer in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let answer =
                answer.map_err(|error| invalid(format!("this is no JSON: {error}"), ASK_AGAIN))?;
            match answer {
                Value::Array(answers) => {
                    for answer in &answers {
                        known |= dump.take(answer)?;
                    }
                }
                answer => known |= dump.take(&answer)?,
            }
        }
        if !known {
            return Err(invalid("there is neither `values` nor `amount` in it", ASK_AGAIN));
        }
        dump.check()?;
        Ok(dump)
    }

    /// Takes in one answer; whether it said anything.
    fn take(&mut self, answer: &Value) -> Result<bool, InvalidDump> {
        if let Some(error) = answer.get("error") {
            let text: String = error.to_string().chars().take(300).collect();
            let cure = if text.contains("TOO_LARGE") {
                "ask a node that allows large answers, or ask for one prefix after the other with `prefix_base64`"
            } else {
                ASK_AGAIN
            };
            return Err(invalid(format!("it is the node's error: {text}"), cure));
        }
        let result = answer.get("result").unwrap_or(answer);
        let mut known = false;
        if let Some(values) = result.get("values") {
            let values = values.as_array();
            let values = values.ok_or_else(|| invalid("`values` is no list", ASK_AGAIN))?;
            for (number, entry) in values.iter().enumerate() {
                self.values.push((bytes(entry, "key", number)?, bytes(entry, "value", number)?));
            }
            known = true;
        }
        if let Some(amount) = result.get("amount") {
            let digits = amount.as_str().and_then(|digits| digits.parse().ok());
            let yocto = digits.ok_or_else(|| {
                invalid("`amount` is no number of yoctoNEAR in quotes", ASK_AGAIN)
            })?;
            self.balance = Some(NearToken::from_yoctonear(yocto));
            known = true;
        }
        Ok(known)
    }

    fn check(&mut self) -> Result<(), InvalidDump> {
        let long = self.values.iter().find(|(key, _)| key.len() > MAX_KEY_BYTES);
        if let Some((key, _)) = long {
            let problem = format!("`values` has a key of {} bytes", key.len());
            return Err(invalid(problem, format!("the chain stores at most {MAX_KEY_BYTES}")));
        }
        if self.bytes() > MAX_STATE_BYTES {
            let problem = format!("it holds {} bytes of state", self.bytes());
            let cure = format!("keep at most {MAX_STATE_BYTES}: ask with `prefix_base64`");
            return Err(invalid(problem, cure));
        }
        // The same key twice: the later answer is the newer one.
        self.values.reverse();
        self.values.sort_by(|left, right| left.0.cmp(&right.0));
        self.values.dedup_by(|later, first| later.0 == first.0);
        Ok(())
    }

    /// Keys and values together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.values.iter().map(|(key, value)| key.len() + value.len()).sum()
    }

    /// The same as JSON that [`Dump::read`] reads.
    #[must_use]
    pub fn text(&self) -> String {
        let values = self.values.iter().map(
            |(key, value)| json!({ "key": BASE64.encode(key), "value": BASE64.encode(value) }),
        );
        let mut dump = json!({ "values": values.collect::<Vec<_>>() });
        if let Some(balance) = self.balance {
            dump["amount"] = json!(balance.as_yoctonear().to_string());
        }
        dump.to_string()
    }
}

fn bytes(entry: &Value, field: &str, number: usize) -> Result<Vec<u8>, InvalidDump> {
    let text = entry.get(field).and_then(Value::as_str);
    let decoded = text.and_then(|text| BASE64.decode(text).ok());
    decoded.ok_or_else(|| invalid(format!("`values[{number}].{field}` is no base64"), ASK_AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_in_part_and_written_back() {
        let state = r#"{"jsonrpc":"2.0","result":{"block_height":1,"values":[
            {"key":"U1RBVEU=","value":"AQ=="},{"key":"YQ==","value":"Ag=="}]},"id":"x"}"#;
        let account = r#"{"result":{"amount":"5000000000000000000000000","locked":"0"}}"#;
        let newer = r#"{"values":[{"key":"YQ==","value":"Aw=="}]}"#;
        let dump = Dump::read(&format!("{state}\n{account}\n{newer}")).unwrap();
        assert_eq!(dump.values, [(b"STATE".to_vec(), vec![1]), (b"a".to_vec(), vec![3])]);
        assert_eq!(dump.balance, Some(NearToken::from_near(5)));
        assert_eq!(Dump::read(&format!("[{state},{account},{newer}]")).unwrap(), dump);
        assert_eq!(Dump::read(&dump.text()).unwrap(), dump);
    }

    #[test]
    fn what_is_no_answer_says_so() {
        let long = BASE64.encode([0; 3_000]);
        for (text, part) in [
            ("", "neither"),
            ("{}", "neither"),
            ("[[]]", "neither"),
            ("{\"values\":", "no JSON"),
            ("{\"values\":{}}", "`values` is no list"),
            ("{\"values\":[{\"key\":\"?\",\"value\":\"\"}]}", "`values[0].key`"),
            ("{\"values\":[{\"key\":\"\"}]}", "`values[0].value`"),
            ("{\"amount\":5}", "`amount`"),
            ("{\"error\":{\"cause\":{\"name\":\"TOO_LARGE_CONTRACT_STATE\"}}}", "prefix_base64"),
            (&format!("{{\"values\":[{{\"key\":\"{long}\",\"value\":\"\"}}]}}"), "3000 bytes"),
            (&"[".repeat(100_000), "no JSON"),
        ] {
            let error = Dump::read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
