//! Arguments of contract methods: which values a method takes, drawing and changing them, and their encoding
//! as JSON or borsh.
//!
//! It knows neither a target nor a case.

pub mod abi;
pub(crate) mod composed_text;
pub(crate) mod draw;
pub mod integer;
pub(crate) mod operands;
pub mod template;
pub(crate) mod used;
pub(crate) mod values;

pub use operands::Match;
