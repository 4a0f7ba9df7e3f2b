//! Accounts that are named by what is in them: deterministic ones (`0s…`) and universal ones (`0u…`).
//!
//! Never checks that name and content belong together: a receipt for which they do not is not valid.

use near_crypto::PublicKeyHandle;
use near_primitives::account::{AccessKey, AccountContract};
use near_primitives::action::{
    DeterministicStateInitAction, GlobalContractIdentifier, UniversalStateInitAction,
};
use near_primitives::errors::ActionErrorKind;
use near_primitives::receipt::Receipt;
use near_primitives::universal_state_init::{DecodeMode, UniversalStateInit};
use near_primitives::version::ProtocolFeature;

use super::account::{AccountRecord, key_usage};
use super::action::existing;
use super::apply::{Running, Tally, Work, lacking_stake};
use super::world::World;
use crate::types::NearToken;

impl World {
    pub(super) fn deterministic_state_init(
        &self,
        running: &Running<'_>,
        action: &DeterministicStateInitAction,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        // Whoever acts stays the same, so that nobody can take the account over in the same receipt.
        let record = work.record.get_or_insert_with(|| AccountRecord::empty(&self.protocol));
        if *record.account.contract() == AccountContract::None {
            let init = &action.state_init;
            self.install(Some(init.code()), init.data().iter(), work, tally);
        }
        self.settle_deposit(running, action.deposit, work, tally);
    }

    pub(super) fn universal_state_init(
        &self,
        running: &Running<'_>,
        action: &UniversalStateInitAction,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        let none = NearToken::from_yoctonear(0);
        let record = work.record.get_or_insert_with(|| self.uninitialized_account(none));
        let repeated = record.account.is_initialized();
        if !repeated {
            let init = UniversalStateInit::from_raw(&action.state_init, DecodeMode::Lenient);
            let Ok(init) = init else {
                return tally.fail(ActionErrorKind::MalformedUniversalStateInit);
            };
            record.account.initialize().expect("it is not initialised yet");
            self.install(init.code(), init.data().iter(), work, tally);
            if tally.result.is_ok() {
                self.install_keys(init.access_keys().iter(), existing(work));
            }
        }
        let refund = ProtocolFeature::RefundRepeatedUniversalStateInitDeposit;
        if repeated && self.protocol.has(refund) {
            give_back(running, action.deposit, tally);
        } else {
            self.settle_deposit(running, action.deposit, work, tally);
        }
    }

    fn install<'a>(
        &self,
        code: Option<&GlobalContractIdentifier>,
        entries: impl Iterator<Item = (&'a Vec<u8>, &'a Vec<u8>)>,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        if let Some(code) = code {
            self.use_global(code, work, tally);
        }
        if tally.result.is_err() {
            return;
        }
        let extra = self.protocol.fees().storage_usage_config.num_extra_bytes_record;
        let record = existing(work);
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
        let mut key = AccessKey::full_access();
        key.nonce = self.first_nonce();
        for handle in handles {
            record.add_usage(key_usage(&self.protocol, handle, &key));
            record.keys_mut().insert(handle.clone(), key.clone());
        }
    }

    /// Keeps of the deposit what the account lacks for its storage, and gives the rest back.
    fn settle_deposit(
        &self,
        running: &Running<'_>,
        deposit: NearToken,
        work: &mut Work,
        tally: &mut Tally,
    ) {
        if tally.result.is_err() {
            return;
        }
        let none = NearToken::from_yoctonear(0);
        let record = existing(work);
        let lacking = lacking_stake(&self.protocol, record);
        let amount = lacking.unwrap_or(none);
        let Some(back) = deposit.checked_sub(amount) else {
            let account_id = running.receipt.receiver_id().clone();
            return tally.fail(ActionErrorKind::LackBalanceForState { account_id, amount });
        };
        record.credit(amount);
        give_back(running, back, tally);
    }
}

/// Sends what is left of a deposit to whom it belongs.
fn give_back(running: &Running<'_>, amount: NearToken, tally: &mut Tally) {
    if !amount.is_zero() {
        let to = running.receipt.balance_refund_receiver();
        tally.receipts.push(Receipt::new_balance_refund(to, amount));
    }
}
