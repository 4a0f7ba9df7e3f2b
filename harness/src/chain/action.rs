//! Each action that a receipt may carry, applied to the receiver's account. What concerns another
//! account becomes a receipt.

use std::sync::Arc;

use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKey, Account};
use near_primitives::errors::{ActionError, ActionErrorKind};
use near_primitives::receipt::Receipt;
use near_primitives::transaction::Action;
use near_primitives::version::ProtocolFeature;

use super::access_keys::{transfer_to_gas_key, withdraw_from_gas_key};
use super::account::AccountRecord;
use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::call::Invocation;
use super::world::World;
use super::{Error, fees};
use crate::types::{AccountId, NearToken};
use crate::vm::{ContractCode, Engine};

impl World {
    /// Applies action `index` of the context receipt to `state`.
    pub(super) fn run_action(
        &self,
        engine: &dyn Engine,
        context: &ApplyContext<'_>,
        index: usize,
        state: &mut ApplyState,
    ) -> Result<ActionResult, Error> {
        let receiver = context.receipt.receiver_id();
        let action = &context.action.actions()[index];
        let mut result = ActionResult::new(fees::action_fee(&self.protocol, receiver, action));
        let allowed = self
            .check_existence(context, action, state)
            .and_then(|()| check_permission(action, state, receiver));
        if let Err(error) = allowed {
            result.fail(error);
            return Ok(result);
        }
        match action {
            Action::CreateAccount(_) => self.create_account(context, state, &mut result),
            Action::DeployContract(deploy) => {
                let code = Arc::new(ContractCode::new(deploy.code.clone(), None));
                state.existing().deploy(code);
            }
            Action::FunctionCall(call) => {
                let invocation = Invocation { context, index, call };
                self.function_call(engine, &invocation, state, &mut result)?;
            }
            Action::Transfer(transfer) => self.transfer(context, transfer.deposit, state),
            Action::Stake(stake) => stake_action(receiver, stake.stake, state, &mut result),
            Action::AddKey(add) => self.add_key(receiver, add, state, &mut result),
            Action::DeleteKey(delete) => {
                self.delete_key(receiver, &delete.public_key, state, &mut result);
            }
            Action::DeleteAccount(delete) => {
                self.delete_account(context, &delete.beneficiary_id, state, &mut result);
            }
            Action::TransferToGasKey(transfer) => {
                transfer_to_gas_key(receiver, transfer, state, &mut result);
            }
            Action::WithdrawFromGasKey(withdrawal) => {
                withdraw_from_gas_key(receiver, withdrawal, state, &mut result);
            }
            Action::DeployGlobalContract(deploy) => {
                self.deploy_global(context, deploy, state, &mut result);
            }
            Action::UseGlobalContract(using) => {
                self.use_global(context, &using.contract_identifier, state, &mut result);
            }
            Action::DeterministicStateInit(init) => {
                self.deterministic_state_init(context, init, state, &mut result);
            }
            Action::UniversalStateInit(init) => {
                self.universal_state_init(context, init, state, &mut result);
            }
            Action::Delegate(signed) => {
                self.delegate(context, (&**signed).into(), state, &mut result);
            }
            Action::DelegateV2(signed) => {
                self.delegate(context, (&**signed).into(), state, &mut result);
            }
        }
        Ok(result)
    }

    fn create_account(
        &self,
        context: &ApplyContext<'_>,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let account_id = context.receipt.receiver_id().clone();
        let predecessor_id = context.receipt.predecessor_id().clone();
        let rules = &self.protocol.config.account_creation_config;
        if account_id.is_top_level() {
            let shortest = usize::from(rules.min_allowed_top_level_account_length);
            let registrar_account_id = rules.registrar_account_id.clone();
            if account_id.len() < shortest && predecessor_id != registrar_account_id {
                return result.fail(ActionErrorKind::CreateAccountOnlyByRegistrar {
                    account_id,
                    registrar_account_id,
                    predecessor_id,
                });
            }
        } else if !account_id.is_sub_account_of(&predecessor_id) {
            return result
                .fail(ActionErrorKind::CreateAccountNotAllowed { account_id, predecessor_id });
        }
        state.actor = account_id;
        state.record = Some(AccountRecord::empty(&self.protocol));
    }

