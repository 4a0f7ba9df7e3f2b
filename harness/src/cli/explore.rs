//! `interloper explore`: everything up to a size, instead of a sample.
//!
//! Parses and prints. `analysis::explore` does the work.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Found, LoadedTarget, Result, TargetArguments, output};
use crate::analysis::deepest_calls;
use crate::analysis::explore::{Explorer, Verdict};
use crate::campaign::{Budget, CampaignOptions};
use crate::finding::{self, Finding};
use crate::report;
use crate::scenario::Operation;
use crate::types::Seed;

/// Runs every order of every small set of calls, with every failure, and says what that covers.
///
/// `fuzz` samples; this command is exhaustive, up to a size.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 nothing found, 1 a finding, 2 error.

Examples:
  interloper explore vault
  interloper explore vault --build fixed --depth 1
  interloper explore path/to/folder --depth 2 --budget 100000")]
pub(super) struct Explore {
    #[command(flatten)]
    target: TargetArguments,
    /// How many further calls and failures are added to one call.
    #[arg(long, value_name = "K", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=4))]
    depth: u32,
    /// Stops after this many orders.
    #[arg(long, value_name = "N")]
    budget: Option<u64>,
    /// How many different arguments each method is tried with.
    #[arg(long, value_name = "N", default_value_t = 3)]
    variants: u32,
    /// The random seed for the arguments.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Fuzzes this many cases first, to find arguments that lead deeper into a method. 0 skips this.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    learn: u64,
    /// Also runs orders that are equivalent to others.
    #[arg(long)]
    no_reduction: bool,
    /// The folder for findings.
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
}

impl Explore {
    pub(super) fn run(&self) -> Result {
        let loaded = self.target.load()?;
        let examiner = loaded.checker();
        let explorer = Explorer {
            target: loaded.target(),
            examiner,
            pristine: loaded.pristine(),
            depth: self.depth,
            variants: self.variants.max(1),
            seed: Seed(self.seed),
            learned: self.learned(&loaded)?,
            budget: self.budget,
            reduced: !self.no_reduction,
            environment: loaded.environment(Seed(self.seed)),
        };
        let bar = ProgressBar::new(0).with_style(style());
        let verdict = explorer.run(&mut |verdict| {
            bar.set_length(verdict.cases);
            bar.set_position(verdict.covered);
            bar.set_message(format!("{} orders", verdict.orders));
        });
        bar.finish_and_clear();
        let verdict = verdict?;
        if let Some(finding) = &verdict.finding {
            self.show(finding)?;
        }
        output::result(&text(&loaded, &verdict));
        Ok(if verdict.finding.is_some() { Found::Something } else { Found::Nothing })
    }

    fn learned(&self, loaded: &LoadedTarget) -> Result<Vec<Operation>> {
        if self.learn == 0 {
            return Ok(Vec::new());
        }
        let mut campaign = loaded.campaign(CampaignOptions {
            seed: Seed(self.seed),
            budget: Budget { runs: Some(self.learn), ..Budget::default() },
            ..CampaignOptions::default()
        });
        campaign.examiner.invariants = &[];
        Ok(deepest_calls(&campaign, self.variants.max(1))?)
    }

    /// Keeps a finding before it shows it: what is on a screen can be lost.
    fn show(&self, finding: &Finding) -> Result<()> {
        let written = finding::write(&self.findings, finding)?;
        let file = written.path.display().to_string();
        output::result(&report::text(finding, Some(&file)));
        Ok(())
    }
}

fn style() -> ProgressStyle {
    let template = "{wide_bar} {pos} of {len} sets of calls  {msg}  {eta} left";
    ProgressStyle::with_template(template).expect("the template is right")
}

/// What was covered, in words that claim no more than that.
fn text(loaded: &LoadedTarget, verdict: &Verdict) -> String {
    let Verdict { depth, calls, cases, covered, orders, steps, .. } = verdict;
    let build = loaded.target().build.as_ref().map_or(String::new(), |build| format!(" ({build})"));
    let alike = if verdict.reduced {
        ", of which no two are equivalent"
    } else {
        ", some of them equivalent"
    };
    let learned = match verdict.learned {
        0 => String::new(),
        count => format!(" ({count} of them learned)"),
    };
    let result = match (&verdict.finding, verdict.is_complete()) {
        (Some(_), _) => "broken; stopped there",
        (None, true) => "none broke an invariant",
        (None, false) => "none broke an invariant; stopped at the budget, so this is NOT all",
    };
    format!(
        "{}{build}, K = {depth}: {calls} calls{learned}, with these arguments and no others; of {cases} sets of 1 to {} calls \
         {covered} in every order, with up to K further calls and failures ({}): {orders} orders{alike}, {steps} steps; {result}",
        loaded.target().name,
        depth + 1,
        verdict.faults.join(", "),
    )
}
