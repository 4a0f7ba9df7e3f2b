//! What actions cost in gas, to send and to execute, from the published configuration.

use near_crypto::{KeyType, PublicKey};
use near_parameters::{
    ActionCosts, ParameterCost, SignatureKind, gas_key_add_key_exec_fee, gas_key_add_key_send_fee,
    gas_key_transfer_exec_fee, gas_key_transfer_send_fee, transfer_exec_fee, transfer_send_fee,
    universal_state_init_content_terms, universal_state_init_size_terms,
};
use near_primitives::account::AccessKeyPermission;
use near_primitives::action::delegate::VersionedDelegateActionRef;
use near_primitives::action::{AddKeyAction, DeterministicStateInitAction};
use near_primitives::transaction::Action;
use near_primitives::universal_state_init::state_init_counts;

use super::protocol::Protocol;
use crate::types::{AccountId, Gas, NearToken};

/// Which half of a fee.
#[derive(Clone, Copy)]
enum Side {
    Send { to_self: bool },
    Execute,
}

/// Gas burnt to send `actions`, the receipt itself included.
pub(super) fn send_fee(
    protocol: &Protocol,
    sender: &AccountId,
    receiver: &AccountId,
    actions: &[Action],
) -> Gas {
    let to_self = sender == receiver;
    let receipt = one(protocol, Side::Send { to_self }, ActionCosts::new_action_receipt);
    add(receipt, send_fees(protocol, to_self, receiver, actions))
}

/// Gas that executing `actions` will take before any contract runs, the receipt itself included.
pub(super) fn execution_fee(protocol: &Protocol, receiver: &AccountId, actions: &[Action]) -> Gas {
    let execution = |action| match delegated(action) {
        // The inner receipt is paid for together with the outer one.
        Some(inner) => add(
            action_fee(protocol, receiver, action),
            execution_fee(protocol, inner.receiver_id(), &inner.get_actions()),
        ),
        None => action_fee(protocol, receiver, action),
    };
    actions.iter().map(execution).fold(new_receipt_fee(protocol), add)
}

/// Gas to execute the receipt itself, without its actions.
pub(super) fn new_receipt_fee(protocol: &Protocol) -> Gas {
    protocol.fees().fee(ActionCosts::new_action_receipt).exec_fee().gas
}

/// Gas to execute one action, apart from what a contract burns and from what a delegate action sends.
pub(super) fn action_fee(protocol: &Protocol, receiver: &AccountId, action: &Action) -> Gas {
    fee(protocol, Side::Execute, receiver, action)
}

/// Gas to send what delegate actions among `actions` contain: bought by the relayer, and burnt where
/// the delegate action is executed.
pub(super) fn delegated_send_fees(protocol: &Protocol, actions: &[Action]) -> Gas {
    let inner = actions.iter().filter_map(delegated);
    let fees = inner.map(|inner| {
        let (sender, receiver) = (inner.sender_id(), inner.receiver_id());
        send_fees(protocol, sender == receiver, receiver, &inner.get_actions())
    });
    fees.fold(Gas::ZERO, add)
}

/// Gas to verify the signatures of a transaction and of the delegate actions in it, as far as it costs
/// more than an ordinary one.
pub(super) fn signature_fee(protocol: &Protocol, key: &PublicKey, actions: &[Action]) -> Gas {
    let inner = actions.iter().filter_map(delegated).map(|inner| inner.public_key().key_type());
    let kinds = std::iter::once(key.key_type()).chain(inner).map(|kind| match kind {
        KeyType::ED25519 => SignatureKind::Ed25519,
        KeyType::SECP256K1 => SignatureKind::Secp256k1,
        KeyType::MLDSA65 => SignatureKind::MlDsa65,
    });
    let costs = &protocol.fees().signature_verification_costs;
    kinds.map(|kind| costs[kind].gas).fold(Gas::ZERO, add)
}

