//! Accounts for all NEAR: issued, burnt, subsidised, held by accounts, carried by receipts.

use near_primitives::receipt::Receipt;

use super::fees;
use super::protocol::{Protocol, cost};
use super::receipt::action_receipt;
use super::world::World;
use crate::types::NearToken;

/// Running totals, in yoctoNEAR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// Put into the world with its accounts.
    pub issued: NearToken,
    /// Burnt by transactions and receipts.
    pub burnt: NearToken,
    /// Minted for one-yocto deposits of contracts without balance.
    pub subsidized: NearToken,
}

/// Every term of `accounts + in flight = issued - burnt + subsidized`, in yoctoNEAR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    /// Balances, locked ones and those of gas keys included.
    pub accounts: NearToken,
    /// Deposits and bought gas of receipts that have not run.
    pub in_flight: NearToken,
    /// The running totals.
    pub totals: Supply,
}

impl Audit {
    /// Whether every yoctoNEAR is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let held = add(self.accounts, self.in_flight);
        add(held, self.totals.burnt) == add(self.totals.issued, self.totals.subsidized)
    }
}

fn add(left: NearToken, right: NearToken) -> NearToken {
    left.checked_add(right).expect("there is less NEAR than 2^128 yoctoNEAR")
}

impl Supply {
    pub(super) fn issue(&mut self, amount: NearToken) {
        self.issued = add(self.issued, amount);
    }

    pub(super) fn burn(&mut self, amount: NearToken) {
        self.burnt = add(self.burnt, amount);
    }

    pub(super) fn subsidize(&mut self, amount: NearToken) {
        self.subsidized = add(self.subsidized, amount);
    }
}

impl World {
    /// Counts all NEAR in this world.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let none = NearToken::from_yoctonear(0);
        let accounts = self.accounts().fold(none, |sum, (_, record)| {
            let keys = record.keys().values().filter_map(|key| key.gas_key_info());
            let keys = keys.fold(none, |sum, info| add(sum, info.balance));
            add(add(sum, keys), add(record.balance(), record.locked()))
        });
        let receipts = self.receipts.receipts();
        let in_flight =
            receipts.fold(none, |sum, receipt| add(sum, carried(&self.protocol, receipt)));
        Audit { accounts, in_flight, totals: self.supply }
    }
}

/// What a receipt that has not run carries: deposits, and the gas that was bought for it.
fn carried(protocol: &Protocol, receipt: &Receipt) -> NearToken {
    let Some(action) = action_receipt(receipt) else { return NearToken::from_yoctonear(0) };
    let deposit = fees::total_deposit(action.actions()).expect("checked when it was made");
    if receipt.predecessor_id().is_system() {
        return deposit;
    }
    let gas = fees::bought_gas(protocol, receipt.receiver_id(), action.actions())
        .expect("checked when it was made");
    add(deposit, cost(action.gas_price(), gas))
}
