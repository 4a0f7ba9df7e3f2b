//! What can be wrong with a target or a scenario, each with its place and its cure.
//!
//! Never holds a contract's failure: that is data.

use std::io;
use std::path::PathBuf;

/// A target or a scenario that cannot be used. The text is for a person: place, problem, then what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{}: cannot be read: {source}\n  help: {cure}", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
        /// What to do.
        cure: String,
    },
    /// `target.toml` is no TOML.
    #[error("{}:{line}: this is not TOML: {problem}\n  help: {cure}", file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the TOML reader said.
        problem: String,
        /// What to do.
        cure: String,
    },
    /// A field of `target.toml` is wrong.
    #[error("{}:{line}: `{field}` {problem}\n  help: {cure}", file.display())]
    Field {
        /// Which file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The way to it, as in `account.balance`.
        field: String,
        /// What is wrong, as the rest of a sentence that starts with the field.
        problem: String,
        /// What to do.
        cure: String,
    },
    /// An option of the command line does not fit the target.
    #[error("`{option}` {problem}\n  help: {cure}")]
    Option {
        /// The option as it was written.
        option: String,
        /// What is wrong, as the rest of a sentence that starts with the option.
        problem: String,
        /// What to do.
        cure: String,
    },
    /// A scenario's JSON cannot be read.
    #[error("{origin}:{line}:{column}: {problem}\n  help: {cure}")]
    Json {
        /// Where the text comes from, a path as a rule.
        origin: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong.
        problem: String,
        /// What to do.
        cure: String,
    },
    /// A scenario's binary form cannot be read.
    #[error("{origin}: this is no scenario: {problem}\n  help: {cure}")]
    Bytes {
        /// Where the bytes come from, a path as a rule.
        origin: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        cure: String,
    },
    /// A scenario names what its target does not have.
    #[error("the scenario does not fit target `{target}`: {place} {problem}\n  help: {cure}")]
    Unfit {
        /// The target's name.
        target: String,
        /// Where in the scenario, as in `operation 1`.
        place: String,
        /// What is wrong, as the rest of a sentence that starts with the place.
        problem: String,
        /// What to do.
        cure: String,
    },
}

/// The name that was most likely meant, if any is near enough.
pub(crate) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = written.chars().count().div_ceil(3).max(1);
    let distances = names.into_iter().map(|name| (distance(written, name), name));
    distances.filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// A cure for an unknown name: the nearest one, then all there are.
pub(crate) fn cure_for_name(written: &str, kind: &str, names: &[&str]) -> String {
    let all = if names.is_empty() { "(none)".to_owned() } else { names.join(", ") };
    match nearest(written, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? The {kind} are: {all}"),
        None => format!("the {kind} are: {all}"),
    }
}

/// How many letters to insert, remove, change or swap with a neighbour to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let change = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_likely_one() {
        let names = ["id", "balance", "contract", "under-test"];
        assert_eq!(nearest("balanse", names), Some("balance"));
        assert_eq!(nearest("blaance", names), Some("balance"));
        assert_eq!(nearest("under_test", names), Some("under-test"));
        assert_eq!(nearest("weight", names), None);
    }
}
