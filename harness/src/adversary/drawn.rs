//! Faults that the chooser draws.
//!
//! Half of all cases have none at all: a fault that is always there hides what happens without.

use super::{Rule, Verdict};
use crate::chain::{Forced, InFlight};
use crate::decision::{Chooser, Label, Site};

const PASS: Label = Label::of("pass");
const FAIL: Label = Label::of("fail");

/// Draws for each receipt whether it fails, once it has drawn that any does.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    any: Option<bool>,
}

impl Rule for Drawn {
    fn verdict(&mut self, _: &InFlight, chooser: &mut dyn Chooser) -> Verdict {
        let mut draw = || chooser.choose(Site::Fault, &[PASS, FAIL]) == 1;
        if *self.any.get_or_insert_with(&mut draw) && draw() {
            return Verdict::Fail(Forced::Panic);
        }
        Verdict::Pass
    }
}
