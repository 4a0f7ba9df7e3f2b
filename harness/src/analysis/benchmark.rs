//! How good a search is: campaigns on targets whose bugs are known, and what they should have said.
//!
//! Never prints, and never knows a target by name: each says itself what it expects.

#![expect(clippy::disallowed_methods, reason = "it says how long a bug took to find")]

use std::collections::BTreeSet;

use serde::Serialize;

use crate::campaign::{Campaign, Error};
use crate::finding::Finding;
use crate::types::Seed;

/// One campaign on one build.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The campaign's seed.
    pub seed: Seed,
    /// What broke first among what was expected to break; where nothing was, what broke at all.
    pub found: Option<Found>,
    /// Invariants that broke before, none of them expected.
    pub others: Vec<Found>,
    /// Cases run.
    pub executions: u64,
    /// How long it took, in seconds, shrinking included.
    pub seconds: f64,
}

/// What a campaign found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The invariant.
    pub invariant: String,
    /// How it broke, in a sentence.
    pub summary: String,
}

/// All campaigns on one build.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The target's name.
    pub target: String,
    /// The build.
    pub build: String,
    /// The invariants of which one has to break; none where the build must stay silent.
    pub expected: Vec<String>,
    /// One for each seed.
    pub trials: Vec<Trial>,
}

/// How a build fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A bug, found under every seed.
    Found,
    /// A bug, not found under some seed.
    Missed,
    /// Nothing was to find, and nothing was found.
    Silent,
    /// Nothing was to find, and something was.
    FalseAlarm,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missed => "MISSED",
            Self::Silent => "silent",
            Self::FalseAlarm => "FALSE ALARM",
        }
    }

    /// Whether it is as it should be.
    #[must_use]
    pub fn is_good(self) -> bool {
        matches!(self, Self::Found | Self::Silent)
    }
}

impl Row {
    /// How the build fared.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let found = |trial: &Trial| trial.found.is_some();
        match self.expected.is_empty() {
            true if self.trials.iter().any(found) => Verdict::FalseAlarm,
            true => Verdict::Silent,
            false if self.trials.iter().all(found) => Verdict::Found,
            false => Verdict::Missed,
        }
    }

    /// The invariants that explained it, in the order of the seeds, each once.
    #[must_use]
    pub fn explained_by(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for found in self.trials.iter().filter_map(|trial| trial.found.as_ref()) {
            if !names.contains(&found.invariant.as_str()) {
                names.push(&found.invariant);
            }
        }
        names
    }

    /// The median of the executions.
    #[must_use]
    pub fn executions(&self) -> u64 {
        let mut all: Vec<_> = self.trials.iter().map(|trial| trial.executions).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(0)
    }

    /// The median of the seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let mut all: Vec<_> = self.trials.iter().map(|trial| trial.seconds).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    }
}

impl Row {
    /// One line of the table.
    #[must_use]
    pub fn line(&self) -> String {
        let by = match self.verdict() {
            Verdict::Missed => format!("expected {}", self.expected.join(" or ")),
            _ => self.explained_by().join(", "),
        };
        format!(
            "{:<14} {:<8} {:<12} {by:<18} {:>9} executions {:>7.1} s",
            self.target,
            self.build,
            self.verdict().describe(),
            self.executions(),
            self.seconds()
        )
    }

    /// What went otherwise than expected, a line for each seed.
    #[must_use]
    pub fn surprises(&self) -> Vec<String> {
        self.trials.iter().filter_map(|trial| self.surprise(trial)).collect()
    }

    fn surprise(&self, trial: &Trial) -> Option<String> {
        let seed = trial.seed.0;
        if self.expected.is_empty() {
            let found = trial.found.as_ref()?;
            return Some(format!("  seed {seed}: {}: {}", found.invariant, found.summary));
        }
        let others: Vec<_> = trial.others.iter().map(|other| other.invariant.as_str()).collect();
        let others = others.join(", ");
        match (&trial.found, others.is_empty()) {
            (Some(_), true) => None,
            (Some(_), false) => Some(format!("  seed {seed}: before it {others}")),
            (None, true) => Some(format!("  seed {seed}: nothing broke")),
            (None, false) => Some(format!("  seed {seed}: only {others} broke")),
        }
    }
}

/// The invariants that explain some bug alone, in alphabetical order.
#[must_use]
pub fn sole_explanations(rows: &[Row]) -> BTreeSet<String> {
    let alone = rows.iter().filter(|row| row.expected.len() == 1);
    alone.flat_map(|row| row.expected.iter().cloned()).collect()
}

/// What is missed without an invariant.
#[must_use]
pub fn ablation_line(invariant: &str, missed: &[String]) -> String {
    let missed = if missed.is_empty() { "NOTHING".to_owned() } else { missed.join(", ") };
    format!("without {invariant:<16} nothing breaks in {missed}")
}

