//! Inserts recorders before comparisons, for a fuzzer that tries to make both operands equal.
//!
//! They change neither the code's behaviour nor its gas. Equal operands are not recorded. If there are too many
//! records, the latest win.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};
use wasmparser::{FunctionBody, Operator};

use super::metered::COUNTERS as RECORDS;
use crate::vm::comparison::{Comparisons, SiteId};

/// How many comparisons of numbers one call keeps.
const NUMBERS: u32 = 1 << 13;
/// How many comparisons of texts one call keeps.
const TEXTS: u32 = 1 << 10;
/// A record of numbers: the site, four unused bytes, both sides.
const NUMBER_SIZE: u32 = 24;
/// A record of texts: the site, the length, both sides.
const TEXT_SIZE: u32 = 8 + 2 * TEXT_LENGTH;
/// How many bytes of a text are kept.
const TEXT_LENGTH: u32 = 32;
/// The size of all records, in bytes.
pub(super) const RECORDS_SIZE: u32 = NUMBERS * NUMBER_SIZE + TEXTS * TEXT_SIZE;

/// How far after an `xor` the test for zero may be that makes it a comparison, in operators.
const LOOK_AHEAD: usize = 20;

/// What recorders need to know about the module.
#[derive(Default)]
pub(super) struct Comparing {
    /// How many parameters each type has, and whether it is that of `memcmp`.
    pub(super) types: Vec<(u32, bool)>,
    /// The type of each function that is not imported.
    pub(super) functions: Vec<u32>,
    pub(super) imported: u32,
    pub(super) globals: u32,
    /// Where in the second memory the records begin.
    pub(super) begin: u32,
    /// How many comparisons the code has.
    pub(super) sites: u32,
    gas: u32,
    next_function: usize,
    /// The first of four locals of our own: two `i32`s, two `i64`s.
    locals: u32,
}

impl Comparing {
    pub(super) fn new(gas: u32) -> Self {
        Self { gas, ..Self::default() }
    }

    fn number_recorder(&self) -> u32 {
        self.imported + u32::try_from(self.functions.len()).expect("wasm has few")
    }

    fn text_recorder(&self) -> u32 {
        self.number_recorder() + 1
    }

    fn site(&mut self) -> i32 {
        self.sites += 1;
        (self.sites - 1).cast_signed()
    }

