//! Runs variations of a case for the invariants.
//!
//! Never judges.

use std::ops::ControlFlow;

use super::Error;
use super::plan::Serial;
use super::run::{Simulation, listed};
use crate::adversary::Rule;
use crate::chain;
use crate::invariant::{Laboratory, Observation};
use crate::scenario::Scenario;

/// Most operations of which every serial order is tried: five have 120 orders.
const MAX_SERIAL_OPERATIONS: usize = 5;

/// Runs variations of one recorded case, and remembers them.
#[derive(Debug)]
pub struct Bench<'a> {
    simulation: Simulation<'a>,
    recorded: &'a Scenario,
    without: Vec<Option<Observation>>,
    serial: Vec<Observation>,
}

impl<'a> Bench<'a> {
    /// A laboratory for a case whose every decision is written down.
    #[must_use]
    pub fn new(simulation: Simulation<'a>, recorded: &'a Scenario) -> Self {
        let without = vec![None; recorded.operations.len()];
        Self { simulation, recorded, without, serial: Vec::new() }
    }

    fn run_serial(&self, order: &[u32]) -> Result<Observation, chain::Error> {
        let mut listed = listed(self.recorded);
        let mut rules: [&mut dyn Rule; 1] = [&mut listed];
        let ran = self.simulation.run_with(self.recorded, &mut Serial::new(order), &mut rules);
        ran.map(|ran| ran.observation).map_err(only_chain)
    }
}

impl Laboratory for Bench<'_> {
    fn without(&mut self, operation: u32) -> Result<Observation, chain::Error> {
        let index = operation as usize;
        if let Some(known) = &self.without[index] {
            return Ok(known.clone());
        }
        let shorter = self.recorded.without_operation(index);
        let observation = self.simulation.run(&shorter).map_err(only_chain)?.observation;
        self.without[index] = Some(observation.clone());
        Ok(observation)
    }

    fn serial(
        &mut self,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, chain::Error> {
        let count = self.recorded.operations.len();
        if count > MAX_SERIAL_OPERATIONS {
            return Ok(false);
        }
        let count = u32::try_from(count).expect("five fit");
        for (number, order) in orders(count).into_iter().enumerate() {
            if number == self.serial.len() {
                let observation = self.run_serial(&order)?;
                self.serial.push(observation);
            }
            if show(&self.serial[number]).is_break() {
                return Ok(true);
            }
        }
        Ok(true)
    }
}

/// While a case runs nothing but the chain can fail: the set-up is over.
fn only_chain(error: Error) -> chain::Error {
    match error {
        Error::Chain(error) => error,
        other => unreachable!("{other}"),
    }
}

/// All orders of `count` operations, the natural one first.
fn orders(count: u32) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        let longer = |order: &Vec<u32>| {
            let left = (0..count).filter(|next| !order.contains(next));
            let longer = left.map(|next| order.iter().copied().chain([next]).collect());
            longer.collect::<Vec<Vec<u32>>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_comes_once_the_natural_one_first() {
        let orders = orders(4);
        assert_eq!(orders.len(), 24);
        assert_eq!(orders[0], [0, 1, 2, 3]);
        let distinct: std::collections::BTreeSet<_> = orders.iter().collect();
        assert_eq!(distinct.len(), 24);
    }
}
