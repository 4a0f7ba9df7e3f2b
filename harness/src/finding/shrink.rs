//! Makes a case shorter for as long as it still breaks the same invariant in the same place.
//!
//! What is left is minimal: without any operation, fault or step of the schedule the violation is gone.

use serde_json::Value;

use super::examine::{Examined, Examiner};
use super::identity::is_same;
use super::window::{Window, windows};
use crate::adversary::{DELAYS, FaultKind, Through};
use crate::chain::Network;
use crate::invariant::Violation;
use crate::scenario::{Arguments, Rest, Scenario, Step, USUAL_GAS};
use crate::simulation::Error;
use crate::types::NearToken;

/// Most cases that shrinking runs.
const MAX_ATTEMPTS: u32 = 2_000;

/// How often a number is halved at most: enough to bring 2^128 to nothing.
const MAX_HALVINGS: u32 = 128;

/// With how few digits a number is tried.
const MOST_DIGITS: u32 = 4;

/// The shortest case that still shows the same bug, with what happens in it.
///
/// # Errors
/// When the machine fails.
///
/// # Panics
/// When nothing broke: only violations are shrunk.
pub fn shrink(examiner: &Examiner<'_>, examined: &Examined) -> Result<(Scenario, Examined), Error> {
    let violation = examined.violation.as_ref().expect("only violations are shrunk");
    let windows = windows(&examined.ran.observation);
    let best = examined.ran.recorded.clone();
    let mut shrinker = Shrinker { examiner, violation, windows, attempts: 0, best };
    shrinker.best.rest = Rest::Fifo;
    loop {
        let before = shrinker.best.clone();
        shrinker.calm_network()?;
        shrinker.drop_operations()?;
        shrinker.drop_through()?;
        shrinker.drop_faults()?;
        shrinker.usual_faults()?;
        shrinker.usual_gas()?;
        shrinker.drop_steps()?;
        shrinker.order_operations()?;
        shrinker.lower_numbers()?;
        shrinker.simplify_arguments()?;
        if shrinker.best == before || shrinker.attempts >= MAX_ATTEMPTS {
            break;
        }
    }
    let examined = examiner.examine(&shrinker.best)?;
    Ok((shrinker.best, examined))
}

struct Shrinker<'a> {
    examiner: &'a Examiner<'a>,
    violation: &'a Violation,
    windows: Vec<Window>,
    attempts: u32,
    best: Scenario,
}

