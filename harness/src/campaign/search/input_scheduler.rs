//! Which case comes next: a new one, a change of one that showed something new, or one whose arguments
//! are what a contract compared them with.
//!
//! Never runs a case and never reads a clock.

use std::collections::BTreeSet;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::feedback::{Feedback, Novelty};
use super::pool::Pool;
use super::schedule::{SCHEDULES_PER_SCENARIO, Shape, network};
use super::waits::Waits;
use super::worlds::{Lead, Worlds};
use super::{CoverageSink, FeedbackSource};
use crate::arguments::Match;
use crate::chain::{Network, World};
use crate::generator::{Replacement, generate, generate_history, mutate, replacements};
use crate::scenario::{FallbackScheduler, History, Scenario};
use crate::simulation::Execution;
use crate::targets::Target;
use crate::types::{OperationId, Seed};
use crate::vm::comparison::Comparisons;
use crate::vm::coverage::Coverage;

/// Comparisons are recorded after so many cases: contracts have to be compiled again for that, and most
/// findings come sooner.
const COMPARISONS_FROM: u64 = 500;

/// Among the first so many cases most are new ones.
const BREADTH_FIRST: u64 = 500;

/// One case in so many is about comparisons.
const COMPARISONS_SHARE: u32 = 4;

/// Most cases made of one case's comparisons that may well be accidents. The others come the next time.
const MOST_WEAK: usize = 192;

/// Most cases made of comparisons that wait.
const MOST_REPLACEMENTS: usize = 4_096;

/// One input in so many only looks for worlds to start from.
const PREPARATIONS_SHARE: u32 = 6;

/// After so many of them without a new world, only one input in so many does.
const BARREN: u32 = 48;
const BARREN_SHARE: u32 = 24;

/// So many of so many new cases start from a world that others led to.
const FRESH_CASES_IN_WORLDS: (u32, u32) = (1, 2);

/// One changed case in so many starts from another world than its parent.
const CHANGED_WORLDS: u32 = 8;

/// Time passes in one of so many preparations, and in one of so many cases.
const WAITS_IN_HISTORIES: u32 = 3;
const WAITS_IN_CASES: u32 = 16;

/// What to run next.
pub(crate) enum NextInput {
    /// This case.
    Case(Scenario),
    /// This one too, with comparisons recorded for [`InputScheduler::replace`].
    Compare(PendingComparison),
    /// This one, only to see which world it leaves: privileged actors may sign in it, so it is not judged.
    Prepare(Scenario),
}

impl NextInput {
    pub(crate) fn scenario(&self) -> &Scenario {
        match self {
            Self::Case(scenario) | Self::Prepare(scenario) => scenario,
            Self::Compare(waiting) => &waiting.scenario,
        }
    }
}

/// A case whose comparisons are still to be looked at.
pub(crate) struct PendingComparison {
    pub(crate) scenario: Scenario,
    /// The only operation that matters, where one does.
    operation: Option<OperationId>,
    /// Whether a text was given another length, to see with what it is compared then.
    resized: bool,
}

impl PendingComparison {
    fn keeps(&self, made: &Replacement) -> bool {
        self.operation.is_none_or(|only| only == made.operation)
            && (!self.resized || made.kind == Match::Text)
    }
}

/// All that is known about what was tried.
pub(crate) struct InputScheduler {
    random: ChaCha8Rng,
    network: Network,
    feedback: Feedback,
    pool: Pool,
    current: Option<(Scenario, u64)>,
    /// What the run before taught about the current operations.
    shape: Shape,
    cases: u64,
    /// The operation that was changed in the case that runs, where it is one of `replaced`.
    replacing: Option<OperationId>,
    /// Cases whose comparisons are still to be looked at, the last ones first. Those that ran code for
    /// the first time because an argument was replaced come before anything else: where comparisons are
    /// nested, that is the way in.
    solved: Vec<PendingComparison>,
    /// Others that ran code for the first time.
    deep: Vec<PendingComparison>,
    /// Others that showed something new.
    wide: Vec<PendingComparison>,
    replaced: Vec<Replacement>,
    /// Worlds at rest that cases start from.
    worlds: Worlds,
    waits: Waits,
    /// Preparations since one led to a new world.
    barren: u32,
}

