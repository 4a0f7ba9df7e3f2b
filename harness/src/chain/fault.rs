//! What the adversary does to a receipt's function calls.

use std::sync::Arc;

use crate::vm::ContractCode;

/// What happens to a receipt's function calls instead of what the account's own contract would do.
#[derive(Clone, Debug)]
pub enum InjectedFault {
    /// The first call panics before it does anything.
    Panic,
    /// The first call burns all its gas and fails for lack of it.
    OutOfGas,
    /// The account does not exist: the receipt fails, and deposits are refunded.
    MissingAccount,
    /// The contract has no such method.
    MissingMethod,
    /// Other code runs instead. The last call gets the input, those before it an empty one.
    Run(CodeOverride),
}

impl InjectedFault {
    /// Whether it makes the receipt fail, whatever the contract does.
    #[must_use]
    pub fn fails(&self) -> bool {
        !matches!(self, Self::Run(_))
    }
}

/// Code that runs instead of an account's own.
#[derive(Clone)]
pub struct CodeOverride {
    /// The code.
    pub code: Arc<ContractCode>,
    /// The function that is called, whatever the receipt calls.
    pub method: &'static str,
    /// Its input, instead of the call's own; `None` leaves that.
    pub input: Option<Arc<[u8]>>,
}

impl std::fmt::Debug for CodeOverride {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeOverride").field("input", &self.input).finish_non_exhaustive()
    }
}
