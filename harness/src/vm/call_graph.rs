//! Which exported functions of a contract can reach a host function, as far as direct calls tell.
//!
//! Reads the code and does not run it. Calls through a table are not followed: they would lead from every
//! function to almost every other.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

use super::inspect::InvalidContract;

/// The calls of a module, by function index.
#[derive(Default)]
struct CallGraph {
    /// Imported functions: their names in `env`, or nothing for other modules.
    imported: Vec<String>,
    exported: BTreeMap<String, u32>,
    /// For each function that the code defines, what it calls.
    calls: Vec<Vec<u32>>,
    ended: bool,
}

/// The exported functions from which direct calls lead to one of these host functions.
///
/// # Errors
/// If the code is not a complete WebAssembly module.
pub fn exports_that_reach(
    code: &[u8],
    host_functions: &[&str],
) -> Result<BTreeSet<String>, InvalidContract> {
    let graph = CallGraph::read(code)?;
    let mut reaching: Vec<bool> =
        graph.imported.iter().map(|name| host_functions.contains(&name.as_str())).collect();
    reaching.resize(graph.imported.len() + graph.calls.len(), false);
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); reaching.len()];
    for (defined, calls) in graph.calls.iter().enumerate() {
        for callee in calls {
            if let Some(callers) = callers.get_mut(*callee as usize) {
                callers.push(graph.imported.len() + defined);
            }
        }
    }
    let mut waiting: Vec<_> = (0..reaching.len()).filter(|function| reaching[*function]).collect();
    while let Some(function) = waiting.pop() {
        for caller in &callers[function] {
            if !std::mem::replace(&mut reaching[*caller], true) {
                waiting.push(*caller);
            }
        }
    }
    let reaches = |index: u32| reaching.get(index as usize).copied().unwrap_or(false);
    let found = graph.exported.into_iter().filter(|(_, index)| reaches(*index));
    Ok(found.map(|(name, _)| name).collect())
}

impl CallGraph {
    fn read(code: &[u8]) -> Result<Self, InvalidContract> {
        let invalid = |error: wasmparser::BinaryReaderError| InvalidContract::new(&error);
        let mut graph = Self::default();
        for payload in Parser::new(0).parse_all(code) {
            let payload = payload.map_err(invalid)?;
            graph.take(payload).map_err(invalid)?;
        }
        if graph.ended { Ok(graph) } else { Err(InvalidContract::new(&"it ends too early")) }
    }

    fn take(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section {
                    let import = import?;
                    if matches!(import.ty, TypeRef::Func(_)) {
                        let host = import.module == "env";
                        let name = if host { import.name } else { "" };
                        self.imported.push(name.to_owned());
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exported.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => self.calls.push(calls_of(&body)?),
            Payload::End(_) => self.ended = true,
            _ => {}
        }
        Ok(())
    }
}

/// The functions that a function calls directly, each once.
fn calls_of(body: &FunctionBody<'_>) -> wasmparser::Result<Vec<u32>> {
    let mut calls = BTreeSet::new();
    for operator in body.get_operators_reader()? {
        if let Operator::Call { function_index } | Operator::ReturnCall { function_index } =
            operator?
        {
            calls.insert(function_index);
        }
    }
    Ok(calls.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
        ImportSection, Module, TypeSection,
    };

    use super::*;

    /// A contract that imports two host functions, 0 and 1. Its functions begin at 2, and each is exported
    /// under its name and calls the functions listed.
    fn contract(functions: &[(&str, &[u32])]) -> Vec<u8> {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], []);
        for name in ["promise_then", "storage_write"] {
            imports.import("env", name, EntityType::Function(0));
        }
        let (mut declared, mut exports) = (FunctionSection::new(), ExportSection::new());
        let mut code = CodeSection::new();
        for (index, (name, calls)) in (2..).zip(functions) {
            declared.function(0);
            exports.export(name, ExportKind::Func, index);
            let mut body = Function::new([]);
            for callee in *calls {
                body.instructions().call(*callee);
            }
            body.instructions().end();
            code.function(&body);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&declared);
        module.section(&exports).section(&code);
        module.finish()
    }

    #[test]
    fn calls_are_followed_through_other_functions_and_circles() {
        let code = contract(&[
            ("direct", &[0]),
            ("through_two", &[4]),
            ("between", &[3, 2]),
            ("writes", &[1]),
            ("alone", &[]),
        ]);
        let reach = |host: &[&str]| exports_that_reach(&code, host).expect("a complete module");
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(reach(&["promise_then"]), names(&["between", "direct", "through_two"]));
        assert_eq!(reach(&["storage_write"]), names(&["writes"]));
        assert_eq!(reach(&["promise_yield_create"]), BTreeSet::new());
    }

    #[test]
    fn half_a_contract_is_an_error() {
        let code = contract(&[("direct", &[0])]);
        assert!(exports_that_reach(&code[..code.len() / 2], &["promise_then"]).is_err());
    }
}
