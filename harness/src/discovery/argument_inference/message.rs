//! Infers what a contract reads in a text: JSON, packed bytes, values with separators between them, or nothing but
//! text.
//!
//! The best source first: serde's errors, then how far the text is read, then which texts change the failure.

use std::collections::BTreeSet;

use super::argument_type::{ArgumentType, TextKind};
use super::inference::{ArgumentInference, Subject};
use super::serde_error::SerdeError;
use super::stated_amounts::without_numbers;
use super::trials::Result;
use super::{borsh, silent_json, text_type};
use crate::arguments::operands::{Match, Operands};
use crate::targets::is_word;

/// A text in no form that contracts read.
const ANY_TEXT: &str = "Any text? Yes!";
/// What parts of a text are at first.
const ANY_PART: &str = "zzz";
/// What separates parts of a text.
const SEPARATORS: [&str; 8] = [":", ",", "|", ";", "/", "#", "-", " "];
/// How many parts a text may have.
const PARTS: std::ops::RangeInclusive<usize> = 2..=5;
/// The most words of the contract that are tried at one place.
const MOST_WORDS: usize = 300;

/// Letters that hardly occur together otherwise, and how many of them are compared with the contract's words:
/// compilers put short words into the code.
const LETTERS: &str = "qzxjkvwpgyfbhmdu";
const COMPARED: std::ops::RangeInclusive<usize> = 3..=16;

/// What the contract reads in the text; `None` if it accepts any text, or if nothing shows what it reads.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn infer(
    inference: &ArgumentInference<'_>,
) -> Result<Option<ArgumentType>> {
    let Some(refusal) = inference.failure(ANY_TEXT.as_bytes())? else { return Ok(None) };
    let message = Message { inference, refusal: Refusal::of(&refusal, ANY_TEXT) };
    let Some(shape) = message.form(&refusal)? else { return Ok(None) };
    let empty = inference.failure(b"")?;
    let takes_empty = !matches!(shape, ArgumentType::Packed { .. })
        && message.is_progress(empty.as_deref(), "")
        && !empty.as_deref().is_some_and(SerdeError::is_one);
    Ok(Some(if takes_empty {
        ArgumentType::OneOf(vec![shape, ArgumentType::Example("".into())])
    } else {
        shape
    }))
}

struct Message<'a> {
    inference: &'a ArgumentInference<'a>,
    /// The failure with a text in no known form.
    refusal: Refusal,
}