    fn transfer(&self, context: &ApplyContext<'_>, deposit: NearToken, state: &mut ApplyState) {
        let receiver = context.receipt.receiver_id();
        let Some(record) = &mut state.record else {
            state.actor = receiver.clone();
            state.record = Some(self.implicit_account(receiver, deposit));
            return;
        };
        let is_gas_refund = context.is_refund() && context.action.signer_id() == receiver;
        if !is_gas_refund {
            return record.credit(deposit);
        }
        // A gas refund goes back to where the gas was paid from.
        let signer_key = &PublicKeyHandle::from(context.action.signer_public_key());
        if let Some(key) = record.keys.get_mut(signer_key) {
            if let Some(info) = key.gas_key_info_mut() {
                info.balance = info.balance.saturating_add(deposit);
                return;
            }
            if let Some(call) = key.permission.function_call_permission_mut() {
                call.allowance = call.allowance.map(|left| left.saturating_add(deposit));
            }
        }
        record.credit(deposit);
    }

    fn delete_account(
        &self,
        context: &ApplyContext<'_>,
        beneficiary: &AccountId,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let account_id = context.receipt.receiver_id().clone();
        let record = state.existing();
        let global = self.protocol.has(ProtocolFeature::FixDeleteAccountGlobalContractStorageUsage);
        let code = if record.code.is_some() || global { record.contract_usage() } else { 0 };
        if record.storage_usage().saturating_sub(code) > Account::MAX_ACCOUNT_DELETION_STORAGE_USAGE
        {
            return result.fail(ActionErrorKind::DeleteAccountWithLargeState { account_id });
        }
        let infos = record.keys().values().filter_map(AccessKey::gas_key_info);
        let none = NearToken::from_yoctonear(0);
        let balance = infos.fold(none, |sum, info| sum.saturating_add(info.balance));
        if balance > near_primitives_core::account::GasKeyInfo::MAX_BALANCE_TO_BURN {
            let public_key = None;
            return result.fail(ActionErrorKind::GasKeyBalanceTooHigh {
                account_id,
                public_key,
                balance,
            });
        }
        if !record.balance().is_zero() {
            result.receipts.push(Receipt::new_balance_refund(beneficiary, record.balance()));
        }
        result.tokens_burnt = balance;
        state.actor = context.receipt.predecessor_id().clone();
        state.record = None;
    }
}

fn check_permission(
    action: &Action,
    state: &ApplyState,
    receiver: &AccountId,
) -> Result<(), ActionError> {
    let own = matches!(
        action,
        Action::DeployContract(_)
            | Action::Stake(_)
            | Action::AddKey(_)
            | Action::DeleteKey(_)
            | Action::DeployGlobalContract(_)
            | Action::UseGlobalContract(_)
            | Action::WithdrawFromGasKey(_)
            | Action::DeleteAccount(_)
    );
    let (account_id, actor_id) = (receiver.clone(), state.actor.clone());
    if own && actor_id != account_id {
        return Err(ActionErrorKind::ActorNoPermission { account_id, actor_id }.into());
    }
    let locked = state.record.as_ref().is_some_and(|record| !record.locked().is_zero());
    if matches!(action, Action::DeleteAccount(_)) && locked {
        return Err(ActionErrorKind::DeleteAccountStaking { account_id }.into());
    }
    Ok(())
}

/// Locks balance. Validators are not simulated: there is no minimum stake, and a stake that is lowered
/// stays locked, since the real chain unlocks it only epochs later.
fn stake_action(
    receiver: &AccountId,
    stake: NearToken,
    state: &mut ApplyState,
    result: &mut ActionResult,
) {
    let account_id = receiver.clone();
    let record = state.existing();
    let (locked, balance) = (record.locked(), record.balance());
    let Some(left) = balance.checked_sub(stake.saturating_sub(locked)) else {
        let error = ActionErrorKind::TriesToStake { account_id, stake, locked, balance };
        return result.fail(error);
    };
    if locked.is_zero() && stake.is_zero() {
        return result.fail(ActionErrorKind::TriesToUnstake { account_id });
    }
    if stake > locked {
        record.account.set_amount(left);
        record.account.set_locked(stake).expect("simulated accounts are always initialised");
    }
}
