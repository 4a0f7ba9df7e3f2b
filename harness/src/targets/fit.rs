//! Whether a scenario, or a contract's exports, fit a target, and what an operation's arguments mean in it.
//!
//! Checks names and sizes. Never checks arguments or amounts: a contract has to stand any.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Method, Role, Target};
use crate::arguments::abi;
use crate::arguments::template::Parameters;
use crate::scenario::{Arguments, Operation, Scenario, Step};
use crate::scenario::{Error, cure_for_name};
use crate::types::{AccountId, OperationId, ReceiptName};

/// A longer history is not one that a person could follow.
pub const MAX_HISTORY: usize = 64;

/// A receipt deeper down than this is none that a case reaches.
const MAX_DEPTH: usize = 64;

impl Target {
    /// The first listed method that this operation calls and its signer may call, in a history at least.
    #[must_use]
    pub fn method_of(&self, operation: &Operation) -> Option<&Method> {
        self.methods.iter().find(|method| {
            let mut signers = method.actors.iter().chain(&method.privileged);
            method.contract == operation.receiver
                && method.name == operation.method
                && signers.any(|signer| *signer == operation.signer)
        })
    }

    /// The ids of all accounts, in the file's order.
    #[must_use]
    pub fn account_ids(&self) -> Vec<AccountId> {
        self.accounts.iter().map(|account| account.id.clone()).collect()
    }

    /// The ids of all actors, in the file's order.
    #[must_use]
    pub fn actor_ids(&self) -> Vec<AccountId> {
        self.actors.iter().map(|actor| actor.id.clone()).collect()
    }

    /// Checks that a scenario names only what the target has, and is no larger than its limits.
    ///
    /// # Errors
    /// At the first part that does not fit, with what to change.
    pub fn validate(&self, scenario: &Scenario) -> Result<(), Error> {
        let (count, most) = (scenario.operations.len(), self.limits.operations as usize);
        if !(1..=most).contains(&count) {
            let cure = format!(
                "give it 1 to {most} operations, or raise `operations` under [limits] in {}",
                self.file.display()
            );
            return Err(self.unfit("it", format!("has {count} operations"), cure));
        }
        if scenario.history.len() > MAX_HISTORY {
            let problem = format!("has {} operations", scenario.history.len());
            return Err(self.unfit("the history", problem, format!("keep at most {MAX_HISTORY}")));
        }
        placed(scenario)
            .try_for_each(|(place, operation)| self.validate_operation(place, operation))?;
        self.validate_signers(scenario)?;
        self.validate_through(scenario)?;
        self.validate_schedule(scenario)?;
        self.validate_faults(scenario)
    }

    fn validate_operation(&self, place: String, operation: &Operation) -> Result<(), Error> {
        if self.method_of(operation).is_some() {
            return Ok(());
        }
        let Operation { signer, receiver, method, .. } = operation;
        let file = self.file.display();
        if self.account(receiver).is_none() {
            let names: Vec<_> = self.accounts.iter().map(|account| account.id.as_str()).collect();
            let cure = cure_for_name(receiver.as_str(), "accounts", &names);
            return Err(self.unfit(place, format!("calls `{receiver}`, an unknown account"), cure));
        }
        let listed = self.methods.iter().filter(|listed| listed.contract == *receiver);
        let names: Vec<_> = listed.map(|listed| listed.name.as_str()).collect();
        if !names.contains(&method.as_str()) {
            let cure = format!(
                "{}; a [[method]] in {file} adds one",
                cure_for_name(method, "methods", &names)
            );
            return Err(self.unfit(
                place,
                format!("calls `{method}`, which is not listed for `{receiver}`"),
                cure,
            ));
        }
        let cure = format!("let another actor sign, or add this one in {file}");
        Err(self.unfit(
            place,
            format!("is signed by `{signer}`, who may not call `{method}`"),
            cure,
        ))
    }

    /// Privileged actors sign in histories only.
    fn validate_signers(&self, scenario: &Scenario) -> Result<(), Error> {
        let privileged = |signer: &AccountId| {
            self.actors.iter().any(|actor| actor.id == *signer && actor.role == Role::Privileged)
        };
        let mut operations = scenario.ids().zip(&scenario.operations);
        match operations.find(|(_, operation)| privileged(&operation.signer)) {
            Some((id, operation)) => Err(self.unfit(
                format!("operation {id}"),
                format!("is signed by `{}`, whose role is \"privileged\"", operation.signer),
                "move it to the history, or give that actor the role \"user\"",
            )),
            None => Ok(()),
        }
    }

    /// Only accounts that a puppet plays make calls for others.
    fn validate_through(&self, scenario: &Scenario) -> Result<(), Error> {
        for (place, operation) in placed(scenario) {
            let Some(through) = &operation.through else { continue };
            if !self.puppets().any(|puppet| *puppet == through.account) {
                let names: Vec<_> = self.puppets().map(|id| id.as_str()).collect();
                return Err(self.unfit(
                    place,
                    format!("goes through `{}`, which no puppet plays", through.account),
                    cure_for_name(through.account.as_str(), "puppets", &names),
                ));
            }
        }
        Ok(())
    }

