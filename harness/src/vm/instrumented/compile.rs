//! Compiles a contract to machine code that can be instantiated at once. The engine keeps the result.

use std::collections::BTreeMap;
use std::sync::Arc;

use near_parameters::vm::{Config, VMKind};
use near_vm_runner::ContractCode;
use wasmtime::{
    Enabled, Engine, ExternType, InstanceAllocationStrategy, InstancePre, Linker, Module,
    ModuleExport, OptLevel, PoolingAllocationConfig, StoreLimits, StoreLimitsBuilder, Strategy,
    WasmBacktraceDetails,
};

use super::context::Context;
use super::{link, metered, offsets};

const PAGE: usize = 1 << 16;

/// How many calls may run at a time, in as many threads.
const CONCURRENT_CALLS: u32 = 64;

/// How much memory of a finished call is zeroed and kept, in bytes: what a contract usually touches.
const KEPT_MEMORY: usize = 8 << 20;

/// What `near_vm_runner` puts before the contract's own exports.
const PREFIX: &str = "\0";

/// Where the runner takes limits that the configuration leaves open.
const TABLES: u32 = 1;
const TABLE_ELEMENTS: usize = 10_000;

/// Compiles contracts for one configuration.
pub(super) struct Compiler {
    config: Arc<Config>,
    engine: Engine,
    linker: Linker<Context>,
}

/// A contract that can be run.
pub(super) struct Compiled {
    pub(super) instance: InstancePre<Context>,
    pub(super) memory: ModuleExport,
    pub(super) counters: ModuleExport,
    pub(super) gas: Option<ModuleExport>,
    /// Its start function, exported so that it can be run when the gas is set.
    pub(super) start: Option<ModuleExport>,
    /// Exported functions without arguments and results, by name.
    pub(super) methods: BTreeMap<String, ModuleExport>,
    pub(super) blocks: u32,
    /// The number of each function's first counter.
    pub(super) functions: Vec<u32>,
    pub(super) records: Option<Recording>,
}

/// Where a contract's comparisons are recorded.
pub(super) struct Recording {
    pub(super) place: metered::Records,
    /// The globals that count the records of numbers and of texts.
    pub(super) made: [ModuleExport; 2],
}

impl Compiler {
    /// A compiler. Without `optimize` it compiles faster, and the code runs slower.
    pub(super) fn new(config: Arc<Config>, optimize: bool) -> wasmtime::Result<Self> {
        let mut settings = settings(&config);
        settings.cranelift_opt_level(if optimize { OptLevel::Speed } else { OptLevel::None });
        let engine = Engine::new(&settings)?;
        let mut linker = Linker::new(&engine);
        link::link(&mut linker, &config)?;
        Ok(Self { config, engine, linker })
    }

    /// The position of each counter in the contract's own code, if it can be found.
    pub(super) fn offsets(&self, code: &ContractCode) -> Vec<Option<u64>> {
        let prepared =
            near_vm_runner::prepare::prepare_contract(code.code(), &self.config, VMKind::Wasmtime);
        let found = prepared.ok().and_then(|prepared| {
            let gas = metered::gas_global(&prepared).ok()??;
            offsets::offsets(code.code(), &prepared, gas).ok()
        });
        found.unwrap_or_default()
    }

    /// Compiles `code`, with recorders of comparisons if `compare` is set. The error says why it cannot be compiled.
    pub(super) fn compile(&self, code: &ContractCode, compare: bool) -> Result<Compiled, String> {
        let prepared =
            near_vm_runner::prepare::prepare_contract(code.code(), &self.config, VMKind::Wasmtime)
                .map_err(|error| error.to_string())?;
        let counted = metered::count(&prepared, compare).map_err(|error| error.to_string())?;
        self.load(&counted).map_err(|error| format!("{error:#}"))
    }

    fn load(&self, counted: &metered::Counted) -> wasmtime::Result<Compiled> {
        let module = Module::new(&self.engine, &counted.wasm)?;
        let instance = self.linker.instantiate_pre(&module)?;
        let export = |name| {
            let export = module.get_export_index(name);
            export.ok_or_else(|| wasmtime::Error::msg(format!("it does not export {name}")))
        };
        let [numbers, texts] = metered::RECORDS_EXPORTS;
        let records = match counted.records {
            Some(place) => Some(Recording { place, made: [export(numbers)?, export(texts)?] }),
            None => None,
        };
        Ok(Compiled {
            records,
            memory: export("memory")?,
            counters: export(metered::COUNTERS_EXPORT)?,
            gas: module.get_export_index(metered::GAS_EXPORT),
            start: module.get_export_index("start"),
            methods: methods(&module),
            blocks: counted.blocks,
            functions: counted.functions.clone(),
            instance,
        })
    }

    pub(super) fn limits(&self) -> StoreLimits {
        let limits = &self.config.limit_config;
        StoreLimitsBuilder::new()
            .instances(1)
            .memories(2)
            .memory_size(memory_size(&self.config))
            .tables(limits.max_tables_per_contract.unwrap_or(TABLES) as usize)
            .table_elements(limits.max_elements_per_contract_table.unwrap_or(TABLE_ELEMENTS))
            .build()
    }
}

fn methods(module: &Module) -> BTreeMap<String, ModuleExport> {
    let mut methods = BTreeMap::new();
    for export in module.exports() {
        let ExternType::Func(function) = export.ty() else { continue };
        let Some(name) = export.name().strip_prefix(PREFIX) else { continue };
        if function.params().len() == 0 && function.results().len() == 0 {
            let index = module.get_export_index(export.name()).expect("it was just listed");
            methods.insert(name.to_owned(), index);
        }
    }
    methods
}

fn memory_size(config: &Config) -> usize {
    let pages = usize::try_from(config.limit_config.max_memory_pages);
    pages.ok().and_then(|pages| pages.checked_mul(PAGE)).unwrap_or(usize::MAX)
}

/// Settings that a contract can observe are the runner's. The others are for speed.
fn settings(config: &Config) -> wasmtime::Config {
    let mut settings = wasmtime::Config::new();
    settings
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(config)))
        .strategy(Strategy::Cranelift)
        // Observable: NaNs are canonical, and the stack is metered in the code.
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(1 << 30)
        .wasm_wide_arithmetic(true)
        .wasm_multi_memory(true)
        // Bounds checks cost less than protecting memory again for each call, which traps by signals would
        // need; and a fuzzer has signal handlers of its own.
        .signals_based_traps(false)
        .memory_reservation(memory_size(config) as u64)
        .memory_guard_size(0)
        .memory_may_move(false)
        .native_unwind_info(false)
        .wasm_backtrace_max_frames(None)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .generate_address_map(false);
    settings
}

fn pool(config: &Config) -> PoolingAllocationConfig {
    let limits = &config.limit_config;
    let tables = limits.max_tables_per_contract.unwrap_or(TABLES);
    let elements = limits.max_elements_per_contract_table.unwrap_or(TABLE_ELEMENTS);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(0)
        .total_core_instances(CONCURRENT_CALLS)
        .total_memories(2 * CONCURRENT_CALLS)
        .total_tables(CONCURRENT_CALLS.saturating_mul(tables))
        .max_memories_per_module(2)
        .max_tables_per_module(tables)
        .max_core_instance_size(1 << 20)
        .max_memory_size(memory_size(config))
        .table_elements(elements)
        .table_keep_resident(elements.saturating_mul(size_of::<usize>()))
        .linear_memory_keep_resident(KEPT_MEMORY)
        .pagemap_scan(Enabled::Auto);
    pool
}
