//! What a contract offers: the names of its methods.
//!
//! Never runs it.

use std::collections::BTreeSet;

use wasmparser::{ExternalKind, Parser, Payload};

use super::ContractCode;

/// The functions that `code` exports, in the order of their names; none where it is not valid code.
#[must_use]
pub fn methods(code: &ContractCode) -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    for payload in Parser::new(0).parse_all(code.code()) {
        let Ok(Payload::ExportSection(exports)) = payload else { continue };
        let exports = exports.into_iter().flatten();
        let functions = exports.filter(|export| export.kind == ExternalKind::Func);
        methods.extend(functions.map(|export| export.name.to_owned()));
    }
    methods
}
