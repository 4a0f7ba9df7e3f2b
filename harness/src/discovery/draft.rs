//! A target as it is drafted, and its `target.toml` with comments that teach.
//!
//! Never asks a contract and never writes a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::abi::Metadata;
use super::shape::Shape;
use super::survey::{Arguments, Kind, Method, NEAR, Source};
use super::template::{Templates, borsh, key, literal, quoted};
use crate::types::amount::balance_text;
use crate::types::{AccountId, NearToken, is_unprintable};

/// A target that is being made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name, which is its folder's too.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// Accounts with contracts, those under test first.
    pub contracts: Vec<Contract>,
    /// Accounts that a puppet plays.
    pub puppets: Vec<Puppet>,
    /// Who owns the contract: signs the set-up, and no case.
    pub owner: AccountId,
    /// Who signs operations; the last one is the attacker.
    pub actors: Vec<AccountId>,
    /// What the attacker's contract answers when it is called, beside what else it likes.
    pub attacker_answers: BTreeMap<String, Vec<Vec<u8>>>,
    /// What runs before every case.
    pub setup: Vec<Step>,
}

/// An account that a puppet plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Puppet {
    /// The account.
    pub id: AccountId,
    /// What the contracts call on it, as far as that was seen.
    pub methods: BTreeSet<String>,
    /// Whether it means well: nobody but the contract's owner chose it.
    pub trusted: bool,
    /// What it answers to a method, the usual answer first.
    pub answers: BTreeMap<String, Vec<Vec<u8>>>,
}

/// An account with a contract.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The account.
    pub id: AccountId,
    /// The file in the target's folder.
    pub file: String,
    /// The file with its state in the target's folder.
    pub state: Option<String>,
    /// What is to be said about the file.
    pub note: Option<&'static str>,
    /// What it has at the start.
    pub balance: NearToken,
    /// Whether the invariants hold it to account.
    pub under_test: bool,
    /// What it says of itself, after NEP-330.
    pub metadata: Option<Metadata>,
    /// What is known of its methods.
    pub methods: Vec<Method>,
}

/// A call of the set-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Who signs it.
    pub signer: AccountId,
    /// Which contract it calls.
    pub receiver: AccountId,
    /// The method.
    pub method: String,
    /// JSON arguments.
    pub arguments: Value,
    /// In yoctoNEAR.
    pub deposit: u128,
    /// Why it is there.
    pub why: String,
}

/// How much of a contract's text a comment holds, in characters.
const MOST_COMMENT: usize = 300;

/// Sums that methods are called with stay below this.
const LARGEST_SUM: u128 = 20 * NEAR;

