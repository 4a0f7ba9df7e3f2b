//! Looks into a contract without running it.
//!
//! Never says whether the chain would run it: that is found out by running it.

use std::collections::BTreeSet;

use wasmparser::{ExternalKind, Parser, Payload};

/// Why a file cannot be used as a contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no complete WebAssembly file ({0}): build the contract again and copy it whole")]
pub struct InvalidContract(String);

impl InvalidContract {
    pub(super) fn new(problem: &dyn std::fmt::Display) -> Self {
        Self(problem.to_string())
    }
}

/// The functions that a contract exports: the methods that can be called.
///
/// # Errors
/// When the code is no complete WebAssembly.
pub fn exports(code: &[u8]) -> Result<BTreeSet<String>, InvalidContract> {
    let invalid = |error: wasmparser::BinaryReaderError| InvalidContract(error.to_string());
    let mut names = BTreeSet::new();
    let mut ended = false;
    for payload in Parser::new(0).parse_all(code) {
        match payload.map_err(invalid)? {
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(invalid)?;
                    if export.kind == ExternalKind::Func {
                        names.insert(export.name.to_owned());
                    }
                }
            }
            Payload::End(_) => ended = true,
            _ => {}
        }
    }
    if ended { Ok(names) } else { Err(InvalidContract("it ends too early".to_owned())) }
}
