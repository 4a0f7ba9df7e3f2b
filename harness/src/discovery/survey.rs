//! Asks a contract about all of its methods, in its empty state and in the one after its set-up.
//!
//! Runs each call by itself: promises do not run. Never judges what a method does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::abi::{self, ABI_METHOD, METADATA_METHOD, Metadata};
use super::borsh;
use super::complaint::Complaint;
use super::gate::{Gate, gate};
use super::inspection::is_word;
use super::invent::Inventor;
use super::probe::{Answer, Probe, Question};
use super::schema::Abi;
use super::shape::Shape;
use crate::arguments::abi::Layout;
use crate::types::AccountId;
use crate::vm::{Error, ModuleInfo};

/// Deposits that are tried: nothing, the one yoctoNEAR that stands for a signature, and sums.
pub(super) const DEPOSITS: [u128; 5] =
    [0, 1, 100_000_000_000_000_000_000_000, NEAR, 5_000_000_000_000_000_000_000_000];
pub(super) const NEAR: u128 = 1_000_000_000_000_000_000_000_000;

/// What a promise may have given, in the order in which callbacks are tried with it.
const RESULTS: [&[&[u8]]; 6] = [&[b"null"], &[b"\"1\""], &[b"1"], &[b"true"], &[b"[]"], &[b"{}"]];

/// What a method is called with before anything is known of it: what nobody reads, and JSON, since some
/// read their input before they look who calls.
const FIRST: [&[u8]; 2] = [b"\x01", b"{}"];

/// The most gates in a row that a method may have.
const GATES: usize = 10;

/// What compilers for WASI export beside the methods: the ways into a program that is none.
const ENTRIES: [&str; 2] = ["_initialize", "_start"];

/// What a method is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Changes something, and anybody may call it.
    Call,
    /// Changes nothing.
    View,
    /// Only the contract itself may call it.
    Private,
    /// Makes the contract's first state.
    SetUp,
}

/// What a method takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Arguments {
    /// Nothing: it does not read its input.
    Nothing,
    /// JSON that looks like this.
    Json(Shape),
    /// Borsh values, one after another, with names.
    Borsh(Vec<(String, Layout)>),
    /// Nobody knows.
    Unknown,
}

/// Where the knowledge of arguments comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The contract answered.
    Asked,
    /// The ABI says so.
    Abi,
    /// A standard says so.
    Standard,
    /// The contract passed such arguments when it called itself.
    Passed,
    /// There is none.
    Guessed,
}

/// What is known of a method.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its exported name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// What it takes.
    pub arguments: Arguments,
    /// Who says so.
    pub source: Source,
    /// Whether a call got past reading the arguments.
    pub past_arguments: bool,
    /// Why the call failed that got furthest, if it did.
    pub failure: Option<String>,
    /// Which of the deposits that were tried it takes; empty where none went through.
    pub deposits: Vec<u128>,
    /// Whether it says that it takes none.
    pub refuses_deposits: bool,
    /// Whether it asks for exactly one yoctoNEAR.
    pub one_yocto: bool,
}

/// A call of the set-up.
#[derive(Clone, Debug, PartialEq)]
pub struct SetUp {
    /// The method.
    pub method: String,
    /// Its arguments.
    pub arguments: Value,
}

/// What is known of a contract.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Its methods, in alphabetical order; those that describe the contract are left out.
    pub methods: Vec<Method>,
    /// What makes its first state, where it needs that.
    pub setup: Option<SetUp>,
    /// Accounts that the set-up's arguments name.
    pub accounts: BTreeSet<AccountId>,
    /// Names that members may have: words of its data and of its ABI.
    pub names: BTreeSet<String>,
    /// Its own description, after NEP-330.
    pub metadata: Option<Metadata>,
    /// Accounts that the methods called, with the methods.
    pub called: BTreeMap<AccountId, BTreeSet<String>>,
}