impl Message<'_> {
    fn form(&self, refusal: &str) -> Result<Option<ArgumentType>> {
        let json = |shape| ArgumentType::JsonText(Box::new(shape));
        if SerdeError::of(refusal).is_some()
            && let Some(shape) = self.inference.infer()?
            && self.accepts(&json(shape.clone()))?
        {
            return Ok(Some(json(shape)));
        }
        if let Some(shape) = silent_json::infer(self.inference)? {
            return Ok(Some(json(shape)));
        }
        let meaning = text_type::meaning(self.inference.user, |text| self.reads(text))?;
        if let Some(ArgumentType::Bytes(form)) = meaning {
            let Subject::Text { input, pointer, .. } = self.inference.subject else {
                return Ok(meaning);
            };
            let subject = Subject::Text { input, pointer, form: Some(form) };
            let inference = ArgumentInference { subject, ..self.inference.clone() };
            let layouts = borsh::infer_hidden(&inference)?.filter(|layouts| !layouts.is_empty());
            return Ok(layouts.map(|layouts| ArgumentType::Packed { form, layouts }).or(meaning));
        }
        // Texts in usual forms have separators, too.
        let usual = matches!(meaning, Some(ArgumentType::Text(TextKind::Words(_))));
        if let (true, Some(shape)) = (usual || meaning.is_none(), self.joined()?) {
            return Ok(Some(shape));
        }
        if meaning.is_some() {
            return Ok(meaning);
        }
        // Elsewhere, a method that fails with any text most likely fails for another reason.
        let message = matches!(
            self.inference.subject,
            Subject::Text { pointer, .. } if pointer.ends_with("/msg")
        );
        if !message {
            return Ok(None);
        }
        let words = self.words(&[], 0, "", &self.refusal)?;
        Ok(if words.is_empty() { None } else { Some(ArgumentType::Text(TextKind::Words(words))) })
    }

    /// Whether an example of this type is not refused for its form.
    fn accepts(&self, shape: &ArgumentType) -> Result<bool> {
        let example = shape.example(self.inference.user);
        let failure = self.inference.failure(example.as_str().unwrap_or_default().as_bytes())?;
        Ok(!failure.as_deref().is_some_and(SerdeError::is_one))
    }

    /// Whether the contract gets further with this text than with any other.
    fn reads(&self, text: &str) -> Result<bool> {
        Ok(self.is_progress(self.inference.failure(text.as_bytes())?.as_deref(), text))
    }

    fn is_progress(&self, failure: Option<&str>, text: &str) -> bool {
        failure.is_none_or(|failure| Refusal::of(failure, text).differs(&self.refusal))
    }

    /// A fixed number of parts with separators between them.
    fn joined(&self) -> Result<Option<ArgumentType>> {
        for separator in SEPARATORS {
            // A part that contains the separator would show up as two.
            for count in PARTS {
                let parts = vec![ANY_PART.to_owned(); count];
                if !self.reads(&parts.join(separator))? {
                    continue;
                }
                let items = self.items(parts, separator)?;
                return Ok(Some(ArgumentType::Joined { separator: separator.to_owned(), items }));
            }
        }
        Ok(None)
    }

    /// What each part is: the first that gets the call further.
    fn items(&self, mut parts: Vec<String>, separator: &str) -> Result<Vec<ArgumentType>> {
        let mut items: Vec<Option<ArgumentType>> = vec![None; parts.len()];
        let failure = |parts: &[String]| -> Result<Option<Refusal>> {
            let text = parts.join(separator);
            let failure = self.inference.failure(text.as_bytes())?;
            Ok(failure.map(|failure| Refusal::of(&failure, &text)))
        };
        // The contract may read a later part before an earlier one.
        for _ in 0..2 {
            for at in 0..parts.len() {
                let Some(refusal) = failure(&parts)?.filter(|_| items[at].is_none()) else {
                    continue;
                };
                let reads = |text: &str| -> Result<bool> {
                    // It would count as two parts.
                    if text.contains(separator) {
                        return Ok(false);
                    }
                    let mut parts = parts.clone();
                    text.clone_into(&mut parts[at]);
                    Ok(failure(&parts)?.is_none_or(|failure| failure.differs(&refusal)))
                };
                let shape = match text_type::meaning(self.inference.user, reads)? {
                    Some(shape) => shape,
                    None => {
                        let words = self.words(&parts, at, separator, &refusal)?;
                        if words.is_empty() {
                            continue;
                        }
                        ArgumentType::Text(TextKind::Words(words))
                    }
                };
                let example = shape.example(self.inference.user);
                parts[at] = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                items[at] = Some(shape);
            }
        }
        let plain = ArgumentType::Text(TextKind::Plain);
        Ok(items.into_iter().map(|item| item.unwrap_or_else(|| plain.clone())).collect())
    }

    /// The words of the contract that get the call further at this place among the parts.
    fn words(
        &self,
        parts: &[String],
        at: usize,
        separator: &str,
        refusal: &Refusal,
    ) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let with = |word: &str| {
            let mut parts = parts.to_vec();
            match parts.get_mut(at) {
                Some(part) => word.clone_into(part),
                None => parts.push(word.to_owned()),
            }
            parts.join(separator)
        };
        let mut candidates: BTreeSet<String> =
            self.inference.names.iter().take(MOST_WORDS).cloned().collect();
        for length in COMPARED {
            let letters = &LETTERS[..length];
            let compared = self.inference.compared(with(letters).as_bytes())?;
            let words = Operands::of(&compared).of_bytes(letters.as_bytes()).into_iter();
            let words = words.filter(|(why, _)| *why != Match::Length);
            let words = words.filter_map(|(_, word)| String::from_utf8(word).ok());
            candidates.extend(words.filter(|word| is_word(word)));
        }
        for word in candidates {
            if !separator.is_empty() && word.contains(separator) {
                continue;
            }
            let text = with(&word);
            let failure = self.inference.failure(text.as_bytes())?;
            if failure.is_none_or(|failure| Refusal::of(&failure, &text).differs(refusal)) {
                found.push(word);
            }
        }
        // What changes with every word says nothing of any of them.
        Ok(if found.len() * 4 > self.inference.names.len().max(8) { Vec::new() } else { found })
    }
}

/// A failure without numbers: as it is, and without the text that it may repeat.
struct Refusal {
    whole: String,
    without_text: String,
}

impl Refusal {
    fn of(failure: &str, text: &str) -> Self {
        let without_text =
            if text.len() < 3 { failure.to_owned() } else { failure.replace(text, "") };
        Self {
            whole: without_numbers(failure),
            without_text: without_numbers(&without_text.replace(ANY_PART, "")),
        }
    }

    /// Whether the contract says something else, and not only repeats another text.
    fn differs(&self, other: &Self) -> bool {
        self.whole != other.whole && self.without_text != other.without_text
    }
}
