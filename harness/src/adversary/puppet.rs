//! The puppet: a contract of ours that plays whoever has none, and does what the scenario says.
//!
//! It is real code that the engine runs, at real gas: an attacker could deploy it. Whatever method is
//! called, its function `run` is, with a program for input; so it needs to know no method's name.
//! Never decides what it does.

use std::sync::Arc;

use super::FaultPolicy;
use super::kind::{FaultKind, PuppetCall, SpoofedCallback, ViaContract};
use crate::chain::{CodeOverride, InjectedFault, PendingReceipt, action_receipt};
use crate::types::{AccountId, Gas};
use crate::vm::ContractCode;

use super::op::Op;

/// `targets/build puppet` makes it.
const CODE: &[u8] = include_bytes!("../../assets/puppet.wasm");

/// The function that runs a program.
const RUN: &str = "run";

/// Enough for the puppet to return a value, or to panic.
const GAS_FOR_ANSWER: u64 = 5 * 10_u64.pow(12);

/// Plays accounts. Cloning it is cheap.
#[derive(Clone)]
pub struct Puppet {
    code: Arc<ContractCode>,
}

impl Default for Puppet {
    fn default() -> Self {
        Self { code: Arc::new(ContractCode::new(CODE.to_vec(), None)) }
    }
}

impl std::fmt::Debug for Puppet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Puppet").finish_non_exhaustive()
    }
}

impl Puppet {
    /// What a call of an account that a puppet plays does when nobody says otherwise: it gives its usual
    /// answer, or nothing where it has none, unless it is a program that somebody sent on purpose.
    #[must_use]
    pub fn usual(&self, entry: &PendingReceipt, reach: &FaultPolicy) -> InjectedFault {
        let own = entry.receipt.predecessor_id() == entry.receipt.receiver_id();
        let sent = entry.name.path.is_empty() && calls_run(entry);
        let answer = reach.answers(entry).first().map(|answer| Op::Return(answer.clone()));
        self.run((!own && !sent).then(|| program(answer.as_slice())))
    }

    /// What this kind of fault makes of a call. `None` where it leaves the call as it is.
    #[must_use]
    pub fn forced(&self, kind: &FaultKind, entry: &PendingReceipt) -> Option<InjectedFault> {
        let account = entry.receipt.receiver_id();
        let forced = match kind {
            FaultKind::Panic => InjectedFault::Panic,
            FaultKind::OutOfGas => InjectedFault::OutOfGas,
            FaultKind::MissingAccount | FaultKind::Deleted => InjectedFault::MissingAccount,
            FaultKind::MissingMethod | FaultKind::Redeployed => InjectedFault::MissingMethod,
            FaultKind::Answer(value) => self.run(Some(program(&[Op::Return(value.clone())]))),
            FaultKind::FailsLater => self.run(Some(program(&fails_later(account)))),
            FaultKind::Call(call) => self.run(Some(program(&calls(call)))),
            FaultKind::Transfer(transfer) => {
                let amount = transfer.amount.as_yoctonear();
                let ops = [create(&transfer.receiver), Op::Transfer { promise: 0, amount }];
                self.run(Some(program(&ops)))
            }
            FaultKind::Delay(_) => return None,
        };
        Some(forced)
    }

    fn run(&self, input: Option<Arc<[u8]>>) -> InjectedFault {
        InjectedFault::Run(CodeOverride { code: Arc::clone(&self.code), method: RUN, input })
    }
}

/// The method and the input with which a signer has `through` make a call.
#[must_use]
pub fn relayed(through: &ViaContract, call: &PuppetCall) -> (String, Vec<u8>) {
    let account = &through.account;
    let ops = match &through.callback_of {
        None => {
            let mut ops = calls(call);
            ops.push(Op::ReturnPromise { promise: 0 });
            ops
        }
        Some(forged) => {
            let end = match forged {
                SpoofedCallback::Success(value) => Op::Return(value.clone()),
                SpoofedCallback::Failure => Op::Panic("forged".to_owned()),
            };
            let then = Op::Then { promise: 0, receiver: call.receiver.to_string() };
            let victim = call_at(1, call);
            vec![create(account), own_call(&[end]), then, victim, Op::ReturnPromise { promise: 1 }]
        }
    };
    (RUN.to_owned(), program(&ops).to_vec())
}

/// The least gas with which a forged callback can be made, beside what the callback itself needs.
pub const GAS_FOR_RELAY: Gas = Gas::from_teragas(20);

fn calls_run(entry: &PendingReceipt) -> bool {
    use near_primitives::transaction::Action;
    action_receipt(&entry.receipt).is_some_and(|action| {
        let mut actions = action.actions().iter();
        actions
            .any(|action| matches!(action, Action::FunctionCall(call) if call.method_name == RUN))
    })
}

fn fails_later(account: &AccountId) -> Vec<Op> {
    let panic = own_call(&[Op::Panic("later".to_owned())]);
    vec![create(account), panic, Op::ReturnPromise { promise: 0 }]
}

fn calls(call: &PuppetCall) -> Vec<Op> {
    vec![create(&call.receiver), call_at(0, call)]
}

fn create(receiver: &AccountId) -> Op {
    Op::Create { receiver: receiver.to_string() }
}

/// A call of the puppet's own account, in its first promise.
fn own_call(ops: &[Op]) -> Op {
    let (method, args) = (RUN.to_owned(), program(ops).to_vec());
    Op::Call { promise: 0, method, args, deposit: 0, gas: GAS_FOR_ANSWER, weight: 0 }
}

/// The call with all gas that is left.
fn call_at(promise: u32, call: &PuppetCall) -> Op {
    let (method, args) = (call.method.clone(), call.arguments.clone());
    let deposit = call.deposit.as_yoctonear();
    Op::Call { promise, method, args, deposit, gas: 0, weight: 1 }
}

fn program(ops: &[Op]) -> Arc<[u8]> {
    borsh::to_vec(ops).expect("memory takes it").into()
}
