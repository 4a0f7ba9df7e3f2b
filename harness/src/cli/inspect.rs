//! `interloper inspect`: what a compiled contract exports and imports.
//!
//! Calls only the methods in which a contract describes itself.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::{Found, Result, output};
use crate::chain::{NEWEST_VERSION, Protocol};
use crate::discovery::Inspection;
use crate::report;
use crate::types::ProtocolVersion;
use crate::vm::{ContractCode, Pristine};

/// Shows what a compiled contract exports and imports, and whether the chain accepts it.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 done, 2 error.

Examples:
  interloper inspect contract.wasm
  interloper inspect contract.wasm --json | jq .methods")]
pub(super) struct Inspect {
    /// The compiled contract, a `.wasm` file.
    contract: PathBuf,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// The NEAR protocol version to check against, 84 to 88.
    #[arg(long, value_name = "VERSION", default_value_t = NEWEST_VERSION)]
    protocol_version: ProtocolVersion,
}

impl Inspect {
    pub(super) fn run(&self) -> Result {
        let contract = crate::targets::read_contract(&self.contract)?;
        let code = Arc::new(ContractCode::new(contract.code.to_vec(), None));
        let protocol = Protocol::new(self.protocol_version)?;
        let engine = Pristine::new(Arc::clone(&protocol.config))?;
        let inspection = Inspection::of(&code, &protocol, &engine)
            .map_err(|error| format!("{}: {error}", self.contract.display()))?;
        let text = if self.json {
            report::harmless_json(&inspection)
        } else {
            report::inspection(&inspection)
        };
        output::result(&text);
        Ok(Found::Nothing)
    }
}
