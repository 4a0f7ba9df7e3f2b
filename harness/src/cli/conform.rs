//! `interloper conform`: compares the simulated chain with recordings of the real runtime. Shows every
//! case that differs with its first difference.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{Found, Result, list, output};
use crate::chain::{NEWEST_VERSION, Protocol};
use crate::conformance::{CaseReport, GroupReport, check_with, compare_engines};
use crate::targets::Target;
use crate::types::Seed;
use crate::vm::{self, ContractCode, EngineChoice};

/// Compares the simulated chain with recordings of the real runtime, case by case.
#[derive(Debug, Args)]
#[command(
    after_help = "Prints each case that differs with its first difference, then one line for each group, then
the total. A group is an archive, or the `.json` files of one folder. The contracts that a case names
lie in the folder of the case or archive, or in the folder above.

Exit status 0: all cases agree. 1: a case differs. 2: a recording cannot be read.

Examples:
  interloper conform harness/tests/conformance/recordings
  interloper conform harness/tests/conformance/recordings/delete.jsonl.xz
  interloper conform harness/tests/conformance/recordings --engine both
  interloper conform --engines vault staking --runs 100000"
)]
pub(super) struct Conform {
    /// A recorded case (`.json`), an archive of them (`.jsonl.xz`), or a folder with such files and
    /// folders.
    #[arg(value_name = "FOLDER_OR_FILE", required_unless_present = "engines")]
    #[arg(conflicts_with = "engines")]
    recordings: Option<PathBuf>,
    /// Which engine runs the cases; `both` compares the two in every call as well.
    #[arg(long, value_name = "ENGINE", default_value = "pristine")]
    engine: EngineName,
    /// Compares the two engines on random calls of every contract of these targets, instead.
    #[arg(long, value_name = "TARGET", num_args = 1..)]
    engines: Vec<String>,
    /// How many calls of each contract.
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "engines")]
    runs: u64,
    /// The start of all random numbers.
    #[arg(long, value_name = "SEED", default_value_t = 0, requires = "engines")]
    seed: u64,
}

/// Which engine runs.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum EngineName {
    /// The real thing.
    Pristine,
    /// With counters.
    Instrumented,
    /// Both, compared call by call.
    Both,
}

impl Conform {
    pub(super) fn run(&self) -> Result {
        let Some(recordings) = &self.recordings else { return self.compare() };
        let choice = match self.engine {
            EngineName::Pristine => EngineChoice::Pristine,
            EngineName::Instrumented => EngineChoice::Instrumented,
            EngineName::Both => EngineChoice::Both,
        };
        let groups = check_with(recordings, choice)?;
        groups.iter().flat_map(|group| &group.cases).for_each(show);
        let width = groups.iter().map(|group| group.name.len()).max().unwrap_or_default();
        for group in &groups {
            let (name, agree, all) = (&group.name, group.agreeing(), group.cases.len());
            output::result(&format!("{name:width$}  {agree} of {all} agree"));
        }
        let all: usize = groups.iter().map(|group| group.cases.len()).sum();
        let agree: usize = groups.iter().map(GroupReport::agreeing).sum();
        output::result(&format!("{agree} of {all} agree"));
        Ok(if agree == all { Found::Nothing } else { Found::Something })
    }
}

impl Conform {
    /// Compares the engines on each contract once, whatever builds of whatever targets have it.
    fn compare(&self) -> Result {
        let protocol = Protocol::new(NEWEST_VERSION)?;
        let (mut compared, mut calls, mut differ) = (BTreeSet::new(), 0, 0);
        for name in &self.engines {
            let folder = list::find(name)?;
            let builds = Target::load(&folder, None, &[])?.builds;
            let builds = builds.iter().map(|build| Some(build.as_str())).chain([None]);
            for target in builds.map(|build| Target::load(&folder, build, &[])) {
                let target = target?;
                for account in &target.accounts {
                    let Some(contract) = &account.contract else { continue };
                    let code = Arc::new(ContractCode::new(contract.code.to_vec(), None));
                    if compared.insert(*code.hash()) {
                        let file = contract.file.display().to_string();
                        let agree = self.compare_one(&file, &code, &protocol)?;
                        calls += self.runs;
                        differ += u32::from(!agree);
                    }
                }
            }
        }
        let contracts = compared.len();
        output::result(&format!("{calls} calls of {contracts} contracts: {differ} differ"));
        Ok(if differ == 0 { Found::Nothing } else { Found::Something })
    }

    fn compare_one(
        &self,
        file: &str,
        code: &Arc<ContractCode>,
        protocol: &Protocol,
    ) -> Result<bool> {
        match compare_engines(code, protocol, self.runs, Seed(self.seed)) {
            Ok(agreement) => {
                let succeeded = agreement.outcomes.get("success").copied().unwrap_or_default();
                let kinds = agreement.outcomes.len();
                output::result(&format!(
                    "{file}: {} calls agree, {succeeded} of them succeed, {kinds} kinds of outcome",
                    agreement.calls
                ));
                for fallback in &agreement.fallbacks {
                    output::note(&format!("{file} runs without coverage: {}", fallback.reason));
                }
                Ok(true)
            }
            Err(error @ vm::Error::Disagree { .. }) => {
                output::result(&format!("{file}: {error}"));
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn show(report: &CaseReport) {
    let Some(difference) = &report.difference else { return };
    output::result(&format!(
        "{}: {}\n  real       {}\n  simulated  {}",
        report.case, difference.what, difference.real, difference.simulated
    ));
}
