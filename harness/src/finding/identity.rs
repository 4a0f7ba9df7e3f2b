//! What makes two findings the same bug: the invariant, the method at its root, the window, and what
//! the callback heard.
//!
//! Never looks at amounts, at who the actors are, or at how the case was found.

use super::{Checked, Finding};
use crate::invariant::Violation;
use crate::trace::{Location, PromiseOutcome, Window, windows};
use crate::types::Fingerprint;

/// What identifies a bug. Where there is a window, the method that opened it is the root; an invariant
/// can only guess one.
#[must_use]
pub fn fingerprint(target: &str, violation: &Violation, window: Option<&Location>) -> Fingerprint {
    let place = window.map_or_else(|| violation.method.clone(), show);
    Fingerprint::of([target, &violation.invariant, &place].join("\n").as_bytes())
}

/// What tells cases apart before they are shrunk: all windows that somebody came into or that heard of
/// a failure. Cases that agree in it are the same bug; cases that differ may still be.
#[must_use]
pub fn rough_fingerprint(target: &str, examined: &Checked) -> Option<Fingerprint> {
    let violation = examined.violation.as_ref()?;
    let mut telling: Vec<_> = windows(&examined.ran.observation)
        .into_iter()
        .filter(|window| {
            !window.visitors.is_empty() || window.place.answer != PromiseOutcome::Succeeded
        })
        .map(|window| show(&window.place))
        .collect();
    telling.sort();
    telling.dedup();
    let head = [target, &violation.invariant, &violation.method].join("\n");
    Some(Fingerprint::of(format!("{head}\n{}", telling.join("\n")).as_bytes()))
}

impl Finding {
    /// Where the bug is, whatever broke there: the window with what the callback heard; where there is no
    /// window, the method at the root, and whether anything was made to fail. Findings that agree in it
    /// are most likely one bug, seen by several invariants.
    #[must_use]
    pub fn place(&self) -> Fingerprint {
        let place = self.window.as_ref().map_or_else(
            || format!("{} {}", self.violation.method, !self.scenario.faults.is_empty()),
            show,
        );
        Fingerprint::of(
            [&self.environment.target, &place].map(String::as_str).join("\n").as_bytes(),
        )
    }

    /// Whether a case that broke something did so, as far as can be told without shrinking it, by this
    /// finding's bug: the same invariant, through the same window.
    #[must_use]
    pub fn explains(&self, examined: &Checked) -> bool {
        let (Some(place), Some(violation)) = (&self.window, &examined.violation) else {
            return false;
        };
        violation.invariant == self.violation.invariant
            && windows(&examined.ran.observation).iter().any(|window| window.place == *place)
    }
}

/// Whether a smaller case still shows the same bug: the same invariant, through no window that the
/// larger one did not have, and without any window in the same method. What callbacks hear may change:
/// else no fault could be left out.
pub(super) fn is_same(known: (&Violation, &[Window]), found: (&Violation, &[Window])) -> bool {
    let ((violation, windows), (smaller, places)) = (known, found);
    violation.invariant == smaller.invariant
        && opens_no_other(windows, places)
        && (!places.is_empty() || violation.method == smaller.method)
}

/// Whether a case has no window that another one does not have, whatever callbacks hear.
pub(super) fn opens_no_other(known: &[Window], found: &[Window]) -> bool {
    let names = |place: &Location| {
        (place.account.clone(), place.opened_by.clone(), place.closed_by.clone())
    };
    found.iter().all(|window| known.iter().any(|k| names(&k.place) == names(&window.place)))
}

fn show(place: &Location) -> String {
    format!("{} {} {} {:?}", place.account, place.opened_by, place.closed_by, place.answer)
}
