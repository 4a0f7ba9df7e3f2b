//! The limits that every new receipt and transaction must keep. Whether an action can be carried out
//! is decided when it runs.

use std::collections::BTreeMap;

use near_crypto::key_conversion::is_valid_staking_key;
use near_parameters::vm::LimitConfig;
use near_primitives::account::{AccessKeyPermission, FunctionCallPermission};
use near_primitives::action::delegate::VersionedDelegateActionRef;
use near_primitives::action::{
    AddKeyAction, DeterministicStateInitAction, FunctionCallAction, UniversalStateInitAction,
};
use near_primitives::errors::{ActionsValidationError, ReceiptValidationError};
use near_primitives::receipt::{Receipt, VersionedReceiptEnum};
use near_primitives::transaction::Action;
use near_primitives::universal_state_init::{
    DecodeMode, UniversalStateInit, UniversalStateInitCounts, state_init_counts,
};
use near_primitives::utils::{derive_near_deterministic_account_id, derive_universal_account_id};
use near_primitives::version::ProtocolFeature;
use near_primitives_core::account::id::AccountType;

use super::fees;
use super::protocol::Protocol;
use crate::types::AccountId;

/// Checks a receipt that a contract asked for.
pub(super) fn receipt(
    protocol: &Protocol,
    receipt: &Receipt,
) -> Result<(), ReceiptValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    let size = borsh::object_length(receipt).expect("a receipt can be serialised") as u64;
    let limit = limits.max_receipt_size;
    if size > limit {
        return Err(ReceiptValidationError::ReceiptSizeExceeded { size, limit });
    }
    match receipt.versioned_receipt() {
        VersionedReceiptEnum::Action(action) | VersionedReceiptEnum::PromiseYield(action) => {
            let inputs = action.input_data_ids().len() as u64;
            let limit = limits.max_number_input_data_dependencies;
            if inputs > limit {
                return Err(ReceiptValidationError::NumberInputDataDependenciesExceeded {
                    number_of_input_data_dependencies: inputs,
                    limit,
                });
            }
            actions(protocol, receipt.receiver_id(), action.actions())
                .map_err(ReceiptValidationError::ActionsValidation)
        }
        VersionedReceiptEnum::Data(data) | VersionedReceiptEnum::PromiseResume(data) => {
            let length = data.data.as_ref().map_or(0, Vec::len) as u64;
            let limit = limits.max_length_returned_data;
            if length > limit {
                return Err(ReceiptValidationError::ReturnedValueLengthExceeded { length, limit });
            }
            Ok(())
        }
        VersionedReceiptEnum::GlobalContractDistribution(_) => Ok(()),
    }
}

/// Checks the actions of a transaction or a new receipt.
pub(super) fn actions(
    protocol: &Protocol,
    receiver: &AccountId,
    actions: &[Action],
) -> Result<(), ActionsValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    let limit = limits.max_actions_per_receipt;
    if actions.len() as u64 > limit {
        let total_number_of_actions = actions.len() as u64;
        return Err(ActionsValidationError::TotalNumberOfActionsExceeded {
            total_number_of_actions,
            limit,
        });
    }
    if actions.iter().any(Action::post_quantum_signatures_required) {
        require(protocol, ProtocolFeature::PostQuantumSignatures)?;
    }
    deploys(limits, actions)?;
    state_inits(limits, actions)?;
    let mut delegates = 0;
    for (index, action) in actions.iter().enumerate() {
        if matches!(action, Action::DeleteAccount(_)) && index + 1 != actions.len() {
            return Err(ActionsValidationError::DeleteActionMustBeFinal);
        }
        delegates += u32::from(matches!(action, Action::Delegate(_) | Action::DelegateV2(_)));
        if delegates > 1 {
            return Err(ActionsValidationError::DelegateActionMustBeOnlyOne);
        }
        one(protocol, receiver, action)?;
    }
    let total_prepaid_gas =
        fees::prepaid_gas(actions).ok_or(ActionsValidationError::IntegerOverflow)?;
    let limit = limits.max_total_prepaid_gas;
    if total_prepaid_gas > limit {
        return Err(ActionsValidationError::TotalPrepaidGasExceeded { total_prepaid_gas, limit });
    }
    Ok(())
}