/// How a method is called.
#[derive(Clone, Debug)]
pub(super) struct Way<'a> {
    pub(super) caller: &'a AccountId,
    pub(super) deposit: u128,
    pub(super) results: &'a [&'a [u8]],
    private: bool,
    refuses_deposits: bool,
    one_yocto: bool,
}

/// Asks about all methods.
#[derive(Debug)]
pub struct Surveyor<'a> {
    /// The contract, with the state from which to start.
    pub probe: Probe<'a>,
    /// What it is made of.
    pub anatomy: &'a ModuleInfo,
    /// Its ABI, where there is one.
    pub abi: Option<&'a Abi>,
    /// Makes up values.
    pub inventor: &'a Inventor,
}

pub(super) type Result<T> = std::result::Result<T, Error>;

impl<'a> Surveyor<'a> {
    /// Surveys the contract.
    ///
    /// # Errors
    /// Only when the machine failed.
    pub fn survey(mut self) -> Result<Survey> {
        let names = self.names();
        let mut found = Survey {
            methods: Vec::new(),
            setup: None,
            accounts: BTreeSet::new(),
            names: names.clone(),
            metadata: abi::metadata(&self.probe, self.anatomy)?,
            called: BTreeMap::new(),
        };
        let mut setups = BTreeSet::new();
        if self.probe.storage.is_empty() {
            let candidates = self.setups(&names)?;
            setups = candidates.iter().map(|(setup, _)| setup.method.clone()).collect();
            if let Some((setup, answer)) = candidates.into_iter().next() {
                self.probe.storage = answer.storage;
                found.accounts = self.inventor.accounts_in(&setup.arguments);
                found.setup = Some(setup);
            }
        }
        for name in self.method_names() {
            let mut method = self.method(&name, &names, &mut found.called)?;
            if setups.contains(&name) && !self.works_again(&method) {
                method.kind = Kind::SetUp;
            }
            found.methods.push(method);
        }
        Ok(found)
    }

    /// The methods that a transaction can call, those left out that describe the contract, and those that a
    /// compiler put there.
    pub(super) fn method_names(&self) -> Vec<String> {
        let most = self.probe.protocol.config.wasm_config.limit_config.max_length_method_name;
        let called = |name: &&str| {
            let callable = !name.is_empty() && name.len() as u64 <= most;
            let describes = [ABI_METHOD, METADATA_METHOD].contains(name);
            callable && !describes && !ENTRIES.contains(name)
        };
        self.anatomy.methods().filter(called).map(str::to_owned).collect()
    }

    /// Names that members may have: those of the ABI, and every word in the data.
    fn names(&self) -> BTreeSet<String> {
        let words = self.anatomy.texts.iter().filter(|text| is_word(text)).cloned();
        words.chain(self.abi.into_iter().flat_map(Abi::names)).collect()
    }

    /// A set-up method that still does something after the set-up is a call like any other.
    fn works_again(&self, method: &Method) -> bool {
        method.kind == Kind::Call && method.failure.is_none()
    }

    fn method(
        &self,
        name: &str,
        names: &BTreeSet<String>,
        called: &mut BTreeMap<AccountId, BTreeSet<String>>,
    ) -> Result<Method> {
        let mut way = self.way(name, false)?;
        let (arguments, source) = self.arguments(name, &way, names)?;
        let input = self.input(&arguments, 0);
        way = self.through_gates(name, way, &input)?;
        let mut deposits = Vec::new();
        let mut failure = None;
        for deposit in DEPOSITS {
            let answer = self.ask(name, &Way { deposit, ..way.clone() }, &input)?;
            if answer.failure.is_none() {
                deposits.push(deposit);
            }
            if deposit == way.deposit {
                failure.clone_from(&answer.failure);
            }
            note_calls(&answer, called);
        }
        let failure = if deposits.is_empty() { failure } else { None };
        let past = |failure: &String| !Complaint::is_one(failure);
        Ok(Method {
            name: name.to_owned(),
            kind: self.kind(name, &way, &input)?,
            past_arguments: failure.as_ref().is_none_or(past) && arguments != Arguments::Unknown,
            arguments,
            source,
            failure,
            deposits,
            refuses_deposits: way.refuses_deposits,
            one_yocto: way.one_yocto,
        })
    }