impl Draft {
    /// The text of `target.toml`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out).expect("memory takes it");
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "# Made by `interloper init`, which asked the contract what its methods take."
        )?;
        writeln!(out, "# Read it once: what you know of the contract makes it find more.")?;
        writeln!(out, "# `targets/TARGET.md` in Interloper's repository documents every field.")?;
        writeln!(out, "name = {}", quoted(&self.name))?;
        writeln!(out, "description = {}", quoted(&self.description))?;
        self.write_accounts(out)?;
        self.write_setup(out)?;
        writeln!(out, "\n# Who signs operations. Any finding in which the attacker gains is one.")?;
        for (number, actor) in (1..).zip(&self.actors) {
            writeln!(out, "\n[[actor]]\nid = {}", quoted(actor.as_str()))?;
            if number == self.actors.len() {
                writeln!(out, "role = \"attacker\"")?;
            }
        }
        for contract in &self.contracts {
            write_methods(out, contract, Templates { sum: self.sum(&contract.id) })?;
        }
        Ok(())
    }

    /// The largest sum that the contract's set-up names, of those that methods may be called with.
    fn sum(&self, contract: &AccountId) -> Option<u128> {
        let steps = self.setup.iter().filter(|step| step.receiver == *contract);
        let members = steps.filter_map(|step| step.arguments.as_object()).flatten();
        let sums = members.filter_map(|(_, value)| value.as_str()?.parse().ok());
        sums.filter(|sum| (1..LARGEST_SUM).contains(sum)).max()
    }

    fn write_accounts(&self, out: &mut String) -> std::fmt::Result {
        for contract in &self.contracts {
            writeln!(out)?;
            if let Some(note) = contract.note {
                writeln!(out, "# {note}\n# Put the real one in its place, where you have it.")?;
            }
            let says = contract.metadata.as_ref().map(Metadata::line).unwrap_or_default();
            if !says.is_empty() {
                writeln!(out, "# It says of itself: {}.", comment(&says))?;
            }
            writeln!(out, "[[account]]\nid = {}", quoted(contract.id.as_str()))?;
            writeln!(out, "balance = {}", quoted(&balance_text(contract.balance)))?;
            writeln!(out, "contract = {}", quoted(&contract.file))?;
            if let Some(state) = &contract.state {
                writeln!(out, "state = {}", quoted(state))?;
            }
            if contract.under_test {
                writeln!(out, "under-test = true")?;
            }
        }
        self.puppets.iter().try_for_each(|puppet| write_puppet(out, puppet))?;
        for id in std::iter::once(&self.owner).chain(&self.actors) {
            writeln!(out, "\n[[account]]\nid = {}\nbalance = \"1000 NEAR\"", quoted(id.as_str()))?;
        }
        if !self.attacker_answers.is_empty() {
            writeln!(
                out,
                "# The attacker's contract does what it likes; this is what a good one would answer."
            )?;
            writeln!(out, "contract = \"puppet\"")?;
            write_answers(out, &self.attacker_answers)?;
        }
        Ok(())
    }

    fn write_setup(&self, out: &mut String) -> std::fmt::Result {
        if self.setup.is_empty() {
            return writeln!(out, "\n# No set-up: the contract makes its first state by itself.");
        }
        writeln!(
            out,
            "\n# What happens before every case. A contract that pays twice shows it only where there is"
        )?;
        writeln!(out, "# something to take, so other people's money should be in it.")?;
        for step in &self.setup {
            writeln!(out, "\n# {}", step.why.replace(|letter: char| letter.is_control(), " "))?;
            writeln!(out, "[[setup]]\nsigner = {}", quoted(step.signer.as_str()))?;
            writeln!(out, "receiver = {}", quoted(step.receiver.as_str()))?;
            writeln!(out, "method = {}", quoted(&step.method))?;
            if step.deposit > 0 {
                writeln!(out, "deposit = {}", sum(step.deposit))?;
            }
            let empty = step.arguments.as_object().is_some_and(serde_json::Map::is_empty);
            if !empty && let Some(arguments) = literal(&step.arguments) {
                writeln!(out, "args = {arguments}")?;
            }
        }
        Ok(())
    }
}

impl Puppet {
    /// A puppet of which nothing is known.
    pub(super) fn new(id: AccountId) -> Self {
        Self { id, methods: BTreeSet::new(), trusted: true, answers: BTreeMap::new() }
    }

    /// Why it is there, in a sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let methods: Vec<_> = self.methods.iter().map(|method| format!("`{method}`")).collect();
        if methods.is_empty() {
            "The set-up names it.".to_owned()
        } else {
            format!("The contract calls {} on it.", methods.join(", "))
        }
    }
}

fn write_puppet(out: &mut String, puppet: &Puppet) -> std::fmt::Result {
    writeln!(out, "\n# {} A puppet plays it.", comment(&puppet.why()))?;
    writeln!(out, "# To run the real contract instead: contract = \"its.wasm\"")?;
    writeln!(out, "[[account]]\nid = {}", quoted(puppet.id.as_str()))?;
    writeln!(out, "balance = \"100 NEAR\"\ncontract = \"puppet\"")?;
    if puppet.trusted {
        writeln!(
            out,
            "# It may fail, and else answers as below. Users never named it, so its owner did:"
        )?;
        writeln!(out, "# without this line it also lies, and calls back.")?;
        writeln!(out, "trusted = true")?;
    }
    write_answers(out, &puppet.answers)
}

fn write_answers(out: &mut String, all: &BTreeMap<String, Vec<Vec<u8>>>) -> std::fmt::Result {
    if !all.is_empty() {
        writeln!(out, "# What callbacks read. The first is the usual answer.")?;
        writeln!(out, "[account.answers]")?;
    }
    for (method, answers) in all {
        let answers: Vec<_> = answers.iter().map(|answer| answer_text(answer)).collect();
        writeln!(out, "{} = [{}]", key(method), answers.join(", "))?;
    }
    Ok(())
}

/// An answer as `target.toml` has it: in plain quotes where it can be.
fn answer_text(answer: &[u8]) -> String {
    let text = crate::types::text::shown(answer);
    let plain = |letter: char| letter != '\'' && !letter.is_control();
    if text.chars().all(plain) { format!("'{text}'") } else { quoted(&text) }
}

fn sum(yocto: u128) -> String {
    quoted(&balance_text(NearToken::from_yoctonear(yocto)))
}