fn deploys(limits: &LimitConfig, actions: &[Action]) -> Result<(), ActionsValidationError> {
    let deploys = |action: &&Action| {
        matches!(action, Action::DeployContract(_) | Action::DeployGlobalContract(_))
    };
    let number_of_deploy_actions = actions.iter().filter(deploys).count() as u64;
    let limit = limits.max_deploy_actions_per_receipt;
    if number_of_deploy_actions > limit {
        return Err(ActionsValidationError::TotalNumberOfDeployActionsExceeded {
            number_of_deploy_actions,
            limit,
        });
    }
    Ok(())
}

/// Refuses what this protocol version does not know yet.
fn require(protocol: &Protocol, feature: ProtocolFeature) -> Result<(), ActionsValidationError> {
    if protocol.has(feature) {
        return Ok(());
    }
    let (protocol_feature, version) = (format!("{feature:?}"), protocol.version);
    Err(ActionsValidationError::UnsupportedProtocolFeature { protocol_feature, version })
}

/// What the state-init actions of one receipt may hold together.
fn state_inits(limits: &LimitConfig, actions: &[Action]) -> Result<(), ActionsValidationError> {
    let universal = |action: &Action| match action {
        Action::UniversalStateInit(init) => state_init_counts(&init.state_init),
        _ => UniversalStateInitCounts::default(),
    };
    let number_of_keys = actions.iter().map(|action| universal(action).num_keys).sum();
    let limit = limits.max_universal_state_init_keys;
    if number_of_keys > limit {
        return Err(ActionsValidationError::TotalNumberOfStateInitKeysExceeded {
            number_of_keys,
            limit,
        });
    }
    let entries = |action: &Action| match action {
        Action::DeterministicStateInit(init) => init.state_init.data().len() as u64,
        action => universal(action).num_entries,
    };
    let number_of_entries = actions.iter().map(entries).sum();
    let limit = limits.max_state_init_entries;
    if number_of_entries > limit {
        return Err(ActionsValidationError::TotalNumberOfStateInitEntriesExceeded {
            number_of_entries,
            limit,
        });
    }
    Ok(())
}

fn one(
    protocol: &Protocol,
    receiver: &AccountId,
    action: &Action,
) -> Result<(), ActionsValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    match action {
        Action::DeployContract(deploy) => code_size(limits, deploy.code.len()),
        Action::DeployGlobalContract(deploy) => code_size(limits, deploy.code.len()),
        Action::FunctionCall(call) => function_call(protocol, call),
        Action::AddKey(add_key) => add_key_action(protocol, add_key),
        Action::Stake(stake) => {
            if is_valid_staking_key(&stake.public_key) {
                return Ok(());
            }
            let public_key = Box::new(stake.public_key.clone());
            Err(ActionsValidationError::UnsuitableStakingKey { public_key })
        }
        Action::Transfer(_) => transfer(protocol, receiver),
        Action::DeterministicStateInit(init) => deterministic(limits, receiver, init),
        Action::UniversalStateInit(init) => universal(protocol, receiver, init),
        Action::TransferToGasKey(_) | Action::WithdrawFromGasKey(_) => {
            require(protocol, ProtocolFeature::GasKeys)
        }
        Action::Delegate(signed) => delegate(protocol, receiver, (&signed.delegate_action).into()),
        Action::DelegateV2(signed) => {
            require(protocol, ProtocolFeature::DelegateV2)?;
            if protocol.has(ProtocolFeature::RejectDelegateV2) {
                let (protocol_feature, version) = ("DelegateV2".to_owned(), protocol.version);
                return Err(ActionsValidationError::RemovedProtocolFeature {
                    protocol_feature,
                    version,
                });
            }
            delegate(protocol, receiver, (&signed.delegate_action).into())
        }
        Action::CreateAccount(_)
        | Action::DeleteKey(_)
        | Action::DeleteAccount(_)
        | Action::UseGlobalContract(_) => Ok(()),
    }
}

