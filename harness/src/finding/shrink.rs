//! Makes a case shorter for as long as it still breaks the same invariant in the same place.
//!
//! What is left is minimal: without any operation, fault or step of the schedule the violation is gone.

use serde_json::Value;

use super::examine::{Examined, Examiner};
use crate::adversary::{FaultKind, Through};
use crate::chain::Network;
use crate::invariant::Violation;
use crate::scenario::{Arguments, Rest, Scenario, USUAL_GAS};
use crate::simulation::Error;
use crate::types::NearToken;

/// Most cases that shrinking runs.
const MAX_ATTEMPTS: u32 = 2_000;

/// How often a number is halved at most: enough to bring 2^128 to nothing.
const MAX_HALVINGS: u32 = 128;

/// The shortest case that still breaks the same invariant in the same method, with what happens in it.
///
/// # Errors
/// When the machine fails.
pub fn shrink(
    examiner: &Examiner<'_>,
    scenario: &Scenario,
    violation: &Violation,
) -> Result<(Scenario, Examined), Error> {
    let mut shrinker = Shrinker { examiner, violation, attempts: 0, best: scenario.clone() };
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
        shrinker.lower_numbers()?;
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
        let same = examined.violation.is_some_and(|violation| {
            violation.invariant == self.violation.invariant
                && violation.method == self.violation.method
        });
        if same {
            self.best = candidate;
        }
        Ok(same)
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

    /// Calls by their signers wherever that does; where it does not, plain calls of the puppet.
    fn drop_through(&mut self) -> Result<(), Error> {
        for index in 0..self.best.operations.len() {
            let mut candidate = self.best.clone();
            let Some(through) = candidate.operations[index].through.take() else { continue };
            if self.attempt(candidate)? || through.callback_of.is_none() {
                continue;
            }
            let mut candidate = self.best.clone();
            candidate.operations[index].through = Some(Through { callback_of: None, ..through });
            self.attempt(candidate)?;
        }
        Ok(())
    }

    /// A plain panic wherever that does: it takes the least power.
    fn usual_faults(&mut self) -> Result<(), Error> {
        for index in 0..self.best.faults.len() {
            let mut candidate = self.best.clone();
            candidate.faults[index].kind = FaultKind::Panic;
            self.attempt(candidate)?;
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
        for _ in 0..MAX_HALVINGS {
            let deposit = self.best.operations[index].deposit.as_yoctonear();
            let mut candidate = self.best.clone();
            candidate.operations[index].deposit = NearToken::from_yoctonear(deposit / 2);
            if deposit == 0 || !self.attempt(candidate)? {
                break;
            }
        }
        Ok(())
    }

    fn lower_argument(&mut self, index: usize, path: &str) -> Result<(), Error> {
        for _ in 0..MAX_HALVINGS {
            let mut candidate = self.best.clone();
            let Arguments::Json(value) = &mut candidate.operations[index].arguments else { break };
            let Some(number) = value.pointer_mut(path) else { break };
            if !halve(number) || !self.attempt(candidate)? {
                break;
            }
        }
        Ok(())
    }
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

/// Halves a number in place. `false` where it is 0 already.
fn halve(value: &mut Value) -> bool {
    match value {
        Value::String(text) => match text.parse::<u128>() {
            Ok(number) if number > 0 => {
                *text = (number / 2).to_string();
                true
            }
            _ => false,
        },
        Value::Number(number) => match number.as_u64() {
            Some(small) if small > 0 => {
                *number = (small / 2).into();
                true
            }
            _ => false,
        },
        _ => false,
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
    fn halving_ends_at_nothing() {
        let mut value = json!("5");
        assert!(halve(&mut value) && halve(&mut value) && halve(&mut value));
        assert_eq!(value, json!("0"));
        assert!(!halve(&mut value));
    }
}
