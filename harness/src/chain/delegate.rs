//! Delegate actions: what one account signs and another, the relayer, sends and pays for.

use near_crypto::PublicKeyHandle;
use near_primitives::account::AccessKey;
use near_primitives::action::delegate::{
    VersionedDelegateActionRef, VersionedSignedDelegateActionRef,
};
use near_primitives::errors::{ActionErrorKind, InvalidAccessKeyError};
use near_primitives::receipt::{ActionReceipt, Receipt, ReceiptEnum, ReceiptV0};
use near_primitives::transaction::{Action, TransactionNonce};
use near_primitives::version::ProtocolFeature;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::Nonce;

use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::fees;
use super::keys::NONCE_RANGE;
use super::world::World;
use crate::types::AccountId;

impl World {
    /// Checks what the sender has signed, and sends its actions on as a receipt of the sender's. The
    /// relayer stays the signer: unused gas goes back to the relayer, deposits to the sender.
    pub(super) fn delegate(
        &self,
        context: &ApplyContext<'_>,
        signed: VersionedSignedDelegateActionRef<'_>,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        if let Err(error) = self.authorize(context.receiver(), signed, state) {
            return result.fail(error);
        }
        let (delegated, outer) = (signed.delegate_action(), &context.action);
        let receiver_id = delegated.receiver_id().clone();
        let actions = delegated.get_actions();
        // The relayer has bought the gas of the inner receipt: to send it, which is burnt now, and to
        // execute it.
        let send = fees::delegated_send_fees(&self.protocol, outer.actions());
        let execute = fees::bought_gas(&self.protocol, &receiver_id, &actions)
            .expect("checked with the transaction");
        result.use_gas(execute);
        result.use_gas(send);
        result.burn_gas(send);
        result.receipts.push(Receipt::V0(ReceiptV0 {
            predecessor_id: context.receiver().clone(),
            receiver_id,
            receipt_id: CryptoHash::default(),
            receipt: ReceiptEnum::Action(ActionReceipt {
                signer_id: outer.signer_id().clone(),
                signer_public_key: outer.signer_public_key().clone(),
                gas_price: outer.gas_price(),
                output_data_receivers: Vec::new(),
                input_data_ids: Vec::new(),
                actions,
            }),
        }));
    }

    fn authorize(
        &self,
        sender: &AccountId,
        signed: VersionedSignedDelegateActionRef<'_>,
        state: &mut ApplyState,
    ) -> Result<(), ActionErrorKind> {
        if !signed.verify() {
            return Err(ActionErrorKind::DelegateActionInvalidSignature);
        }
        let delegated = signed.delegate_action();
        if self.height > delegated.max_block_height() {
            return Err(ActionErrorKind::DelegateActionExpired);
        }
        if delegated.sender_id() != sender {
            return Err(ActionErrorKind::DelegateActionSenderDoesNotMatchTxReceiver {
                sender_id: delegated.sender_id().clone(),
                receiver_id: sender.clone(),
            });
        }
        let record = state.existing();
        let handle = PublicKeyHandle::from(delegated.public_key());
        let Some(key) = record.keys.get(&handle) else {
            let (account_id, public_key) = (sender.clone(), delegated.public_key().clone().into());
            let error = InvalidAccessKeyError::AccessKeyNotFound { account_id, public_key };
            return Err(ActionErrorKind::DelegateActionAccessKeyError(error));
        };
        let nonce = delegated.nonce();
        let current = current_nonce(key, nonce, |index| record.keys.gas_key_nonce(&handle, index))?;
        self.check_nonce(nonce.nonce(), current)?;
        self.check_permission(key, delegated)?;
        record.keys.use_nonce(&handle, nonce.nonce_index(), nonce.nonce());
        Ok(())
    }

    fn check_nonce(&self, delegate_nonce: Nonce, ak_nonce: Nonce) -> Result<(), ActionErrorKind> {
        if delegate_nonce <= ak_nonce {
            return Err(ActionErrorKind::DelegateActionInvalidNonce { delegate_nonce, ak_nonce });
        }
        let upper_bound = self.height.saturating_mul(NONCE_RANGE);
        if delegate_nonce >= upper_bound {
            let error =
                ActionErrorKind::DelegateActionNonceTooLarge { delegate_nonce, upper_bound };
            return Err(error);
        }
        Ok(())
    }

    /// A key for function calls signs one call of a named contract, without a deposit.
    fn check_permission(
        &self,
        key: &AccessKey,
        delegated: VersionedDelegateActionRef<'_>,
    ) -> Result<(), ActionErrorKind> {
        let Some(permission) = key.permission.function_call_permission() else { return Ok(()) };
        let error = match &delegated.get_actions()[..] {
            [Action::FunctionCall(call)] => {
                let with_deposit = !call.deposit.is_zero();
                let fix = ProtocolFeature::FixDelegateActionDepositWithFunctionCallError;
                // Until that fix, the checks that follow could replace this error.
                if with_deposit && self.protocol.has(fix) {
                    Some(InvalidAccessKeyError::DepositWithFunctionCall)
                } else if delegated.receiver_id().as_str() != permission.receiver_id {
                    Some(InvalidAccessKeyError::ReceiverMismatch {
                        tx_receiver: delegated.receiver_id().clone(),
                        ak_receiver: permission.receiver_id.clone(),
                    })
                } else if !permission.method_names.is_empty()
                    && !permission.method_names.contains(&call.method_name)
                {
                    let method_name = call.method_name.clone();
                    Some(InvalidAccessKeyError::MethodNameMismatch { method_name })
                } else {
                    with_deposit.then_some(InvalidAccessKeyError::DepositWithFunctionCall)
                }
            }
            _ => Some(InvalidAccessKeyError::RequiresFullAccess),
        };
        error.map_or(Ok(()), |error| Err(ActionErrorKind::DelegateActionAccessKeyError(error)))
    }
}

/// The highest used nonce of those among which the delegate action chooses: the key's own or, by
/// number, one of a gas key's.
fn current_nonce(
    key: &AccessKey,
    nonce: TransactionNonce,
    gas_key_nonce: impl Fn(u16) -> Option<Nonce>,
) -> Result<Nonce, ActionErrorKind> {
    let refused = |error| Err(ActionErrorKind::DelegateActionAccessKeyError(error));
    match (nonce, key.gas_key_info()) {
        (TransactionNonce::Nonce { .. }, None) => Ok(key.nonce),
        (TransactionNonce::Nonce { .. }, Some(_)) => {
            refused(InvalidAccessKeyError::DelegateActionRequiresNonGasKey)
        }
        (TransactionNonce::GasKeyNonce { .. }, None) => {
            refused(InvalidAccessKeyError::DelegateActionRequiresGasKey)
        }
        (TransactionNonce::GasKeyNonce { nonce_index, .. }, Some(info)) => {
            gas_key_nonce(nonce_index).ok_or(ActionErrorKind::DelegateActionInvalidNonceIndex {
                nonce_index,
                num_nonces: info.num_nonces,
            })
        }
    }
}
