//! `interloper benchmark --init`: whether bugs are found in targets that are made of the compiled contracts
//! alone.
//!
//! Reads only which files the known target runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::super::init::piece;
use super::{Benchmark, Found, Result, list, output};
use crate::analysis::benchmark::{self, Trial};
use crate::campaign::{CampaignOptions, FeedbackSource};
use crate::chain::{NEWEST_VERSION, Protocol};
use crate::cli::TargetArguments;
use crate::discovery::{InputContract, ScaffoldRequest, Scaffolder};
use crate::targets::{ContractOverride, Target};
use crate::types::Seed;
use crate::vm::Pristine;

/// What became of one target.
struct Row {
    target: String,
    /// Seconds that making it took.
    made: f64,
    /// What the right build broke.
    right: Trial,
    /// What the broken build broke that the right one did not.
    broken: Trial,
}

impl Benchmark {
    /// Makes each target anew, and looks for its bug.
    pub(super) fn run_made(&self, into: &Path) -> Result {
        let mut rows = Vec::new();
        for name in self.targets()? {
            let Some(row) = self.made(&name, into)? else { continue };
            if !self.json {
                output::result(&row.line());
            }
            rows.push(row);
        }
        if self.json {
            let rows: Vec<_> = rows.iter().map(Row::json).collect();
            output::result(&serde_json::to_string_pretty(&json!({ "rows": rows }))?);
        } else {
            output::result(&summary(&rows));
        }
        let good = rows.iter().all(|row| row.broken.found.is_some() && row.is_silent());
        Ok(if good { Found::Nothing } else { Found::Something })
    }

    /// `None` where the target has no bug.
    fn made(&self, name: &str, into: &Path) -> Result<Option<Row>> {
        let folder = list::find(name)?;
        let known = Target::load(&folder, None, &[])?;
        let of = |broken: bool| {
            let mut builds = known.expect.iter();
            builds.find(|(_, expected)| expected.is_empty() != broken).map(|(build, _)| build)
        };
        let (Some(broken), Some(right)) = (of(true), of(false)) else { return Ok(None) };
        let broken = Target::load(&folder, Some(broken), &[])?;
        let right = Target::load(&folder, Some(right), &[])?;
        let (made, seconds) = benchmark::timed(|| self.make(&broken, into));
        let made = made?;
        let right = self.trial(&made, files(&right), &[])?;
        let both: Vec<_> = right.others.iter().map(|found| found.invariant.clone()).collect();
        let broken = self.trial(&made, Vec::new(), &both)?;
        Ok(Some(Row { target: name.to_owned(), made: seconds, right, broken }))
    }

    fn make(&self, target: &Target, into: &Path) -> Result<PathBuf> {
        let mut pieces = files(target).into_iter().map(|file| self.piece(&file));
        let contract = pieces.next().ok_or("no contract is under test")??;
        let request = ScaffoldRequest {
            contract,
            also: pieces.collect::<Result<_>>()?,
            with: Vec::new(),
            name: target.name.clone(),
            folder: into.join(&target.name),
            dumps: Vec::new(),
        };
        let protocol: Arc<_> = Protocol::new(NEWEST_VERSION)?.into();
        let engine = Pristine::new(Arc::clone(&protocol.config))?;
        Scaffolder { protocol, engine: &engine }.scaffold(&request)?;
        Ok(request.folder)
    }

    /// A contract under test, with its ABI where a folder of them is given.
    fn piece(&self, file: &ContractOverride) -> Result<InputContract> {
        let stem = file.account.as_str().split('.').next().unwrap_or_default();
        let abi = self.abi.as_ref().map(|folder| folder.join(format!("{stem}.json")));
        let abi = abi.filter(|file| file.is_file());
        piece(file.account.clone(), &file.file, abi.as_deref())
    }

    /// Looks for findings of invariants that are not among those `known`, until there is one; where
    /// none is known to be found, for all that there are.
    fn trial(
        &self,
        folder: &Path,
        contract: Vec<ContractOverride>,
        both: &[String],
    ) -> Result<Trial> {
        let all = !contract.is_empty();
        let arguments = TargetArguments {
            target: folder.display().to_string(),
            build: None,
            contract,
            protocol_version: NEWEST_VERSION,
        };
        let loaded = arguments.load()?;
        let campaign = loaded.campaign(CampaignOptions {
            sources: FeedbackSource::all_but(&self.disable_feedback),
            seed: Seed(self.seed),
            budget: self.budget(),
            ..CampaignOptions::default()
        });
        let wanted = |invariant: &str| !all && !both.iter().any(|name| name == invariant);
        Ok(benchmark::trial_where(&campaign, &wanted)?)
    }
}

/// The files of the contracts under test, the one that has the bug first.
fn files(target: &Target) -> Vec<ContractOverride> {
    let file = |account: &crate::targets::Account| {
        let file = account.contract.as_ref()?.file.clone();
        Some(ContractOverride { account: account.id.clone(), file })
    };
    let mut files: Vec<_> = target.under_test().filter_map(file).collect();
    let build = target.build.clone().unwrap_or_default();
    files.sort_by_key(|file| file.file.file_stem().is_none_or(|stem| *stem != *build));
    files
}

impl Row {
    fn is_silent(&self) -> bool {
        self.right.others.is_empty()
    }

    fn line(&self) -> String {
        let found = self.broken.found.as_ref();
        let found = found.map_or("MISSED", |found| found.invariant.as_str());
        let both: Vec<_> = self.right.others.iter().map(|other| other.invariant.as_str()).collect();
        let right = if both.is_empty() { "silent".to_owned() } else { both.join(", ") };
        format!(
            "{:<12} made in {:>4.1} s  broken: {found:<14} {:>6} executions {:>5.1} s  fixed: {right}, {} executions {:.0} s",
            self.target,
            self.made,
            self.broken.executions,
            self.broken.seconds,
            self.right.executions,
            self.right.seconds
        )
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "target": self.target,
            "seconds_to_make": self.made,
            "broken": self.broken,
            "fixed": self.right,
        })
    }
}

fn summary(rows: &[Row]) -> String {
    let found = rows.iter().filter(|row| row.broken.found.is_some());
    let (found, silent) = (found.clone().count(), found.filter(|row| row.is_silent()).count());
    format!(
        "{found} of {} bugs found in targets that `init` made, {silent} of them with a silent fixed build",
        rows.len()
    )
}
