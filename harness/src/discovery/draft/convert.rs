//! Converts a draft to a target without going through text.
//!
//! `text` writes the same as TOML; the tests here hold that both agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::model::{Draft, DraftContract, DraftPuppet, SetupCall};
use super::templates::{Templates, deposits};
use crate::arguments::template::Amounts;
use crate::chain::Clock;
use crate::discovery::interface::{MethodInterface, MethodKind};
use crate::scenario::{Arguments, Operation, USUAL_GAS};
use crate::targets::{
    Account, Actor, Answers, Contract, Invariants, Limits, Method, Role, Setup, SetupAction,
    TARGET_FILE, Target,
};
use crate::types::{AccountId, Duration, NearToken};

/// The balance of the owner and of actors.
pub(super) const USER_BALANCE: NearToken = NearToken::from_near(1_000);
/// The balance of accounts that a puppet plays.
pub(super) const PUPPET_BALANCE: NearToken = NearToken::from_near(100);

/// The line of everything in a target that does not come from a file.
const NO_LINE: usize = 0;

impl Draft {
    /// The draft as a target in this folder. It has no lines: they count as 0.
    #[must_use]
    pub fn target(&self, folder: &Path) -> Target {
        let words: BTreeSet<_> =
            self.contracts.iter().flat_map(|contract| &contract.words).cloned().collect();
        Target {
            name: self.name.clone(),
            description: self.description.clone(),
            file: folder.join(TARGET_FILE),
            build: None,
            builds: Vec::new(),
            accounts: self.accounts(folder),
            actors: self.target_actors(),
            clock: Clock::RECENT,
            setup: self.setup.iter().map(setup).collect(),
            methods: self.contracts.iter().flat_map(|contract| self.methods(contract)).collect(),
            invariants: Invariants::default(),
            limits: Limits::default(),
            declarations: Vec::new(),
            goals: Vec::new(),
            allowances: Vec::new(),
            expect: BTreeMap::new(),
            faults_off: BTreeSet::new(),
            words: words.into_iter().collect(),
        }
    }

    fn accounts(&self, folder: &Path) -> Vec<Account> {
        let contracts = self.contracts.iter().map(|contract| contract_account(contract, folder));
        let puppets = self.puppets.iter().map(puppet_account);
        let users = std::iter::once(&self.owner).chain(&self.actors).map(user_account);
        let mut accounts: Vec<_> = contracts.chain(puppets).chain(users).collect();
        if !self.attacker_answers.is_empty()
            && let Some(attacker) = accounts.last_mut()
        {
            attacker.puppet = true;
            attacker.answers = self.attacker_answers.clone();
        }
        accounts
    }

    fn target_actors(&self) -> Vec<Actor> {
        let user = |id: &AccountId| self.users().contains(id);
        let role = |id: &AccountId| if user(id) { Role::User } else { Role::Attacker };
        let actors = self.actors.iter().map(|id| Actor { id: id.clone(), role: role(id) });
        let owner = Actor { id: self.owner.clone(), role: Role::Privileged };
        actors.chain(self.has_owner_role().then_some(owner)).collect()
    }

    fn methods<'d>(
        &'d self,
        contract: &'d DraftContract,
    ) -> impl Iterator<Item = Method> + use<'d> {
        let templates = self.templates(contract);
        called(contract).into_iter().map(move |method| Method {
            contract: contract.id.clone(),
            name: method.name.clone(),
            actors: if self.only_owner_signs(contract, &method.name) {
                Vec::new()
            } else {
                self.actors.clone()
            },
            privileged: self.has_owner_role().then(|| self.owner.clone()).into_iter().collect(),
            parameters: templates.parameters(method),
            deposit: deposits(method),
            gas: Amounts::OneOf(vec![u128::from(USUAL_GAS.as_gas())]),
            weight: templates.weight(method),
            line: NO_LINE,
        })
    }

    /// The templates of a contract's methods.
    pub(super) fn templates<'d>(&'d self, contract: &'d DraftContract) -> Templates<'d> {
        Templates::new(self, contract)
    }
}

