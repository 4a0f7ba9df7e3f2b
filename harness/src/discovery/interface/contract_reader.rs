//! Reads the interface of a compiled contract.
//!
//! Checks first that the chain runs the contract at all.

use std::sync::Arc;

use super::abi;
use super::contract_interface::ContractInterface;
use super::inspection::rejected;
use super::interface_discovery::InterfaceDiscovery;
use super::schema::Abi;
use crate::chain::Protocol;
use crate::discovery::Error;
use crate::discovery::argument_inference::{ExampleValues, Probe};
use crate::discovery::request::InputContract;
use crate::vm::{ContractCode, Engine, ModuleInfo, Storage};

/// Reads the interfaces of compiled contracts.
#[derive(Clone, Copy)]
pub(in crate::discovery) struct ContractReader<'a> {
    pub(in crate::discovery) protocol: &'a Arc<Protocol>,
    pub(in crate::discovery) engine: &'a dyn Engine,
    pub(in crate::discovery) values: &'a ExampleValues,
}

impl ContractReader<'_> {
    /// The interface of a contract that starts with this state.
    pub(in crate::discovery) fn interface(
        &self,
        contract: &InputContract,
        storage: Storage,
    ) -> Result<ContractInterface, Error> {
        let file = || contract.file.clone();
        let module = ModuleInfo::of(&contract.code)
            .map_err(|problem| Error::Contract { file: file(), problem })?;
        let probe = Probe {
            engine: self.engine,
            protocol: self.protocol,
            code: Arc::new(ContractCode::new(contract.code.to_vec(), None)),
            account: contract.id.clone(),
            storage,
        };
        if let Some(reason) = rejected(&probe)? {
            return Err(Error::Rejected { file: file(), reason });
        }
        let abi = match &contract.abi {
            Some(abi) => Some(abi.clone()),
            None => abi::embedded(&probe, &module)?,
        };
        let abi = abi.as_ref().and_then(Abi::read);
        let discovery =
            InterfaceDiscovery { probe, module: &module, abi: abi.as_ref(), values: self.values };
        let interface = discovery.discover()?;
        if interface.methods.is_empty() {
            return Err(Error::NoMethods { file: file() });
        }
        Ok(interface)
    }
}
