//! The host functions, with Rust's types.

/// The register that everything is read from. Nothing stays in it.
const REGISTER: u64 = 0;
/// The register into which old values are thrown away.
const UNREAD: u64 = 1;

mod sys {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn read_register(register: u64, pointer: u64);
        pub fn register_len(register: u64) -> u64;
        pub fn input(register: u64);
        pub fn signer_account_id(register: u64);
        pub fn predecessor_account_id(register: u64);
        pub fn refund_to_account_id(register: u64);
        pub fn account_balance(amount: u64);
        pub fn attached_deposit(amount: u64);
        pub fn prepaid_gas() -> u64;
        pub fn block_index() -> u64;
        pub fn value_return(length: u64, pointer: u64);
        pub fn panic_utf8(length: u64, pointer: u64) -> !;
        pub fn log_utf8(length: u64, pointer: u64);
        pub fn storage_write(key: u64, at: u64, value: u64, from: u64, register: u64) -> u64;
        pub fn storage_read(length: u64, pointer: u64, register: u64) -> u64;
        pub fn storage_remove(length: u64, pointer: u64, register: u64) -> u64;
        pub fn promise_batch_create(length: u64, account: u64) -> u64;
        pub fn promise_batch_then(promise: u64, length: u64, account: u64) -> u64;
        pub fn promise_and(promises: u64, count: u64) -> u64;
        pub fn promise_return(promise: u64);
        pub fn promise_results_count() -> u64;
        pub fn promise_result(index: u64, register: u64) -> u64;
        pub fn promise_set_refund_to(promise: u64, length: u64, account: u64);
        pub fn promise_batch_action_function_call_weight(
            promise: u64,
            method_length: u64,
            method: u64,
            length: u64,
            arguments: u64,
            amount: u64,
            gas: u64,
            weight: u64,
        );
        pub fn promise_batch_action_transfer(promise: u64, amount: u64);
        pub fn promise_batch_action_create_account(promise: u64);
        pub fn promise_batch_action_deploy_contract(promise: u64, length: u64, code: u64);
        pub fn promise_batch_action_deploy_global_contract(promise: u64, length: u64, code: u64);
        pub fn promise_batch_action_deploy_global_contract_by_account_id(
            promise: u64,
            length: u64,
            code: u64,
        );
        pub fn promise_batch_action_use_global_contract(promise: u64, length: u64, hash: u64);
        pub fn promise_batch_action_use_global_contract_by_account_id(
            promise: u64,
            length: u64,
            account: u64,
        );
        pub fn promise_batch_action_state_init(
            promise: u64,
            length: u64,
            hash: u64,
            amount: u64,
        ) -> u64;
        pub fn set_state_init_data_entry(
            promise: u64,
            action: u64,
            key_length: u64,
            key: u64,
            length: u64,
            value: u64,
        );
        pub fn promise_batch_action_stake(promise: u64, amount: u64, length: u64, key: u64);
        pub fn promise_batch_action_add_key_with_full_access(
            promise: u64,
            length: u64,
            key: u64,
            nonce: u64,
        );
        pub fn promise_batch_action_add_key_with_function_call(
            promise: u64,
            length: u64,
            key: u64,
            nonce: u64,
            allowance: u64,
            receiver_length: u64,
            receiver: u64,
            methods_length: u64,
            methods: u64,
        );
        pub fn promise_batch_action_delete_key(promise: u64, length: u64, key: u64);
        pub fn promise_batch_action_delete_account(promise: u64, length: u64, beneficiary: u64);
        pub fn promise_yield_create(
            method_length: u64,
            method: u64,
            length: u64,
            arguments: u64,
            gas: u64,
            weight: u64,
            register: u64,
        ) -> u64;
        pub fn promise_yield_resume(id_length: u64, id: u64, length: u64, data: u64) -> u32;
    }
}