/// How many bugs were found, and how many right builds had a finding.
#[must_use]
pub fn summary(rows: &[Row]) -> String {
    let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
    let (found, missed) = (count(Verdict::Found), count(Verdict::Missed));
    let (silent, alarms) = (count(Verdict::Silent), count(Verdict::FalseAlarm));
    format!(
        "{found} of {} bugs found, {alarms} false alarms on {} right builds",
        found + missed,
        silent + alarms
    )
}

/// The table as JSON, with the result for each seed.
#[must_use]
pub fn to_json(rows: &[Row]) -> serde_json::Value {
    let row = |row: &Row| {
        serde_json::json!({
            "target": row.target,
            "build": row.build,
            "expected": row.expected,
            "verdict": row.verdict(),
            "explained_by": row.explained_by(),
            "executions": row.executions(),
            "seconds": row.seconds(),
            "trials": row.trials,
        })
    };
    serde_json::json!({ "rows": rows.iter().map(row).collect::<Vec<_>>() })
}

/// What it gives, and how many seconds it takes.
pub fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    let start = std::time::Instant::now();
    let result = run();
    (result, start.elapsed().as_secs_f64())
}

/// Runs a campaign until something breaks that is `expected`, or, where nothing is, until anything does.
///
/// # Errors
/// As [`Campaign::run`].
pub fn trial(campaign: &Campaign<'_>, expected: &[String]) -> Result<Trial, Error> {
    trial_where(campaign, &|invariant| {
        expected.is_empty() || expected.iter().any(|e| e == invariant)
    })
}

/// Runs a campaign until something breaks that is `wanted`, an invariant by its name.
///
/// # Errors
/// As [`Campaign::run`].
pub fn trial_where(campaign: &Campaign<'_>, wanted: &dyn Fn(&str) -> bool) -> Result<Trial, Error> {
    let explains = |finding: &Finding| wanted(&finding.violation.invariant);
    let (findings, statistics) =
        campaign.run_until(&mut |_| {}, &mut |finding| explains(finding))?;
    let (mut found, mut others) = (None, Vec::new());
    for finding in &findings {
        let this = Found {
            invariant: finding.violation.invariant.clone(),
            summary: finding.violation.summary.clone(),
        };
        if explains(finding) { found = Some(this) } else { others.push(this) }
    }
    let seconds = statistics.elapsed.as_secs_f64();
    let executions = statistics.executions;
    Ok(Trial { seed: campaign.seed, found, others, executions, seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(expected: &[&str], found: &[Option<&str>]) -> Row {
        let trial = |(index, found): (usize, &Option<&str>)| Trial {
            seed: Seed(index as u64),
            found: found.map(|name| Found { invariant: name.to_owned(), summary: String::new() }),
            others: Vec::new(),
            executions: [5, 900, 40][index],
            seconds: 1.0,
        };
        Row {
            target: "vault".to_owned(),
            build: "broken".to_owned(),
            expected: expected.iter().map(|&name| name.to_owned()).collect(),
            trials: found.iter().enumerate().map(trial).collect(),
        }
    }

    #[test]
    fn the_table_says_what_was_missed_and_under_which_seed() {
        let missed = row(&["profit"], &[Some("profit"), None]);
        assert!(missed.line().contains("MISSED       expected profit"), "{}", missed.line());
        assert_eq!(missed.surprises(), ["  seed 1: nothing broke"]);
        let alarm = row(&[], &[Some("refund")]);
        assert_eq!(alarm.surprises(), ["  seed 0: refund: "]);
        let rows = [missed, alarm, row(&["refund"], &[Some("refund")]), row(&[], &[None])];
        assert_eq!(summary(&rows), "1 of 2 bugs found, 1 false alarms on 2 right builds");
        assert_eq!(sole_explanations(&rows).into_iter().collect::<Vec<_>>(), ["profit", "refund"]);
        assert_eq!(
            ablation_line("profit", &[]),
            "without profit           nothing breaks in NOTHING"
        );
    }

    #[test]
    fn one_seed_that_misses_or_alarms_decides() {
        let all = [Some("profit"), Some("refund"), Some("profit")];
        let some = [Some("profit"), None, Some("profit")];
        assert_eq!(row(&["profit", "refund"], &all).verdict(), Verdict::Found);
        assert_eq!(row(&["profit"], &some).verdict(), Verdict::Missed);
        assert_eq!(row(&[], &some).verdict(), Verdict::FalseAlarm);
        assert_eq!(row(&[], &[None, None]).verdict(), Verdict::Silent);
        assert_eq!(row(&["profit"], &all).explained_by(), ["profit", "refund"]);
        assert_eq!(row(&["profit"], &all).executions(), 40);
    }
}
