//! The refunds of a receipt that has run: how much, and to whom.

use near_parameters::ActionCosts;
use near_primitives::receipt::{Receipt, VersionedActionReceipt};
use near_primitives::version::ProtocolFeature;

use super::action_result::ActionResult;
use super::fees;
use super::protocol::{Protocol, cost};
use crate::types::{Gas, NearToken};

/// Refunds of one receipt, and what of the NEAR that bought its gas is burnt on top of the gas burnt.
pub(super) struct Refunds {
    /// Receipts from `system`: the deposit to `refund_to` or the predecessor, then gas to the signer.
    pub(super) receipts: Vec<Receipt>,
    /// Burnt on top of `burnt gas * burn price`, in yoctoNEAR.
    pub(super) extra_burnt: NearToken,
    /// Missing because gas became dearer than it was bought, in yoctoNEAR.
    pub(super) deficit: NearToken,
}

/// The refunds of `receipt` after it ran. Refunds themselves are not refunded.
pub(super) fn refunds(
    protocol: &Protocol,
    receipt: &Receipt,
    action: &VersionedActionReceipt<'_>,
    result: &ActionResult,
    created_account: bool,
) -> Refunds {
    let (purchase, unused) = (action.gas_price(), unused_gas(protocol, receipt, action, result));
    let burn = protocol.burn_price(purchase);
    let penalty_gas = protocol.fees().gas_penalty_for_gas_refund(unused);
    let cheaper = protocol.has(ProtocolFeature::AccountCostIncrease);
    let penalty = cost(if cheaper { burn } else { purchase }, penalty_gas);
    let unused = cost(purchase, unused).saturating_sub(penalty);
    let surplus = cost(purchase.saturating_sub(burn), result.gas_burnt);
    let deficit = cost(burn.saturating_sub(purchase), result.gas_burnt);
    // Before account creation was made dearer the surplus was burnt, since then it is given back.
    let (surplus_back, surplus_burnt) = if cheaper {
        (surplus, NearToken::from_yoctonear(0))
    } else {
        (NearToken::from_yoctonear(0), surplus)
    };
    let charge = if created_account {
        creation_charge(protocol, burn, surplus_back)
    } else {
        NearToken::from_yoctonear(0)
    };
    let gas = unused.saturating_add(surplus_back.saturating_sub(charge));

    let mut receipts = Vec::new();
    let deposit = fees::total_deposit(action.actions()).expect("checked when it was made");
    if result.result.is_err() && !deposit.is_zero() {
        receipts.push(Receipt::new_balance_refund(receipt.balance_refund_receiver(), deposit));
    }
    if !gas.is_zero() {
        let key = action.signer_public_key().clone();
        receipts.push(Receipt::new_gas_refund(action.signer_id(), gas, key));
    }
    let extra_burnt = penalty.saturating_add(surplus_burnt).saturating_add(charge);
    Refunds { receipts, extra_burnt, deficit }
}

/// Gas that was bought and not used: of a failed receipt also what its promises would have had.
fn unused_gas(
    protocol: &Protocol,
    receipt: &Receipt,
    action: &VersionedActionReceipt<'_>,
    result: &ActionResult,
) -> Gas {
    let bought = fees::bought_gas(protocol, receipt.receiver_id(), action.actions())
        .expect("checked when it was made");
    let used = if result.result.is_err() { result.gas_burnt } else { result.gas_used };
    bought.checked_sub(used).expect("a receipt uses no more gas than was bought")
}

/// What creating an account costs beyond its gas, as far as the surplus covers it.
fn creation_charge(protocol: &Protocol, burn: NearToken, surplus: NearToken) -> NearToken {
    let gas = protocol.fees().fee(ActionCosts::create_account).exec_fee().gas;
    protocol.config.account_creation_charge.saturating_sub(cost(burn, gas)).min(surplus)
}
