//! Searches for arguments with which a call succeeds: changes one argument at a time to what the contract
//! compared it with, to what its failures name, and to other values of the same type.
//!
//! Follows the changes that lead to a failure not seen before, the one that burnt the most gas first: the contract
//! got furthest there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::method_probe::{CallContext, MethodProbe, Result};
use crate::arguments::operands::{Match, Operands};
use crate::discovery::argument_inference::argument_changes::{Leaf, leaves};
use crate::discovery::argument_inference::example_values::VARIATIONS;
use crate::discovery::argument_inference::stated_amounts::{stated_numbers, without_numbers};
use crate::discovery::argument_inference::{ArgumentType, ProbeOutcome};

/// Calls that one search may cost.
const BUDGET: usize = 1_200;
/// The most changes of one argument that are tried from one starting point.
const MOST_CHANGES: usize = 40;

/// The arguments with which the call succeeded and its outcome, or the failure of the call that got furthest.
type Found = std::result::Result<(Value, ProbeOutcome), String>;

/// Arguments with which the call failed, and how.
struct Failed {
    arguments: Value,
    failure: String,
    gas: u64,
}

/// Searches for arguments of this type with which the call succeeds.
pub(super) fn search(
    methods: &MethodProbe<'_>,
    method: &str,
    context: &CallContext<'_>,
    shape: &ArgumentType,
) -> Result<Found> {
    let mut search = Search {
        methods,
        method,
        context,
        left: BUDGET,
        tried: BTreeSet::new(),
        failures: BTreeSet::new(),
        open: Vec::new(),
    };
    for variation in 0..VARIATIONS {
        let arguments = methods.values.for_setup(shape, variation);
        if let Some(found) = search.attempt(arguments)? {
            return Ok(Ok(found));
        }
    }
    let mut furthest: Option<(u64, String)> = None;
    while let Some(failed) = search.next() {
        if furthest.as_ref().is_none_or(|(gas, _)| *gas < failed.gas) {
            furthest = Some((failed.gas, failed.failure.clone()));
        }
        for changed in search.changes(shape, &failed)? {
            if let Some(found) = search.attempt(changed)? {
                return Ok(Ok(found));
            }
            if search.left == 0 {
                break;
            }
        }
    }
    Ok(Err(furthest.map(|(_, failure)| failure).unwrap_or_default()))
}

struct Search<'a> {
    methods: &'a MethodProbe<'a>,
    method: &'a str,
    context: &'a CallContext<'a>,
    left: usize,
    tried: BTreeSet<String>,
    /// Failures that were seen, without numbers.
    failures: BTreeSet<String>,
    /// Where the search may go on.
    open: Vec<Failed>,
}

impl Search<'_> {
    /// Calls the method, unless these arguments were tried. Keeps them if the failure is new.
    fn attempt(&mut self, arguments: Value) -> Result<Option<(Value, ProbeOutcome)>> {
        let input = arguments.to_string();
        if self.left == 0 || !self.tried.insert(input.clone()) {
            return Ok(None);
        }
        self.left -= 1;
        let outcome = self.methods.call(self.method, self.context, input.as_bytes())?;
        let Some(failure) = outcome.failure.clone() else { return Ok(Some((arguments, outcome))) };
        if self.failures.insert(without_numbers(&failure)) {
            self.open.push(Failed { arguments, failure, gas: outcome.burnt_gas.as_gas() });
        }
        Ok(None)
    }

    /// The arguments that got furthest, of those from which the search did not go on yet.
    fn next(&mut self) -> Option<Failed> {
        let furthest = self.open.iter().enumerate().max_by_key(|(_, failed)| failed.gas);
        let at = furthest.map(|(at, _)| at).filter(|_| self.left > 0)?;
        Some(self.open.remove(at))
    }

    /// The arguments with one of them changed, the likeliest changes first.
    fn changes(&mut self, shape: &ArgumentType, failed: &Failed) -> Result<Vec<Value>> {
        let input = failed.arguments.to_string();
        let (_, compared) =
            self.methods.call_comparing(self.method, self.context, input.as_bytes())?;
        let operands = Operands::of(&compared);
        let numbers = stated_numbers(&failed.failure);
        let failure = failed.failure.to_lowercase();
        let mut leaves = leaves(shape, &failed.arguments);
        // An argument that the failure names comes first.
        leaves.sort_by_key(|leaf| !leaf.words().any(|word| failure.contains(word)));
        let mut all = Vec::new();
        let values = self.methods.values;
        for leaf in &leaves {
            let suggested = leaf.compared(&operands, values).into_iter();
            let likely =
                suggested.filter(|(kind, _)| *kind != Match::Small).map(|(_, value)| value);
            all.push((leaf, likely.take(MOST_CHANGES).collect::<Vec<_>>()));
        }
        for leaf in &leaves {
            all.push((leaf, leaf.with_numbers(&numbers, values)));
        }
        for leaf in &leaves {
            all.push((leaf, leaf.others(values)));
        }
        for leaf in &leaves {
            let suggested = leaf.compared(&operands, values).into_iter();
            let chance =
                suggested.filter(|(kind, _)| *kind == Match::Small).map(|(_, value)| value);
            all.push((leaf, chance.take(MOST_CHANGES).collect()));
        }
        let changed = |(leaf, values): (&Leaf<'_>, Vec<Value>)| {
            let with = |value| leaf.replaced(&failed.arguments, value);
            values.into_iter().map(with).collect::<Vec<_>>()
        };
        Ok(all.into_iter().flat_map(changed).collect())
    }
}
