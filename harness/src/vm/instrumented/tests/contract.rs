//! A contract that no compiler writes: a method for every trap and every way to spend gas.

use std::sync::Arc;

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    InstructionSink, MemArg, MemorySection, MemoryType, Module, RefType, StartSection,
    TableSection, TableType, TypeSection, ValType,
};

use crate::vm::ContractCode;

pub(super) type Body = fn(&mut InstructionSink<'_>);

/// Imported functions come first; each takes only `i64`s.
const IMPORTS: [(&str, u32, bool); 7] = [
    ("value_return", 2, false),
    ("log_utf8", 2, false),
    ("promise_create", 8, true),
    ("used_gas", 0, true),
    ("storage_write", 5, true),
    ("read_register", 2, false),
    ("panic", 0, false),
];
const VALUE_RETURN: u32 = 0;
pub(super) const LOG: u32 = 1;
const PROMISE_CREATE: u32 = 2;
const USED_GAS: u32 = 3;
const STORAGE_WRITE: u32 = 4;
const READ_REGISTER: u32 = 5;
const PANIC: u32 = 6;

/// The first method's index; the others follow.
const METHODS_BEGIN: u32 = 7;

/// Where the memory ends at first.
const HALF: i32 = 1 << 26;

const AT: MemArg = MemArg { offset: 0, align: 0, memory_index: 0 };

pub(super) const METHODS: &[(&str, Body)] = &[
    // The first calls itself.
    ("recursion", |code| {
        code.call(METHODS_BEGIN);
    }),
    ("unreachable", |code| {
        code.unreachable();
    }),
    ("log_then_unreachable", |code| {
        code.i64_const(4).i64_const(0).call(LOG).unreachable();
    }),
    ("division_by_zero", |code| {
        code.i64_const(4).i64_const(0).i64_div_s().drop();
    }),
    ("remainder_by_zero", |code| {
        code.i32_const(4).i32_const(0).i32_rem_u().drop();
    }),
    ("division_overflow", |code| {
        code.i32_const(i32::MIN).i32_const(-1).i32_div_s().drop();
    }),
    ("nan_to_integer", |code| {
        code.f64_const(f64::NAN.into()).i32_trunc_f64_s().drop();
    }),
    ("large_to_integer", |code| {
        code.f32_const(1e30.into()).i64_trunc_f32_u().drop();
    }),
    ("load_last", |code| {
        code.i32_const(HALF - 4).i32_load(AT).drop();
    }),
    ("load_across_the_end", |code| {
        code.i32_const(HALF - 3).i32_load(AT).drop();
    }),
    ("store_beyond", |code| {
        code.i32_const(HALF).i32_const(1).i32_store8(AT);
    }),
    ("load_far_beyond", |code| {
        code.i32_const(-1).i64_load(MemArg { offset: u32::MAX.into(), ..AT }).drop();
    }),
    ("grow_and_store", |code| {
        code.i32_const(1).memory_grow(0).drop();
        code.i32_const(HALF + 65535).i32_const(1).i32_store8(AT);
        code.i32_const(0).memory_size(0).i32_store(AT);
        code.i64_const(4).i64_const(0).call(VALUE_RETURN);
        code.i32_const(HALF + 65536).i32_const(1).i32_store8(AT);
    }),
    ("grow_too_far", |code| {
        code.i32_const(0).i32_const(1025).memory_grow(0).i32_store(AT);
        code.i32_const(4).i32_const(1024).memory_grow(0).i32_store(AT);
        code.i64_const(8).i64_const(0).call(VALUE_RETURN);
    }),
    ("what_others_left", |code| {
        code.i32_const(0).memory_size(0).i32_store(AT);
        code.i32_const(8).i32_const(HALF - 8).i64_load(AT).i64_store(AT);
        code.i64_const(64).i64_const(0).call(VALUE_RETURN);
        code.i32_const(HALF - 8).i64_const(-1).i64_store(AT);
        code.i32_const(32).i64_const(-1).i64_store(AT);
        code.global_get(0).i64_const(1).i64_add().global_set(0);
        code.i32_const(40).global_get(0).i64_store(AT);
    }),
    ("call_null", |code| {
        code.i32_const(2).call_indirect(0, 0);
    }),
    ("call_wrong_signature", |code| {
        code.i32_const(1).call_indirect(0, 0);
    }),
    ("call_outside_the_table", |code| {
        code.i32_const(99).call_indirect(0, 0);
    }),
    ("call_well", |code| {
        code.i32_const(0).call_indirect(0, 0);
    }),
    ("loop", |code| {
        code.loop_(wasm_encoder::BlockType::Empty).br(0).end();
    }),
    ("promise_then_loop", |code| {
        promise(code);
        code.loop_(wasm_encoder::BlockType::Empty).br(0).end();
    }),
    ("promise_then_trap", |code| {
        promise(code);
        spend(code, 3_000);
        code.unreachable();
    }),
    ("promise_then_spend_in_unequal_parts", |code| {
        promise(code);
        for _ in 0..300 {
            code.block(wasm_encoder::BlockType::Empty);
            code.i32_const(1).br_if(0).end();
        }
        for part in 1..40 {
            code.block(wasm_encoder::BlockType::Empty);
            for _ in 0..part * part {
                code.i32_const(1).drop();
            }
            code.end().i32_const(0).i32_load(AT).drop();
        }
        code.call(USED_GAS).drop();
        spend(code, 50);
        code.i64_const(4).i64_const(0).call(LOG);
    }),
    ("two_promises", |code| {
        promise(code);
        spend(code, 100);
        promise(code);
        spend(code, 100);
        code.i64_const(4).i64_const(0).call(LOG);
        spend(code, 100);
        code.unreachable();
    }),
    ("host_beyond_memory", |code| {
        code.i64_const(8).i64_const(i64::from(HALF) - 4).call(VALUE_RETURN);
    }),
    ("register_that_is_not_set", |code| {
        code.i64_const(5).i64_const(0).call(READ_REGISTER);
    }),
    ("host_panic", |code| {
        code.call(PANIC);
    }),
    ("write_and_read", |code| {
        for _ in 0..2 {
            code.i64_const(3).i64_const(0).i64_const(9).i64_const(1).i64_const(0);
            code.call(STORAGE_WRITE).drop();
        }
        code.i64_const(0).i64_const(200).call(READ_REGISTER);
        code.i64_const(9).i64_const(200).call(VALUE_RETURN);
    }),
    ("compare", |code| {
        code.i32_const(7).i32_const(-1).i32_lt_u().drop();
        code.i64_const(5).i64_const(5).i64_eq().drop();
        code.i64_const(1).i64_const(2).i64_xor();
        code.i64_const(3).i64_const(3).i64_xor().i64_or().i64_eqz().drop();
        code.i64_const(4).i64_const(6).i64_xor().i64_const(7).i64_const(7).i64_xor();
        code.i64_or().i64_const(0).i64_ne().drop();
        code.i64_const(8).i64_const(9).i64_xor().drop();
    }),
    ("nan_bits", |code| {
        code.i32_const(0).f64_const(f64::from_bits(0x7ff8_0000_dead_beef).into());
        code.i32_const(8).f64_load(AT).f64_sub().f64_store(AT);
        code.i32_const(8).f32_const(0.0.into()).f32_const(0.0.into()).f32_div().f32_store(AT);
        code.i64_const(12).i64_const(0).call(VALUE_RETURN);
    }),
];

/// Asks for a call that gets 20 Tgas.
pub(super) fn promise(code: &mut InstructionSink<'_>) {
    for argument in [6, 100, 1, 100, 0, 0, 120, 20_000_000_000_000] {
        code.i64_const(argument);
    }
    code.call(PROMISE_CREATE).drop();
}

pub(super) fn spend(code: &mut InstructionSink<'_>, rounds: i64) {
    code.i64_const(rounds).global_set(1).loop_(wasm_encoder::BlockType::Empty);
    code.global_get(1).i64_const(1).i64_sub().global_set(1);
    code.global_get(1).i64_eqz().i32_eqz().br_if(0).end();
}

/// A contract with all methods, and with a start function where one is given.
pub(super) fn contract(start: Option<Body>) -> Arc<ContractCode> {
    let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
    types.ty().function([], []);
    for (name, parameters, has_result) in IMPORTS {
        let parameters = (0..parameters).map(|_| ValType::I64);
        imports.import("env", name, EntityType::Function(types.len()));
        types.ty().function(parameters, has_result.then_some(ValType::I64));
    }
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut exports = ExportSection::new();
    exports.export("host", ExportKind::Func, PANIC);
    exports.export("with_parameters", ExportKind::Func, LOG);
    let methods = METHODS.iter().copied().chain(start.map(|body| ("started", body)));
    for ((name, body), index) in methods.zip(METHODS_BEGIN..) {
        exports.export(name, ExportKind::Func, index);
        functions.function(0);
        let mut function = Function::new([]);
        body(&mut function.instructions());
        function.instructions().end();
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&table());
    module.section(&memory()).section(&globals()).section(&exports);
    if start.is_some() {
        let function_index = METHODS_BEGIN + u32::try_from(METHODS.len()).unwrap();
        module.section(&StartSection { function_index });
    }
    let mut elements = ElementSection::new();
    let functions = [METHODS_BEGIN + 1, LOG];
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions((&functions[..]).into()));
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(100), *b"b.near");
    module.section(&elements).section(&code).section(&data);
    Arc::new(ContractCode::new(module.finish(), None))
}

fn table() -> TableSection {
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 3,
        maximum: None,
        shared: false,
    });
    tables
}

fn memory() -> MemorySection {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    memories
}

fn globals() -> GlobalSection {
    let mut globals = GlobalSection::new();
    for _ in 0..2 {
        let kind = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        globals.global(kind, &ConstExpr::i64_const(0));
    }
    globals
}
