//! A contract that does what it is told: its input is a program, one host call per instruction.
//!
//! It plays any contract in the tests of the simulated chain, without a library in between, so that
//! each host function can be called in ways that no library would. `run` and `callback` do the same.
//! The feature `newest` adds the host functions that old protocol versions lack.
#![cfg(target_family = "wasm")]

mod host;
mod op;

use borsh::BorshDeserialize;
use op::Op;

/// Runs the program in the input.
#[unsafe(no_mangle)]
pub extern "C" fn run() {
    let program = host::input();
    match Vec::<Op>::try_from_slice(&program) {
        Ok(program) => {
            let mut promises = Vec::new();
            program.into_iter().for_each(|op| execute(op, &mut promises));
        }
        Err(_) => host::panic("The input is no program"),
    }
}

/// The same under another name.
#[unsafe(no_mangle)]
pub extern "C" fn callback() {
    run();
}

fn execute(op: Op, promises: &mut Vec<u64>) {
    match op {
        Op::Log(text) => host::log(&text),
        Op::Write { key, value } => host::write(&key, &value),
        Op::Remove { key } => host::remove(&key),
        Op::Add { key, by } => add(&key, by),
        Op::Burn(rounds) => burn(rounds),
        Op::Panic(text) => host::panic(&text),
        Op::Trap => core::arch::wasm32::unreachable(),
        Op::Return(value) => host::value_return(&value),
        Op::ReturnPromise { promise } => host::promise_return(promises[promise as usize]),
        Op::RecordResults => record_results(),
        Op::RecordContext => host::write(b"context", &host::context()),
        Op::RecordRefundTo => host::write(b"refund_to", &host::refund_to()),
        Op::Create { receiver } => promises.push(host::create(&receiver)),
        Op::Then { promise, receiver } => {
            let promise = promises[promise as usize];
            promises.push(host::then(promise, &receiver));
        }
        Op::And { promises: joined } => {
            let joined: Vec<u64> = joined.iter().map(|index| promises[*index as usize]).collect();
            promises.push(host::and(&joined));
        }
        Op::Yield { method, args, gas, weight, key } => {
            let (promise, data_id) = host::promise_yield(&method, &args, gas, weight);
            promises.push(promise);
            host::write(&key, &data_id);
        }
        Op::Resume { key, data } => {
            let data_id = host::read(&key).unwrap_or_default();
            host::resume(&data_id, &data);
        }
        other => act(other, promises),
    }
}

/// The instructions that add an action to a promise.
fn act(op: Op, promises: &mut Vec<u64>) {
    let at = |promise: u32| promises[promise as usize];
    match op {
        Op::Call { promise, method, args, deposit, gas, weight } => {
            host::call(at(promise), &method, &args, deposit, gas, weight);
        }
        Op::Transfer { promise, amount } => host::transfer(at(promise), amount),
        Op::CreateAccount { promise } => host::create_account(at(promise)),
        Op::Deploy { promise, code } => host::deploy(at(promise), &code),
        Op::AddFullKey { promise, public_key, nonce } => {
            host::add_full_key(at(promise), &public_key, nonce);
        }
        Op::AddCallKey { promise, public_key, allowance, receiver, methods } => {
            host::add_call_key(at(promise), &public_key, allowance, &receiver, &methods);
        }
        Op::DeleteKey { promise, public_key } => host::delete_key(at(promise), &public_key),
        Op::DeleteAccount { promise, beneficiary } => {
            host::delete_account(at(promise), &beneficiary);
        }
        Op::Stake { promise, amount, public_key } => {
            host::stake(at(promise), amount, &public_key);
        }
        Op::RefundTo { promise, account } => host::set_refund_to(at(promise), &account),
        Op::DeployGlobal { promise, code, by_account } => {
            host::deploy_global(at(promise), &code, by_account);
        }
        Op::UseGlobal { promise, code_hash } => host::use_global(at(promise), &code_hash),
        Op::UseGlobalOf { promise, account } => host::use_global_of(at(promise), &account),
        Op::StateInit { promise, code_hash, amount, entries } => {
            host::state_init(at(promise), &code_hash, amount, &entries);
        }
        other => newest(other, promises),
    }
}

#[cfg(feature = "newest")]
fn newest(op: Op, promises: &mut Vec<u64>) {
    let at = |promise: u32| promises[promise as usize];
    match op {
        Op::AddGasKey { promise, public_key, nonces } => {
            host::newest::add_gas_key(at(promise), &public_key, nonces);
        }
        Op::TransferToGasKey { promise, public_key, amount } => {
            host::newest::transfer_to_gas_key(at(promise), &public_key, amount);
        }
        Op::YieldWithId { method, args, gas, weight, id } => {
            promises.push(host::newest::yield_with_id(&method, &args, gas, weight, &id));
        }
        Op::ResumeById { id, data } => {
            let resumed = host::newest::resume_by_id(&id, &data);
            host::write(b"resumed", &[u8::from(resumed)]);
        }
        Op::UniversalStateInit { promise, state_init, amount } => {
            host::newest::universal_state_init(at(promise), &state_init, amount);
        }
        _ => host::panic("This instruction is handled elsewhere"),
    }
}

#[cfg(not(feature = "newest"))]
fn newest(_: Op, _: &mut Vec<u64>) {
    host::panic("Only the newest puppet knows this instruction");
}

fn add(key: &[u8], by: u64) {
    let old = host::read(key).and_then(|value| value.try_into().ok());
    let old = old.map_or(0, u64::from_le_bytes);
    host::write(key, &old.wrapping_add(by).to_le_bytes());
}

fn burn(rounds: u64) {
    let mut state = rounds;
    for round in 0..rounds {
        state = core::hint::black_box(state.rotate_left(5) ^ round);
    }
    core::hint::black_box(state);
}

fn record_results() {
    for index in 0..host::results_count() {
        let (status, data) = host::result(index);
        let value = [&[status as u8], &data[..]].concat();
        host::write(format!("result:{index}").as_bytes(), &value);
    }
}
