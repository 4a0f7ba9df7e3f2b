#![doc = include_str!("../README.md")]

pub mod adversary;
pub mod campaign;
pub mod chain;
pub mod cli;
pub mod conformance;
pub mod decision;
pub mod discovery;
pub mod finding;
pub mod invariant;
pub mod report;
pub mod scenario;
pub mod simulation;
pub mod types;
pub mod vm;