fn write_methods(out: &mut String, contract: &Contract, templates: Templates) -> std::fmt::Result {
    let of = |kind: Kind| contract.methods.iter().filter(move |method| method.kind == kind);
    let names = |kind: Kind| {
        let names: Vec<_> = of(kind).map(|method| comment(&method.name)).collect();
        names.join(", ")
    };
    writeln!(out, "\n# What anybody can call on {}.", contract.id)?;
    for (kind, about) in [
        (Kind::View, "change nothing, so they are left out"),
        (Kind::Private, "are refused to everybody but the contract itself"),
        (Kind::SetUp, "make the first state and refuse to do it again"),
    ] {
        if of(kind).next().is_some() {
            writeln!(out, "# These {about}: {}.", names(kind))?;
        }
    }
    let calls: Vec<_> = of(Kind::Call).collect();
    if contract.under_test && calls.is_empty() {
        writeln!(out, "# Nothing is left that changes something, so all of them are called.")?;
    }
    let all: Vec<_> = contract.methods.iter().collect();
    let called = if calls.is_empty() && contract.under_test { all } else { calls };
    called.into_iter().try_for_each(|method| write_method(out, contract, method, templates))
}

/// Text for a comment: no line end and nothing that steers a terminal.
fn comment(text: &str) -> String {
    text.chars().filter(|letter| !is_unprintable(*letter)).take(MOST_COMMENT).collect()
}

fn write_method(
    out: &mut String,
    contract: &Contract,
    method: &Method,
    templates: Templates,
) -> std::fmt::Result {
    writeln!(out)?;
    match method.source {
        Source::Asked => {}
        Source::Abi => writeln!(out, "# Arguments as the ABI says.")?,
        Source::Standard => {
            writeln!(out, "# Arguments as the standard says: the contract does not.")?
        }
        Source::Passed => {
            writeln!(
                out,
                "# Arguments as the contract itself passes them: it says nothing of them."
            )?;
        }
        Source::Guessed if method.arguments == Arguments::Unknown => {
            writeln!(out, "# What it takes could not be found out: fill in `args`.")?;
        }
        Source::Guessed => {}
    }
    if let Some(failure) = &method.failure {
        writeln!(out, "# When asked it said: {}", comment(failure))?;
    }
    if super::inspection::is_likely_callback(&method.name) {
        writeln!(out, "# A callback by its name, and open to anybody.")?;
    }
    writeln!(out, "[[method]]\ncontract = {}", quoted(contract.id.as_str()))?;
    writeln!(out, "name = {}", quoted(&method.name))?;
    if let Some(deposit) = deposits(method) {
        writeln!(out, "deposit = {deposit}")?;
    }
    write_arguments(out, &method.arguments, templates)
}

fn write_arguments(
    out: &mut String,
    arguments: &Arguments,
    templates: Templates,
) -> std::fmt::Result {
    match arguments {
        Arguments::Json(Shape::Object(all)) => write_members(out, &templates.members(all)),
        Arguments::Json(Shape::OneOf(choices)) => match choices.first() {
            Some(Shape::Object(all)) => write_members(out, &templates.members(all)),
            _ => Ok(()),
        },
        Arguments::Borsh(layouts) => {
            writeln!(out, "encoding = \"borsh\"")?;
            for (name, layout) in layouts {
                out.push_str(&borsh(&key(name), layout));
            }
            Ok(())
        }
        Arguments::Json(_) | Arguments::Nothing | Arguments::Unknown => Ok(()),
    }
}

fn write_members(out: &mut String, members: &[String]) -> std::fmt::Result {
    if members.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n[method.args]")?;
    members.iter().try_for_each(|member| writeln!(out, "{member}"))
}

/// The deposits to draw from; `None` for none at all.
fn deposits(method: &Method) -> Option<String> {
    let max = "5 NEAR";
    let large: Vec<u128> = method.deposits.iter().copied().filter(|deposit| *deposit > 1).collect();
    let takes = |deposit: u128| method.deposits.contains(&deposit);
    if method.refuses_deposits {
        return None;
    }
    if method.one_yocto && large.is_empty() {
        return Some("\"1 yocto\"".to_owned());
    }
    match large.first() {
        // It takes any sum, and none: it may not care, or take what it is given.
        Some(_) if takes(0) => Some(format!("{{ one-of = [\"0 NEAR\", \"1 NEAR\", \"{max}\"] }}")),
        Some(least) => Some(format!("{{ min = {}, max = \"{max}\" }}", sum(*least))),
        None if takes(0) => None,
        None if takes(1) => Some("\"1 yocto\"".to_owned()),
        None => Some("{ one-of = [\"0 NEAR\", \"1 yocto\", \"1 NEAR\", \"5 NEAR\"] }".to_owned()),
    }
}
