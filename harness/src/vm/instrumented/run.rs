//! Runs one call of a compiled contract. If the reference engine's outcome is not certain, it says so instead of
//! giving an outcome.

use std::mem::transmute;
use std::sync::{Arc, Mutex};

use near_parameters::{ExtCosts, RuntimeConfig};
use near_vm_runner::logic::errors::{FunctionCallError, WasmTrap};
use near_vm_runner::logic::{
    ExecutionResultState, External, HostCtx, HostError, VMContext, VMLogicError, VMOutcome, host,
};
use wasmtime::{Extern, Instance, Memory, ModuleExport, Store, StoreLimits, Trap};

use super::comparing;
use super::compile::Compiled;
use super::context::{self, Context, Pass, Stop};
use super::lock;
use crate::vm::comparison::Comparisons;
use crate::vm::coverage::{Coverage, Region};
use crate::vm::external::Recorder;
use crate::vm::{Call, Error, Outcome};

/// What runs, and under what.
pub(super) struct Run<'a> {
    pub(super) config: &'a RuntimeConfig,
    pub(super) compiled: &'a Compiled,
    pub(super) limits: StoreLimits,
    pub(super) coverage: &'a Coverage,
    pub(super) region: Region,
    pub(super) comparisons: &'a Mutex<Comparisons>,
    /// The id of the contract's first comparison.
    pub(super) first_site: u32,
    pub(super) call: &'a Call<'a>,
}

/// How a run ended.
#[expect(clippy::large_enum_variant, reason = "almost every run ends with an outcome")]
enum Ended {
    Outcome(VMOutcome),
    /// See [`Stop::Exhausted`].
    Exhausted(u64),
    /// A probe found how much gas was left.
    Left(u64),
    /// Only the reference engine can produce the error's text.
    Unclear(String),
}

/// How the contract's code ended.
enum Exit {
    Error(FunctionCallError),
    Stopped,
    Failed(VMLogicError),
    Unclear(String),
}

