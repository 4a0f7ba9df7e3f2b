//! Accounts that are named by what is in them: deterministic ones (`0s…`) and universal ones (`0u…`).
//!
//! Whether name and content belong together is checked when the receipt is validated.

use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKey, AccountContract};
use near_primitives::action::{
    DeterministicStateInitAction, GlobalContractIdentifier, UniversalStateInitAction,
};
use near_primitives::errors::ActionErrorKind;
use near_primitives::receipt::Receipt;
use near_primitives::universal_state_init::{DecodeMode, UniversalStateInit};
use near_primitives::version::ProtocolFeature;

use super::account::AccountRecord;
use super::action_result::{ActionResult, ApplyContext, ApplyState};
use super::world::World;
use crate::types::NearToken;

impl World {
    pub(super) fn deterministic_state_init(
        &self,
        context: &ApplyContext<'_>,
        action: &DeterministicStateInitAction,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        // The actor stays the same: otherwise the sender could add keys in the same receipt.
        let record = state.record.get_or_insert_with(|| AccountRecord::empty(&self.protocol));
        if *record.account.contract() == AccountContract::None {
            let init = &action.state_init;
            self.install(context, (Some(init.code()), init.data().iter()), state, result);
        }
        self.settle_deposit(context, action.deposit, state, result);
    }

    pub(super) fn universal_state_init(
        &self,
        context: &ApplyContext<'_>,
        action: &UniversalStateInitAction,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        let none = NearToken::from_yoctonear(0);
        let record = state.record.get_or_insert_with(|| self.uninitialized_account(none));
        let repeated = record.account.is_initialized();
        if !repeated {
            let init = UniversalStateInit::from_raw(&action.state_init, DecodeMode::Lenient);
            let Ok(init) = init else {
                return result.fail(ActionErrorKind::MalformedUniversalStateInit);
            };
            record.account.initialize().expect("it is not initialised yet");
            self.install(context, (init.code(), init.data().iter()), state, result);
            if result.result.is_ok() {
                self.install_keys(init.access_keys().iter(), state.existing());
            }
        }
        let refund = ProtocolFeature::RefundRepeatedUniversalStateInitDeposit;
        if repeated && self.protocol.has(refund) {
            give_back(context, action.deposit, result);
        } else {
            self.settle_deposit(context, action.deposit, state, result);
        }
    }

    fn install<'a>(
        &self,
        context: &ApplyContext<'_>,
        (code, entries): (
            Option<&GlobalContractIdentifier>,
            impl Iterator<Item = (&'a Vec<u8>, &'a Vec<u8>)>,
        ),
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        if let Some(code) = code {
            self.use_global(context, code, state, result);
        }
        if result.result.is_err() {
            return;
        }
        let extra = self.protocol.fees().storage_usage_config.num_extra_bytes_record;
        let record = state.existing();
        for (key, value) in entries {
            record.storage.insert(key, value);
            record.add_usage((key.len() + value.len()) as u64 + extra);
        }
    }

    fn install_keys<'a>(
        &self,
        handles: impl Iterator<Item = &'a PublicKeyHandle>,
        record: &mut AccountRecord,
    ) {
        for handle in handles {
            let key = AccessKey::full_access();
            record.add_key(&self.protocol, handle.clone(), key, self.first_nonce());
        }
    }

    /// Keeps of the deposit what the account lacks for its storage, and gives the rest back.
    fn settle_deposit(
        &self,
        context: &ApplyContext<'_>,
        deposit: NearToken,
        state: &mut ApplyState,
        result: &mut ActionResult,
    ) {
        if result.result.is_err() {
            return;
        }
        let none = NearToken::from_yoctonear(0);
        let record = state.existing();
        let lacking = record.storage_shortfall(&self.protocol);
        let amount = lacking.unwrap_or(none);
        let Some(back) = deposit.checked_sub(amount) else {
            let account_id = context.receipt.receiver_id().clone();
            return result.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
        };
        record.credit(amount);
        give_back(context, back, result);
    }
}

/// Refunds what is left of a deposit.
fn give_back(context: &ApplyContext<'_>, amount: NearToken, result: &mut ActionResult) {
    if !amount.is_zero() {
        let to = context.receipt.balance_refund_receiver();
        result.receipts.push(Receipt::new_balance_refund(to, amount));
    }
}
