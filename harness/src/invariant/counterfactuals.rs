//! What an invariant may ask: how the case would have ended with one thing changed.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::chain::{Error, Viewed, World};
use crate::trace::Observation;
use crate::types::{AccountId, OperationId, ReceiptName};

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
