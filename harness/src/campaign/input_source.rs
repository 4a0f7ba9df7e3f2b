//! Who chooses the cases of a campaign: the campaign's own search, or libFuzzer.
//!
//! Never runs a case.

#[cfg(feature = "libfuzzer")]
use super::libfuzzer::InProcess;
use super::search::{InputScheduler, Lead, NextInput};
use super::{Campaign, Error};
use crate::chain::World;
use crate::scenario::Scenario;
use crate::simulation::Execution;
use crate::targets::Target;
use crate::vm::comparison::Comparisons;
use crate::vm::coverage::Coverage;

/// Who chooses the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// The campaign itself.
    #[default]
    Own,
    /// libFuzzer, once in a process. It decides what is new and which case is changed; the changes
    /// themselves are the campaign's.
    LibFuzzer {
        /// Whether it also rewards new values in comparisons.
        value_profile: bool,
    },
}

/// The one that chooses.
pub(super) enum InputSource {
    Own(Box<InputScheduler>),
    #[cfg(feature = "libfuzzer")]
    LibFuzzer(Box<InProcess>),
}

impl InputSource {
    /// # Errors
    /// If libFuzzer ran before in this process: it cannot be made to forget. Also if it is not built in.
    pub(super) fn start(campaign: &Campaign<'_>) -> Result<Self, Error> {
        let search = InputScheduler::new(campaign.seed, campaign.network, &campaign.sources);
        match campaign.driver {
            Driver::Own => Ok(Self::Own(Box::new(search))),
            #[cfg(feature = "libfuzzer")]
            Driver::LibFuzzer { value_profile } => {
                let coverage = campaign.engines.instrumented.coverage();
                let driver = InProcess::start(search, campaign.seed, coverage, value_profile);
                Ok(Self::LibFuzzer(Box::new(driver.ok_or(Error::LibFuzzerRanBefore)?)))
            }
            #[cfg(not(feature = "libfuzzer"))]
            Driver::LibFuzzer { .. } => Err(Error::NoLibFuzzer),
        }
    }

    fn scheduler(&mut self) -> &mut InputScheduler {
        match self {
            Self::Own(scheduler) => scheduler,
            #[cfg(feature = "libfuzzer")]
            Self::LibFuzzer(driver) => &mut driver.guide.scheduler,
        }
    }

    /// The next case, one that somebody wants to be run before others.
    pub(super) fn next(&mut self, target: &Target, wanted: Option<Scenario>) -> NextInput {
        match (self, wanted) {
            (Self::Own(search), Some(scenario)) => search.given(scenario),
            (Self::Own(search), None) => search.next(target, None),
            #[cfg(feature = "libfuzzer")]
            (Self::LibFuzzer(driver), Some(scenario)) => driver.given(scenario, target),
            #[cfg(feature = "libfuzzer")]
            (Self::LibFuzzer(driver), None) => driver.next(target),
        }
    }

    /// Whether it learns from what this case compares.
    pub(super) fn compares(&self, next: &NextInput) -> bool {
        let profiles = match self {
            Self::Own(_) => false,
            #[cfg(feature = "libfuzzer")]
            Self::LibFuzzer(driver) => driver.profiles_values,
        };
        profiles || matches!(next, NextInput::Compare(_))
    }

    /// Learns from a case that ran since the coverage was last reset. Resets it. Whether it is kept: it
    /// is where it showed something new, or where `keep` says so.
    pub(super) fn learn(&mut self, ran: &Execution, coverage: &Coverage, keep: bool) -> bool {
        match self {
            Self::Own(scheduler) => scheduler.learn(ran, coverage, keep, &()),
            #[cfg(feature = "libfuzzer")]
            Self::LibFuzzer(driver) => driver.guide.learn(ran, coverage, keep),
        }
    }

    /// Learns from what that case compared.
    pub(super) fn learn_compared(
        &mut self,
        next: &NextInput,
        target: &Target,
        compared: &Comparisons,
    ) {
        #[cfg(feature = "libfuzzer")]
        if let Self::LibFuzzer(driver) = self {
            driver.guide.sink().compared(compared);
        }
        if let NextInput::Compare(waiting) = next {
            self.scheduler().replace(waiting, target, compared);
        }
    }

    /// The history that may lead to the world that a case left, if that is new.
    pub(super) fn lead(&mut self, ran: &Execution) -> Option<Lead> {
        self.scheduler().lead(ran)
    }

    /// Lets cases start from the world that a history leads to, if its state is new.
    pub(super) fn start_from(&mut self, lead: &Lead, world: &World) {
        self.scheduler().start_from(lead, world);
    }

    /// How many worlds cases start from, and how many operations the longest history has.
    pub(super) fn worlds(&mut self) -> (usize, usize) {
        self.scheduler().worlds()
    }

    /// How many different things were seen.
    pub(super) fn features(&mut self) -> usize {
        self.scheduler().features()
    }
}