    /// Starts a function, with its locals and ours. Records its arguments if it compares texts.
    pub(super) fn begin_function(
        &mut self,
        body: &FunctionBody<'_>,
        operators: &[Operator<'_>],
        mut locals: Vec<(u32, ValType)>,
    ) -> wasmparser::Result<Function> {
        let kind = self.functions[self.next_function];
        self.next_function += 1;
        let (parameters, like_memcmp) = self.types[kind as usize];
        self.locals = parameters;
        for local in body.get_locals_reader()? {
            self.locals += local?.0;
        }
        locals.extend([(2, ValType::I32), (2, ValType::I64)]);
        let mut function = Function::new(locals);
        if like_memcmp && self.compares_texts(operators) {
            let (site, recorder) = (self.site(), self.text_recorder());
            let mut code = function.instructions();
            code.i32_const(site).local_get(0).local_get(1).local_get(2).call(recorder);
        }
        Ok(function)
    }

    /// Whether a function of `memcmp`'s type looks like it: reads bytes in a loop, writes nothing and
    /// calls nothing but metering.
    fn compares_texts(&self, operators: &[Operator<'_>]) -> bool {
        let mut bytes = 0;
        let mut loops = false;
        for operator in operators {
            match operator {
                Operator::I32Load8U { .. } => bytes += 1,
                Operator::Loop { .. } => loops = true,
                Operator::Call { function_index } if *function_index < self.imported => {}
                Operator::Call { .. } | Operator::CallIndirect { .. } => return false,
                Operator::I32Store { .. } | Operator::I64Store { .. } => return false,
                Operator::I32Store8 { .. } | Operator::I32Store16 { .. } => return false,
                _ => {}
            }
        }
        bytes >= 2 && loops
    }

    /// Records the operands of the operator at `index`, if it is one of the contract's comparisons.
    pub(super) fn before(
        &mut self,
        mut code: InstructionSink<'_>,
        operators: &[Operator<'_>],
        index: usize,
    ) {
        if self.is_metering(operators, index) {
            return;
        }
        let first = self.locals;
        if compares_i32(&operators[index]) {
            let (left, right) = (first, first + 1);
            code.local_set(right).local_set(left).i32_const(self.site());
            code.local_get(left).i64_extend_i32_u().local_get(right).i64_extend_i32_u();
            code.call(self.number_recorder()).local_get(left).local_get(right);
        } else if compares_i64(&operators[index]) || compares_half(operators, index) {
            let (left, right) = (first + 2, first + 3);
            code.local_set(right).local_set(left).i32_const(self.site());
            code.local_get(left).local_get(right).call(self.number_recorder());
            code.local_get(left).local_get(right);
        }
    }

    /// Metering compares what it just read from the gas global, or a constant with that.
    fn is_metering(&self, operators: &[Operator<'_>], index: usize) -> bool {
        let read = |back: usize| {
            let operator = index.checked_sub(back).map(|index| &operators[index]);
            matches!(operator, Some(Operator::GlobalGet { global_index }) if *global_index == self.gas)
        };
        read(1) || read(2)
    }

    /// Takes a site and two numbers.
    pub(super) fn number_recorder_body(&self) -> Function {
        let (site, left, right, at) = (0, 1, 2, 3);
        let mut function = Function::new([(1, ValType::I32)]);
        let mut code = function.instructions();
        code.local_get(left).local_get(right).i64_eq().if_(BlockType::Empty).return_().end();
        next_record(&mut code, self.globals, [NUMBERS, NUMBER_SIZE], at);
        code.local_get(at).local_get(site).i32_store(self.field(0));
        code.local_get(at).local_get(left).i64_store(self.field(8));
        code.local_get(at).local_get(right).i64_store(self.field(16));
        code.end();
        function
    }

    /// Takes a site, two addresses and a length.
    pub(super) fn text_recorder_body(&self) -> Function {
        let (site, left, right, length, at) = (0, 1, 2, 3, 4);
        let begin = NUMBERS * NUMBER_SIZE;
        let mut function = Function::new([(1, ValType::I32)]);
        let mut code = function.instructions();
        let longest = TEXT_LENGTH.cast_signed();
        code.i32_const(longest).local_get(length).local_get(length).i32_const(longest);
        code.i32_gt_u().select().local_set(length);
        for address in [left, right] {
            // Outside of memory, the comparison itself will trap.
            code.local_get(address).i64_extend_i32_u().local_get(length).i64_extend_i32_u();
            code.i64_add().memory_size(0).i64_extend_i32_u().i64_const(16).i64_shl();
            code.i64_gt_u().if_(BlockType::Empty).return_().end();
        }
        next_record(&mut code, self.globals + 1, [TEXTS, TEXT_SIZE], at);
        code.local_get(at).local_get(site).i32_store(self.field(begin));
        code.local_get(at).local_get(length).i32_store(self.field(begin + 4));
        for (offset, address) in [(8, left), (8 + TEXT_LENGTH, right)] {
            let to = (self.begin + begin + offset).cast_signed();
            code.local_get(at).i32_const(to).i32_add().local_get(address).local_get(length);
            code.memory_copy(RECORDS, 0);
        }
        code.end();
        function
    }

    fn field(&self, offset: u32) -> MemArg {
        let offset = u64::from(self.begin + offset);
        MemArg { offset, align: 0, memory_index: RECORDS }
    }
}

/// Leaves the place of the next record in the local `at`, and moves on in the ring.
fn next_record(code: &mut InstructionSink<'_>, cursor: u32, [records, size]: [u32; 2], at: u32) {
    code.global_get(cursor).i32_const((records - 1).cast_signed()).i32_and();
    code.i32_const(size.cast_signed()).i32_mul().local_set(at);
    code.global_get(cursor).i32_const(1).i32_add().global_set(cursor);
}

/// Reads the records of one call. `made` is how many records of numbers and of texts it wrote.
pub(super) fn read(memory: &[u8], begin: u32, made: [u32; 2], first_site: u32) -> Comparisons {
    let records = &memory[begin as usize..][..RECORDS_SIZE as usize];
    let (numbers, texts) = records.split_at((NUMBERS * NUMBER_SIZE) as usize);
    let word = |record: &[u8], at: usize| {
        u32::from_le_bytes(record[at..at + 4].try_into().expect("four bytes are"))
    };
    let site = |record: &[u8]| SiteId(first_site + word(record, 0));
    let side = |record: &[u8], at: usize| {
        u64::from_le_bytes(record[at..at + 8].try_into().expect("eight bytes are"))
    };
    let number = |record: &[u8]| (site(record), side(record, 8), side(record, 16));
    let text = |record: &[u8]| {
        let length = word(record, 4).min(TEXT_LENGTH) as usize;
        let (left, right) = record[8..].split_at(TEXT_LENGTH as usize);
        (site(record), left[..length].to_vec(), right[..length].to_vec())
    };
    let mut texts: Vec<_> = in_order(texts, TEXT_SIZE, made[1]).map(text).collect();
    texts.retain(|(_, left, right)| left != right);
    Comparisons { numbers: in_order(numbers, NUMBER_SIZE, made[0]).map(number).collect(), texts }
}

/// The records of a ring, oldest first, where `made` were written.
fn in_order(ring: &[u8], size: u32, made: u32) -> impl Iterator<Item = &[u8]> {
    let capacity = ring.len() / size as usize;
    let made = made as usize;
    (made.saturating_sub(capacity)..made)
        .map(move |index| &ring[index % capacity * size as usize..][..size as usize])
}

fn compares_i32(operator: &Operator<'_>) -> bool {
    use Operator::{I32Eq, I32GeS, I32GeU, I32GtS, I32GtU, I32LeS, I32LeU, I32LtS, I32LtU, I32Ne};
    matches!(
        operator,
        I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU | I32LeS | I32LeU | I32GeS | I32GeU
    )
}

fn compares_i64(operator: &Operator<'_>) -> bool {
    use Operator::{I64Eq, I64GeS, I64GeU, I64GtS, I64GtU, I64LeS, I64LeU, I64LtS, I64LtU, I64Ne};
    matches!(
        operator,
        I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU | I64LeS | I64LeU | I64GeS | I64GeU
    )
}

/// Whether this is one part of a comparison of 128 bits or more: `(a ^ b | c ^ d) == 0`, or `!= 0`.
fn compares_half(operators: &[Operator<'_>], index: usize) -> bool {
    if !matches!(operators[index], Operator::I64Xor) {
        return false;
    }
    let after = &operators[index + 1..];
    // Charges for gas may lie in between.
    let after = &after[..after.len().min(LOOK_AHEAD)];
    let joined = after.iter().position(|operator| matches!(operator, Operator::I64Or));
    joined.is_some_and(|joined| {
        let rest = &after[joined + 1..];
        rest.windows(2).any(|pair| match pair {
            [Operator::I64Eqz, _] => true,
            [Operator::I64Const { value: 0 }, then] => compares_i64(then),
            _ => false,
        })
    })
}
