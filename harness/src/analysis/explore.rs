//! Small cases, all of them: every few calls, every order of theirs, every failure of what they call.
//!
//! Says exactly what was covered. Never reads a clock and never prints.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::adversary::FaultKind;
use crate::finding::{Checked, Checker, Environment, Error, Finding, confirm};
use crate::generator::calls;
use crate::scenario::{Operation, Scenario};
use crate::simulation::Exploration;
use crate::targets::Target;
use crate::types::{AccountId, Seed};
use crate::vm::{Engine, ModuleInfo};

/// What a contract imports to look at more than keys of its state.
const WHOLE: &[&str] = &["account_balance", "account_locked_balance", "storage_usage"];

/// What a contract imports to look at the time, which every order changes.
const TIME: &[&str] = &["block_index", "block_timestamp", "epoch_height", "random_seed"];

/// What is explored, and how far.
pub struct Explorer<'a> {
    /// The target.
    pub target: &'a Target,
    /// What runs and judges its cases.
    pub examiner: Checker<'a>,
    /// What has the last word on a finding.
    pub pristine: &'a dyn Engine,
    /// *K*: how many things are added to one call: further calls and faults together.
    pub depth: u32,
    /// How many choices of arguments each method is tried with.
    pub variants: u32,
    /// Where the arguments come from.
    pub seed: Seed,
    /// Calls to try beside those that are drawn, as [`learned`](crate::analysis::deepest_calls) finds them.
    pub learned: Vec<Operation>,
    /// Most orders.
    pub budget: Option<u64>,
    /// Whether orders that come to the same are left out.
    pub reduced: bool,
    /// Goes into a finding.
    pub environment: Environment,
}

impl std::fmt::Debug for Explorer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// What was covered, and what it showed.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// *K*.
    pub depth: u32,
    /// Different calls that cases are made of.
    pub calls: usize,
    /// How many of them were learned.
    pub learned: usize,
    /// Sets of calls that there are.
    pub cases: u64,
    /// Sets of calls whose every order was run.
    pub covered: u64,
    /// Orders that were run to their end, of which no two come to the same where `reduced`.
    pub orders: u64,
    /// Steps that were run.
    pub steps: u64,
    /// Whether orders that come to the same were left out.
    pub reduced: bool,
    /// Names of the faults that were tried.
    pub faults: Vec<&'static str>,
    /// What broke first, if anything did.
    pub finding: Option<Finding>,
}

impl Verdict {
    /// Whether everything was run.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.covered == self.cases
    }
}

impl Explorer<'_> {
    /// Runs until everything is covered, something is found, or the budget is spent. `tell` hears of
    /// each case that is covered.
    ///
    /// # Errors
    /// When the machine fails, or a contract does something that is not simulated.
    pub fn run(&self, tell: &mut dyn FnMut(&Verdict)) -> Result<Verdict, Error> {
        let mut calls = calls(self.target, self.seed, self.variants);
        calls.extend(self.learned.iter().cloned());
        let most = (self.depth as usize + 1).min(self.target.limits.operations as usize);
        let kinds = self.kinds();
        let (whole, timed) = self.curious();
        let reduced = self.reduced && !timed;
        let cases: Vec<_> = (1..=most).map(|size| selections(calls.len(), size)).collect();
        let mut verdict = Verdict {
            depth: self.depth,
            calls: calls.len(),
            learned: self.learned.len(),
            cases: cases.iter().map(|cases| cases.len() as u64).sum(),
            reduced,
            faults: kinds.iter().map(FaultKind::name).collect(),
            ..Verdict::default()
        };
        verdict.faults.dedup();
        for (added, selections) in (0..).zip(cases) {
            let faults = self.depth - added;
            let how = Exploration { reduced, faults, kinds: kinds.clone(), whole: whole.clone() };
            for selection in selections {
                let operations = selection.iter().map(|index| calls[*index].clone()).collect();
                if self.case(operations, &how, &mut verdict)?.is_break() {
                    return Ok(verdict);
                }
                tell(&verdict);
            }
        }
        Ok(verdict)
    }

    /// Runs every order of a case. Breaks off where something is found or the budget is spent.
    fn case(
        &self,
        operations: Vec<Operation>,
        how: &Exploration,
        verdict: &mut Verdict,
    ) -> Result<ControlFlow<()>, Error> {
        let scenario = Scenario { operations, ..Scenario::default() };
        let left = self.budget.map(|budget| budget.saturating_sub(verdict.orders));
        if left == Some(0) {
            return Ok(ControlFlow::Break(()));
        }
        let (mut found, mut run) = (None, 0);
        let explored = self.examiner.simulation.explore(&scenario, how, &mut |ran| {
            run += 1;
            let examined = self.examiner.judge(ran)?;
            if examined.violation.is_some() {
                found = Some(examined);
            }
            let over = found.is_some() || left == Some(run);
            Ok(if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        verdict.orders += explored.orders;
        verdict.steps += explored.steps;
        verdict.covered += u64::from(explored.complete);
        if let Some(examined) = found {
            verdict.finding = Some(self.confirm(&examined, verdict.orders)?);
        }
        let stop = verdict.finding.is_some() || !explored.complete;
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn confirm(&self, examined: &Checked, executions: u64) -> Result<Finding, Error> {
        let environment = Environment { executions, ..self.environment.clone() };
        confirm(&self.examiner, self.pristine, examined, environment)
    }

    /// A failure, which to a callback is like any other, and what puppets answer.
    fn kinds(&self) -> Vec<FaultKind> {
        let mut kinds = vec![FaultKind::Panic];
        if self.target.puppets().next().is_some() {
            kinds.push(FaultKind::FailsLater);
            let answers = [&b"null"[..], b"\"0\"", b"\"340282366920938463463374607431768211455\""];
            kinds.extend(answers.map(|answer| FaultKind::Answer(answer.to_vec())));
        }
        kinds.retain(|kind| !self.target.faults_off.contains(kind.name()));
        kinds
    }

    /// Accounts whose contracts may look at more than keys of their state; whether one may look at the
    /// time.
    fn curious(&self) -> (BTreeSet<AccountId>, bool) {
        let (mut whole, mut timed) = (BTreeSet::new(), false);
        for account in &self.target.accounts {
            let Some(contract) = &account.contract else { continue };
            // What cannot be read is taken to look at everything.
            let anatomy = ModuleInfo::of(&contract.code);
            let looks = |names: &[&str]| {
                anatomy.as_ref().map_or(true, |known| names.iter().any(|name| known.imports(name)))
            };
            if looks(WHOLE) {
                whole.insert(account.id.clone());
            }
            timed |= looks(TIME);
        }
        (whole, timed)
    }
}

/// All ways to take `size` of `count` things, the same one several times where wanted, order left out.
fn selections(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..size {
        let longer = |selection: &Vec<usize>| {
            let from = selection.last().copied().unwrap_or(0);
            (from..count).map(|next| [&selection[..], &[next]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections_are_multisets() {
        assert_eq!(selections(2, 2), [[0, 0], [0, 1], [1, 1]]);
        // 4 + 3 - 1 over 3.
        assert_eq!(selections(4, 3).len(), 20);
        assert!(selections(0, 2).is_empty());
    }
}