/// What a delegate action contains must be valid as well.
fn delegate(
    protocol: &Protocol,
    receiver: &AccountId,
    delegated: VersionedDelegateActionRef<'_>,
) -> Result<(), ActionsValidationError> {
    let limit = protocol.config.wasm_config.limit_config.max_actions_per_receipt;
    let total_number_of_actions = delegated.actions().len() as u64;
    if total_number_of_actions > limit {
        return Err(ActionsValidationError::TotalNumberOfActionsExceeded {
            total_number_of_actions,
            limit,
        });
    }
    let inner = delegated.get_actions();
    if protocol.has(ProtocolFeature::RejectWithdrawFromGasKeyInDelegate)
        && inner.iter().any(|action| matches!(action, Action::WithdrawFromGasKey(_)))
    {
        return Err(ActionsValidationError::WithdrawFromGasKeyNotAllowedInDelegate);
    }
    // Until the fix, state inits were checked against the receiver of the outer receipt.
    let fixed = protocol.has(ProtocolFeature::FixDelegatedDeterministicStateInit);
    actions(protocol, if fixed { delegated.receiver_id() } else { receiver }, &inner)
}

/// The last version before universal accounts already rejects transfers to them.
fn transfer(protocol: &Protocol, receiver: &AccountId) -> Result<(), ActionsValidationError> {
    let rejected = protocol.has(ProtocolFeature::RejectUniversalAccountTransfers)
        && !protocol.has(ProtocolFeature::UniversalAccounts);
    if rejected && receiver.get_account_type() == AccountType::UniversalAccount {
        let account_id = receiver.clone();
        return Err(ActionsValidationError::TransferToUniversalAccountNotAllowed { account_id });
    }
    Ok(())
}

fn deterministic(
    limits: &LimitConfig,
    receiver: &AccountId,
    action: &DeterministicStateInitAction,
) -> Result<(), ActionsValidationError> {
    let derived_id = derive_near_deterministic_account_id(&action.state_init);
    if derived_id != *receiver {
        let receiver_id = receiver.clone();
        return Err(ActionsValidationError::InvalidDeterministicStateInitReceiver {
            receiver_id,
            derived_id,
        });
    }
    let (keys, values) = (limits.max_length_storage_key, limits.max_length_storage_value);
    match too_long(action.state_init.data(), keys, values) {
        None => Ok(()),
        Some(TooLong::Key(length)) => {
            let limit = keys;
            Err(ActionsValidationError::DeterministicStateInitKeyLengthExceeded { length, limit })
        }
        Some(TooLong::Value(length)) => {
            let limit = values;
            Err(ActionsValidationError::DeterministicStateInitValueLengthExceeded { length, limit })
        }
    }
}

fn universal(
    protocol: &Protocol,
    receiver: &AccountId,
    action: &UniversalStateInitAction,
) -> Result<(), ActionsValidationError> {
    require(protocol, ProtocolFeature::UniversalAccounts)?;
    let derived_id = derive_universal_account_id(&action.state_init);
    if derived_id != *receiver {
        let receiver_id = receiver.clone();
        return Err(ActionsValidationError::InvalidUniversalStateInitReceiver {
            receiver_id,
            derived_id,
        });
    }
    let strict = protocol.has(ProtocolFeature::CanonicalUniversalStateInit);
    let init = UniversalStateInit::from_raw(&action.state_init, DecodeMode::strict_if(strict))
        .map_err(|_| ActionsValidationError::MalformedUniversalStateInit)?;
    let limits = &protocol.config.wasm_config.limit_config;
    let (keys, values) = (limits.max_length_storage_key, limits.max_length_storage_value);
    match too_long(init.data(), keys, values) {
        None => Ok(()),
        Some(TooLong::Key(length)) => {
            let limit = keys;
            Err(ActionsValidationError::UniversalStateInitKeyLengthExceeded { length, limit })
        }
        Some(TooLong::Value(length)) => {
            let limit = values;
            Err(ActionsValidationError::UniversalStateInitValueLengthExceeded { length, limit })
        }
    }
}

