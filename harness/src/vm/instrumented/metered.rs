//! Inserts coverage counters into prepared code: one per gas charge, which is one per basic block of the
//! contract's own code.
//!
//! They change neither the code's behaviour nor its gas: they are inserted after metering, and live in a second
//! memory that the contract cannot name.

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, ImportSection, InstructionSink, MemArg, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef};

use super::comparing::{Comparing, RECORDS_SIZE};

/// The export of the second memory. The contract's own exports have a prefix, so they never clash.
pub(super) const COUNTERS_EXPORT: &str = "interloper_counters";

/// The exports of the globals that count records of comparisons: of numbers, of texts.
pub(super) const RECORDS_EXPORTS: [&str; 2] = ["interloper_numbers", "interloper_texts"];

/// The global that prepared code counts gas down in.
pub(super) const GAS_EXPORT: &str = "remaining_gas";

/// The second memory's index: prepared code has exactly one.
pub(super) const COUNTERS: u32 = 1;

const PAGE: u32 = 1 << 16;

/// Prepared code with counters.
pub(super) struct Counted {
    pub(super) wasm: Vec<u8>,
    /// How many counters there are, one byte each from the second memory's beginning.
    pub(super) blocks: u32,
    /// The number of each function's first counter.
    pub(super) functions: Vec<u32>,
    /// Where comparisons are recorded, in the code that records them.
    pub(super) records: Option<Records>,
}

/// Where the records of comparisons are.
#[derive(Clone, Copy)]
pub(super) struct Records {
    /// In the second memory.
    pub(super) begin: u32,
    /// How many comparisons the code has.
    pub(super) sites: u32,
}

type Result<T> = std::result::Result<T, Error>;

/// Inserts counters into `prepared`, and recorders of comparisons if `compare` is set.
pub(super) fn count(prepared: &[u8], compare: bool) -> Result<Counted> {
    let Some(gas) = gas_global(prepared)? else {
        // Nothing in it costs gas, so there is no code.
        return Counters::new(u32::MAX, 0, None).run(prepared);
    };
    let expected = charges(prepared, gas)?;
    let comparing = compare.then(|| Comparing::new(gas));
    Counters::new(gas, expected, comparing).run(prepared)
}

pub(super) fn gas_global(prepared: &[u8]) -> wasmparser::Result<Option<u32>> {
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

pub(super) fn is_charge(operator: &Operator<'_>, gas: u32) -> bool {
    matches!(operator, Operator::GlobalSet { global_index } if *global_index == gas)
}

struct Counters {
    gas: u32,
    blocks: u32,
    functions: Vec<u32>,
    expected: u32,
    comparing: Option<Comparing>,
}

impl Counters {
    fn new(gas: u32, expected: u32, comparing: Option<Comparing>) -> Self {
        Self { gas, blocks: 0, functions: Vec::new(), expected, comparing }
    }

    fn run(mut self, prepared: &[u8]) -> Result<Counted> {
        let mut module = Module::new();
        self.parse_core_module(&mut module, Parser::new(0), prepared)?;
        let comparing = self.comparing.as_ref();
        let records =
            comparing.map(|comparing| Records { begin: comparing.begin, sites: comparing.sites });
        let (wasm, blocks, functions) = (module.finish(), self.blocks, self.functions);
        Ok(Counted { wasm, blocks, functions, records })
    }

    fn increment(&mut self, mut code: InstructionSink<'_>) {
        let counter = MemArg { offset: self.blocks.into(), align: 0, memory_index: COUNTERS };
        self.blocks += 1;
        code.i32_const(0).i32_const(0).i32_load8_u(counter);
        code.i32_const(1).i32_add().i32_store8(counter);
    }

    fn begin_function(
        &mut self,
        body: &FunctionBody<'_>,
        operators: &[Operator<'_>],
    ) -> Result<Function> {
        let mut locals = Vec::new();
        for local in body.get_locals_reader()? {
            let (count, kind) = local?;
            locals.push((count, self.val_type(kind)?));
        }
        match &mut self.comparing {
            Some(comparing) => Ok(comparing.begin_function(body, operators, locals)?),
            None => Ok(Function::new(locals)),
        }
    }
}

impl Reencode for Counters {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<()> {
        utils::parse_type_section(self, types, section.clone())?;
        let Some(comparing) = &mut self.comparing else { return Ok(()) };
        for kind in section.into_iter_err_on_gc_types() {
            let kind = kind?;
            let word = wasmparser::ValType::I32;
            let like_memcmp = kind.params() == [word; 3] && kind.results() == [word];
            let parameters = u32::try_from(kind.params().len()).expect("wasm has few");
            comparing.types.push((parameters, like_memcmp));
        }
        types.ty().function([ValType::I32, ValType::I64, ValType::I64], []);
        types.ty().function([ValType::I32; 4], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<()> {
        if let Some(comparing) = &mut self.comparing {
            for import in section.clone() {
                match import?.ty {
                    TypeRef::Func(_) => comparing.imported += 1,
                    TypeRef::Global(_) => comparing.globals += 1,
                    _ => {}
                }
            }
        }
        utils::parse_import_section(self, imports, section)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<()> {
        utils::parse_function_section(self, functions, section.clone())?;
        let Some(comparing) = &mut self.comparing else { return Ok(()) };
        comparing.functions = section.into_iter().collect::<wasmparser::Result<_>>()?;
        let types = u32::try_from(comparing.types.len()).expect("wasm has few");
        functions.function(types).function(types + 1);
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: wasmparser::MemorySectionReader<'_>,
    ) -> Result<()> {
        utils::parse_memory_section(self, memories, section)?;
        let mut size = self.expected;
        if let Some(comparing) = &mut self.comparing {
            comparing.begin = size.next_multiple_of(8);
            size = comparing.begin + RECORDS_SIZE;
        }
        let pages = u64::from(size.div_ceil(PAGE).max(1));
        memories.memory(MemoryType {
            minimum: pages,
            maximum: Some(pages),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<()> {
        let count = section.count();
        utils::parse_global_section(self, globals, section)?;
        let Some(comparing) = &mut self.comparing else { return Ok(()) };
        comparing.globals += count;
        for _ in RECORDS_EXPORTS {
            let kind = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            globals.global(kind, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<()> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(COUNTERS_EXPORT, ExportKind::Memory, COUNTERS);
        if let Some(comparing) = &self.comparing {
            for (name, index) in RECORDS_EXPORTS.iter().zip(comparing.globals..) {
                exports.export(name, ExportKind::Global, index);
            }
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<()> {
        // Names and debug information are not used in compiled code.
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<()> {
        utils::parse_code_section(self, code, section)?;
        if let Some(comparing) = &self.comparing {
            code.function(&comparing.number_recorder_body());
            code.function(&comparing.text_recorder_body());
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<()> {
        let operators = body.get_operators_reader()?.into_iter();
        let operators = operators.collect::<wasmparser::Result<Vec<_>>>()?;
        self.functions.push(self.blocks);
        let mut function = self.begin_function(&body, &operators)?;
        for (index, operator) in operators.iter().enumerate() {
            if let Some(comparing) = &mut self.comparing {
                comparing.before(function.instructions(), &operators, index);
            }
            function.instruction(&self.instruction(operator.clone())?);
            if is_charge(operator, self.gas) {
                self.increment(function.instructions());
            }
        }
        code.function(&function);
        Ok(())
    }
}
