//! `interloper sample-schedules`: one case in many orders, and what that says about the others.
//!
//! Parses and prints. `analysis::sample` does the work.

use clap::Args;

use super::replay::Replay;
use super::{Found, Result, output};
use crate::analysis::sample::{Sampled, Sampling, sample};
use crate::types::Seed;

/// Runs one case in many random orders, and estimates how likely a bad order was missed.
///
/// The orders are drawn by probabilistic concurrency testing (PCT), which has a guarantee: an order that takes
/// `--depth` ordered events to go wrong is met with a known probability in each run.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 nothing broke, 1 an invariant broke, 2 error.

Examples:
  interloper sample-schedules findings/vault-profit-1a2b3c4d.json --runs 2000
  interloper sample-schedules case.json --target vault --build fixed --depth 2")]
pub(super) struct SampleSchedules {
    #[command(flatten)]
    case: Replay,
    /// How many orders to run.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    runs: u64,
    /// How many events have to be in the right order for the bug.
    #[arg(long, value_name = "D", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=5))]
    depth: u32,
    /// The first random seed.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
}

impl SampleSchedules {
    pub(super) fn run(&self) -> Result {
        let (loaded, _, scenario, _) = self.case.load()?;
        let examiner = loaded.checker();
        let sampling = Sampling { runs: self.runs, depth: self.depth, seed: Seed(self.seed) };
        let sampled = sample(&examiner, &scenario, sampling)?;
        output::result(&text(&sampled));
        Ok(if sampled.broken > 0 { Found::Something } else { Found::Nothing })
    }
}

/// What was drawn and what it promises, in words that claim no more than that.
fn text(sampled: &Sampled) -> String {
    let Sampled { runs, broken, events, chains, depth, .. } = sampled;
    let mut text = format!("{broken} of {runs} orders broke an invariant");
    if let Some(violation) = sampled.first.as_ref().and_then(|first| first.violation.as_ref()) {
        text += &format!("\nthe first: {}: {}", violation.invariant, violation.summary);
    }
    match (sampled.hit, sampled.missed()) {
        (Some(hit), Some(missed)) => {
            let power =
                if *depth == 1 { String::new() } else { format!(" × {events}^{}", depth - 1) };
            text += &format!(
                "\nthis case has at most {events} steps in {chains} chains, as far as was seen: what takes {depth} of them in the right order is met with probability \
                 at least 1/({chains}{power}) = {hit:.2e} in each run, and was missed in all {runs} with probability at most {missed:.2e}\n\
                 that holds for these calls with these arguments and faults, and says nothing about others"
            );
        }
        _ => {
            text +=
                "\nsome orders took more steps than those looked at first, so nothing is promised"
        }
    }
    text
}