impl Shrinker<'_> {
    /// Takes `candidate` where it shows the same bug. Whether it does.
    fn attempt(&mut self, candidate: Scenario) -> Result<bool, Error> {
        if self.attempts >= MAX_ATTEMPTS || candidate == self.best {
            return Ok(false);
        }
        self.attempts += 1;
        let examined = self.examiner.examine(&candidate)?;
        let Some(violation) = &examined.violation else { return Ok(false) };
        let places = windows(&examined.ran.observation);
        let same = is_same((self.violation, &self.windows), (violation, &places));
        if same {
            self.best = candidate;
        }
        Ok(same)
    }

    /// Numbers the operations in the order in which they start.
    fn order_operations(&mut self) -> Result<(), Error> {
        let ran = self.examiner.simulation.run(&self.best)?;
        let starts = ran.recorded.schedule.iter().filter_map(|step| match step {
            Step::Start(operation) => Some(*operation as usize),
            Step::Deliver(_) => None,
        });
        let order: Vec<_> = starts.collect();
        if let Some(ordered) = self.best.in_order(&order) {
            self.attempt(ordered)?;
        }
        Ok(())
    }

    fn drop_operations(&mut self) -> Result<(), Error> {
        for index in (0..self.best.operations.len()).rev() {
            self.attempt(self.best.without_operation(index))?;
        }
        Ok(())
    }

    fn drop_faults(&mut self) -> Result<(), Error> {
        for index in (0..self.best.faults.len()).rev() {
            let mut candidate = self.best.clone();
            candidate.faults.remove(index);
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// The weakest network that shows it.
    fn calm_network(&mut self) -> Result<(), Error> {
        for network in [Network::Calm, Network::Congested] {
            if network < self.best.network
                && self.attempt(Scenario { network, ..self.best.clone() })?
            {
                break;
            }
        }
        Ok(())
    }

    /// Calls by their signers wherever that does; where it does not, plain calls of the puppet, and
    /// signed by who plays it, so that no user has to sign anything.
    fn drop_through(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let mut candidate = self.best.clone();
            let Some(through) = candidate.operations[index].through.take() else { continue };
            if self.attempt(candidate)? {
                continue;
            }
            let mut candidate = self.best.clone();
            let plain = Through { callback_of: None, ..through.clone() };
            candidate.operations[index].through = Some(plain);
            self.attempt(candidate)?;
            let mut candidate = self.best.clone();
            candidate.operations[index].signer = through.account;
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// What takes the least power wherever that does.
    fn usual_faults(&mut self) -> Result<(), Error> {
        for index in 0..self.best.faults.len() {
            for kind in weaker(&self.best.faults[index].kind) {
                let mut candidate = self.best.clone();
                candidate.faults[index].kind = kind;
                if self.attempt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// As much gas as usual wherever that does.
    fn usual_gas(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let mut candidate = self.best.clone();
            candidate.operations[index].gas = USUAL_GAS;
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// First in first out wherever that does: without the schedule, without its end, without each step.
    fn drop_steps(&mut self) -> Result<(), Error> {
        let mut keep = 0;
        while keep < self.best.schedule.len() {
            let mut candidate = self.best.clone();
            candidate.schedule.truncate(keep);
            if self.attempt(candidate)? {
                break;
            }
            keep = keep * 2 + 1;
        }
        for index in (0..self.best.schedule.len()).rev() {
            let mut candidate = self.best.clone();
            candidate.schedule.remove(index);
            self.attempt(candidate)?;
        }
        Ok(())
    }

    fn lower_numbers(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            self.lower_deposit(index)?;
            let Arguments::Json(value) = &self.best.operations[index].arguments else { continue };
            for path in numbers(value) {
                self.lower_argument(index, &path)?;
            }
        }
        Ok(())
    }

    fn lower_deposit(&mut self, index: usize) -> Result<(), Error> {
        self.lower(|case| Number::Deposit(&mut case.operations[index].deposit))
    }

    fn lower_argument(&mut self, index: usize, path: &str) -> Result<(), Error> {
        self.lower(|case| match &mut case.operations[index].arguments {
            Arguments::Json(value) => value.pointer_mut(path).map_or(Number::None, Number::Json),
            Arguments::Bytes(_) => Number::None,
        })
    }

    /// Nothing, where that does; else half as much as often as that does, then fewer digits.
    fn lower(&mut self, number: impl Fn(&mut Scenario) -> Number<'_>) -> Result<(), Error> {
        let with = |this: &mut Self, smaller: u128| {
            let mut candidate = this.best.clone();
            number(&mut candidate).set(smaller);
            this.attempt(candidate)
        };
        let current = |this: &mut Self| number(&mut this.best.clone()).get();
        if current(self).is_none_or(|value| value == 0) || with(self, 0)? {
            return Ok(());
        }
        for _ in 0..MAX_HALVINGS {
            let Some(value) = current(self) else { break };
            if value < 2 || !with(self, value / 2)? {
                break;
            }
        }
        for digits in 1..MOST_DIGITS {
            let Some(value) = current(self) else { break };
            if with(self, leading(value, digits))? {
                break;
            }
        }
        Ok(())
    }

    /// Leaves out members of objects and items of lists, and empties texts, as far as that does.
    fn simplify_arguments(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let Arguments::Json(value) = &self.best.operations[index].arguments else { continue };
            for simpler in simpler(value) {
                let mut candidate = self.best.clone();
                candidate.operations[index].arguments = Arguments::Json(simpler);
                if self.attempt(candidate)? {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// Kinds of faults that take less, the least first: shorter delays, and a plain panic for all else.
fn weaker(kind: &FaultKind) -> Vec<FaultKind> {
    match kind {
        FaultKind::Delay(blocks) => {
            DELAYS.iter().filter(|less| *less < blocks).copied().map(FaultKind::Delay).collect()
        }
        _ => vec![FaultKind::Panic],
    }
}

/// A number in a case that can be made smaller.
enum Number<'a> {
    Deposit(&'a mut NearToken),
    Json(&'a mut Value),
    None,
}

impl Number<'_> {
    fn get(&self) -> Option<u128> {
        match self {
            Self::Deposit(amount) => Some(amount.as_yoctonear()),
            Self::Json(Value::String(text)) => text.parse().ok(),
            Self::Json(value) => value.as_u64().map(u128::from),
            Self::None => None,
        }
    }

    /// Numbers only ever get smaller, so one that fitted still fits.
    fn set(self, number: u128) {
        match self {
            Self::Deposit(amount) => *amount = NearToken::from_yoctonear(number),
            Self::Json(Value::String(text)) => *text = number.to_string(),
            Self::Json(value) => *value = u64::try_from(number).map_or(Value::Null, Value::from),
            Self::None => {}
        }
    }
}

/// The number with all but its first digits made 0.
fn leading(number: u128, digits: u32) -> u128 {
    let length = number.checked_ilog10().map_or(1, |log| log + 1);
    let unit = 10u128.pow(length.saturating_sub(digits));
    number / unit * unit
}

/// The value with one part left out or emptied, in every way that there is.
fn simpler(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let mut fewer = members.clone();
                fewer.remove(key);
                all.push(Value::Object(fewer));
                for member in std::iter::once(Value::Null).chain(simpler(member)) {
                    let mut changed = members.clone();
                    changed.insert(key.clone(), member);
                    all.push(Value::Object(changed));
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut fewer = items.clone();
                fewer.remove(index);
                all.push(Value::Array(fewer));
                for item in simpler(item) {
                    let mut changed = items.clone();
                    changed[index] = item;
                    all.push(Value::Array(changed));
                }
            }
        }
        Value::String(text) if !text.is_empty() && text.parse::<u128>().is_err() => {
            all.push(Value::String(String::new()));
        }
        _ => {}
    }
    all
}

/// Where in the arguments there are numbers, as JSON pointers: decimal strings count.
fn numbers(value: &Value) -> Vec<String> {
    let below = |key: String, value: &Value| {
        numbers(value).into_iter().map(move |path| format!("/{key}{path}")).collect::<Vec<_>>()
    };
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(key, value)| below(escape(key), value)).collect()
        }
        Value::Array(array) => {
            array.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value)).collect()
        }
        Value::String(text) if text.parse::<u128>().is_ok() => vec![String::new()],
        Value::Number(number) if number.is_u64() => vec![String::new()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_found_wherever_they_are() {
        let value = json!({ "a": "12", "b": [3, "x", { "c/d": "0" }], "e": null, "f": -1 });
        assert_eq!(numbers(&value), ["/a", "/b/0", "/b/2/c~1d"]);
    }

    #[test]
    fn fewer_digits_make_no_larger_number() {
        assert_eq!(leading(123_456, 1), 100_000);
        assert_eq!(leading(123_456, 3), 123_000);
        assert_eq!(leading(7, 1), 7);
        assert_eq!(leading(0, 1), 0);
        assert_eq!(leading(u128::MAX, 2), 340_000_000_000_000_000_000_000_000_000_000_000_000);
    }

    #[test]
    fn every_simpler_value_leaves_out_one_part() {
        let value = json!({ "a": ["x", "7"] });
        let expected = [json!({}), json!({ "a": null }), json!({ "a": ["7"] })];
        let more = [json!({ "a": ["", "7"] }), json!({ "a": ["x"] })];
        assert_eq!(simpler(&value), [&expected[..], &more].concat());
    }
}
