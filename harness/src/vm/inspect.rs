//! Reads the exports and function names of a contract without running it.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{ExternalKind, KnownCustom, Name, Parser, Payload, TypeRef};

/// Why a file cannot be used as a contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a complete WebAssembly file: {0}\n  help: build the contract again, and copy the whole file"
)]
pub struct InvalidContract(String);

impl InvalidContract {
    pub(super) fn new(problem: &dyn std::fmt::Display) -> Self {
        Self(problem.to_string())
    }
}

/// The functions that a contract exports: its methods.
///
/// # Errors
/// If the code is not a complete WebAssembly module.
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

/// The name of each function that the code defines, in order: its exported name, or else the one in the name
/// section. As many as can be read.
pub(super) fn function_names(code: &[u8]) -> Vec<Option<String>> {
    let mut names = BTreeMap::new();
    let mut functions = 0;
    let mut imported = 0;
    for payload in Parser::new(0).parse_all(code) {
        let Ok(payload) = payload else { break };
        // A section that cannot be read contributes no names.
        let _ = match payload {
            Payload::ImportSection(section) => section.into_iter().try_for_each(|import| {
                imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                wasmparser::Result::Ok(())
            }),
            Payload::FunctionSection(section) => {
                functions = section.count();
                Ok(())
            }
            Payload::ExportSection(section) => section.into_iter().try_for_each(|export| {
                let export = export?;
                if export.kind == ExternalKind::Func {
                    names.insert(export.index, export.name.to_owned());
                }
                Ok(())
            }),
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(section) => {
                    let mut section = section.into_iter();
                    section.try_for_each(|subsection| read_names(&subsection?, &mut names))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        };
    }
    (imported..imported.saturating_add(functions)).map(|index| names.remove(&index)).collect()
}

/// Keeps an exported name, since that is the one in calls.
fn read_names(name: &Name<'_>, names: &mut BTreeMap<u32, String>) -> wasmparser::Result<()> {
    let Name::Function(functions) = name else { return Ok(()) };
    for naming in functions.clone() {
        let naming = naming?;
        // Demangles Rust names. Others stay as they are.
        let name = || format!("{:#}", rustc_demangle::demangle(naming.name));
        names.entry(naming.index).or_insert_with(name);
    }
    Ok(())
}