    fn validate_schedule(&self, scenario: &Scenario) -> Result<(), Error> {
        let most = self.limits.steps();
        if scenario.schedule.len() > most {
            let cure = format!("keep at most {most} steps, or raise `receipts` under [limits]");
            return Err(self.unfit(
                "the schedule",
                format!("has {} steps", scenario.schedule.len()),
                cure,
            ));
        }
        let mut started = vec![false; scenario.operations.len()];
        for (index, step) in scenario.schedule.iter().enumerate() {
            let place = format!("step {index} of the schedule");
            match step {
                Step::Start(operation) => match started.get_mut(operation.index()) {
                    Some(started) if !*started => *started = true,
                    Some(_) => {
                        let problem = format!("starts operation {operation} a second time");
                        return Err(self.unfit(
                            place,
                            problem,
                            "remove the step, or list the operation twice",
                        ));
                    }
                    None => return Err(self.unknown_operation(place, *operation)),
                },
                Step::Deliver(receipt) => self.validate_receipt(scenario, &place, receipt)?,
            }
        }
        Ok(())
    }

    fn validate_faults(&self, scenario: &Scenario) -> Result<(), Error> {
        for (index, fault) in scenario.faults.iter().enumerate() {
            let place = format!("fault {index}");
            self.validate_receipt(scenario, &place, &fault.receipt)?;
            if scenario.faults[..index].iter().any(|earlier| earlier.receipt == fault.receipt) {
                let problem = format!("hits receipt {} a second time", fault.receipt);
                return Err(self.unfit(place, problem, "remove one of the two"));
            }
        }
        Ok(())
    }

    fn validate_receipt(
        &self,
        scenario: &Scenario,
        place: &str,
        receipt: &ReceiptName,
    ) -> Result<(), Error> {
        if receipt.operation.index() >= scenario.operations.len() {
            return Err(self.unknown_operation(place, receipt.operation));
        }
        if receipt.path.len() <= MAX_DEPTH {
            Ok(())
        } else {
            Err(self.unfit(
                place,
                "names a receipt too far down",
                format!("name one at most {MAX_DEPTH} levels down"),
            ))
        }
    }

    fn unknown_operation(&self, place: impl Into<String>, operation: OperationId) -> Error {
        let cure = "count operations from 0";
        self.unfit(place, format!("names operation {operation}, which there is not"), cure)
    }

    fn unfit(
        &self,
        place: impl Into<String>,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) -> Error {
        let (place, problem, cure) = (place.into(), problem.into(), cure.into());
        Error::Unfit { target: self.name.clone(), place, problem, cure }
    }

    /// Checks that contracts export what the target calls. `exports` holds the names that each account's contract
    /// exports; accounts that it does not hold are not checked.
    ///
    /// # Errors
    /// At the first method that is not exported, with its line and the nearest name that is.
    pub fn check_exports(&self, exports: &BTreeMap<AccountId, Vec<String>>) -> Result<(), Error> {
        let setup = self.setup.iter().filter_map(|setup| {
            let call = setup.call()?;
            Some(("setup.method", setup.line, &call.receiver, &call.method))
        });
        let methods = self
            .methods
            .iter()
            .map(|method| ("method.name", method.line, &method.contract, &method.name));
        for (field, line, contract, name) in setup.chain(methods) {
            let Some(exported) = exports.get(contract).filter(|exported| !exported.contains(name))
            else {
                continue;
            };
            let names: Vec<_> = exported.iter().map(String::as_str).collect();
            return Err(Error::Field {
                file: self.file.clone(),
                line,
                field: field.to_owned(),
                problem: format!(
                    "is \"{name}\", which the contract of `{contract}` does not export"
                ),
                cure: cure_for_name(name, "methods it exports", &names),
            });
        }
        Ok(())
    }
}

/// All operations of a scenario, each with its place in words.
fn placed(scenario: &Scenario) -> impl Iterator<Item = (String, &Operation)> {
    let history = scenario.history.iter().enumerate();
    let history =
        history.map(|(index, operation)| (format!("operation {index} of the history"), operation));
    let own = scenario.ids().zip(&scenario.operations);
    history.chain(own.map(|(id, operation)| (format!("operation {id}"), operation)))
}

impl Method {
    /// The arguments as named values, for people; `None` where they are not what the method takes.
    #[must_use]
    pub fn argument_values(&self, arguments: &Arguments) -> Option<Vec<(String, Value)>> {
        match (&self.parameters, arguments) {
            (Parameters::Borsh(parameters), Arguments::Bytes(bytes)) => {
                let values = abi::decode_all(parameters, bytes)?;
                Some(
                    parameters.iter().map(|parameter| parameter.name.clone()).zip(values).collect(),
                )
            }
            (_, Arguments::Json(Value::Object(members))) => {
                Some(members.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
            }
            _ => None,
        }
    }
}
