//! What an invariant may ask: how the case would have ended with one thing changed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use crate::chain::{Error, Viewed, World};
use crate::trace::{Holdings, Observation};
use crate::types::{AccountId, Fingerprint, NearToken, OperationId, ReceiptName};

/// A call that an account makes once a case is over, to find out what it can still get or do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Who signs and pays.
    pub signer: AccountId,
    /// The contract that is called.
    pub receiver: AccountId,
    /// The method.
    pub method: String,
    /// Its input.
    pub input: Vec<u8>,
    /// The attached deposit.
    pub deposit: NearToken,
}

/// A world after a follow-up, at rest.
#[derive(Clone, Debug)]
pub struct Aftermath {
    /// The world.
    pub world: World,
    /// Who holds which tokens in it, by the token's contract.
    pub holdings: Arc<BTreeMap<AccountId, Holdings>>,
    /// Whether the call succeeded, all returned promises followed.
    pub succeeded: bool,
    /// What its gas cost the signer.
    pub burnt: NearToken,
}

/// A number that a contract's view returns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ViewNumber {
    /// Whose view.
    pub contract: AccountId,
    /// The method.
    pub method: String,
    /// The member of the returned object; `None` if the number itself is returned.
    pub member: Option<String>,
}

/// Runs variations of the case that is being judged.
pub trait Counterfactuals {
    /// Whether the case, which `seen` is the observation of, has the same effects on accounts under test as a
    /// serial order of its operations. Then comparing it with serial orders shows nothing, and no such order has
    /// to run. The conflict graph decides, once for each case.
    fn is_serializable(&mut self, seen: &Observation) -> bool;

    /// The same case with one operation left out, all else in the same order. Indices of later
    /// operations move up by one.
    ///
    /// # Errors
    /// When the machine fails.
    fn without(&mut self, operation: OperationId) -> Result<Observation, Error>;

    /// The same case without any of the faults that were injected into an operation.
    ///
    /// # Errors
    /// When the machine fails.
    fn without_faults(&mut self, operation: OperationId) -> Result<Observation, Error>;

    /// Calls that may show what accounts can get after a case: the operation once more, then every method of
    /// the contracts under test by those who may call it, with the values of the case and a few others, and
    /// with no deposit, one yoctoNEAR, and what the method takes. Calls that differ only in their deposit come
    /// one after the other, the smallest first. The same case gives the same calls.
    fn follow_ups(&mut self, operation: OperationId) -> Vec<FollowUp>;

    /// Makes a call in this world and lets everything come to rest.
    ///
    /// # Errors
    /// When the machine fails.
    fn follow_up(&mut self, world: &World, call: &FollowUp) -> Result<Aftermath, Error>;

    /// Sends NEAR from one account to another in this world, without a call.
    ///
    /// # Errors
    /// When the machine fails.
    fn transfer(
        &mut self,
        world: &World,
        from: &AccountId,
        to: &AccountId,
        amount: NearToken,
    ) -> Result<World, Error>;

    /// The numbers that views of the contracts under test return in this world without arguments.
    ///
    /// # Errors
    /// When the machine fails.
    fn view_numbers(&mut self, world: &World) -> Result<BTreeMap<ViewNumber, u128>, Error>;

    /// The numbers that views of a contract return in this world for `{"account_id": ...}`.
    ///
    /// # Errors
    /// When the machine fails.
    fn account_numbers(
        &mut self,
        world: &World,
        contract: &AccountId,
        account: &AccountId,
    ) -> Result<BTreeMap<ViewNumber, u128>, Error>;

    /// Whether a case of this kind was harmful when one was last examined in this campaign; `None` if this one is
    /// to be examined: the first of its kind, the second, the 8th, the 32nd, the 128th and so on.
    fn recall(&mut self, kind: Fingerprint) -> Option<bool>;

    /// Remembers that a case of this kind was examined, and whether it was harmful.
    fn remember(&mut self, kind: Fingerprint, harmful: bool);

    /// Asks a contract something in this world.
    ///
    /// # Errors
    /// When the machine fails.
    fn view(
        &mut self,
        world: &World,
        contract: &AccountId,
        method: &str,
        input: &[u8],
    ) -> Result<Viewed, Error>;

    /// The same case without the faults of one receipt.
    ///
    /// # Errors
    /// When the machine fails.
    fn without_fault(&mut self, receipt: &ReceiptName) -> Result<Observation, Error>;

    /// The same operations with the same faults one after the other, in the order of the case, one of
    /// them signed by this account.
    ///
    /// # Errors
    /// When the machine fails.
    fn with_signer(
        &mut self,
        operation: OperationId,
        signer: &AccountId,
    ) -> Result<Observation, Error>;

    /// The same case with an operation called with the first of these arguments, and once more with each
    /// of the others when all else is over.
    ///
    /// # Errors
    /// When the machine fails.
    fn with_arguments(
        &mut self,
        operation: OperationId,
        arguments: &[Value],
    ) -> Result<Observation, Error>;

    /// The same case with every operation that attaches no deposit repeated at its end, so that whatever
    /// waits for its owner is withdrawn. Before that, shows the same for every serial order, as
    /// [`Counterfactuals::serial`] does.
    ///
    /// # Errors
    /// When the machine fails.
    fn repeated(
        &mut self,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<Observation, Error>;

    /// Shows the same operations with the same faults, one after the other: in every order, or in as
    /// many orders as can be afforded. Operations in `left_out`, whose indices rise, do not take part.
    /// Stops when told to. Says whether every order was shown.
    ///
    /// # Errors
    /// When the machine fails.
    fn serial(
        &mut self,
        left_out: &[OperationId],
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, Error>;

    /// Shows every serial order of the case without these operations, as if they had never begun, and then every
    /// one with them, until told to stop. Whether there are few enough operations to show all of them.
    ///
    /// # Errors
    /// When the machine fails.
    fn serial_or_never_begun(
        &mut self,
        operations: &[OperationId],
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, Error> {
        let all = operations.is_empty() || self.serial(operations, show)?;
        Ok(self.serial(&[], show)? && all)
    }

    /// As [`Counterfactuals::serial`] with no operation left out, and one called with these arguments.
    ///
    /// # Errors
    /// When the machine fails.
    fn serial_with_arguments(
        &mut self,
        operation: OperationId,
        arguments: &Value,
        show: &mut dyn FnMut(&Observation) -> ControlFlow<()>,
    ) -> Result<bool, Error>;
}