/// The methods that operations call: those that change something, or all of a contract under test that has
/// none of these.
pub(super) fn called(contract: &DraftContract) -> Vec<&MethodInterface> {
    let calls = contract.methods.iter().filter(|method| method.kind == MethodKind::Call);
    let calls: Vec<_> = calls.collect();
    let all = calls.is_empty() && contract.under_test;
    if all { contract.methods.iter().collect() } else { calls }
}

/// A JSON value without `null`, which TOML does not have. `null` alone becomes an empty object.
pub(super) fn without_null(value: &Value) -> Value {
    fn inner(value: &Value) -> Option<Value> {
        Some(match value {
            Value::Null => return None,
            Value::Array(items) => items.iter().filter_map(inner).collect(),
            Value::Object(members) => {
                let members = members.iter();
                members.filter_map(|(name, value)| Some((name.clone(), inner(value)?))).collect()
            }
            other => other.clone(),
        })
    }
    inner(value).unwrap_or_else(|| Value::Object(Map::new()))
}

fn setup(call: &SetupCall) -> Setup {
    let operation = Operation {
        signer: call.signer.clone(),
        receiver: call.receiver.clone(),
        method: call.method.clone(),
        arguments: Arguments::Json(without_null(&call.arguments)),
        deposit: call.deposit,
        gas: USUAL_GAS,
        through: None,
        wait: Duration::ZERO,
    };
    Setup { action: SetupAction::Call(Box::new(operation)), line: NO_LINE }
}

fn contract_account(contract: &DraftContract, folder: &Path) -> Account {
    let code = Contract { file: folder.join(&contract.file), code: Arc::clone(&contract.code) };
    Account {
        contract: Some(code),
        state: contract.state.as_ref().map(|(_, dump)| Arc::clone(dump)),
        under_test: contract.under_test,
        ..account(&contract.id, contract.balance)
    }
}

fn puppet_account(puppet: &DraftPuppet) -> Account {
    Account {
        puppet: true,
        trusted: puppet.trusted,
        answers: puppet.answers.clone(),
        ..account(&puppet.id, PUPPET_BALANCE)
    }
}

fn user_account(id: &AccountId) -> Account {
    account(id, USER_BALANCE)
}

