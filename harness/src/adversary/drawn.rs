//! Faults that the chooser draws.
//!
//! Half of all cases have none at all: a fault that is always there hides what happens without.

use super::{DELAYS, FaultKind, Rule, Verdict};
use crate::chain::PendingReceipt;
use crate::decision::{Chooser, Label, Site, ask};

const PASS: Label = Label::of("pass");
const FAIL: Label = Label::of("fail");
const WAIT: Label = Label::of("wait");

/// Draws for each receipt whether something happens to it, once it has drawn that anything does.
#[derive(Clone, Debug)]
pub struct RandomFaults {
    any: Option<bool>,
    slow: Option<bool>,
    /// Whether blocks may pass at all.
    delays: bool,
}

impl RandomFaults {
    /// Draws delays too where `delays` says so.
    #[must_use]
    pub fn new(delays: bool) -> Self {
        Self { any: None, slow: (!delays).then_some(false), delays }
    }

    /// How many blocks pass before the receipt, in one case out of eight.
    fn delay(&mut self, chooser: &mut dyn Chooser) -> Option<FaultKind> {
        let eighth = |chooser: &mut dyn Chooser| {
            chooser.choose(
                Site::Fault,
                &[PASS, Label(1), Label(2), Label(3), Label(4), Label(5), Label(6), WAIT],
            ) == 7
        };
        if !self.delays || !*self.slow.get_or_insert_with(|| eighth(chooser)) || !eighth(chooser) {
            return None;
        }
        let options: Vec<_> = DELAYS.iter().map(|blocks| Label(u64::from(*blocks))).collect();
        Some(FaultKind::Delay(DELAYS[ask(chooser, Site::Value, &options)]))
    }
}

impl Rule for RandomFaults {
    fn verdict(
        &mut self,
        _: &PendingReceipt,
        menu: &[FaultKind],
        chooser: &mut dyn Chooser,
    ) -> Verdict {
        if !menu.is_empty() {
            let draw = |chooser: &mut dyn Chooser| chooser.choose(Site::Fault, &[PASS, FAIL]) == 1;
            if *self.any.get_or_insert_with(|| draw(chooser)) && draw(chooser) {
                return Verdict::Inflict(pick(menu, chooser));
            }
        }
        self.delay(chooser).map_or(Verdict::Pass, Verdict::Inflict)
    }
}

/// The first of the menu half of the time: to a callback all failures look alike.
fn pick(menu: &[FaultKind], chooser: &mut dyn Chooser) -> FaultKind {
    if chooser.choose(Site::Value, &[PASS, FAIL]) == 0 {
        return menu[0].clone();
    }
    let options: Vec<_> = (0..menu.len() as u64).map(Label).collect();
    menu[ask(chooser, Site::Value, &options)].clone()
}
