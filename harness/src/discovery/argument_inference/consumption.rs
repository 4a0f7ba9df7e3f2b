//! Finds out how far a contract reads a text, from the gas that it burns: a parser that meets a value that it
//! does not accept stops there, and blanks behind that value then cost nothing.
//!
//! Works without any help of the contract: what it says about the text does not matter.

use std::cell::Cell;

use super::inference::ArgumentInference;
use super::trials::Result;

/// How many blanks follow the text in the two calls that are compared. The difference is a multiple of what
/// copies of texts handle at once.
const BLANKS: [usize; 2] = [64, 320];
/// What follows the blanks: no parser accepts it, so that no call goes on after the text was read. The quote
/// makes all texts alike for what copies them: a text with an escape is copied another way.
const END: &str = "~\"";
/// The least gas that a parser burns for skipping one blank: three instructions.
const SKIPPING: u64 = 2_400_000;
/// A text that a JSON parser rejects at once.
const REJECTED: &str = "]";

/// Finds out how far a text is read, within a budget of calls.
pub(super) struct Consumption<'a> {
    inference: &'a ArgumentInference<'a>,
    left: Cell<u32>,
    /// The gas of the blanks behind a text of which nothing is read, and at least this much more behind a text
    /// that is read.
    unread: u64,
    skipping: u64,
}

impl<'a> Consumption<'a> {
    /// For a text of which a contract says too little; `None` if it does not parse it as JSON.
    pub(super) fn new(inference: &'a ArgumentInference<'a>, budget: u32) -> Result<Option<Self>> {
        let mut this = Self { inference, left: Cell::new(budget), unread: 0, skipping: 0 };
        this.unread = this.blanks(REJECTED)?;
        let mut most = 0;
        for beginning in ["{", "[", "\"a\"", "1"] {
            most = this.blanks(beginning)?.saturating_sub(this.unread).max(most);
        }
        // What else depends on the text costs much less than reading it.
        this.skipping = most / 2;
        let reads = most > SKIPPING * (BLANKS[1] - BLANKS[0]) as u64;
        // A contract that reads another rejected text as well does not read JSON.
        Ok((reads && !this.reads(",")?).then_some(this))
    }

    /// Whether the contract reads this beginning of a text, and goes on behind it.
    pub(super) fn reads(&self, beginning: &str) -> Result<bool> {
        if self.spent() {
            return Ok(false);
        }
        Ok(self.blanks(beginning)? > self.unread.saturating_add(self.skipping))
    }

    pub(super) fn spent(&self) -> bool {
        self.left.get() == 0
    }

    /// The gas of the blanks behind this beginning of a text.
    fn blanks(&self, beginning: &str) -> Result<u64> {
        self.left.set(self.left.get().saturating_sub(1));
        let gas = |blanks: usize| -> Result<u64> {
            let text = format!("{beginning}{}{END}", " ".repeat(blanks));
            Ok(self.inference.call(text.as_bytes())?.burnt_gas.as_gas())
        };
        Ok(gas(BLANKS[1])?.saturating_sub(gas(BLANKS[0])?))
    }
}