/// Which half of a state entry is too long, and its length.
enum TooLong {
    Key(u64),
    Value(u64),
}

/// The first entry that the trie could not hold.
fn too_long(data: &BTreeMap<Vec<u8>, Vec<u8>>, keys: u64, values: u64) -> Option<TooLong> {
    data.iter().find_map(|(key, value)| {
        let (key, value) = (key.len() as u64, value.len() as u64);
        match (key > keys, value > values) {
            (true, _) => Some(TooLong::Key(key)),
            (false, true) => Some(TooLong::Value(value)),
            (false, false) => None,
        }
    })
}

fn code_size(limits: &LimitConfig, size: usize) -> Result<(), ActionsValidationError> {
    let (size, limit) = (size as u64, limits.max_contract_size);
    if size > limit {
        return Err(ActionsValidationError::ContractSizeExceeded { size, limit });
    }
    Ok(())
}

fn function_call(
    protocol: &Protocol,
    call: &FunctionCallAction,
) -> Result<(), ActionsValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    if call.gas.as_gas() == 0 {
        return Err(ActionsValidationError::FunctionCallZeroAttachedGas);
    }
    if call.method_name.is_empty() && protocol.has(ProtocolFeature::RejectEmptyMethodName) {
        return Err(ActionsValidationError::FunctionCallEmptyMethodName);
    }
    let (length, limit) = (call.method_name.len() as u64, limits.max_length_method_name);
    if length > limit {
        return Err(ActionsValidationError::FunctionCallMethodNameLengthExceeded { length, limit });
    }
    let (length, limit) = (call.args.len() as u64, limits.max_arguments_length);
    if length > limit {
        return Err(ActionsValidationError::FunctionCallArgumentsLengthExceeded { length, limit });
    }
    Ok(())
}

fn add_key_action(
    protocol: &Protocol,
    action: &AddKeyAction,
) -> Result<(), ActionsValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    if let Some(call) = action.access_key.permission.function_call_permission() {
        permission(limits, call)?;
    }
    let Some(info) = action.access_key.gas_key_info() else { return Ok(()) };
    require(protocol, ProtocolFeature::GasKeys)?;
    let call = action.access_key.permission.function_call_permission();
    if call.is_some_and(|call| call.allowance.is_some()) {
        return Err(ActionsValidationError::GasKeyFunctionCallAllowanceNotAllowed);
    }
    let limit = AccessKeyPermission::MAX_NONCES_FOR_GAS_KEY;
    if info.num_nonces == 0 || info.num_nonces > limit {
        let requested_nonces = info.num_nonces;
        return Err(ActionsValidationError::GasKeyInvalidNumNonces { requested_nonces, limit });
    }
    if !info.balance.is_zero() {
        let balance = info.balance;
        return Err(ActionsValidationError::AddGasKeyWithNonZeroBalance { balance });
    }
    Ok(())
}

fn permission(
    limits: &LimitConfig,
    call: &FunctionCallPermission,
) -> Result<(), ActionsValidationError> {
    if call.receiver_id.parse::<AccountId>().is_err() {
        let account_id = call.receiver_id.chars().take(AccountId::MAX_LEN * 2).collect();
        return Err(ActionsValidationError::InvalidAccountId { account_id });
    }
    let limit = limits.max_length_method_name;
    if let Some(name) = call.method_names.iter().find(|name| name.len() as u64 > limit) {
        let length = name.len() as u64;
        return Err(ActionsValidationError::AddKeyMethodNameLengthExceeded { length, limit });
    }
    // Each name is stored with a terminating character.
    let total_number_of_bytes = call.method_names.iter().map(|name| name.len() as u64 + 1).sum();
    let limit = limits.max_number_bytes_method_names;
    if total_number_of_bytes > limit {
        return Err(ActionsValidationError::AddKeyMethodNamesNumberOfBytesExceeded {
            total_number_of_bytes,
            limit,
        });
    }
    Ok(())
}
