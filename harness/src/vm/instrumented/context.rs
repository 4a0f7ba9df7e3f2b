//! The state of a running contract: that of the host functions, and the gas that the contract has used since
//! the two were last reconciled.
//!
//! The host functions keep their gas counter to themselves: one can burn gas in it, but not read what
//! is left. So the global that the prepared code counts down in is set once, and what it has lost is
//! burnt before every host call and at the end. After the first host call the global knows nothing of
//! the gas that host functions burn and shows too much, so a contract may run on where it should have
//! stopped. Then settling fails, nothing of the run counts, and it is repeated: see [`Pass`].
//!
//! What a failure means for the outcome is decided by the caller.

use near_vm_runner::logic::{HostCtx, VMLogicError, host};
use wasmtime::{AsContextMut, Caller, Global, Memory, StoreLimits, Val};

/// One of up to three runs of the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// The first pass. Almost every call needs only this one.
    First,
    /// Stops after the host call with this number, to see how much gas was left there.
    Probe(u64),
    /// Sets the global to what was left after that host call: now it stops where it should.
    Repeat {
        /// The number of the last host call before the gas ran out.
        host_calls: u64,
        /// What was left after it.
        remaining: u64,
    },
}

/// Why the contract was stopped from outside.
#[derive(Debug)]
pub(super) enum Stop {
    /// A host function failed, or there was not enough gas for it.
    Host(VMLogicError),
    /// The gas had run out earlier than the contract noticed: somewhere after this many host calls.
    Exhausted(u64),
    /// The probe is where it was sent.
    Probed,
}

/// The state of one run.
pub(super) struct Context {
    pub(super) host: HostCtx<'static>,
    pub(super) limits: StoreLimits,
    pub(super) memory: Option<Memory>,
    pub(super) stop: Option<Stop>,
    gas: Option<Global>,
    /// The global's value when it was last settled.
    settled: u64,
    host_calls: u64,
    pass: Pass,
}

/// Unwinds the contract. [`Context::stop`] has the reason.
#[derive(Debug, thiserror::Error)]
#[error("the contract was stopped")]
pub(super) struct Stopped;

impl Context {
    pub(super) fn new(host: HostCtx<'static>, limits: StoreLimits, pass: Pass) -> Self {
        let (memory, stop, gas) = (None, None, None);
        Self { host, limits, memory, stop, gas, settled: 0, host_calls: 0, pass }
    }

    /// Whether the global may show more than is left.
    fn shows_too_much(&self) -> bool {
        match self.pass {
            Pass::First => self.host_calls > 0,
            Pass::Probe(_) => false,
            Pass::Repeat { host_calls, .. } => self.host_calls > host_calls,
        }
    }

    fn burn(&mut self, gas: u64) -> Result<(), Stop> {
        let late = self.shows_too_much();
        host::finite_wasm_gas(&mut self.host, &mut [], gas).map_err(|error| {
            if late { Stop::Exhausted(self.host_calls) } else { Stop::Host(error) }
        })
    }
}

/// Gives the contract `gas` to run on.
pub(super) fn start(mut store: impl AsContextMut<Data = Context>, gas: Option<Global>, left: u64) {
    if let Some(gas) = gas {
        set(&mut store, gas, left);
    }
    let mut store = store.as_context_mut();
    store.data_mut().gas = gas;
    store.data_mut().settled = left;
}

fn set(mut store: impl AsContextMut<Data = Context>, gas: Global, left: u64) {
    let value = Val::I64(left.cast_signed());
    gas.set(&mut store, value).expect("the global is a mutable i64: prepared code has it");
}

/// Burns what the contract has used since it was last settled.
pub(super) fn settle(mut store: impl AsContextMut<Data = Context>) -> Result<(), Stop> {
    let mut store = store.as_context_mut();
    let Some(gas) = store.data().gas else { return Ok(()) };
    let Val::I64(left) = gas.get(&mut store) else { panic!("the global is an i64") };
    let left = left.cast_unsigned();
    let context = store.data_mut();
    let used = std::mem::replace(&mut context.settled, left).saturating_sub(left);
    if used == 0 { Ok(()) } else { context.burn(used) }
}

/// Runs a host function for the contract.
pub(super) fn enter<R>(
    mut caller: Caller<'_, Context>,
    function: impl FnOnce(&mut HostCtx<'static>, &mut [u8]) -> Result<R, VMLogicError>,
) -> wasmtime::Result<R> {
    let result = settle(&mut caller).and_then(|()| {
        let memory = caller.data().memory.expect("it was there before the contract started");
        let (memory, context) = memory.data_and_store_mut(&mut caller);
        let result = function(&mut context.host, memory).map_err(Stop::Host)?;
        context.host_calls += 1;
        leave(&mut caller)?;
        Ok(result)
    });
    result.map_err(|stop| {
        caller.data_mut().stop = Some(stop);
        Stopped.into()
    })
}

/// What later passes do after a host call.
fn leave(caller: &mut Caller<'_, Context>) -> Result<(), Stop> {
    let context = caller.data_mut();
    match context.pass {
        Pass::Probe(host_calls) if host_calls == context.host_calls => Err(Stop::Probed),
        Pass::Repeat { host_calls, remaining } if host_calls == context.host_calls => {
            context.settled = remaining;
            if let Some(gas) = context.gas {
                set(caller, gas, remaining);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
