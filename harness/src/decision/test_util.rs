//! For the tests of the choosers: the smallest thing that needs a schedule.
//!
//! Not used outside tests.

use std::collections::VecDeque;

use super::{Chooser, Label, Site, ask};

/// Runs some chains to their end: the letters of a chain come up one after another, each made by
/// the one before it, and the chooser says which chain goes on. Gives the order in which they ran.
pub(super) fn run(chooser: &mut dyn Chooser, chains: &[&str]) -> Vec<Label> {
    let mut waiting: VecDeque<&str> = chains.iter().copied().collect();
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let options: Vec<Label> = waiting.iter().map(|chain| letter(chain)).collect();
        let index = ask(chooser, Site::Schedule, &options);
        order.push(options[index]);
        let rest = waiting.remove(index).map_or("", |chain| &chain[1..]);
        if !rest.is_empty() {
            chooser.caused(options[index], letter(rest));
            waiting.push_back(rest);
        }
    }
    order
}

/// The order as text.
pub(super) fn letters(order: &[Label]) -> String {
    let letters = order.iter().map(|label| u8::try_from(label.0).expect("made by `letter`"));
    letters.map(char::from).collect()
}

/// How often each order came out of `runs` runs, each with the chooser that `make` gives for it.
pub(super) fn tally<C: Chooser>(
    runs: u64,
    chains: &[&str],
    make: impl Fn(u64) -> C,
) -> std::collections::BTreeMap<String, u64> {
    let mut tally = std::collections::BTreeMap::new();
    for seed in 0..runs {
        *tally.entry(letters(&run(&mut make(seed), chains))).or_default() += 1;
    }
    tally
}

fn letter(chain: &str) -> Label {
    Label(u64::from(chain.as_bytes()[0]))
}
