//! Words that contracts hold: names in their data, and of their methods. They are what a text in an
//! argument may have to be.
//!
//! Never runs a contract.

use std::collections::BTreeSet;

use super::Account;
use crate::vm::ModuleInfo;

/// In letters.
const SHORTEST: usize = 3;

/// Whether a text looks like a name that means something to the contract.
#[must_use]
pub fn is_word(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.:".contains(letter);
    (1..=64).contains(&text.len())
        && text.chars().all(plain)
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// The words of all contracts, each once, in alphabetical order. A contract that cannot be read has none.
pub(super) fn words(accounts: &[Account]) -> Vec<String> {
    let contracts = accounts.iter().filter_map(|account| account.contract.as_ref());
    let modules = contracts.filter_map(|contract| ModuleInfo::of(&contract.code).ok());
    let words: BTreeSet<_> = modules.flat_map(|module| words_of(&module)).collect();
    words.into_iter().collect()
}

/// The words of one contract.
pub(crate) fn words_of(module: &ModuleInfo) -> BTreeSet<String> {
    let all = module.texts.iter().chain(module.exports.keys());
    // Shorter ones are mostly chance.
    all.filter(|word| word.len() >= SHORTEST && is_word(word)).cloned().collect()
}
