//! Decides again what was decided before.
//!
//! Never fails: where the record does not fit, it takes option 0 and counts a divergence.

use super::{Chooser, Decision, Label, Site};

/// Follows a record of decisions.
///
/// Each choice takes the earliest entry of the record which was not taken yet and is among the
/// options; where there is none, option 0. So a record replays exactly when nothing has changed,
/// and after something was taken out of the case, or only a part of the record is left, the rest of
/// it still means what it meant: that is what shrinking needs.
///
/// Whoever wants nothing but an exact replay asks for [`divergences`](Self::divergences) and
/// [`left_over`](Self::left_over) at the end: both must be 0.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    entries: Vec<Entry>,
    /// Entries before this one are all taken: what lies behind need not be searched again.
    first_open: usize,
    divergences: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    label: Label,
    /// The site and the number of options, where the record says them.
    question: Option<(Site, usize)>,
    taken: bool,
}

impl Replay {
    /// Follows a list of labels, as a person may have written it or shrinking left it.
    pub fn of_labels(labels: impl IntoIterator<Item = Label>) -> Self {
        let entry = |label| Entry { label, question: None, taken: false };
        Self { entries: labels.into_iter().map(entry).collect(), ..Self::default() }
    }

    /// Follows a full record. Another site, or another number of options, than the record has is a
    /// divergence too, though it does not change what is chosen.
    pub fn of_decisions<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> Self {
        let entry = |decision: &Decision| Entry {
            label: decision.chosen,
            question: Some((decision.site, decision.of as usize)),
            taken: false,
        };
        Self { entries: decisions.into_iter().map(entry).collect(), ..Self::default() }
    }

    /// How many choices were not made as the record has it: by a later entry than the next one, by
    /// none at all, or in answer to another question.
    #[must_use]
    pub fn divergences(&self) -> usize {
        self.divergences
    }

    /// How many entries of the record were not used so far.
    #[must_use]
    pub fn left_over(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.taken).count()
    }

    /// The option that the record chooses; `None` where it has nothing to say. For whoever lets
    /// somebody else decide then, which is no divergence.
    pub fn follow(&mut self, options: &[Label]) -> Option<usize> {
        let (position, index) = self.find(options)?;
        self.take(position);
        Some(index)
    }

    /// The earliest open entry that is among the options, and the option's index.
    fn find(&self, options: &[Label]) -> Option<(usize, usize)> {
        let open = self.entries.iter().enumerate().skip(self.first_open);
        open.filter(|(_, entry)| !entry.taken).find_map(|(position, entry)| {
            let index = options.iter().position(|option| *option == entry.label)?;
            Some((position, index))
        })
    }

    fn take(&mut self, position: usize) -> Entry {
        self.entries[position].taken = true;
        while self.entries.get(self.first_open).is_some_and(|entry| entry.taken) {
            self.first_open += 1;
        }
        self.entries[position]
    }
}

impl Chooser for Replay {
    fn choose(&mut self, site: Site, options: &[Label]) -> usize {
        let Some((position, index)) = self.find(options) else {
            self.divergences += 1;
            return 0;
        };
        let in_order = position == self.first_open;
        let entry = self.take(position);
        let same_question = entry.question.is_none_or(|asked| asked == (site, options.len()));
        if !(in_order && same_question) {
            self.divergences += 1;
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decision::sketch::{letters, run};
    use crate::decision::{Fifo, Random, Recorder};
    use crate::types::Seed;

    fn labels(text: &str) -> impl Iterator<Item = Label> {
        text.bytes().map(|byte| Label(u64::from(byte)))
    }

    proptest! {
        #[test]
        fn a_full_record_replays_exactly(seed: u64) {
            let chains = ["abcd", "efg", "hi", "j"];
            let mut recorder = Recorder::new(Random::new(Seed(seed)));
            let order = run(&mut recorder, &chains);
            let mut replay = Recorder::new(Replay::of_decisions(recorder.decisions()));
            prop_assert_eq!(run(&mut replay, &chains), order);
            prop_assert_eq!(replay.decisions(), recorder.decisions());
            let (replay, _) = replay.into_parts();
            prop_assert_eq!((replay.divergences(), replay.left_over()), (0, 0));
        }
    }

    #[test]
    fn a_record_still_means_something_when_a_chain_is_gone() {
        let mut replay = Replay::of_labels(labels("dacbef"));
        assert_eq!(letters(&run(&mut replay, &["ab", "ef"])), "abef");
        // `d` and `c` are gone, so every choice came from a later entry than the next one.
        assert_eq!((replay.divergences(), replay.left_over()), (4, 2));
    }

    #[test]
    fn an_entry_that_comes_up_late_is_still_used() {
        // `b` is asked for first, but exists only once `a` has run.
        let mut replay = Replay::of_labels(labels("bd"));
        assert_eq!(letters(&run(&mut replay, &["ab", "cd"])), "abcd");
        assert_eq!(replay.left_over(), 0);
    }

    #[test]
    fn after_the_record_it_is_first_in_first_out() {
        let mut replay = Replay::of_labels(labels("c"));
        let order = letters(&run(&mut replay, &["ab", "cd"]));
        assert_eq!(order, "cadb");
        assert_eq!(replay.divergences(), 3);
        assert_eq!(run(&mut Replay::default(), &["ab", "cd"]), run(&mut Fifo, &["ab", "cd"]));
    }

    #[test]
    fn another_question_is_a_divergence_though_the_answer_is_the_same() {
        let decision = Decision { site: Site::Fault, chosen: Label(1), of: 2 };
        let ask = |site, options: &[Label]| {
            let mut replay = Replay::of_decisions([&decision]);
            (replay.choose(site, options), replay.divergences())
        };
        assert_eq!(ask(Site::Fault, &[Label(0), Label(1)]), (1, 0));
        assert_eq!(ask(Site::Value, &[Label(0), Label(1)]), (1, 1));
        assert_eq!(ask(Site::Fault, &[Label(0), Label(1), Label(2)]), (1, 1));
    }

    #[test]
    fn one_label_may_be_recorded_many_times() {
        let mut replay = Replay::of_labels([Label(5), Label(5), Label(6)]);
        let options = [Label(6), Label(5)];
        let answers: Vec<usize> = (0..4).map(|_| replay.choose(Site::Fault, &options)).collect();
        assert_eq!(answers, [1, 1, 0, 0]);
        assert_eq!(replay.divergences(), 1);
    }
}
