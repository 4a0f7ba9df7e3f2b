//! Finds out a contract's interface: calls every method in the empty state and after its initializer.
//!
//! Runs each call by itself: promises do not run. Never judges what a method does.

use std::collections::{BTreeMap, BTreeSet};

use near_primitives::transaction::Action;

use super::abi::{ABI_METHOD, METADATA_METHOD, metadata};
use super::contract_interface::{
    ContractInterface, DepositRule, Evidence, MethodInterface, MethodKind,
};
use super::deposit_rule::deposit_rule;
use super::hooks::{accounts_in, predecessors};
use super::initializers::{Initializers, initializers};
use super::input_discovery::input_type;
use super::method_probe::{CallContext, MethodProbe, Result};
use super::schema::Abi;
use super::standards;
use super::text_arguments::with_messages;
use crate::discovery::argument_inference::{
    ExampleValues, InputType, Probe, ProbeOutcome, SerdeError, borsh,
};
use crate::targets::{is_word, words_of};
use crate::types::{AccountId, NearToken};
use crate::vm::ModuleInfo;

/// Deposits that are tried: none, the one yoctoNEAR that stands for a signature, and larger ones.
const DEPOSITS: [NearToken; 5] = [
    NearToken::ZERO,
    NearToken::from_yoctonear(1),
    NearToken::from_millinear(100),
    NearToken::from_near(1),
    NearToken::from_near(5),
];

/// What compilers for WASI export in addition to the methods: a program's entry points.
const ENTRY_POINTS: [&str; 2] = ["_initialize", "_start"];
/// How the names of functions start that compilers export for their own use.
const INTERNAL: [&str; 4] = ["__collect", "__wasm_", "cabi_", "asyncify_"];

/// Finds out a contract's interface.
#[derive(Debug)]
pub struct InterfaceDiscovery<'a> {
    /// The contract, with the state to start from.
    pub probe: Probe<'a>,
    /// Its module: exports, imports, texts.
    pub module: &'a ModuleInfo,
    /// Its ABI, if it has one.
    pub abi: Option<&'a Abi>,
    /// Example values for arguments.
    pub values: &'a ExampleValues,
}

impl InterfaceDiscovery<'_> {
    /// Finds out the interface.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn discover(self) -> Result<ContractInterface> {
        let names = self.names();
        let method_names = self.method_names();
        let metadata = metadata(&self.probe, self.module)?;
        let (abi, values) = (self.abi, self.values);
        let mut methods = MethodProbe { probe: self.probe, values };
        let mut all = Initializers::default();
        if methods.probe.storage.is_empty() {
            all = initializers(&methods, &method_names, abi, &names)?;
        }
        let initializing: BTreeSet<_> =
            all.found.iter().map(|(initializer, _)| initializer.method.clone()).collect();
        let mut found = ContractInterface {
            methods: Vec::new(),
            initializer: None,
            failed_initializers: if all.found.is_empty() { all.failed } else { Vec::new() },
            accounts: BTreeSet::new(),
            names,
            words: words_of(self.module),
            metadata,
            called: BTreeMap::new(),
        };
        if let Some((initializer, outcome)) = all.found.into_iter().next() {
            methods.probe.storage = outcome.storage;
            found.accounts = values.accounts_in(&initializer.arguments);
            found.initializer = Some(initializer);
        }
        let accounts = likely_tokens(&methods, &found.accounts);
        let one = OneMethod { methods: &methods, abi, names: &found.names, accounts };
        for name in &method_names {
            let mut method = one.discover(name, None, &mut found.called)?;
            // An initializer that still does something in the new state is a call like any other.
            let works_again = method.kind == MethodKind::Call && method.failure.is_none();
            if initializing.contains(name) && !works_again {
                method.kind = MethodKind::Initializer;
            }
            found.methods.push(method);
        }
        Ok(found)
    }

    /// The methods that a transaction can call, without those that describe the contract and those that a
    /// compiler added.
    fn method_names(&self) -> Vec<String> {
        let most = self.probe.protocol.config.wasm_config.limit_config.max_length_method_name;
        let called = |name: &&str| {
            let callable = !name.is_empty() && name.len() as u64 <= most;
            let describes = [ABI_METHOD, METADATA_METHOD].contains(name);
            let internal = INTERNAL.iter().any(|start| name.starts_with(start));
            callable && !describes && !internal && !ENTRY_POINTS.contains(name)
        };
        self.module.methods().filter(called).map(str::to_owned).collect()
    }

    /// Names that members may have: those in the ABI, and every word in the data.
    fn names(&self) -> BTreeSet<String> {
        let words = self.module.texts.iter().filter(|text| is_word(text)).cloned();
        words.chain(self.abi.into_iter().flat_map(Abi::names)).collect()
    }
}

/// Accounts that the contract may take for its token: those that its initializer names, those in its state, and
/// known contracts.
fn likely_tokens(methods: &MethodProbe<'_>, named: &BTreeSet<AccountId>) -> BTreeSet<AccountId> {
    let own = &methods.probe.account;
    let known = methods.values.known.iter().filter(|known| *known != own);
    let mut accounts: BTreeSet<_> = known.chain(named).cloned().collect();
    accounts.extend(accounts_in(&methods.probe.storage));
    accounts
}

