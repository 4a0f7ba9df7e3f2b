#![doc = include_str!("../README.md")]

pub mod chain;
pub mod conformance;
pub mod types;
pub mod vm;