fn at(bytes: &[u8]) -> u64 {
    bytes.as_ptr() as u64
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

fn amount_at(amount: &u128) -> u64 {
    std::ptr::from_ref(amount) as u64
}

fn register() -> Vec<u8> {
    let length = unsafe { sys::register_len(REGISTER) };
    if length == u64::MAX {
        return Vec::new();
    }
    let mut bytes = vec![0; length as usize];
    unsafe { sys::read_register(REGISTER, bytes.as_mut_ptr() as u64) };
    bytes
}

pub fn input() -> Vec<u8> {
    unsafe { sys::input(REGISTER) };
    register()
}

pub fn refund_to() -> Vec<u8> {
    unsafe { sys::refund_to_account_id(REGISTER) };
    register()
}

pub fn context() -> Vec<u8> {
    let (mut balance, mut deposit) = (0u128, 0u128);
    unsafe {
        sys::account_balance(&raw mut balance as u64);
        sys::attached_deposit(&raw mut deposit as u64);
    }
    let mut context = [balance, deposit].map(u128::to_le_bytes).concat();
    context.extend(unsafe { sys::prepaid_gas() }.to_le_bytes());
    context.extend(unsafe { sys::block_index() }.to_le_bytes());
    unsafe { sys::predecessor_account_id(REGISTER) };
    context.extend(register());
    context.push(b'|');
    unsafe { sys::signer_account_id(REGISTER) };
    context.extend(register());
    context
}

pub fn log(text: &str) {
    unsafe { sys::log_utf8(length(text.as_bytes()), at(text.as_bytes())) }
}

pub fn panic(text: &str) -> ! {
    unsafe { sys::panic_utf8(length(text.as_bytes()), at(text.as_bytes())) }
}

pub fn value_return(value: &[u8]) {
    unsafe { sys::value_return(length(value), at(value)) }
}

pub fn write(key: &[u8], value: &[u8]) {
    unsafe { sys::storage_write(length(key), at(key), length(value), at(value), UNREAD) };
}

pub fn read(key: &[u8]) -> Option<Vec<u8>> {
    let found = unsafe { sys::storage_read(length(key), at(key), REGISTER) };
    (found == 1).then(register)
}

pub fn remove(key: &[u8]) {
    unsafe { sys::storage_remove(length(key), at(key), UNREAD) };
}

pub fn create(receiver: &str) -> u64 {
    unsafe { sys::promise_batch_create(length(receiver.as_bytes()), at(receiver.as_bytes())) }
}

pub fn then(promise: u64, receiver: &str) -> u64 {
    let receiver = receiver.as_bytes();
    unsafe { sys::promise_batch_then(promise, length(receiver), at(receiver)) }
}

pub fn and(promises: &[u64]) -> u64 {
    unsafe { sys::promise_and(promises.as_ptr() as u64, promises.len() as u64) }
}

pub fn promise_return(promise: u64) {
    unsafe { sys::promise_return(promise) }
}

pub fn results_count() -> u64 {
    unsafe { sys::promise_results_count() }
}

/// The status, and the data where there is some.
pub fn result(index: u64) -> (u64, Vec<u8>) {
    match unsafe { sys::promise_result(index, REGISTER) } {
        1 => (1, register()),
        status => (status, Vec::new()),
    }
}

pub fn set_refund_to(promise: u64, account: &str) {
    let account = account.as_bytes();
    unsafe { sys::promise_set_refund_to(promise, length(account), at(account)) }
}

pub fn call(promise: u64, method: &str, arguments: &[u8], deposit: u128, gas: u64, weight: u64) {
    unsafe {
        sys::promise_batch_action_function_call_weight(
            promise,
            length(method.as_bytes()),
            at(method.as_bytes()),
            length(arguments),
            at(arguments),
            amount_at(&deposit),
            gas,
            weight,
        );
    }
}

pub fn transfer(promise: u64, amount: u128) {
    unsafe { sys::promise_batch_action_transfer(promise, amount_at(&amount)) }
}

pub fn create_account(promise: u64) {
    unsafe { sys::promise_batch_action_create_account(promise) }
}

pub fn deploy(promise: u64, code: &[u8]) {
    unsafe { sys::promise_batch_action_deploy_contract(promise, length(code), at(code)) }
}

pub fn deploy_global(promise: u64, code: &[u8], by_account: bool) {
    let deploy = if by_account {
        sys::promise_batch_action_deploy_global_contract_by_account_id
    } else {
        sys::promise_batch_action_deploy_global_contract
    };
    unsafe { deploy(promise, length(code), at(code)) }
}

pub fn use_global(promise: u64, hash: &[u8]) {
    unsafe { sys::promise_batch_action_use_global_contract(promise, length(hash), at(hash)) }
}

pub fn use_global_of(promise: u64, account: &str) {
    let account = account.as_bytes();
    unsafe {
        sys::promise_batch_action_use_global_contract_by_account_id(
            promise,
            length(account),
            at(account),
        );
    }
}

pub fn state_init(promise: u64, hash: &[u8], amount: u128, entries: &[(Vec<u8>, Vec<u8>)]) {
    unsafe {
        let amount = amount_at(&amount);
        let action = sys::promise_batch_action_state_init(promise, length(hash), at(hash), amount);
        for (key, value) in entries {
            let (key_length, key) = (length(key), at(key));
            let (length, value) = (length(value), at(value));
            sys::set_state_init_data_entry(promise, action, key_length, key, length, value);
        }
    }
}

pub fn stake(promise: u64, amount: u128, key: &[u8]) {
    unsafe { sys::promise_batch_action_stake(promise, amount_at(&amount), length(key), at(key)) }
}

pub fn add_full_key(promise: u64, key: &[u8], nonce: u64) {
    let (length, key) = (length(key), at(key));
    unsafe { sys::promise_batch_action_add_key_with_full_access(promise, length, key, nonce) }
}

pub fn add_call_key(promise: u64, key: &[u8], allowance: u128, receiver: &str, methods: &str) {
    unsafe {
        sys::promise_batch_action_add_key_with_function_call(
            promise,
            length(key),
            at(key),
            0,
            amount_at(&allowance),
            length(receiver.as_bytes()),
            at(receiver.as_bytes()),
            length(methods.as_bytes()),
            at(methods.as_bytes()),
        );
    }
}

pub fn delete_key(promise: u64, key: &[u8]) {
    unsafe { sys::promise_batch_action_delete_key(promise, length(key), at(key)) }
}

pub fn delete_account(promise: u64, beneficiary: &str) {
    let (length, beneficiary) = (length(beneficiary.as_bytes()), at(beneficiary.as_bytes()));
    unsafe { sys::promise_batch_action_delete_account(promise, length, beneficiary) }
}

/// The promise and its data id.
pub fn promise_yield(method: &str, arguments: &[u8], gas: u64, weight: u64) -> (u64, Vec<u8>) {
    let promise = unsafe {
        sys::promise_yield_create(
            length(method.as_bytes()),
            at(method.as_bytes()),
            length(arguments),
            at(arguments),
            gas,
            weight,
            REGISTER,
        )
    };
    (promise, register())
}

pub fn resume(id: &[u8], data: &[u8]) {
    unsafe { sys::promise_yield_resume(length(id), at(id), length(data), at(data)) };
}

/// What old protocol versions lack.
#[cfg(feature = "newest")]
pub mod newest {
    use super::{amount_at, at, length};

    mod sys {
        #[link(wasm_import_module = "env")]
        unsafe extern "C" {
            pub fn promise_batch_action_add_gas_key_with_full_access(
                promise: u64,
                length: u64,
                key: u64,
                nonces: u64,
            );
            pub fn promise_batch_action_transfer_to_gas_key(
                promise: u64,
                length: u64,
                key: u64,
                amount: u64,
            );
            pub fn promise_yield_create_with_id(
                method_length: u64,
                method: u64,
                length: u64,
                arguments: u64,
                amount: u64,
                gas: u64,
                weight: u64,
                id_length: u64,
                id: u64,
            ) -> u64;
            pub fn promise_yield_resume_with_yield_id(
                id_length: u64,
                id: u64,
                length: u64,
                data: u64,
            ) -> u32;
            pub fn promise_batch_action_universal_state_init(
                promise: u64,
                length: u64,
                state_init: u64,
                amount: u64,
            );
        }
    }

    pub fn add_gas_key(promise: u64, key: &[u8], nonces: u64) {
        let (length, key) = (length(key), at(key));
        unsafe {
            sys::promise_batch_action_add_gas_key_with_full_access(promise, length, key, nonces);
        }
    }

    pub fn transfer_to_gas_key(promise: u64, key: &[u8], amount: u128) {
        let (length, key) = (length(key), at(key));
        let amount = amount_at(&amount);
        unsafe { sys::promise_batch_action_transfer_to_gas_key(promise, length, key, amount) }
    }

    pub fn yield_with_id(method: &str, arguments: &[u8], gas: u64, weight: u64, id: &[u8]) -> u64 {
        unsafe {
            sys::promise_yield_create_with_id(
                length(method.as_bytes()),
                at(method.as_bytes()),
                length(arguments),
                at(arguments),
                amount_at(&0),
                gas,
                weight,
                length(id),
                at(id),
            )
        }
    }

    pub fn resume_by_id(id: &[u8], data: &[u8]) -> bool {
        let resume = sys::promise_yield_resume_with_yield_id;
        unsafe { resume(length(id), at(id), length(data), at(data)) != 0 }
    }

    pub fn universal_state_init(promise: u64, state_init: &[u8], amount: u128) {
        let (length, state_init) = (length(state_init), at(state_init));
        let amount = amount_at(&amount);
        let append = sys::promise_batch_action_universal_state_init;
        unsafe { append(promise, length, state_init, amount) }
    }
}