impl InputScheduler {
    pub(crate) fn new(seed: Seed, network: Network, sources: &BTreeSet<FeedbackSource>) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed.0),
            network,
            feedback: Feedback::new(sources),
            pool: Pool::default(),
            current: None,
            shape: Shape::default(),
            cases: 0,
            replacing: None,
            solved: Vec::new(),
            deep: Vec::new(),
            wide: Vec::new(),
            replaced: Vec::new(),
            worlds: Worlds::default(),
            waits: Waits::default(),
            barren: 0,
        }
    }

    /// How many worlds at rest cases start from, besides the one after the set-up, and how many operations the
    /// longest history has.
    pub(crate) fn worlds(&self) -> (usize, usize) {
        (self.worlds.len(), self.worlds.deepest())
    }

    /// The history that may lead to the world that a case left, if that is new. The case is one that ran.
    pub(crate) fn lead(&mut self, ran: &Execution) -> Option<Lead> {
        let Scenario { history, operations, .. } = &ran.recorded;
        self.worlds.lead(&ran.observation, history, operations)
    }

    /// Lets cases start from the world that a history leads to, if its state is new.
    pub(crate) fn start_from(&mut self, lead: &Lead, world: &World) {
        if self.worlds.add(lead, world) {
            self.barren = 0;
        }
    }

    /// A few operations from a known world, to see what they leave.
    fn next_preparation(&mut self, target: &Target) -> NextInput {
        let mut operations = generate_history(target, &mut self.random);
        self.waits.apply(&mut operations, WAITS_IN_HISTORIES, &mut self.random);
        let history = self.worlds.pick(&mut self.random).unwrap_or_default();
        let network = Network::Calm;
        NextInput::Prepare(Scenario { history, operations, network, ..Scenario::default() })
    }

    /// How many different things were seen.
    pub(crate) fn features(&self) -> usize {
        self.feedback.features()
    }

    /// A case that somebody else wants to be run.
    pub(crate) fn given(&mut self, scenario: Scenario) -> NextInput {
        self.cases += 1;
        self.replacing = None;
        NextInput::Case(scenario)
    }

    /// What to run next. Where a case is to be changed, `parent` is, or where nobody chose one, one that
    /// showed something new.
    pub(crate) fn next(&mut self, target: &Target, parent: Option<&Scenario>) -> NextInput {
        self.cases += 1;
        self.replacing = None;
        let share = if self.barren < BARREN { PREPARATIONS_SHARE } else { BARREN_SHARE };
        if parent.is_none() && self.random.next_u32().is_multiple_of(share) {
            self.barren += 1;
            return self.next_preparation(target);
        }
        let compares =
            self.feedback.uses(FeedbackSource::Comparisons) && self.cases > COMPARISONS_FROM;
        if compares && self.random.next_u32().is_multiple_of(COMPARISONS_SHARE) {
            self.next_about_comparisons(target, parent)
        } else {
            NextInput::Case(self.next_scenario(target, parent))
        }
    }

    fn next_about_comparisons(&mut self, target: &Target, parent: Option<&Scenario>) -> NextInput {
        if let Some(waiting) = self.solved.pop() {
            return NextInput::Compare(waiting);
        }
        if let Some(replacement) = self.replaced.pop() {
            let Replacement { scenario, operation, kind } = replacement;
            self.replacing = Some(operation);
            return match kind {
                Match::Length => {
                    let operation = Some(operation);
                    NextInput::Compare(PendingComparison { scenario, operation, resized: true })
                }
                _ => NextInput::Case(scenario),
            };
        }
        let Some(waiting) = self.deep.pop().or_else(|| self.wide.pop()) else {
            // Other values in the same case meet other comparisons.
            let own = self.pool.pick(&self.feedback, &mut self.random);
            let Some(parent) = parent.or(own).cloned() else {
                return NextInput::Case(self.next_scenario(target, None));
            };
            let scenario = match self.random.next_u32().is_multiple_of(2) {
                true => parent,
                false => mutate(&parent, target, &mut self.random, usize::MAX),
            };
            return NextInput::Compare(PendingComparison {
                scenario,
                operation: None,
                resized: false,
            });
        };
        NextInput::Compare(waiting)
    }

    /// Learns what a case compared.
    pub(crate) fn replace(
        &mut self,
        waiting: &PendingComparison,
        target: &Target,
        seen: &Comparisons,
    ) {
        self.waits.learn(seen, target.clock.time);
        let mut made = replacements(&waiting.scenario, target, seen);
        made.retain(|made| waiting.keeps(made));
        let (strong, mut weak): (Vec<_>, Vec<_>) =
            made.into_iter().partition(|made| matches!(made.kind, Match::Text | Match::Number));
        while weak.len() > MOST_WEAK {
            let count = u32::try_from(weak.len()).expect("few of them");
            weak.swap_remove((self.random.next_u32() % count) as usize);
        }
        // The likeliest come last: they are taken from the end.
        self.replaced.extend(weak.into_iter().chain(strong.into_iter().rev()));
        let surplus = self.replaced.len().saturating_sub(MOST_REPLACEMENTS);
        self.replaced.drain(..surplus);
    }

    /// Learns from a case that ran since the coverage was last reset, passes its counters on to `sink`, and
    /// resets the coverage. Keeps the case if it showed something new, or if `keep` is set. Returns whether it
    /// was kept.
    pub(crate) fn learn(
        &mut self,
        ran: &Execution,
        coverage: &Coverage,
        keep: bool,
        sink: &dyn CoverageSink,
    ) -> bool {
        self.shape = Shape::of(&ran.recorded);
        let Novelty { slots, first } = self.feedback.consider(&ran.observation, coverage, sink);
        if slots.is_empty() && !keep {
            return false;
        }
        let waiting = match (first, self.replacing) {
            (true, Some(_)) => &mut self.solved,
            (true, None) => &mut self.deep,
            (false, _) => &mut self.wide,
        };
        let (scenario, operation) = (ran.recorded.clone(), self.replacing);
        waiting.push(PendingComparison { scenario, operation, resized: false });
        self.worlds.keep(&ran.recorded.history);
        self.pool.add(ran.recorded.clone(), slots);
        true
    }

    /// The same operations under another schedule, or other operations: new ones, or a change of some
    /// that behaved in a new way.
    fn next_scenario(&mut self, target: &Target, parent: Option<&Scenario>) -> Scenario {
        let (operations, tried) = match self.current.take() {
            Some((scenario, tried)) if tried < SCHEDULES_PER_SCENARIO => (scenario, tried),
            _ => (self.other_operations(target, parent), 0),
        };
        let mut scenario = operations.clone();
        // A changed case keeps its schedule once, then chance decides.
        if tried > 0 || scenario.rest == FallbackScheduler::Fifo && scenario.schedule.is_empty() {
            scenario.schedule.clear();
            scenario.faults.clear();
        }
        scenario.rest = self.shape.rest(scenario.operations.len(), tried, &mut self.random);
        if tried > 0 || scenario.schedule.is_empty() {
            scenario.network = network(self.network, &mut self.random);
        }
        self.current = Some((operations, tried + 1));
        scenario
    }

    fn other_operations(&mut self, target: &Target, parent: Option<&Scenario>) -> Scenario {
        // At first nothing is rare yet, and new cases differ more than changed ones.
        let changed = if self.cases > BREADTH_FIRST { 2 } else { 8 };
        let fresh = !self.random.next_u32().is_multiple_of(changed);
        let own = self.pool.pick(&self.feedback, &mut self.random);
        let mut scenario = match parent.or(own).filter(|_| !fresh) {
            Some(parent) => mutate(parent, target, &mut self.random, usize::MAX),
            None => Scenario {
                history: self.history(FRESH_CASES_IN_WORLDS),
                ..generate(target, &mut self.random)
            },
        };
        if !fresh && self.random.next_u32().is_multiple_of(CHANGED_WORLDS) {
            scenario.history = self.history(FRESH_CASES_IN_WORLDS);
        }
        self.waits.apply(&mut scenario.operations, WAITS_IN_CASES, &mut self.random);
        scenario
    }

    /// A history, or now and then none.
    fn history(&mut self, (one, of): (u32, u32)) -> History {
        if self.random.next_u32() % of < one {
            self.worlds.pick(&mut self.random).unwrap_or_default()
        } else {
            History::default()
        }
    }
}
