//! Splits a contract's imports into one module each, to find out which of them the chain does not provide.

use wasm_encoder::reencode::{Error, Reencode as _, RoundtripReencoder};
use wasm_encoder::{EntityType, ImportSection, Module, TypeSection};
use wasmparser::{FuncType, Parser, Payload, TypeRef};

type Result<T> = std::result::Result<T, Error>;

/// Each imported function, as in `env.input`, with a contract that imports only that one. As many as can be
/// read.
#[must_use]
pub fn imports_alone(code: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    // A module that cannot be read any further has no more imports.
    let _ = collect(code, &mut found);
    found
}

fn collect(code: &[u8], found: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut types = Vec::new();
    for payload in Parser::new(0).parse_all(code) {
        match payload? {
            Payload::TypeSection(section) => {
                for kind in section.into_iter_err_on_gc_types() {
                    types.push(kind?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section {
                    let import = import?;
                    let TypeRef::Func(kind) = import.ty else { continue };
                    let Some(kind) = types.get(kind as usize) else { continue };
                    let name = format!("{}.{}", import.module, import.name);
                    found.push((name, alone(import.module, import.name, kind)?));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn alone(module: &str, name: &str, kind: &FuncType) -> Result<Vec<u8>> {
    let values = |kinds: &[wasmparser::ValType]| {
        kinds.iter().map(|kind| RoundtripReencoder.val_type(*kind)).collect::<Result<Vec<_>>>()
    };
    let mut types = TypeSection::new();
    types.ty().function(values(kind.params())?, values(kind.results())?);
    let mut imports = ImportSection::new();
    imports.import(module, name, EntityType::Function(0));
    let mut alone = Module::new();
    alone.section(&types).section(&imports);
    Ok(alone.finish())
}
