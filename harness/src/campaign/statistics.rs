//! How a campaign went: what every campaign counts, and how the counts of several campaigns add up.
//!
//! The one place for a counter: the screen, the files and the processes of a fleet all use this type.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{MissingAccount, Noticed, Reach, goals, missing_accounts, noticed, windows};

/// How a campaign went, or several campaigns of one target together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Statistics {
    /// Cases run, without those that shrinking ran.
    pub executions: u64,
    /// Different kinds of behaviour seen.
    pub behaviours: u64,
    /// Windows seen, and windows in which another operation ran.
    #[serde(default)]
    pub windows: windows::WindowCounts,
    /// Which methods have succeeded, why the others have not, and which windows have opened.
    #[serde(default)]
    pub reach: Reach,
    /// Worlds that cases start from, besides the one after the set-up.
    #[serde(default)]
    pub worlds: u64,
    /// How many operations the longest history of those has.
    #[serde(default)]
    pub deepest_history: u64,
    /// Different findings. A campaign counts known ones; its command line does not.
    pub findings: usize,
    /// What was noticed without any harm that could be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Noticed>,
    /// How far it came with each of the target's goals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<goals::Standing>,
    /// In how many cases each of the target's allowances applied, in the target's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<u64>,
    /// Accounts that contracts call and that the target does not have.
    #[serde(default, alias = "strangers", skip_serializing_if = "Vec::is_empty")]
    pub missing_accounts: Vec<MissingAccount>,
    /// How long it took. In files a number of seconds.
    #[serde(rename = "seconds", with = "seconds")]
    pub elapsed: Duration,
}

impl Statistics {
    /// Adds a campaign of the same target. Both may have seen the same behaviours, so the larger number counts;
    /// windows count once; everything else adds up, the time too.
    pub fn merge(&mut self, other: &Self) {
        self.executions += other.executions;
        self.behaviours = self.behaviours.max(other.behaviours);
        self.worlds = self.worlds.max(other.worlds);
        self.deepest_history = self.deepest_history.max(other.deepest_history);
        self.reach.merge(&other.reach);
        self.windows = self.windows.most(other.windows).most(self.reach.coverage());
        self.findings = self.findings.saturating_add(other.findings);
        noticed::merge(&mut self.observations, &other.observations);
        goals::merge(&mut self.goals, &other.goals);
        let longest = self.allowed.len().max(other.allowed.len());
        self.allowed.resize(longest, 0);
        self.allowed.iter_mut().zip(&other.allowed).for_each(|(own, more)| *own += more);
        missing_accounts::merge(&mut self.missing_accounts, &other.missing_accounts);
        self.elapsed = self.elapsed.saturating_add(other.elapsed);
    }

    /// Executions per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate needs few digits")]
        let executions = self.executions as f64;
        executions / self.elapsed.as_secs_f64().max(0.001)
    }

    /// Counts the allowances that a case needed, by their positions in the target.
    pub(super) fn allow(&mut self, positions: &[usize]) {
        for position in positions {
            let longest = self.allowed.len().max(position + 1);
            self.allowed.resize(longest, 0);
            self.allowed[*position] += 1;
        }
    }
}

/// A duration as a number of seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(time.as_secs_f64())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_what_both_may_have_seen_does_not() {
        let one = Statistics {
            executions: 10,
            behaviours: 7,
            windows: windows::WindowCounts { entered: 1, seen: 4 },
            findings: 1,
            allowed: vec![0, 2],
            elapsed: Duration::from_secs(2),
            ..Statistics::default()
        };
        let other = Statistics {
            executions: 5,
            behaviours: 9,
            windows: windows::WindowCounts { entered: 2, seen: 3 },
            allowed: vec![1],
            elapsed: Duration::from_secs(1),
            ..Statistics::default()
        };
        let mut both = one.clone();
        both.merge(&other);
        assert_eq!((both.executions, both.behaviours, both.findings), (15, 9, 1));
        assert_eq!(both.windows, windows::WindowCounts { entered: 2, seen: 4 });
        assert_eq!(both.allowed, [1, 2]);
        assert_eq!(both.elapsed, Duration::from_secs(3));
        assert!((both.rate() - 5.0).abs() < 1e-9);
    }

    #[test]
    fn a_file_holds_seconds_and_files_of_earlier_versions_load() {
        let statistics = Statistics {
            executions: 3,
            elapsed: Duration::from_millis(1_500),
            ..Statistics::default()
        };
        let text = serde_json::to_string(&statistics).expect("statistics have a JSON form");
        assert!(text.contains("\"seconds\":1.5"), "{text}");
        assert_eq!(
            serde_json::from_str::<Statistics>(&text).expect("it was just written"),
            statistics
        );
        let earlier = r#"{"executions":3,"behaviours":4,"findings":0,"seconds":1.5,
            "strangers":[{"account":"a.near","method":"price","caller":"b.near"}]}"#;
        let earlier: Statistics = serde_json::from_str(earlier).expect("an earlier version's file");
        assert_eq!(earlier.missing_accounts.len(), 1);
        let negative = r#"{"executions":3,"behaviours":4,"findings":0,"seconds":-1.0}"#;
        assert!(serde_json::from_str::<Statistics>(negative).is_err());
    }
}
