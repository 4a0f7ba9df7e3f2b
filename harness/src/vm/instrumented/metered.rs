//! Puts counters into prepared code: one for each charge of gas, which is one for each straight run of
//! the contract's own code.
//!
//! Never changes what the code does or what it costs: the counters come after metering, and lie in a
//! second memory that the contract cannot name.

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, InstructionSink, MemArg, MemorySection,
    MemoryType, Module,
};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload};

/// The export of the second memory. The contract's own exports have a prefix, so they never clash.
pub(super) const COUNTERS_EXPORT: &str = "interloper_counters";

/// The global that prepared code counts gas down in.
pub(super) const GAS_EXPORT: &str = "remaining_gas";

/// The second memory's index: prepared code has exactly one.
const COUNTERS: u32 = 1;

const PAGE: u64 = 1 << 16;

/// Prepared code with counters.
pub(super) struct Counted {
    pub(super) wasm: Vec<u8>,
    /// How many counters there are, one byte each from the second memory's beginning.
    pub(super) blocks: u32,
}

type Result<T> = std::result::Result<T, Error>;

/// Puts counters into `prepared`.
pub(super) fn count(prepared: &[u8]) -> Result<Counted> {
    let Some(gas) = gas_global(prepared)? else {
        let mut counters = Counters { gas: u32::MAX, blocks: 0, expected: 0 };
        return counters.run(prepared);
    };
    let expected = charges(prepared, gas)?;
    Counters { gas, blocks: 0, expected }.run(prepared)
}

fn gas_global(prepared: &[u8]) -> Result<Option<u32>> {
    for payload in Parser::new(0).parse_all(prepared) {
        let Payload::ExportSection(exports) = payload? else { continue };
        for export in exports {
            let export = export?;
            if export.kind == ExternalKind::Global && export.name == GAS_EXPORT {
                return Ok(Some(export.index));
            }
        }
    }
    Ok(None)
}

/// How many charges there are. The memory section comes first and has to say how many counters it holds.
fn charges(prepared: &[u8], gas: u32) -> Result<u32> {
    let mut charges = 0;
    for payload in Parser::new(0).parse_all(prepared) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        for operator in body.get_operators_reader()? {
            charges += u32::from(is_charge(&operator?, gas));
        }
    }
    Ok(charges)
}

fn is_charge(operator: &Operator<'_>, gas: u32) -> bool {
    matches!(operator, Operator::GlobalSet { global_index } if *global_index == gas)
}

struct Counters {
    gas: u32,
    blocks: u32,
    expected: u32,
}

impl Counters {
    fn run(&mut self, prepared: &[u8]) -> Result<Counted> {
        let mut module = Module::new();
        self.parse_core_module(&mut module, Parser::new(0), prepared)?;
        Ok(Counted { wasm: module.finish(), blocks: self.blocks })
    }

    fn increment(&mut self, mut code: InstructionSink<'_>) {
        let counter = MemArg { offset: self.blocks.into(), align: 0, memory_index: COUNTERS };
        self.blocks += 1;
        code.i32_const(0).i32_const(0).i32_load8_u(counter);
        code.i32_const(1).i32_add().i32_store8(counter);
    }
}

impl Reencode for Counters {
    type Error = std::convert::Infallible;

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Result<()> {
        wasm_encoder::reencode::utils::parse_memory_section(self, memories, section)?;
        let pages = u64::from(self.expected).div_ceil(PAGE).max(1);
        memories.memory(MemoryType {
            minimum: pages,
            maximum: Some(pages),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<()> {
        wasm_encoder::reencode::utils::parse_export_section(self, exports, section)?;
        exports.export(COUNTERS_EXPORT, ExportKind::Memory, COUNTERS);
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<()> {
        // Names and debug information: nobody reads them in compiled code.
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<()> {
        let mut function: Function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            let charge = is_charge(&operator, self.gas);
            function.instruction(&self.instruction(operator)?);
            if charge {
                self.increment(function.instructions());
            }
        }
        code.function(&function);
        Ok(())
    }
}
