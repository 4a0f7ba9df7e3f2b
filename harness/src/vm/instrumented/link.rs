//! Links the host functions that a contract imports: `near_vm_runner`'s own, handed to wasmtime.
//!
//! If a function is missing here, contracts that import it fall back to the reference engine.

use near_parameters::vm::Config;
use near_vm_runner::logic::{HostCtx, VMLogicError, host};
use wasmtime::{Caller, Linker, WasmRet, WasmTy};

use super::context::{Context, enter};

/// Where prepared code imports its metering from. Contracts cannot name it.
const INTERNAL: &str = "internal";

/// Where contracts import from.
const ENVIRONMENT: &str = "env";

/// A function of [`host`], whatever its number of arguments.
trait HostFunction<Arguments> {
    fn link(self, linker: &mut Linker<Context>, module: &str, name: &str) -> wasmtime::Result<()>;
}

macro_rules! host_function {
    ($($argument:ident)*) => {
        impl<F, R, $($argument),*> HostFunction<($($argument,)* R,)> for F
        where
            F: Fn(&mut HostCtx<'static>, &mut [u8], $($argument),*) -> Result<R, VMLogicError>,
            F: Copy + Send + Sync + 'static,
            wasmtime::Result<R>: WasmRet,
            $($argument: WasmTy,)*
        {
            fn link(
                self,
                linker: &mut Linker<Context>,
                module: &str,
                name: &str,
            ) -> wasmtime::Result<()> {
                #[allow(non_snake_case, reason = "types and arguments share their names")]
                let function = move |caller: Caller<'_, Context>, $($argument: $argument),*| {
                    enter(caller, |host, memory| self(host, memory, $($argument),*))
                };
                linker.func_wrap(module, name, function).map(drop)
            }
        }
    };
}

host_function!();
host_function!(A);
host_function!(A B);
host_function!(A B C);
host_function!(A B C D);
host_function!(A B C D E);
host_function!(A B C D E G);
host_function!(A B C D E G H);
host_function!(A B C D E G H I);
host_function!(A B C D E G H I J);

macro_rules! link {
    ($linker:ident, $module:ident: $($function:ident),* $(,)?) => {
        $(host::$function.link($linker, $module, stringify!($function))?;)*
    };
}

/// Links every host function that exists under `config`, and no other.
pub(super) fn link(linker: &mut Linker<Context>, config: &Config) -> wasmtime::Result<()> {
    link!(linker, INTERNAL:
        finite_wasm_gas, finite_wasm_memory_copy, finite_wasm_memory_fill, finite_wasm_memory_init,
        finite_wasm_table_copy, finite_wasm_table_fill, finite_wasm_table_init, finite_wasm_stack,
        finite_wasm_unstack, finite_wasm_gas_exhausted, finite_wasm_stack_exhausted,
    );
    link!(linker, ENVIRONMENT:
        read_register, register_len, write_register, current_account_id, signer_account_id,
        signer_account_pk, predecessor_account_id, input, block_index, block_timestamp,
        epoch_height, storage_usage, account_balance, account_locked_balance, attached_deposit,
        prepaid_gas, used_gas, random_seed, sha256, keccak256, keccak512, ed25519_verify, ripemd160,
        ecrecover, value_return, panic, panic_utf8, log_utf8, log_utf16, abort, promise_create,
        promise_then, promise_and, promise_batch_create, promise_batch_then, promise_set_refund_to,
        promise_batch_action_state_init, promise_batch_action_state_init_by_account_id,
        set_state_init_data_entry, current_contract_code, refund_to_account_id,
        promise_batch_action_create_account, promise_batch_action_deploy_contract,
        promise_batch_action_function_call, promise_batch_action_function_call_weight,
        promise_batch_action_transfer, promise_batch_action_stake,
        promise_batch_action_add_key_with_full_access,
        promise_batch_action_add_key_with_function_call, promise_batch_action_delete_key,
        promise_batch_action_delete_account, promise_yield_create, promise_yield_resume,
        promise_results_count, promise_result, promise_return, storage_write, storage_read,
        storage_remove, storage_has_key, storage_iter_prefix, storage_iter_range, storage_iter_next,
        validator_stake, validator_total_stake, alt_bn128_g1_multiexp, alt_bn128_g1_sum,
        alt_bn128_pairing_check, bls12381_p1_sum, bls12381_p2_sum, bls12381_g1_multiexp,
        bls12381_g2_multiexp, bls12381_map_fp_to_g1, bls12381_map_fp2_to_g2, bls12381_pairing_check,
        bls12381_p1_decompress, bls12381_p2_decompress,
    );
    host::gas_seen_from_wasm.link(linker, ENVIRONMENT, "gas")?;
    link_versioned(linker, config)
}

/// The functions that came with later protocol versions.
fn link_versioned(linker: &mut Linker<Context>, config: &Config) -> wasmtime::Result<()> {
    if config.chain_id_host_fn {
        link!(linker, ENVIRONMENT: chain_id);
    }
    if config.sha3_host_fns {
        link!(linker, ENVIRONMENT: sha3_256, sha3_384, sha3_512);
    }
    if config.p256_verify_host_fn {
        link!(linker, ENVIRONMENT: p256_verify);
    }
    if config.ml_dsa_verify_host_fn {
        link!(linker, ENVIRONMENT: ml_dsa_verify);
    }
    if config.universal_accounts {
        link!(linker, ENVIRONMENT:
            universal_state_init_to_account_id, promise_batch_action_universal_state_init,
        );
    }
    if config.global_contract_host_fns {
        link!(linker, ENVIRONMENT:
            promise_batch_action_deploy_global_contract,
            promise_batch_action_deploy_global_contract_by_account_id,
            promise_batch_action_use_global_contract,
            promise_batch_action_use_global_contract_by_account_id,
        );
    }
    if config.gas_key_host_fns {
        link!(linker, ENVIRONMENT:
            promise_batch_action_transfer_to_gas_key,
            promise_batch_action_add_gas_key_with_full_access,
            promise_batch_action_add_gas_key_with_function_call,
        );
    }
    if config.yield_with_id_host_fns {
        link!(linker, ENVIRONMENT:
            promise_yield_create_with_id, promise_yield_resume_with_yield_id,
        );
    }
    Ok(())
}