/// Gas attached to the function calls among `actions`; `None` if it overflows.
pub(super) fn prepaid_gas(actions: &[Action]) -> Option<Gas> {
    actions.iter().try_fold(Gas::ZERO, |sum, action| {
        let gas = match delegated(action) {
            Some(inner) => prepaid_gas(&inner.get_actions())?,
            None => action.get_prepaid_gas(),
        };
        sum.checked_add(gas)
    })
}

/// All gas that is bought for a receipt with `actions`; `None` if it overflows.
pub(super) fn bought_gas(
    protocol: &Protocol,
    receiver: &AccountId,
    actions: &[Action],
) -> Option<Gas> {
    execution_fee(protocol, receiver, actions)
        .checked_add(delegated_send_fees(protocol, actions))?
        .checked_add(prepaid_gas(actions)?)
}

/// NEAR attached to `actions`; `None` if it overflows.
pub(super) fn total_deposit(actions: &[Action]) -> Option<NearToken> {
    let none = NearToken::from_yoctonear(0);
    actions.iter().try_fold(none, |sum, action| {
        let deposit = match delegated(action) {
            Some(inner) => total_deposit(&inner.get_actions())?,
            None => action.get_deposit_balance(),
        };
        sum.checked_add(deposit)
    })
}

fn delegated(action: &Action) -> Option<VersionedDelegateActionRef<'_>> {
    match action {
        Action::Delegate(signed) => Some((&signed.delegate_action).into()),
        Action::DelegateV2(signed) => Some((&signed.delegate_action).into()),
        _ => None,
    }
}

fn send_fees(protocol: &Protocol, to_self: bool, receiver: &AccountId, actions: &[Action]) -> Gas {
    let side = Side::Send { to_self };
    let send = |action| match delegated(action) {
        // Whether the relayer sends to itself decides the price of the inner actions, too.
        Some(inner) => add(
            fee(protocol, side, receiver, action),
            send_fees(protocol, to_self, inner.receiver_id(), &inner.get_actions()),
        ),
        None => fee(protocol, side, receiver, action),
    };
    actions.iter().map(send).fold(Gas::ZERO, add)
}

fn add(left: Gas, right: Gas) -> Gas {
    left.checked_add(right).expect("the fees of a valid receipt fit into 64 bits")
}

fn one(protocol: &Protocol, side: Side, cost: ActionCosts) -> Gas {
    let fee = protocol.fees().fee(cost);
    match side {
        Side::Send { to_self } => fee.send_fee(to_self).gas,
        Side::Execute => fee.exec_fee().gas,
    }
}

fn several(protocol: &Protocol, side: Side, cost: ActionCosts, count: u64) -> Gas {
    let gas = one(protocol, side, cost).checked_mul(count);
    gas.expect("the fees of a valid receipt fit into 64 bits")
}

fn fee(protocol: &Protocol, side: Side, receiver: &AccountId, action: &Action) -> Gas {
    use ActionCosts as Cost;
    let one = |cost| one(protocol, side, cost);
    let bytes = |base, byte, count| add(one(base), several(protocol, side, byte, count));
    match action {
        Action::CreateAccount(_) => one(Cost::create_account),
        Action::DeployContract(deploy) => {
            bytes(Cost::deploy_contract_base, Cost::deploy_contract_byte, deploy.code.len() as u64)
        }
        Action::FunctionCall(call) => {
            let count = call.method_name.len() + call.args.len();
            bytes(Cost::function_call_base, Cost::function_call_byte, count as u64)
        }
        Action::Transfer(_) => transfer_fee(protocol, side, receiver),
        Action::Stake(_) => one(Cost::stake),
        Action::AddKey(add_key) => add_key_fee(protocol, side, receiver, add_key),
        Action::DeleteKey(_) => one(Cost::delete_key),
        Action::DeleteAccount(_) => one(Cost::delete_account),
        Action::DeployGlobalContract(deploy) => bytes(
            Cost::deploy_global_contract_base,
            Cost::deploy_global_contract_byte,
            deploy.code.len() as u64,
        ),
        Action::UseGlobalContract(using) => bytes(
            Cost::use_global_contract_base,
            Cost::use_global_contract_byte,
            using.contract_identifier.len() as u64,
        ),
        Action::DeterministicStateInit(init) => state_init_fee(protocol, side, init),
        Action::UniversalStateInit(init) => {
            let size = universal_state_init_size_terms(init.state_init.0.len() as u64);
            let content = universal_state_init_content_terms(state_init_counts(&init.state_init));
            let terms = size.into_iter().chain(content);
            terms.map(|(cost, count)| several(protocol, side, cost, count)).fold(Gas::ZERO, add)
        }
        Action::TransferToGasKey(transfer) => {
            gas_key_fee(protocol, side, receiver, &transfer.public_key)
        }
        Action::WithdrawFromGasKey(withdrawal) => {
            gas_key_fee(protocol, side, receiver, &withdrawal.public_key)
        }
        // Apart from the actions that it contains.
        Action::Delegate(_) | Action::DelegateV2(_) => one(Cost::delegate),
    }
}

