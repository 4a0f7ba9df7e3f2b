//! Describes a compiled contract: what it exports and imports, and whether the chain runs it.
//!
//! Calls only the methods in which a contract describes itself. The texts come from the contract: escape them
//! before you show them.

use std::sync::Arc;

use near_parameters::ExtCosts;
use serde::Serialize;

use super::abi;
use super::abi::Metadata;
use super::standards;
use crate::chain::Protocol;
use crate::discovery::Error;
use crate::discovery::argument_inference::{Probe, ProbeCall};
use crate::targets::is_word;
use crate::types::{AccountId, Gas, NearToken};
use crate::vm::{ContractCode, Engine, ModuleInfo, Storage, imports_alone};

/// How the names of callbacks start, by custom.
const CALLBACK_STARTS: [&str; 7] =
    ["on_", "resolve_", "callback", "after_", "cb_", "finish_", "handle_"];
const CALLBACK_PARTS: [&str; 4] = ["_callback", "_resolve", "_resolve_", "callback_"];

/// What near-sdk-js reports for a wrong argument to a host function.
const JS_BUILDER: &str = "Expect Uint64 for register_id";

/// The most words that are listed.
const SHOWN_TEXTS: usize = 400;

/// Describes a compiled contract.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inspection {
    /// The whole file, in bytes.
    pub bytes: usize,
    /// Its code, in bytes.
    pub code_bytes: usize,
    /// Its data, in bytes.
    pub data_bytes: usize,
    /// Functions in the code.
    pub functions: usize,
    /// The gas that loading it burns in every call, in single units of gas.
    pub load_gas: u64,
    /// Why the chain does not run it; `None` if it does.
    pub rejected: Option<String>,
    /// The language and SDK that it was probably written with.
    pub made_with: String,
    /// Methods that can be called.
    pub methods: Vec<String>,
    /// Exported functions that are not methods, because they have parameters or results.
    pub other_exports: Vec<String>,
    /// Methods that are callbacks by their names.
    pub likely_callbacks: Vec<String>,
    /// Imported functions.
    pub imports: Vec<String>,
    /// What its imports allow it to do.
    pub powers: Vec<&'static str>,
    /// Standards that its methods implement.
    pub standards: Vec<String>,
    /// Where its ABI is.
    pub abi: &'static str,
    /// Its own description, after NEP-330.
    pub metadata: Option<Metadata>,
    /// Custom sections: name and bytes.
    pub custom_sections: Vec<(String, usize)>,
    /// Words in its data: names of members, methods, accounts, storage prefixes.
    pub words: Vec<String>,
}

impl Inspection {
    /// Inspects a contract.
    ///
    /// # Errors
    /// If it is not WebAssembly, or the engine fails.
    pub fn of(
        code: &Arc<ContractCode>,
        protocol: &Protocol,
        engine: &dyn Engine,
    ) -> Result<Self, Error> {
        let module = ModuleInfo::of(code.code())?;
        let account: AccountId = "contract.near".parse().expect("a valid id");
        let probe = Probe {
            engine,
            protocol,
            code: Arc::clone(code),
            account,
            storage: Storage::default(),
        };
        let rejected = rejected(&probe)?;
        let embedded = rejected.is_none() && abi::embedded(&probe, &module)?.is_some();
        let metadata = if rejected.is_none() { abi::metadata(&probe, &module)? } else { None };
        let costs = &protocol.config.wasm_config.ext_costs;
        let bytes = code.code().len();
        let load = costs.gas_cost(ExtCosts::contract_loading_base).saturating_add(
            costs.gas_cost(ExtCosts::contract_loading_bytes).saturating_mul(bytes as u64),
        );
        Ok(Self::from_parts(&module, bytes, load, Found { rejected, embedded, metadata }))
    }

