//! Bugs that are known: `known.toml` beside a target names them, so that finding them is no news.
//!
//! Never hides anything else: an entry that is no fingerprint is an error.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Error;
use crate::types::Fingerprint;

/// The file's name.
const FILE: &str = "known.toml";

/// Fewest digits of a fingerprint: as many as a finding's file name shows.
const LEAST_DIGITS: usize = 8;

/// Bugs that are known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    known: Vec<Entry>,
}

impl Known {
    /// Reads `known.toml` in a target's folder; nothing is known where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or an entry lacks its fingerprint or its reason.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::File { what: "read", path, error }),
        }
    }

    fn parse(text: &str, path: PathBuf) -> Result<Self, Error> {
        let error = |problem| Error::Known { path: path.clone(), problem };
        let document: Document =
            toml::from_str(text).map_err(|reason| error(reason.to_string()))?;
        for entry in &document.known {
            let Entry { fingerprint, reason } = entry;
            let digits = fingerprint.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
            if !digits || fingerprint.len() < LEAST_DIGITS {
                return Err(error(format!(
                    "`{fingerprint}` is no fingerprint: write the last part of the finding's file name, or more digits of its `fingerprint`"
                )));
            }
            if reason.trim().is_empty() {
                return Err(error(format!("say in `reason` why {fingerprint} may stay")));
            }
        }
        Ok(Self { entries: document.known })
    }

    /// Why this bug may stay, where it is known.
    #[must_use]
    pub fn reason(&self, fingerprint: &Fingerprint) -> Option<&str> {
        let full = fingerprint.to_string();
        let entry = self.entries.iter().find(|entry| full.starts_with(&entry.fingerprint));
        entry.map(|entry| entry.reason.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Known, String> {
        Known::parse(text, PathBuf::from("known.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_known_bug_is_named_by_its_fingerprint_and_has_a_reason() {
        let bug = Fingerprint::of(b"bug");
        let text = format!("[[known]]\nfingerprint = \"{}\"\nreason = \"meant\"", bug.short());
        let known = parse(&text).unwrap();
        assert_eq!(known.reason(&bug), Some("meant"));
        assert_eq!(known.reason(&Fingerprint::of(b"other")), None);
    }

    #[test]
    fn an_entry_that_would_hide_everything_is_refused() {
        let error = parse("[[known]]\nfingerprint = \"\"\nreason = \"x\"").unwrap_err();
        assert!(error.contains("is no fingerprint"), "{error}");
        let error = parse("[[known]]\nfingerprint = \"12345678\"\nreason = \" \"").unwrap_err();
        assert!(error.contains("say in `reason`"), "{error}");
        let error = parse("[[known]]\nfingerprint = \"12345678\"").unwrap_err();
        assert!(error.contains("missing field `reason`"), "{error}");
        assert!(parse("know = []").is_err());
    }
}