    /// How the method wants to be called, as far as it says before it reads its arguments.
    pub(super) fn way(&self, method: &str, as_owner: bool) -> Result<Way<'_>> {
        let caller = if as_owner { &self.probe.account } else { &self.inventor.someone };
        let mut way = Way {
            caller,
            deposit: 0,
            results: &[],
            private: false,
            refuses_deposits: false,
            one_yocto: false,
        };
        for input in FIRST {
            way = self.through_gates(method, way, input)?;
        }
        for input in FIRST {
            let with_deposit = self.ask(method, &Way { deposit: 1, ..way.clone() }, input)?;
            way.refuses_deposits |=
                with_deposit.failure.as_deref().and_then(gate) == Some(Gate::NoDeposit);
        }
        Ok(way)
    }

    fn through_gates<'w>(
        &'w self,
        method: &str,
        mut way: Way<'w>,
        input: &[u8],
    ) -> Result<Way<'w>> {
        for _ in 0..GATES {
            let answer = self.ask(method, &way, input)?;
            match answer.failure.as_deref().and_then(gate) {
                Some(Gate::Private) if !way.private => {
                    way.private = true;
                    way.caller = &self.probe.account;
                }
                Some(Gate::OneYocto) if way.deposit == 0 => {
                    way.deposit = 1;
                    way.one_yocto = true;
                }
                Some(Gate::Results) => {
                    let tried = RESULTS.iter().position(|results| *results == way.results);
                    let Some(next) = RESULTS.get(tried.map_or(0, |tried| tried + 1)) else { break };
                    way.results = next;
                }
                _ => break,
            }
        }
        Ok(way)
    }

    fn input(&self, arguments: &Arguments, variation: usize) -> Vec<u8> {
        match arguments {
            Arguments::Json(shape) => {
                self.inventor.for_call(shape, variation).to_string().into_bytes()
            }
            Arguments::Borsh(layouts) => borsh::example(layouts, &self.inventor.someone),
            Arguments::Nothing | Arguments::Unknown => b"{}".to_vec(),
        }
    }

    fn kind(&self, method: &str, way: &Way<'_>, input: &[u8]) -> Result<Kind> {
        if way.private {
            return Ok(Kind::Private);
        }
        if let Some(view) = self.abi.and_then(|abi| abi.is_view(method)) {
            return Ok(if view { Kind::View } else { Kind::Call });
        }
        if way.refuses_deposits || way.one_yocto {
            return Ok(Kind::Call);
        }
        let question = Question {
            method,
            input,
            caller: way.caller,
            deposit: 0,
            results: way.results,
            view: true,
        };
        Ok(if self.probe.ask(&question)?.failure.is_none() { Kind::View } else { Kind::Call })
    }

    pub(super) fn ask(&self, method: &str, way: &Way<'_>, input: &[u8]) -> Result<Answer> {
        self.probe.ask(&Question {
            method,
            input,
            caller: way.caller,
            deposit: way.deposit,
            results: way.results,
            view: false,
        })
    }
}

/// Notes which methods of which accounts were called.
fn note_calls(answer: &Answer, called: &mut BTreeMap<AccountId, BTreeSet<String>>) {
    for promise in &answer.promises {
        let calls = promise.actions.iter().filter_map(|action| match action {
            near_primitives::transaction::Action::FunctionCall(call) => Some(&call.method_name),
            _ => None,
        });
        for method in calls {
            called.entry(promise.receiver.clone()).or_default().insert(method.clone());
        }
    }
}
