//! Writes a draft as the text of `target.toml`, with comments for the person who reviews it.
//!
//! Text from a contract is stripped of what could end a comment or control a terminal.

use std::fmt::Write as _;

use super::convert::{PUPPET_BALANCE, USER_BALANCE, called, without_null};
use super::model::{Draft, DraftContract, DraftPuppet};
use super::templates::deposits;
use super::toml_values::{amount, amounts, borsh, json, key, quoted, template};
use crate::arguments::template::{Parameters, Template};
use crate::discovery::argument_inference::InputType;
use crate::discovery::interface::{
    Evidence, Metadata, MethodInterface, MethodKind, is_likely_callback,
};
use crate::targets::Answers;
use crate::types::{is_unprintable, text::shown};

/// How much of a contract's text a comment holds, in characters.
const MOST_COMMENT: usize = 300;

impl Draft {
    /// The text of `target.toml`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).expect("writing to memory does not fail");
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# Written by `interloper init` from what the contracts answered.")?;
        writeln!(out, "# Review this file: anything you add about the contract helps the fuzzer.")?;
        writeln!(out, "# `targets/TARGET.md` in Interloper's repository documents every field.")?;
        writeln!(out, "name = {}", quoted(&self.name))?;
        writeln!(out, "description = {}", quoted(&self.description))?;
        self.write_accounts(out)?;
        self.write_setup(out)?;
        writeln!(
            out,
            "\n# The accounts that sign operations. It is a finding if an attacker gains."
        )?;
        for actor in &self.actors {
            writeln!(out, "\n[[actor]]\nid = {}", quoted(actor.as_str()))?;
            if !self.users().contains(actor) {
                writeln!(out, "role = \"attacker\"")?;
            }
        }
        if self.has_owner_role() {
            writeln!(
                out,
                "\n# Signs only before a case: some methods succeed for no other account."
            )?;
            writeln!(out, "[[actor]]\nid = {}", quoted(self.owner.as_str()))?;
            writeln!(out, "role = \"privileged\"")?;
        }
        for contract in &self.contracts {
            write_methods(out, self, contract)?;
        }
        Ok(())
    }

    fn write_accounts(&self, out: &mut String) -> std::fmt::Result {
        self.contracts.iter().try_for_each(|contract| write_contract(out, contract))?;
        self.puppets.iter().try_for_each(|puppet| write_puppet(out, puppet))?;
        let balance = amount(USER_BALANCE);
        for id in std::iter::once(&self.owner).chain(&self.actors) {
            writeln!(out, "\n[[account]]\nid = {}\nbalance = {balance}", quoted(id.as_str()))?;
        }
        if !self.attacker_answers.is_empty() {
            writeln!(
                out,
                "# The attacker controls this contract, and may answer anything. The answers"
            )?;
            writeln!(out, "# below are those of a contract that behaves well.")?;
            writeln!(out, "contract = \"puppet\"")?;
            write_answers(out, &self.attacker_answers)?;
        }
        Ok(())
    }

    fn write_setup(&self, out: &mut String) -> std::fmt::Result {
        if let Some(contract) = self.uninitialized() {
            writeln!(
                out,
                "\n# {} could not be initialized. Add a call with arguments that it accepts:",
                contract.id
            )?;
            for (method, _) in &contract.failed_initializers {
                let (id, method) = (quoted(contract.id.as_str()), comment(&quoted(method)));
                writeln!(
                    out,
                    "#\n# [[setup]]\n# signer = {id}\n# receiver = {id}\n# method = {method}"
                )?;
                writeln!(out, "# args = {{ ... }}")?;
            }
        }
        if self.setup.is_empty() && self.uninitialized().is_some() {
            return Ok(());
        }
        if self.setup.is_empty() {
            return writeln!(out, "\n# No set-up: the contract creates its first state by itself.");
        }
        writeln!(
            out,
            "\n# These calls run before every case. The attacker can only take what others own,"
        )?;
        writeln!(out, "# so make users deposit something here.")?;
        for call in &self.setup {
            writeln!(out, "\n# {}", comment(&call.why))?;
            writeln!(out, "[[setup]]\nsigner = {}", quoted(call.signer.as_str()))?;
            writeln!(out, "receiver = {}", quoted(call.receiver.as_str()))?;
            writeln!(out, "method = {}", quoted(&call.method))?;
            if !call.deposit.is_zero() {
                writeln!(out, "deposit = {}", amount(call.deposit))?;
            }
            let arguments = without_null(&call.arguments);
            if !arguments.as_object().is_some_and(serde_json::Map::is_empty) {
                writeln!(out, "args = {}", json(&arguments))?;
            }
        }
        Ok(())
    }
}

/// Text for a comment: no line end, and nothing that controls a terminal.
fn comment(text: &str) -> String {
    text.chars().filter(|letter| !is_unprintable(*letter)).take(MOST_COMMENT).collect()
}

fn write_contract(out: &mut String, contract: &DraftContract) -> std::fmt::Result {
    writeln!(out)?;
    if let Some(note) = contract.note {
        writeln!(out, "# {note}\n# If you have the real contract, replace the file.")?;
    }
    let description = contract.metadata.as_ref().map(Metadata::line).unwrap_or_default();
    if !description.is_empty() {
        writeln!(out, "# Its own description: {}.", comment(&description))?;
    }
    for (method, failure) in &contract.failed_initializers {
        writeln!(out, "# No first state: `{}` failed: {}", comment(method), comment(failure))?;
    }
    writeln!(out, "[[account]]\nid = {}", quoted(contract.id.as_str()))?;
    writeln!(out, "balance = {}", amount(contract.balance))?;
    writeln!(out, "contract = {}", quoted(&contract.file))?;
    if let Some((file, _)) = &contract.state {
        writeln!(out, "state = {}", quoted(file))?;
    }
    if contract.under_test {
        writeln!(out, "under-test = true")?;
    }
    Ok(())
}

