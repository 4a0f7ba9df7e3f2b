//! Makes cases that fit a target, and changes them: the structured mutator of the fuzzer.
//!
//! It never runs a case, and what it makes always fits the target.

mod context;
mod generate;
mod mutate;
mod replace;
#[cfg(test)]
mod tests;

pub use generate::{calls, from_fuzzer_bytes, generate, generate_from_bytes, generate_history};
pub use mutate::{crossover, crossover_bytes, mutate, mutate_bytes};
pub use replace::{Replacement, replacements};