fn account(id: &AccountId, balance: NearToken) -> Account {
    Account {
        id: id.clone(),
        balance,
        contract: None,
        puppet: false,
        trusted: false,
        answers: Answers::new(),
        state: None,
        under_test: false,
        line: NO_LINE,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::arguments::abi::Layout;
    use crate::arguments::integer::{IntegerKind, NumberForm};
    use crate::arguments::template::BytesForm;
    use crate::discovery::argument_inference::argument_type::{amount, member, object, optional};
    use crate::discovery::argument_inference::{ArgumentType, InputType, TextKind};
    use crate::discovery::draft::mock_token;
    use crate::discovery::interface::Evidence;
    use crate::targets::Dump;
    use crate::vm::ModuleInfo;

    fn id(name: &str) -> AccountId {
        name.parse().unwrap()
    }

    /// An object with every argument type, and names that mean something in TOML and in templates.
    fn every_type() -> ArgumentType {
        let kinds = IntegerKind::NAMES.iter().flat_map(|(name, kind)| {
            [("n", NumberForm::Number), ("t", NumberForm::Text)].map(|(form_name, form)| {
                member(&format!("{name}-{form_name}"), ArgumentType::Integer(*kind, form))
            })
        });
        let bytes = [BytesForm::Base64, BytesForm::Hex, BytesForm::Base58, BytesForm::Array];
        let bytes = bytes.into_iter().enumerate();
        let bytes = bytes.map(|(at, form)| member(&format!("b{at}"), ArgumentType::Bytes(form)));
        let words = TextKind::Words(vec!["A\u{7f}".to_owned(), "b \"c\"\n".to_owned()]);
        let list = |item| ArgumentType::List(Box::new(item));
        let example = json!({ "any": [1, null, "x"], "f": 0.25, "n": null, "d": { "t": true } });
        let (layouts, items) = (vec![("n".to_owned(), Layout::Bool)], vec![amount("u8")]);
        let rest = vec![
            member("sum", amount("u128")),
            member("to whom", optional(ArgumentType::Text(TextKind::Account))),
            member("a.b", ArgumentType::Text(TextKind::Plain)),
            member("memo", ArgumentType::Text(TextKind::Plain)),
            member("word", ArgumentType::Text(words)),
            member("any", object(vec![member("list", ArgumentType::Bool)])),
            member("pair", ArgumentType::Tuple(vec![ArgumentType::number("u64"), amount("u64")])),
            member("nothing", ArgumentType::Null),
            member("anything", ArgumentType::Anything),
            member("fraction", ArgumentType::Fraction),
            member(
                "kind",
                ArgumentType::OneOf(vec![ArgumentType::Example(example), list(ArgumentType::Bool)]),
            ),
            member("msg", ArgumentType::JsonText(Box::new(amount("u128")))),
            member("packed", ArgumentType::Packed { form: BytesForm::Hex, layouts }),
            member("joined", ArgumentType::Joined { separator: ",".to_owned(), items }),
            member("names", list(ArgumentType::Text(TextKind::Account))),
            member("map", ArgumentType::Map(Box::new(TextKind::Account), Box::new(amount("u128")))),
            member(
                "plain-map",
                ArgumentType::Map(Box::new(TextKind::Plain), Box::new(object(Vec::new()))),
            ),
        ];
        object(kinds.chain(bytes).chain(rest).collect())
    }

    fn method(name: &str, arguments: InputType) -> MethodInterface {
        MethodInterface {
            name: name.to_owned(),
            kind: MethodKind::Call,
            arguments,
            evidence: Evidence::Missing,
            past_arguments: true,
            failure: Some("no \u{1b}[31m\nway # out \"".to_owned()),
            deposits: vec![NearToken::ZERO],
            deposit_rule: None,
            predecessors: Vec::new(),
            refuses_deposits: false,
            one_yocto: false,
        }
    }

    /// Methods with every kind of input and deposit. The mock token exports these names.
    fn methods() -> Vec<MethodInterface> {
        let one = NearToken::from_yoctonear(1);
        let near = NearToken::from_near(1);
        let layouts = ["u128", "bool", "String", "AccountId", "Vec<u8>", "Option<(u8, [u8; 32])>"];
        let layout = |text: &&str| (format!("the {text}"), Layout::parse(text).unwrap());
        let layouts = layouts.iter().map(layout).collect();
        let deposits = |deposits: &[NearToken], method| MethodInterface {
            deposits: deposits.to_vec(),
            ..method
        };
        let first = |choice| InputType::Json(ArgumentType::OneOf(vec![choice]));
        vec![
            method("ft_transfer", InputType::Json(every_type())),
            deposits(&[one, near], method("ft_transfer_call", InputType::Borsh(layouts))),
            deposits(&[NearToken::ZERO, near], method("storage_deposit", first(every_type()))),
            deposits(&[one], method("storage_withdraw", first(ArgumentType::Bool))),
            deposits(&[], method("storage_unregister", InputType::Unknown)),
            MethodInterface {
                one_yocto: true,
                ..method("ft_resolve_transfer", InputType::Nothing)
            },
            MethodInterface {
                refuses_deposits: true,
                ..method("ft_total_supply", InputType::Borsh(Vec::new()))
            },
            MethodInterface { kind: MethodKind::View, ..method("ft_metadata", InputType::Nothing) },
        ]
    }

    fn contract(name: &str, state: Option<Dump>) -> DraftContract {
        let code: Arc<[u8]> = mock_token::COIN.into();
        DraftContract {
            id: id(name),
            file: format!("{name}.wasm"),
            state: state.map(|dump| (format!("{name}.state.json"), Arc::new(dump))),
            note: Some("A note."),
            balance: NearToken::from_yoctonear(12_345_678_901_234_567_890_123_456),
            under_test: true,
            metadata: None,
            methods: methods(),
            words: crate::targets::words_of(&ModuleInfo::of(&code).unwrap()),
            failed_initializers: vec![("new".to_owned(), "line\nend".to_owned())],
            code,
        }
    }

    fn draft() -> Draft {
        let answers = || {
            BTreeMap::from([
                ("ft_balance_of".to_owned(), vec![b"\"1\"".to_vec(), b"it's".to_vec(), Vec::new()]),
                ("a.b".to_owned(), vec![vec![0xff, 0], b"null\n".to_vec()]),
            ])
        };
        let dump = Dump {
            values: vec![(b"k".to_vec(), vec![0, 1])],
            balance: Some(NearToken::from_near(3)),
        };
        let setup = |arguments, deposit| SetupCall {
            signer: id("owner.near"),
            receiver: id("token.near"),
            method: "new".to_owned(),
            arguments,
            deposit,
            why: "Two\nlines.".to_owned(),
        };
        Draft {
            name: "made".to_owned(),
            description: "One \"line\"".to_owned(),
            contracts: vec![
                contract("token.near", Some(dump)),
                DraftContract { under_test: false, ..contract("other.near", None) },
            ],
            puppets: vec![
                DraftPuppet { answers: answers(), ..DraftPuppet::new(id("pool.near")) },
                DraftPuppet { trusted: false, ..DraftPuppet::new(id("oracle.near")) },
            ],
            owner: id("owner.near"),
            actors: ["alice.near", "bob.near", "mallory.near"].map(id).to_vec(),
            attackers: 1,
            calls: BTreeSet::new(),
            owner_only: BTreeSet::new(),
            endowments: BTreeMap::new(),
            token_ids: BTreeMap::new(),
            hints: BTreeMap::new(),
            attacker_answers: answers(),
            setup: vec![
                setup(
                    json!({ "amount": "5000000000000000000000000", "a b": [1, null, { "c": null }], "n": null }),
                    NearToken::ZERO,
                ),
                setup(json!({}), NearToken::from_yoctonear(1)),
                setup(Value::Null, NearToken::from_near(2)),
                setup(json!([1.5, true, 18_446_744_073_709_551_615_u64, -3]), NearToken::ZERO),
            ],
        }
    }

    /// The target that the text of a draft parses to, without the lines of the file.
    fn parsed(draft: &Draft, folder: &Path) -> Target {
        for contract in &draft.contracts {
            std::fs::write(folder.join(&contract.file), &contract.code).unwrap();
            if let Some((file, dump)) = &contract.state {
                std::fs::write(folder.join(file), dump.text()).unwrap();
            }
        }
        let mut target =
            Target::from_text(&draft.text(), &folder.join(TARGET_FILE), None, &[]).unwrap();
        target.accounts.iter_mut().for_each(|account| account.line = NO_LINE);
        target.setup.iter_mut().for_each(|setup| setup.line = NO_LINE);
        target.methods.iter_mut().for_each(|method| method.line = NO_LINE);
        target
    }

    #[test]
    fn the_text_of_a_draft_parses_to_the_target_that_it_converts_to() {
        let folder = tempfile::tempdir().unwrap();
        let mut draft = draft();
        for _ in 0..2 {
            let (parsed, converted) = (parsed(&draft, folder.path()), draft.target(folder.path()));
            assert_eq!(format!("{parsed:#?}"), format!("{converted:#?}"));
            // Once more with nothing that changes state, and no set-up or answers.
            draft.contracts.iter_mut().for_each(|contract| {
                contract.methods.retain(|method| method.kind == MethodKind::View);
            });
            draft.setup.clear();
            draft.attacker_answers.clear();
        }
    }

    #[test]
    fn the_largest_amount_of_the_set_up_bounds_amounts() {
        let text = draft().text();
        let sum = "sum = { one-of = [{ any = \"u128\", max = \"5 NEAR\" }, { any = \"u128\", max = \"20 NEAR\" }] }";
        assert!(text.contains(sum), "{text}");
    }
}
