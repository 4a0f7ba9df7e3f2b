//! The limits that every new receipt and transaction must keep.
//!
//! Never looks at an account: whether an action can be carried out is decided when it runs.

use near_parameters::vm::LimitConfig;
use near_primitives::account::{AccessKeyPermission, FunctionCallPermission};
use near_primitives::action::{AddKeyAction, FunctionCallAction};
use near_primitives::errors::{ActionsValidationError, ReceiptValidationError};
use near_primitives::receipt::{Receipt, VersionedReceiptEnum};
use near_primitives::transaction::Action;
use near_primitives::version::ProtocolFeature;

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
    deploys(limits, actions)?;
    for (index, action) in actions.iter().enumerate() {
        if matches!(action, Action::DeleteAccount(_)) && index + 1 != actions.len() {
            return Err(ActionsValidationError::DeleteActionMustBeFinal);
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

fn one(
    protocol: &Protocol,
    _receiver: &AccountId,
    action: &Action,
) -> Result<(), ActionsValidationError> {
    let limits = &protocol.config.wasm_config.limit_config;
    match action {
        Action::DeployContract(deploy) => code_size(limits, deploy.code.len()),
        Action::DeployGlobalContract(deploy) => code_size(limits, deploy.code.len()),
        Action::FunctionCall(call) => function_call(protocol, call),
        Action::AddKey(add_key) => add_key_action(limits, add_key),
        Action::CreateAccount(_)
        | Action::Transfer(_)
        | Action::Stake(_)
        | Action::DeleteKey(_)
        | Action::DeleteAccount(_)
        | Action::UseGlobalContract(_)
        | Action::DeterministicStateInit(_)
        | Action::UniversalStateInit(_)
        | Action::TransferToGasKey(_)
        | Action::WithdrawFromGasKey(_)
        | Action::Delegate(_)
        | Action::DelegateV2(_) => Ok(()),
    }
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
    limits: &LimitConfig,
    action: &AddKeyAction,
) -> Result<(), ActionsValidationError> {
    if let Some(call) = action.access_key.permission.function_call_permission() {
        permission(limits, call)?;
    }
    let Some(info) = action.access_key.gas_key_info() else { return Ok(()) };
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
