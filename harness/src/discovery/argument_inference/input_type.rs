//! What a method reads as its input.
//!
//! Data only.

use super::argument_type::ArgumentType;
use crate::arguments::abi::Layout;

/// What a method reads as its input.
#[derive(Clone, Debug, PartialEq)]
pub enum InputType {
    /// The method does not read its input.
    Nothing,
    /// JSON of this type.
    Json(ArgumentType),
    /// Borsh values, one after another, each with a name.
    Borsh(Vec<(String, Layout)>),
    /// Not found out.
    Unknown,
}
