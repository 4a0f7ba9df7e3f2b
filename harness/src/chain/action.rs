//! Each action that a receipt may carry, applied to the receiver's account.
//!
//! Never touches another account: what concerns others becomes a receipt.

use std::sync::Arc;

use near_crypto::{PublicKey, PublicKeyHandle};
use near_primitives::account::{AccessKey, Account};
use near_primitives::errors::{ActionError, ActionErrorKind};
use near_primitives::receipt::Receipt;
use near_primitives::transaction::Action;
use near_primitives::version::ProtocolFeature;

use super::account::AccountRecord;
use super::apply::{Running, Tally, Work};
use super::call::Invocation;
use super::world::World;
use super::{Error, fees};
use crate::types::{AccountId, NearToken};
use crate::vm::{ContractCode, Engine};

impl World {
    /// Applies action `index` of the running receipt to `work`.
    pub(super) fn run_action(
        &mut self,
        engine: &dyn Engine,
        running: &Running<'_>,
        index: usize,
        work: &mut Work,
    ) -> Result<Tally, Error> {
        let receiver = running.receipt.receiver_id();
        let action = &running.action.actions()[index];
        let mut tally = Tally::new(fees::action_fee(&self.protocol, receiver, action));
        let allowed = self
            .check_existence(running, action, work)
            .and_then(|()| check_permission(action, work, receiver));
        if let Err(error) = allowed {
            tally.fail(error);
            return Ok(tally);
        }
        match action {
            Action::CreateAccount(_) => self.create_account(running, work, &mut tally),
            Action::DeployContract(deploy) => {
                let code = Arc::new(ContractCode::new(deploy.code.clone(), None));
                existing(work).deploy(code);
            }
            Action::FunctionCall(call) => {
                let invocation = Invocation { running, index, call };
                self.function_call(engine, &invocation, work, &mut tally)?;
            }
            Action::Transfer(transfer) => self.transfer(running, transfer.deposit, work),
            Action::Stake(stake) => stake_action(receiver, stake.stake, work, &mut tally),
            Action::AddKey(add) => self.add_key(receiver, add, work, &mut tally),
            Action::DeleteKey(delete) => {
                self.delete_key(receiver, &delete.public_key, work, &mut tally);
            }
            Action::DeleteAccount(delete) => {
                self.delete_account(running, &delete.beneficiary_id, work, &mut tally);
            }
            Action::TransferToGasKey(transfer) => {
                let (key, deposit) = (&transfer.public_key, transfer.deposit);
                fund_gas_key(receiver, key, deposit, work, &mut tally);
            }
            Action::DeployGlobalContract(deploy) => {
                self.deploy_global(receiver, deploy, work, &mut tally);
            }
            Action::UseGlobalContract(using) => {
                self.use_global(&using.contract_identifier, work, &mut tally);
            }
            Action::DeterministicStateInit(init) => {
                self.deterministic_state_init(running, init, work, &mut tally);
            }
            Action::UniversalStateInit(init) => {
                self.universal_state_init(running, init, work, &mut tally);
            }
            // Only transactions carry these, no contract can ask for them.
            Action::WithdrawFromGasKey(_) => {
                return unsupported("a withdrawal from a gas key", receiver);
            }
            Action::Delegate(_) | Action::DelegateV2(_) => {
                return unsupported("a meta transaction", receiver);
            }
        }
        Ok(tally)
    }

    fn create_account(&self, running: &Running<'_>, work: &mut Work, tally: &mut Tally) {
        let account_id = running.receipt.receiver_id().clone();
        let predecessor_id = running.receipt.predecessor_id().clone();
        let rules = &self.protocol.config.account_creation_config;
        if account_id.is_top_level() {
            let shortest = usize::from(rules.min_allowed_top_level_account_length);
            let registrar_account_id = rules.registrar_account_id.clone();
            if account_id.len() < shortest && predecessor_id != registrar_account_id {
                return tally.fail(ActionErrorKind::CreateAccountOnlyByRegistrar {
                    account_id,
                    registrar_account_id,
                    predecessor_id,
                });
            }
        } else if !account_id.is_sub_account_of(&predecessor_id) {
            return tally
                .fail(ActionErrorKind::CreateAccountNotAllowed { account_id, predecessor_id });
        }
        work.actor = account_id;
        work.record = Some(AccountRecord::empty(&self.protocol));
    }