/// Asks again, in the probe's state, about methods of which every call failed: what deposits they ask for, whom they
/// believe, and which messages they read. Returns whether anything was new.
///
/// # Errors
/// If the engine fails.
pub(in crate::discovery) fn ask_again(
    probe: Probe<'_>,
    module: &ModuleInfo,
    values: &ExampleValues,
    methods: &mut [MethodInterface],
) -> Result<bool> {
    let names = module.texts.iter().filter(|text| is_word(text)).cloned().collect();
    let probe = MethodProbe { probe, values };
    let accounts = likely_tokens(&probe, &BTreeSet::new());
    let one = OneMethod { methods: &probe, abi: None, names: &names, accounts };
    let mut news = false;
    for method in methods {
        if method.kind != MethodKind::Call || method.failure.is_none() {
            continue;
        }
        let known = Some((method.arguments.clone(), method.evidence));
        let found = one.discover(&method.name, known, &mut BTreeMap::new())?;
        let more = found.arguments != method.arguments
            || found.deposit_rule.is_some() && found.deposit_rule != method.deposit_rule
            || found.predecessors.len() > method.predecessors.len();
        if more || found.failure.is_none() {
            *method = MethodInterface { kind: method.kind, ..found };
        }
        news |= more;
    }
    Ok(news)
}

/// Finds out the interface of single methods.
struct OneMethod<'a> {
    methods: &'a MethodProbe<'a>,
    abi: Option<&'a Abi>,
    names: &'a BTreeSet<String>,
    /// Accounts that the contract may take for its token.
    accounts: BTreeSet<AccountId>,
}

/// What trying deposits showed.
#[derive(Default)]
struct Deposits {
    /// Those with which the call succeeded.
    accepted: Vec<NearToken>,
    rule: Option<DepositRule>,
    /// The failure with the deposit that the method asks for, if no call succeeded.
    failure: Option<String>,
}

impl OneMethod<'_> {
    /// Finds out the method's interface. What it reads as its input is asked unless it is known.
    fn discover(
        &self,
        name: &str,
        known: Option<(InputType, Evidence)>,
        called: &mut BTreeMap<AccountId, BTreeSet<String>>,
    ) -> Result<MethodInterface> {
        let mut context = self.methods.context(name, false)?;
        let (arguments, evidence) = match known {
            Some(known) => known,
            None => input_type(self.methods, name, &context, self.abi, self.names)?,
        };
        let predecessors = if standards::is_hook(name) {
            predecessors(self.methods, name, &context, &self.accounts)?
        } else {
            Vec::new()
        };
        if let Some(token) = predecessors.first() {
            context.caller = token;
        }
        let arguments = with_messages(self.methods, name, &context, self.names, arguments)?;
        let input = self.example(&arguments);
        context = self.methods.meet_preconditions(name, context, &input)?;
        let Deposits { accepted, rule, failure } = self.deposits(name, &context, &input, called)?;
        let past = |failure: &String| !SerdeError::is_one(failure);
        Ok(MethodInterface {
            name: name.to_owned(),
            kind: self.kind(name, &context, &input)?,
            past_arguments: failure.as_ref().is_none_or(past) && arguments != InputType::Unknown,
            arguments,
            evidence,
            failure,
            deposits: accepted,
            deposit_rule: rule,
            predecessors: predecessors.clone(),
            refuses_deposits: context.refuses_deposits,
            one_yocto: context.one_yocto,
        })
    }

    /// Tries deposits.
    fn deposits(
        &self,
        name: &str,
        context: &CallContext<'_>,
        input: &[u8],
        called: &mut BTreeMap<AccountId, BTreeSet<String>>,
    ) -> Result<Deposits> {
        let mut call = |deposit| -> Result<Option<String>> {
            let with_deposit = CallContext { deposit, ..context.clone() };
            let outcome = self.methods.call(name, &with_deposit, input)?;
            note_calls(&outcome, called);
            Ok(outcome.failure)
        };
        let mut found = Deposits::default();
        for deposit in DEPOSITS {
            let failure = call(deposit)?;
            if failure.is_none() {
                found.accepted.push(deposit);
            }
            if deposit == context.deposit {
                found.failure = failure;
            }
        }
        found.rule = deposit_rule(self.methods, name, context, input, &found.accepted)?;
        if let Some(deposit) = found.rule.map(|rule| rule.examples()[0])
            && !found.accepted.contains(&deposit)
        {
            found.failure = call(deposit)?;
            if found.failure.is_none() {
                found.accepted.push(deposit);
                found.accepted.sort_unstable();
            }
        }
        if !found.accepted.is_empty() {
            found.failure = None;
        }
        Ok(found)
    }

    /// An input of this type.
    fn example(&self, input: &InputType) -> Vec<u8> {
        let values = self.methods.values;
        match input {
            InputType::Json(shape) => values.for_call(shape, 0).to_string().into_bytes(),
            InputType::Borsh(layouts) => borsh::example(layouts, &values.user),
            InputType::Nothing | InputType::Unknown => b"{}".to_vec(),
        }
    }

    fn kind(&self, method: &str, context: &CallContext<'_>, input: &[u8]) -> Result<MethodKind> {
        if context.private {
            return Ok(MethodKind::Private);
        }
        if let Some(view) = self.abi.and_then(|abi| abi.is_view(method)) {
            return Ok(if view { MethodKind::View } else { MethodKind::Call });
        }
        if context.refuses_deposits || context.one_yocto {
            return Ok(MethodKind::Call);
        }
        let view = self.methods.succeeds_as_view(method, context, input)?;
        Ok(if view { MethodKind::View } else { MethodKind::Call })
    }
}

/// Notes which methods of which accounts were called.
fn note_calls(outcome: &ProbeOutcome, called: &mut BTreeMap<AccountId, BTreeSet<String>>) {
    for promise in &outcome.promises {
        for action in &promise.actions {
            if let Action::FunctionCall(call) = action {
                let methods = called.entry(promise.receiver.clone()).or_default();
                methods.insert(call.method_name.clone());
            }
        }
    }
}
