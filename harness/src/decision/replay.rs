//! Decides again what was decided before.
//!
//! Never fails: if the record does not fit, another chooser decides.

use super::Label;

/// Follows a list of labels, as a person may have written it or shrinking left it.
///
/// Each choice takes the earliest label that was not taken yet and is among the options. So a list replays
/// exactly if nothing has changed. After something was taken out of the case, or if only a part of the list is
/// left, the rest of it still means what it meant: shrinking needs that.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    entries: Vec<Entry>,
    /// All entries before this one are taken: they need not be searched again.
    first_open: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    label: Label,
    taken: bool,
}

impl Replay {
    /// Follows these labels.
    pub fn of_labels(labels: impl IntoIterator<Item = Label>) -> Self {
        let entry = |label| Entry { label, taken: false };
        Self { entries: labels.into_iter().map(entry).collect(), first_open: 0 }
    }

    /// The index of the option that the list chooses; `None` if it chooses none of them.
    pub fn follow(&mut self, options: &[Label]) -> Option<usize> {
        let open = self.entries.iter().enumerate().skip(self.first_open);
        let (position, index) =
            open.filter(|(_, entry)| !entry.taken).find_map(|(position, entry)| {
                let index = options.iter().position(|option| *option == entry.label)?;
                Some((position, index))
            })?;
        self.entries[position].taken = true;
        while self.entries.get(self.first_open).is_some_and(|entry| entry.taken) {
            self.first_open += 1;
        }
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decision::test_util::{letters, run};
    use crate::decision::{Chooser, Fifo, Random, Site};
    use crate::types::Seed;

    /// Follows a list, then takes what came up first.
    struct OrFirst(Replay);

    impl OrFirst {
        fn of(text: &str) -> Self {
            Self(Replay::of_labels(text.bytes().map(|byte| Label(u64::from(byte)))))
        }

        fn left(&self) -> usize {
            self.0.entries.iter().filter(|entry| !entry.taken).count()
        }
    }

    impl Chooser for OrFirst {
        fn choose(&mut self, _: Site, options: &[Label]) -> usize {
            self.0.follow(options).unwrap_or(0)
        }
    }

    proptest! {
        #[test]
        fn a_whole_order_replays_exactly(seed: u64) {
            let chains = ["abcd", "efg", "hi", "j"];
            let order = run(&mut Random::new(Seed(seed)), &chains);
            let mut replay = OrFirst(Replay::of_labels(order.iter().copied()));
            prop_assert_eq!(run(&mut replay, &chains), order);
            prop_assert_eq!(replay.left(), 0);
        }
    }

    #[test]
    fn a_list_still_means_something_if_a_chain_is_gone() {
        let mut replay = OrFirst::of("dacbef");
        assert_eq!(letters(&run(&mut replay, &["ab", "ef"])), "abef");
        assert_eq!(replay.left(), 2);
    }

    #[test]
    fn a_label_that_comes_up_late_is_still_used() {
        // `b` is listed first, but exists only once `a` has run.
        let mut replay = OrFirst::of("bd");
        assert_eq!(letters(&run(&mut replay, &["ab", "cd"])), "abcd");
        assert_eq!(replay.left(), 0);
    }

    #[test]
    fn after_the_list_another_chooser_decides() {
        let order = letters(&run(&mut OrFirst::of("c"), &["ab", "cd"]));
        assert_eq!(order, "cadb");
        assert_eq!(run(&mut OrFirst::of(""), &["ab", "cd"]), run(&mut Fifo, &["ab", "cd"]));
    }

    #[test]
    fn one_label_may_be_listed_many_times() {
        let mut replay = Replay::of_labels([Label(5), Label(5), Label(6)]);
        let options = [Label(6), Label(5)];
        let answers: Vec<_> = (0..4).map(|_| replay.follow(&options)).collect();
        assert_eq!(answers, [Some(1), Some(1), Some(0), None]);
    }
}
