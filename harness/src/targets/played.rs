//! What a target says of accounts that a puppet plays: whether they mean well, and what they answer.
//!
//! Only reads. Never plays anybody.

use std::collections::BTreeMap;

use serde_json::json;

use super::Target;
use super::document::{Field, Section};
use super::read::method_name_of;
use crate::adversary::{FaultKind, FaultPolicy};
use crate::scenario::Error;

/// Most answers to one method.
const MAX_ANSWERS: usize = 64;

/// What a puppet answers, by the method that is called: the first is the usual one.
pub type Answers = BTreeMap<String, Vec<Vec<u8>>>;

/// `trusted` and `answers` of an `[[account]]`, where a puppet plays it.
pub(super) fn read(section: &Section<'_>, puppet: bool) -> Result<(bool, Answers), Error> {
    let trusted = section.field("trusted").map_or(Ok(false), Field::boolean)?;
    let answers = section.field("answers").map(answers).transpose()?.unwrap_or_default();
    // An override may have put a real contract there: then there is nothing to play.
    Ok(if puppet { (trusted, answers) } else { (false, Answers::new()) })
}

fn answers(field: &Field<'_>) -> Result<Answers, Error> {
    let members = field.section()?.into_members().into_iter();
    members
        .map(|(method, field)| {
            method_name_of(method, &field)?;
            let items = field.items()?;
            if items.is_empty() || items.len() > MAX_ANSWERS {
                let cure =
                    format!("write a list of 1 to {MAX_ANSWERS} texts, as in ['null', '\"1\"']");
                return Err(field.error(format!("has {} answers", items.len()), cure));
            }
            let items = items.iter().map(answer).collect::<Result<_, _>>()?;
            Ok((method.to_owned(), items))
        })
        .collect()
}

/// The bytes of an answer, written as scenarios write them.
fn answer(field: &Field<'_>) -> Result<Vec<u8>, Error> {
    match serde_json::from_value(json!({ "answer": field.text()? })) {
        Ok(FaultKind::Answer(bytes)) => Ok(bytes),
        Ok(_) => Ok(Vec::new()),
        Err(reason) => Err(field.error(format!("is no answer ({reason})"), "write its text")),
    }
}

impl Target {
    /// Whom the adversary plays in this target, and what it leaves alone.
    #[must_use]
    pub fn reach(&self) -> FaultPolicy {
        let played = self.accounts.iter().filter(|account| account.puppet);
        let trusted = played.clone().filter(|account| account.trusted);
        FaultPolicy {
            puppets: self.puppets().cloned().collect(),
            trusted: trusted.map(|account| account.id.clone()).collect(),
            answers: played
                .flat_map(|account| {
                    let each = account.answers.iter();
                    each.map(|(name, all)| ((account.id.clone(), name.clone()), all.clone()))
                })
                .collect(),
            off: self.faults_off.clone(),
        }
    }

    /// Answers that the target names, whoever gives them.
    pub fn answers(&self) -> impl Iterator<Item = &[u8]> {
        let all = self.accounts.iter().flat_map(|account| account.answers.values());
        all.flatten().map(Vec::as_slice)
    }
}