impl Run<'_> {
    /// Runs the call. The inner `Err` says why only the reference engine can.
    pub(super) fn run(&self) -> Result<Result<Outcome, String>, Error> {
        let host_calls = match self.pass(Pass::First)? {
            (Ended::Exhausted(host_calls), _) => host_calls,
            (ended, recorder) => return Ok(self.finish(ended, recorder)),
        };
        let (probed, _) = self.pass(Pass::Probe(host_calls))?;
        let Ended::Left(remaining) = probed else {
            return Ok(Err("it ran otherwise when it was repeated".to_owned()));
        };
        let (ended, recorder) = self.pass(Pass::Repeat { host_calls, remaining })?;
        Ok(self.finish(ended, recorder))
    }

    fn finish(&self, ended: Ended, recorder: Recorder) -> Result<Outcome, String> {
        match ended {
            Ended::Outcome(outcome) => Ok(recorder.finish(outcome, self.call.context.prepaid_gas)),
            Ended::Unclear(reason) => Err(reason),
            Ended::Exhausted(_) | Ended::Left(_) => {
                Err("it ran otherwise when it was repeated".to_owned())
            }
        }
    }

    /// The gas that the contract may see at first, before it is loaded.
    fn prepaid(&self) -> u64 {
        let context = &self.call.context;
        let view = context.view_config.as_ref().map(|view| view.max_gas_burnt);
        view.unwrap_or(context.prepaid_gas).as_gas()
    }

    fn loading_fee(&self) -> u64 {
        let costs = &self.config.wasm_config.ext_costs;
        let length = self.call.code.map_or(0, |code| code.code().len()) as u64;
        let bytes = ExtCosts::contract_loading_bytes.gas(costs).as_gas().saturating_mul(length);
        bytes.saturating_add(ExtCosts::contract_loading_base.gas(costs).as_gas())
    }

    #[expect(
        unsafe_code,
        reason = "a store's data has to be 'static; why that is kept is said at each"
    )]
    fn pass(&self, pass: Pass) -> Result<(Ended, Recorder), Error> {
        let mut recorder = Recorder::new(self.call);
        let config = Arc::clone(&self.config.wasm_config);
        let gas = self.call.context.make_gas_counter(&config);
        let state = ExecutionResultState::new(&self.call.context, gas, config);
        let ext: &mut dyn External = &mut recorder;
        // SAFETY: a store's data has to be 'static, and these two are not. Both live longer than
        // `store`: `recorder` is declared before it, `self.call` is borrowed for all of this function,
        // and `execute` consumes `store`. What `execute` returns holds neither: `HostCtx` keeps both in
        // private fields, gives neither away, and is dropped in there. Nobody uses `recorder` before
        // `execute` is done.
        let ext = unsafe { transmute::<&mut dyn External, &'static mut dyn External>(ext) };
        // SAFETY: as above.
        let context = unsafe { transmute::<&VMContext, &'static VMContext>(&self.call.context) };
        let host = HostCtx::new(ext, context, Arc::clone(&self.config.fees), state);
        let context = Context::new(host, self.limits.clone(), pass);
        let store = Store::new(self.compiled.instance.module().engine(), context);
        let ended = self.execute(store, pass)?;
        Ok((ended, recorder))
    }

    fn execute(&self, mut store: Store<Context>, pass: Pass) -> Result<Ended, Error> {
        let fee = self.loading_fee();
        if host::finite_wasm_gas(&mut store.data_mut().host, &mut [], fee).is_err() {
            let error = FunctionCallError::HostError(HostError::GasExceeded);
            return Ok(Ended::Outcome(VMOutcome::abort(state(store), error)));
        }
        store.limiter(|context| &mut context.limits);
        let instance = match self.compiled.instance.instantiate(&mut store) {
            Ok(instance) => instance,
            Err(error) => return Ok(Ended::Unclear(format!("{error:#}"))),
        };
        let exit = self.enter(&mut store, instance, self.prepaid().saturating_sub(fee));
        let ended = match exit {
            Ok(()) => Ended::Outcome(VMOutcome::ok(self.count(store, instance))),
            Err(Exit::Error(error)) => {
                Ended::Outcome(VMOutcome::abort(self.count(store, instance), error))
            }
            Err(Exit::Unclear(reason)) => Ended::Unclear(reason),
            Err(Exit::Failed(error)) => return Err(Error::Runner(format!("{error:?}"))),
            Err(Exit::Stopped) => match store.data_mut().stop.take() {
                Some(Stop::Exhausted(host_calls)) => Ended::Exhausted(host_calls),
                _ => Ended::Left(self.left(state(store))),
            },
        };
        debug_assert!(pass == Pass::First || !matches!(ended, Ended::Exhausted(_)));
        Ok(ended)
    }

    fn left(&self, state: ExecutionResultState) -> u64 {
        self.prepaid().saturating_sub(state.compute_outcome().used_gas.as_gas())
    }

    /// Adds the run's counters to the coverage.
    fn count(&self, mut store: Store<Context>, instance: Instance) -> ExecutionResultState {
        let counters = &self.compiled.counters;
        if let Some(Extern::Memory(memory)) = instance.get_module_export(&mut store, counters) {
            let counters = &memory.data(&store)[..self.compiled.blocks as usize];
            self.coverage.add(self.region, counters);
            self.compare(&mut store, instance, memory);
        }
        state(store)
    }

    /// Keeps the run's comparisons, if they are recorded.
    fn compare(&self, store: &mut Store<Context>, instance: Instance, memory: Memory) {
        let Some(records) = &self.compiled.records else { return };
        let made = records.made.each_ref().map(|global| {
            let global = instance.get_module_export(&mut *store, global);
            let global = global.and_then(Extern::into_global).expect("the code has it");
            global.get(&mut *store).unwrap_i32().cast_unsigned()
        });
        let place = records.place;
        let memory = memory.data(&*store);
        let compared = comparing::read(memory, place.begin, made, self.first_site);
        lock(self.comparisons).append(compared);
    }

    fn enter(&self, store: &mut Store<Context>, instance: Instance, left: u64) -> Result<(), Exit> {
        let export = |store: &mut Store<Context>, export: &ModuleExport| {
            instance.get_module_export(store, export).expect("the module has it")
        };
        let Extern::Memory(memory) = export(store, &self.compiled.memory) else {
            return Err(Exit::Unclear("its memory is not a memory".to_owned()));
        };
        store.data_mut().memory = Some(memory);
        let gas = self.compiled.gas.as_ref().and_then(|gas| export(store, gas).into_global());
        context::start(&mut *store, gas, left);
        let method = self.compiled.methods.get(self.call.method);
        for function in self.compiled.start.iter().chain(method) {
            let function = export(store, function).into_func().expect("it was listed as one");
            let function = function.typed::<(), ()>(&mut *store).map_err(unclear)?;
            let result = function.call(&mut *store, ());
            // Gas comes first: if it ran out, the contract did not get as far as it seems.
            if let Err(stop) = context::settle(&mut *store) {
                store.data_mut().stop = Some(stop);
                return Err(stopped(store));
            }
            result.map_err(|error| exit(store, &error))?;
        }
        Ok(())
    }
}

fn state(store: Store<Context>) -> ExecutionResultState {
    store.into_data().host.into_result_state()
}

fn unclear(error: wasmtime::Error) -> Exit {
    Exit::Unclear(format!("{error:#}"))
}

fn exit(store: &mut Store<Context>, error: &wasmtime::Error) -> Exit {
    if error.is::<context::Stopped>() {
        return stopped(store);
    }
    let trap = error.downcast_ref::<Trap>().and_then(|trap| wasm_trap(*trap));
    match trap {
        Some(trap) => Exit::Error(FunctionCallError::WasmTrap(trap)),
        None => Exit::Unclear(format!("{error:#}")),
    }
}

fn stopped(store: &mut Store<Context>) -> Exit {
    let stop = &mut store.data_mut().stop;
    match stop.take_if(|stop| matches!(stop, Stop::Host(_))) {
        Some(Stop::Host(VMLogicError::HostError(error))) => {
            Exit::Error(FunctionCallError::HostError(error))
        }
        Some(Stop::Host(error)) => Exit::Failed(error),
        _ => Exit::Stopped,
    }
}

/// The trap, in the runner's words.
fn wasm_trap(trap: Trap) -> Option<WasmTrap> {
    Some(match trap {
        Trap::StackOverflow => WasmTrap::StackOverflow,
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds => WasmTrap::MemoryOutOfBounds,
        Trap::IndirectCallToNull => WasmTrap::IndirectCallToNull,
        Trap::BadSignature => WasmTrap::IncorrectCallIndirectSignature,
        Trap::IntegerOverflow | Trap::IntegerDivisionByZero | Trap::BadConversionToInteger => {
            WasmTrap::IllegalArithmetic
        }
        Trap::UnreachableCodeReached => WasmTrap::Unreachable,
        _ => return None,
    })
}
