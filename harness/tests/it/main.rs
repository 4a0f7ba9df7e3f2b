//! Integration tests, all in one program, because each program links the whole virtual machine.
//!
//! What several of them need is in `support`. To run one room: `cargo test --release --test it campaign::`.
//! `tests/tidy.rs` looks at the sources only, so it is a program of its own that links quickly.

mod abi;
mod adversary;
mod argument_inference;
mod campaign;
mod command_line;
mod crash_safety;
mod docs;
mod engines;
mod explore;
mod findings;
mod fuzz_drivers;
mod histories;
mod init;
mod inspect;
mod messages;
mod near_guide;
mod nightly;
mod readme;
mod receipt_order;
mod resource_exhaustion;
mod schedulers;
mod sdk_languages;
mod serializability;
mod support;
mod user_defined;