    fn from_parts(module: &ModuleInfo, bytes: usize, load: Gas, found: Found) -> Self {
        let names = |method| {
            let exports = module.exports.iter().filter(move |(_, is)| **is == method);
            exports.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let methods = names(true);
        let likely = methods.iter().filter(|name| is_likely_callback(name)).cloned().collect();
        let standards = standards::recognise(|name| module.exports.contains_key(name));
        let imports = module.imports.iter().map(|(module, name)| format!("{module}.{name}"));
        let words = module.texts.iter().filter(|text| is_word(text)).take(SHOWN_TEXTS);
        Self {
            bytes,
            code_bytes: module.code_bytes,
            data_bytes: module.data_bytes,
            functions: module.functions,
            load_gas: load.as_gas(),
            rejected: found.rejected,
            made_with: made_with(module, found.metadata.as_ref()),
            methods,
            other_exports: names(false),
            likely_callbacks: likely,
            imports: imports.collect(),
            powers: powers(module),
            standards: standards
                .iter()
                .map(|standard| format!("{} ({})", standard.name, standard.about))
                .collect(),
            abi: if found.embedded { "in the contract" } else { "not in the contract" },
            metadata: found.metadata,
            custom_sections: module.custom.clone(),
            words: words.cloned().collect(),
        }
    }
}

/// What calling the contract showed.
struct Found {
    rejected: Option<String>,
    embedded: bool,
    metadata: Option<Metadata>,
}

/// Whether the name is that of a callback by custom.
#[must_use]
pub fn is_likely_callback(name: &str) -> bool {
    CALLBACK_STARTS.iter().any(|start| name.starts_with(start))
        || CALLBACK_PARTS.iter().any(|part| name.contains(part))
}

/// The most imports that are tried one by one, and the most missing ones that are named.
const TRIED_IMPORTS: usize = 500;
const NAMED_IMPORTS: usize = 8;

/// Why the chain does not run the contract; `None` if it does.
pub(super) fn rejected(probe: &Probe<'_>) -> Result<Option<String>, crate::vm::Error> {
    let Some(reason) = refusal(probe)? else { return Ok(None) };
    let mut lacking = Vec::new();
    for (name, alone) in imports_alone(probe.code.code()).into_iter().take(TRIED_IMPORTS) {
        let probe = Probe { code: Arc::new(ContractCode::new(alone, None)), ..probe.clone() };
        if lacking.len() < NAMED_IMPORTS && refusal(&probe)?.is_some() {
            lacking.push(name);
        }
    }
    Ok(Some(match lacking.len() {
        0 => reason,
        _ => format!("{reason}: the chain lacks the host functions {}", lacking.join(", ")),
    }))
}

/// The failure of a call of a missing method; `None` if it only says that the method is missing.
fn refusal(probe: &Probe<'_>) -> Result<Option<String>, crate::vm::Error> {
    let call = ProbeCall {
        method: "interloper checks whether this loads",
        input: &[],
        caller: &probe.account,
        deposit: NearToken::ZERO,
        results: &[],
        view: false,
    };
    let failure = probe.call(&call)?.failure.unwrap_or_default();
    Ok(if failure.contains("MethodNotFound") { None } else { Some(failure) })
}

fn powers(module: &ModuleInfo) -> Vec<&'static str> {
    const POWERS: [(&str, &[&str]); 11] = [
        (
            "calls other contracts",
            &[
                "promise_create",
                "promise_then",
                "promise_batch_action_function_call",
                "promise_batch_action_function_call_weight",
            ],
        ),
        ("waits for results in callbacks", &["promise_result", "promise_results_count"]),
        ("sends NEAR", &["promise_batch_action_transfer"]),
        ("creates accounts", &["promise_batch_action_create_account"]),
        ("deletes accounts", &["promise_batch_action_delete_account"]),
        (
            "deploys contracts",
            &[
                "promise_batch_action_deploy_contract",
                "promise_batch_action_deploy_global_contract",
                "promise_batch_action_use_global_contract",
            ],
        ),
        (
            "adds and removes keys",
            &[
                "promise_batch_action_add_key_with_full_access",
                "promise_batch_action_add_key_with_function_call",
                "promise_batch_action_delete_key",
            ],
        ),
        ("stakes", &["promise_batch_action_stake"]),
        ("yields and resumes", &["promise_yield_create", "promise_yield_resume"]),
        ("writes state", &["storage_write"]),
        ("removes state", &["storage_remove"]),
    ];
    let has = |imports: &[&str]| imports.iter().any(|import| module.imports(import));
    POWERS.iter().filter(|(_, imports)| has(imports)).map(|(power, _)| *power).collect()
}

/// What the contract was written with, by the texts that each SDK leaves in the file.
fn made_with(module: &ModuleInfo, metadata: Option<&Metadata>) -> String {
    let holds = |part: &str| module.texts.iter().any(|text| text.contains(part));
    let guess = if holds("QuickJS")
        || holds("JS_NewContext")
        || holds("near-sdk-js")
        || holds(JS_BUILDER)
    {
        "JavaScript (near-sdk-js)"
    } else if holds("~lib/") || module.custom.iter().any(|(name, _)| name == "assemblyscript") {
        "AssemblyScript"
    } else if holds("MicroPython") || holds("micropython") {
        "Python (near-sdk-py)"
    } else if holds("runtime.gopanic") || holds("tinygo") || holds("nil pointer dereference") {
        "Go (TinyGo)"
    } else if holds("Failed to deserialize input from") || holds("The contract is not initialized")
    {
        "Rust (near-sdk)"
    } else if holds("called `Option::unwrap()`") || holds("/rustc/") || holds("src/lib.rs") {
        "Rust"
    } else {
        "unknown"
    };
    match metadata.and_then(|metadata| metadata.version.as_deref()) {
        Some(version) => format!("{guess}; contract version {version}"),
        None => guess.to_owned(),
    }
}
