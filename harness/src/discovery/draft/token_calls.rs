//! Makes the tokens of a draft send what the receivers read: the arguments of `ft_transfer_call` and its like name
//! a contract under test and a message that it reads.
//!
//! Knows only what was found out of the receivers' hooks.

use super::model::{Draft, DraftContract};
use crate::discovery::argument_inference::argument_type::one_of;
use crate::discovery::argument_inference::{ArgumentType, InputType, Member};
use crate::discovery::interface::{MethodInterface, standards};
use crate::types::AccountId;

/// The name that the standards give to the message.
const MESSAGE: &str = "msg";

/// A hook of a contract under test.
struct Receiver {
    id: AccountId,
    hook: MethodInterface,
}

impl Draft {
    /// Fits the arguments of tokens' methods to the hooks of the contracts under test.
    pub(in crate::discovery) fn connect_tokens(&mut self) {
        let receivers: Vec<_> =
            self.contracts.iter().filter(|it| it.under_test).flat_map(hooks).collect();
        for token in &mut self.contracts {
            for method in &mut token.methods {
                let choices: Vec<_> = receivers
                    .iter()
                    .filter(|receiver| receiver.accepts(&token.id))
                    .filter_map(|receiver| receiver.call_of(method))
                    .collect();
                if !choices.is_empty() {
                    method.arguments = InputType::Json(one_of(choices));
                }
            }
        }
    }
}

fn hooks(contract: &DraftContract) -> impl Iterator<Item = Receiver> {
    let hooks = contract.methods.iter().filter(|method| standards::is_hook(&method.name));
    hooks.map(|hook| Receiver { id: contract.id.clone(), hook: hook.clone() })
}

impl Receiver {
    /// Whether the receiver takes this account for one of its tokens, or treats all alike.
    fn accepts(&self, token: &AccountId) -> bool {
        let predecessors = &self.hook.predecessors;
        self.id != *token && (predecessors.is_empty() || predecessors.contains(token))
    }

    /// The arguments with which this method of a token calls the receiver.
    fn call_of(&self, method: &MethodInterface) -> Option<ArgumentType> {
        let calls = standards::receives(&self.hook.name)?;
        let (_, receiver) = calls.iter().find(|(name, _)| *name == method.name)?;
        let InputType::Json(shape) = &method.arguments else { return None };
        let shape = match shape {
            ArgumentType::OneOf(choices) => choices.first()?,
            shape => shape,
        };
        let ArgumentType::Object(members) = shape else { return None };
        let message = self.message();
        let fitted = members.iter().map(|member| {
            let shape = match member.name.as_str() {
                name if name == *receiver => ArgumentType::Example(self.id.as_str().into()),
                MESSAGE => message.unwrap_or(&member.shape).clone(),
                _ => member.shape.clone(),
            };
            Member { name: member.name.clone(), shape }
        });
        Some(ArgumentType::Object(fitted.collect()))
    }

    /// What the hook reads as its message.
    fn message(&self) -> Option<&ArgumentType> {
        let InputType::Json(ArgumentType::Object(members)) = &self.hook.arguments else {
            return None;
        };
        members.iter().find(|member| member.name == MESSAGE).map(|member| &member.shape)
    }
}