    fn transfer(&self, running: &Running<'_>, deposit: NearToken, work: &mut Work) {
        let receiver = running.receipt.receiver_id();
        let Some(record) = &mut work.record else {
            work.actor = receiver.clone();
            work.record = Some(self.implicit_account(receiver, deposit));
            return;
        };
        let signer_key = &PublicKeyHandle::from(running.action.signer_public_key());
        let is_gas_refund = running.is_refund() && running.action.signer_id() == receiver;
        if !is_gas_refund {
            return record.credit(deposit);
        }
        // A gas refund goes back to where the gas money came from.
        match record.keys.get(signer_key) {
            Some(key) if key.gas_key_info().is_some() => {
                let key = record.keys_mut().get_mut(signer_key).expect("it was there");
                let info = key.gas_key_info_mut().expect("it is a gas key");
                info.balance = info.balance.saturating_add(deposit);
            }
            Some(key) if key.permission.function_call_permission().is_some() => {
                record.credit(deposit);
                let key = record.keys_mut().get_mut(signer_key).expect("it was there");
                let call = key.permission.function_call_permission_mut().expect("it may call");
                call.allowance = call.allowance.map(|left| left.saturating_add(deposit));
            }
            _ => record.credit(deposit),
        }
    }

    fn delete_account(
        &self,
        running: &Running<'_>,
        beneficiary: &AccountId,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        let account_id = running.receipt.receiver_id().clone();
        let record = existing(work);
        let global = self.protocol.has(ProtocolFeature::FixDeleteAccountGlobalContractStorageUsage);
        let code = if record.code.is_some() || global { record.contract_usage() } else { 0 };
        if record.storage_usage().saturating_sub(code) > Account::MAX_ACCOUNT_DELETION_STORAGE_USAGE
        {
            return tally.fail(ActionErrorKind::DeleteAccountWithLargeState { account_id });
        }
        let infos = record.keys.values().filter_map(AccessKey::gas_key_info);
        let none = NearToken::from_yoctonear(0);
        let balance = infos.fold(none, |sum, info| sum.saturating_add(info.balance));
        if balance > near_primitives_core::account::GasKeyInfo::MAX_BALANCE_TO_BURN {
            let public_key = None;
            return tally.fail(ActionErrorKind::GasKeyBalanceTooHigh {
                account_id,
                public_key,
                balance,
            });
        }
        if !record.balance().is_zero() {
            tally.receipts.push(Receipt::new_balance_refund(beneficiary, record.balance()));
        }
        tally.tokens_burnt = balance;
        work.actor = running.receipt.predecessor_id().clone();
        work.record = None;
    }
}

/// The account that an action works on, after its existence was checked.
pub(super) fn existing(work: &mut Work) -> &mut AccountRecord {
    work.record.as_mut().expect("its existence was checked")
}

fn unsupported(what: &'static str, account: &AccountId) -> Result<Tally, Error> {
    Err(Error::Unsupported { what, account: account.clone() })
}

fn check_permission(action: &Action, work: &Work, receiver: &AccountId) -> Result<(), ActionError> {
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
    let (account_id, actor_id) = (receiver.clone(), work.actor.clone());
    if own && actor_id != account_id {
        return Err(ActionErrorKind::ActorNoPermission { account_id, actor_id }.into());
    }
    let locked = work.record.as_ref().is_some_and(|record| !record.locked().is_zero());
    if matches!(action, Action::DeleteAccount(_)) && locked {
        return Err(ActionErrorKind::DeleteAccountStaking { account_id }.into());
    }
    Ok(())
}

/// Locks balance. Who validates is not simulated: there is no least stake, and a stake that is lowered
/// stays locked, since validators give it back only epochs later.
fn stake_action(receiver: &AccountId, stake: NearToken, work: &mut Work, tally: &mut Tally) {
    let account_id = receiver.clone();
    let record = existing(work);
    let (locked, balance) = (record.locked(), record.balance());
    let Some(left) = balance.checked_sub(stake.saturating_sub(locked)) else {
        let error = ActionErrorKind::TriesToStake { account_id, stake, locked, balance };
        return tally.fail(error);
    };
    if locked.is_zero() && stake.is_zero() {
        return tally.fail(ActionErrorKind::TriesToUnstake { account_id });
    }
    if stake > locked {
        record.account.set_amount(left);
        record.account.set_locked(stake).expect("simulated accounts are always initialised");
    }
}

fn fund_gas_key(
    receiver: &AccountId,
    public_key: &PublicKey,
    deposit: NearToken,
    work: &mut Work,
    tally: &mut Tally,
) {
    let keys = existing(work).keys_mut();
    let info =
        keys.get_mut(&PublicKeyHandle::from(public_key)).and_then(AccessKey::gas_key_info_mut);
    let Some(info) = info else {
        let (account_id, public_key) = (receiver.clone(), Box::new(public_key.clone()));
        return tally.fail(ActionErrorKind::GasKeyDoesNotExist { account_id, public_key });
    };
    info.balance = info.balance.saturating_add(deposit);
}