fn write_puppet(out: &mut String, puppet: &DraftPuppet) -> std::fmt::Result {
    writeln!(out, "\n# {} A puppet plays it.", comment(&puppet.why()))?;
    writeln!(out, "# To run the real contract instead, write: contract = \"FILE.wasm\"")?;
    writeln!(out, "[[account]]\nid = {}", quoted(puppet.id.as_str()))?;
    writeln!(out, "balance = {}\ncontract = \"puppet\"", amount(PUPPET_BALANCE))?;
    if puppet.trusted {
        writeln!(
            out,
            "# May fail; otherwise returns one of the answers below. Assumed trusted, because no"
        )?;
        writeln!(
            out,
            "# user-supplied argument names it. Remove this line if an attacker may control it."
        )?;
        writeln!(out, "trusted = true")?;
    }
    write_answers(out, &puppet.answers)
}

fn write_answers(out: &mut String, all: &Answers) -> std::fmt::Result {
    if !all.is_empty() {
        writeln!(out, "# The results that callbacks receive. The first is the usual one.")?;
        writeln!(out, "[account.answers]")?;
    }
    for (method, answers) in all {
        let answers: Vec<_> = answers.iter().map(|answer| answer_text(answer)).collect();
        writeln!(out, "{} = [{}]", key(method), answers.join(", "))?;
    }
    Ok(())
}

/// An answer as text, in single quotes if possible.
fn answer_text(answer: &[u8]) -> String {
    let text = shown(answer);
    let plain = |letter: char| letter != '\'' && !letter.is_control();
    if text.chars().all(plain) { format!("'{text}'") } else { quoted(&text) }
}

fn write_methods(out: &mut String, draft: &Draft, contract: &DraftContract) -> std::fmt::Result {
    let of = |kind: MethodKind| contract.methods.iter().filter(move |method| method.kind == kind);
    writeln!(out, "\n# The methods of {} that operations call.", contract.id)?;
    for (kind, about) in [
        (MethodKind::View, "Left out, because they change nothing"),
        (MethodKind::Private, "Left out, because only the contract itself may call them"),
        (
            MethodKind::Initializer,
            "Left out, because they create the first state and refuse a second call",
        ),
    ] {
        let names: Vec<_> = of(kind).map(|method| comment(&method.name)).collect();
        if !names.is_empty() {
            writeln!(out, "# {about}: {}.", names.join(", "))?;
        }
    }
    if contract.under_test && of(MethodKind::Call).next().is_none() {
        writeln!(out, "# No method is left that changes something, so all of them are called.")?;
    }
    called(contract).into_iter().try_for_each(|method| write_method(out, draft, contract, method))
}

fn write_method(
    out: &mut String,
    draft: &Draft,
    contract: &DraftContract,
    method: &MethodInterface,
) -> std::fmt::Result {
    writeln!(out)?;
    match method.evidence {
        Evidence::Inferred => {}
        Evidence::Abi => writeln!(out, "# Arguments from the ABI.")?,
        Evidence::Standard => {
            writeln!(
                out,
                "# Arguments from the NEAR standard: the contract does not describe them."
            )?;
        }
        Evidence::SelfCall => {
            writeln!(out, "# Arguments as the contract passes them when it calls itself.")?;
        }
        Evidence::Missing if method.arguments == InputType::Unknown => {
            writeln!(out, "# The arguments could not be found out: fill in `args`.")?;
        }
        Evidence::Missing => {}
    }
    if let Some(failure) = &method.failure {
        writeln!(out, "# The test calls failed: {}", comment(failure))?;
    }
    if is_likely_callback(&method.name) {
        writeln!(out, "# By its name a callback, but any account may call it.")?;
    }
    writeln!(out, "[[method]]\ncontract = {}", quoted(contract.id.as_str()))?;
    writeln!(out, "name = {}", quoted(&method.name))?;
    let templates = draft.templates(contract);
    if draft.only_owner_signs(contract, &method.name) {
        writeln!(out, "actors = [{}]", quoted(draft.owner.as_str()))?;
    }
    let weight = templates.weight(method);
    if weight != 1 {
        writeln!(out, "weight = {weight}")?;
    }
    if let Some(deposit) = amounts(&deposits(method)) {
        writeln!(out, "deposit = {deposit}")?;
    }
    write_parameters(out, &templates.parameters(method))
}

fn write_parameters(out: &mut String, parameters: &Parameters) -> std::fmt::Result {
    match parameters {
        Parameters::Json(Template::Object(members)) if members.is_empty() => Ok(()),
        Parameters::Json(Template::Object(members)) => {
            writeln!(out, "\n[method.args]")?;
            let mut members = members.iter();
            members
                .try_for_each(|(name, value)| writeln!(out, "{} = {}", key(name), template(value)))
        }
        Parameters::Json(value) => writeln!(out, "args = {}", template(value)),
        Parameters::Borsh(all) => {
            writeln!(out, "encoding = \"borsh\"")?;
            all.iter().try_for_each(|each| write!(out, "{}", borsh(&each.name, &each.layout)))
        }
        Parameters::Bytes(bytes) => writeln!(out, "args-base64 = {}", quoted(&base64(bytes))),
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
