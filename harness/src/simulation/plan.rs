//! Choosers that a simulation needs beside those for everybody: a schedule with something behind it,
//! and one operation after the other.
//!
//! Never looks at the world.

use crate::decision::{Bytes, Chooser, Fifo, Label, Pct, PctShape, Random, Replay, Site, Surw};
use crate::scenario::{FallbackScheduler, Scenario, Step};
use crate::types::OperationId;

/// Follows a scenario's schedule, and where it is silent, the scenario's rest.
pub(super) struct Plan<'a> {
    schedule: Replay,
    rest: Box<dyn Chooser + 'a>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let labels = scenario.schedule.iter().map(label);
        Self { schedule: Replay::of_labels(labels), rest: rest(&scenario.rest) }
    }
}

fn rest(rest: &FallbackScheduler) -> Box<dyn Chooser + '_> {
    let start = |index| label(&Step::Start(OperationId::at(index)));
    match rest {
        FallbackScheduler::Fifo => Box::new(Fifo),
        FallbackScheduler::Random(seed) => Box::new(Random::new(*seed)),
        FallbackScheduler::Surw { seed, lengths } => {
            let lengths = (0..).zip(lengths).map(|(operation, length)| (start(operation), *length));
            Box::new(Surw::new(*seed, lengths))
        }
        FallbackScheduler::Pct { seed, depth, events } => {
            let shape = PctShape { events: *events as usize, depth: *depth as usize };
            Box::new(Pct::new(*seed, shape))
        }
        FallbackScheduler::Bytes(bytes) => Box::new(Bytes::new(bytes)),
    }
}

impl Chooser for Plan<'_> {
    fn choose(&mut self, site: Site, options: &[Label]) -> usize {
        if site == Site::Schedule
            && let Some(index) = self.schedule.follow(options)
        {
            return index;
        }
        self.rest.choose(site, options)
    }

    fn caused(&mut self, cause: Label, effect: Label) {
        self.rest.caused(cause, effect);
    }
}

/// Runs each operation to its end before the next one starts, in the given order.
pub(super) struct Serial {
    order: Vec<Label>,
}

impl Serial {
    pub(super) fn new(order: &[OperationId]) -> Self {
        Self { order: order.iter().map(|operation| label(&Step::Start(*operation))).collect() }
    }
}

impl Chooser for Serial {
    fn choose(&mut self, _: Site, options: &[Label]) -> usize {
        // Receipts come before starts among the options.
        if !self.order.contains(&options[0]) {
            return 0;
        }
        let next =
            self.order.iter().find_map(|label| options.iter().position(|option| option == label));
        next.expect("the first option is in the order")
    }
}

/// The stable name of a step.
pub(super) fn label(step: &Step) -> Label {
    Label::of(&step.to_string())
}