fn transfer_fee(protocol: &Protocol, side: Side, receiver: &AccountId) -> Gas {
    let (fees, wasm) = (protocol.fees(), &protocol.config.wasm_config);
    let (eth, universal) = (wasm.eth_implicit_accounts, wasm.universal_accounts);
    let kind = receiver.get_account_type();
    match side {
        Side::Send { to_self } => transfer_send_fee(fees, to_self, eth, universal, kind).gas,
        Side::Execute => transfer_exec_fee(fees, eth, universal, kind).gas,
    }
}

fn add_key_fee(
    protocol: &Protocol,
    side: Side,
    receiver: &AccountId,
    action: &AddKeyAction,
) -> Gas {
    let permission = &action.access_key.permission;
    let plain = match permission {
        AccessKeyPermission::FullAccess | AccessKeyPermission::GasKeyFullAccess(_) => {
            one(protocol, side, ActionCosts::add_full_access_key)
        }
        AccessKeyPermission::FunctionCall(call)
        | AccessKeyPermission::GasKeyFunctionCall(_, call) => {
            // Each method name is stored with a terminating character.
            let bytes = call.method_names.iter().map(|name| name.len() as u64 + 1).sum();
            add(
                one(protocol, side, ActionCosts::add_function_call_key_base),
                several(protocol, side, ActionCosts::add_function_call_key_byte, bytes),
            )
        }
    };
    let Some(info) = action.access_key.gas_key_info() else { return plain };
    let extra = match side {
        Side::Send { to_self } => gas_key_add_key_send_fee(protocol.fees(), to_self).gas,
        Side::Execute => {
            let key = action.public_key.trie_id_len();
            let nonces = info.num_nonces;
            gas_key_add_key_exec_fee(protocol.fees(), receiver.len(), key, nonces).total().gas
        }
    };
    add(plain, extra)
}

fn gas_key_fee(protocol: &Protocol, side: Side, receiver: &AccountId, key: &PublicKey) -> Gas {
    let total: ParameterCost = match side {
        Side::Send { to_self } => {
            let fixed = protocol.config.wasm_config.fix_ml_dsa_cost_charging;
            let length = if fixed { key.len() } else { key.trie_id_len() };
            gas_key_transfer_send_fee(protocol.fees(), to_self, length).total()
        }
        Side::Execute => {
            let length = key.trie_id_len();
            gas_key_transfer_exec_fee(protocol.fees(), receiver.len(), length).total()
        }
    };
    total.gas
}

fn state_init_fee(protocol: &Protocol, side: Side, action: &DeterministicStateInitAction) -> Gas {
    use ActionCosts as Cost;
    let init = &action.state_init;
    let terms = [
        (Cost::deterministic_state_init_base, 1),
        (Cost::deterministic_state_init_byte, init.len_bytes() as u64),
        (Cost::deterministic_state_init_entry, init.data().len() as u64),
    ];
    terms.into_iter().map(|(cost, n)| several(protocol, side, cost, n)).fold(Gas::ZERO, add)
}
