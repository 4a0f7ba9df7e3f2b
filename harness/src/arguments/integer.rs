//! Whole numbers of any width on one line, so that ranges and edges are found the same way for all.
//!
//! A number's *position* is a `u128` that grows with it: the number itself where the type is unsigned, the number
//! with its sign bit flipped where it is signed. Never draws anything.

use serde_json::Value;

/// The width and sign of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the Rust types")]
pub enum IntegerKind {
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
}

/// How a whole number stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberForm {
    /// As `5`. JSON readers keep 64 bits.
    Number,
    /// As `"5"`, which is how near-sdk's `U128` and `U64` read and write it.
    Text,
}

/// The sign bit that tells positions of signed numbers from the numbers.
const SIGN: u128 = 1 << 127;

impl IntegerKind {
    /// All of them, with the names that Rust gives them.
    pub(crate) const NAMES: [(&'static str, Self); 10] = [
        ("u8", Self::U8),
        ("u16", Self::U16),
        ("u32", Self::U32),
        ("u64", Self::U64),
        ("u128", Self::U128),
        ("i8", Self::I8),
        ("i16", Self::I16),
        ("i32", Self::I32),
        ("i64", Self::I64),
        ("i128", Self::I128),
    ];

    /// The kind that Rust calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Rust's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// How many bytes it takes in borsh.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 => 8,
            Self::U128 | Self::I128 => 16,
        }
    }

    /// Whether it has a sign.
    #[must_use]
    pub fn signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::I128)
    }

    /// How contracts usually write it in JSON: 128 bits as text, less as a number.
    #[must_use]
    pub fn usual_form(self) -> NumberForm {
        if self.width() == 16 { NumberForm::Text } else { NumberForm::Number }
    }

    /// The positions of the smallest and the largest number.
    #[must_use]
    pub fn range(self) -> (u128, u128) {
        let unused = 128 - 8 * self.width();
        if self.signed() {
            (position_of_signed(i128::MIN >> unused), position_of_signed(i128::MAX >> unused))
        } else {
            (0, u128::MAX >> unused)
        }
    }

    /// The positions of the smallest and the largest number that JSON can hold in this form.
    pub(crate) fn range_in(self, form: NumberForm) -> (u128, u128) {
        match (self, form) {
            (Self::U128, NumberForm::Number) => Self::U64.range(),
            (Self::I128, NumberForm::Number) => Self::I64.range(),
            _ => self.range(),
        }
    }

    /// Where 0 is.
    pub(crate) fn zero(self) -> u128 {
        if self.signed() { SIGN } else { 0 }
    }

    /// The position of a number written in decimal digits, if it fits.
    pub(crate) fn position_of_text(self, digits: &str) -> Option<u128> {
        let position = if self.signed() {
            position_of_signed(digits.parse().ok()?)
        } else {
            digits.parse::<u128>().ok()?
        };
        let (min, max) = self.range();
        (min..=max).contains(&position).then_some(position)
    }

    /// The position of a JSON number or of decimal digits in a JSON text, if it fits.
    pub(crate) fn position_of(self, value: &Value) -> Option<u128> {
        match value {
            Value::Number(number) => self.position_of_text(&number.to_string()),
            Value::String(digits) => self.position_of_text(digits),
            _ => None,
        }
    }

    /// The number at a position, in decimal digits.
    pub(crate) fn text(self, position: u128) -> String {
        if self.signed() { signed_at(position).to_string() } else { position.to_string() }
    }

    /// The number at a position as JSON. What does not fit into a JSON number becomes text.
    pub(crate) fn value(self, position: u128, form: NumberForm) -> Value {
        let number = if self.signed() {
            i64::try_from(signed_at(position)).ok().map(Value::from)
        } else {
            u64::try_from(position).ok().map(Value::from)
        };
        match (form, number) {
            (NumberForm::Number, Some(number)) => number,
            _ => Value::String(self.text(position)),
        }
    }

    /// The number at a position as borsh writes it: its low bytes, the lowest first.
    pub(crate) fn to_borsh(self, position: u128) -> Vec<u8> {
        let bits = if self.signed() { position ^ SIGN } else { position };
        bits.to_le_bytes()[..self.width()].to_vec()
    }

    /// The position of the number that borsh wrote.
    pub(crate) fn position_of_borsh(self, bytes: &[u8]) -> u128 {
        let unused = 128 - 8 * self.width();
        let mut wide = [0; 16];
        wide[..self.width()].copy_from_slice(&bytes[..self.width()]);
        if self.signed() {
            position_of_signed((i128::from_le_bytes(wide) << unused) >> unused)
        } else {
            u128::from_le_bytes(wide)
        }
    }
}

fn position_of_signed(number: i128) -> u128 {
    number.cast_unsigned() ^ SIGN
}

fn signed_at(position: u128) -> i128 {
    (position ^ SIGN).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_are_those_of_the_rust_types() {
        let text = |kind: IntegerKind| {
            let (min, max) = kind.range();
            format!("{} {}..={}", kind.name(), kind.text(min), kind.text(max))
        };
        assert_eq!(text(IntegerKind::U8), "u8 0..=255");
        assert_eq!(text(IntegerKind::I8), "i8 -128..=127");
        assert_eq!(text(IntegerKind::I64), format!("i64 {}..={}", i64::MIN, i64::MAX));
        assert_eq!(text(IntegerKind::U128), format!("u128 0..={}", u128::MAX));
        assert_eq!(text(IntegerKind::I128), format!("i128 {}..={}", i128::MIN, i128::MAX));
        assert_eq!(IntegerKind::U8.position_of_text("256"), None);
        assert_eq!(IntegerKind::I8.position_of_text("-129"), None);
    }

    proptest! {
        #[test]
        fn borsh_is_that_of_the_rust_types(byte: i8, word: u64, signed: i128) {
            let bytes = |kind: IntegerKind, number: String| kind.to_borsh(kind.position_of_text(&number).unwrap());
            prop_assert_eq!(bytes(IntegerKind::I8, byte.to_string()), borsh::to_vec(&byte).unwrap());
            prop_assert_eq!(bytes(IntegerKind::U64, word.to_string()), borsh::to_vec(&word).unwrap());
            prop_assert_eq!(bytes(IntegerKind::I128, signed.to_string()), borsh::to_vec(&signed).unwrap());
        }

        #[test]
        fn every_position_reads_back(bits: u128, pick in 0usize..10) {
            let kind = IntegerKind::NAMES[pick].1;
            let position = kind.position_of_borsh(&bits.to_le_bytes());
            prop_assert_eq!(kind.position_of_borsh(&kind.to_borsh(position)), position);
            for form in [NumberForm::Number, NumberForm::Text] {
                prop_assert_eq!(kind.position_of(&kind.value(position, form)), Some(position));
            }
        }
    }
}
