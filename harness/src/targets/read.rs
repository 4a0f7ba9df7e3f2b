//! Reads `target.toml` section by section into a [`Target`], checking that its parts fit each other.
//!
//! Every mistake is an [`Error`] with file, line, field and cure. Never guesses what was meant.

use std::path::Path;

use serde_json::Value;

use super::document::{Document, Field, Section};
use super::wasm;
use super::wasm::{Builds, ContractOverride};
use super::words::words;
use super::{
    Account, Actor, Method, Role, Setup, SetupAction, Target, declared, goals, played, settings,
    templates,
};
use crate::arguments::template::Amounts;
use crate::scenario::USUAL_GAS;
use crate::scenario::{Arguments, Operation};
use crate::scenario::{Error, cure_for_name};
use crate::types::{AccountId, Duration, NearToken};

const ROOT_FIELDS: &[&str] = &[
    "name",
    "description",
    "default-build",
    "builds",
    "world",
    "account",
    "setup",
    "actor",
    "method",
    "invariants",
    "limits",
    "expect",
    "invariant",
    "goal",
    "allow",
    "adversary",
];
/// What stands for a contract where a puppet plays the account.
const PUPPET: &str = "puppet";

const ACCOUNT_FIELDS: &[&str] =
    &["id", "balance", "contract", "state", "under-test", "trusted", "answers"];
const SETUP_FIELDS: &[&str] =
    &["wait", "signer", "receiver", "method", "args", "args-base64", "deposit", "gas"];
const METHOD_FIELDS: &[&str] = &[
    "contract",
    "name",
    "actors",
    "encoding",
    "args",
    "args-base64",
    "borsh",
    "deposit",
    "gas",
    "weight",
];

pub(super) fn target(
    text: &str,
    file: &Path,
    build: Option<&str>,
    overrides: &[ContractOverride],
) -> Result<Target, Error> {
    let document = Document::new(file, text);
    let table = document.parse()?;
    let root = Section::root(&document, &table);
    root.only(ROOT_FIELDS)?;
    let sections = account_sections(&root)?;
    let names: Vec<_> = sections.iter().map(|(id, _)| id.as_str()).collect();
    let builds = wasm::builds(&root, &names)?;
    let chosen = wasm::chosen_build(&root, &builds, build)?;
    check_overrides(overrides, &names)?;
    let accounts =
        sections.iter().map(|(id, section)| account(id, section, &builds, chosen, overrides));
    let accounts = accounts.collect::<Result<Vec<_>, _>>()?;
    require_under_test(&root, &accounts)?;
    let actors = actors(&root, &names)?;
    let mut invariants = settings::invariants(&root, &names)?;
    let build_names: Vec<_> = builds.keys().copied().collect();
    Ok(Target {
        declarations: declared::declarations(&root, &accounts)?,
        goals: goals::goals(&root, &accounts)?,
        allowances: declared::allowances(&root, &mut invariants)?,
        expect: settings::expect(&root, &build_names, &mut invariants)?,
        name: name(&root, file)?,
        description: root.field("description").map_or(Ok(""), Field::text)?.to_owned(),
        file: file.to_owned(),
        build: chosen.map(str::to_owned),
        builds: builds.keys().map(|name| (*name).to_owned()).collect(),
        clock: settings::clock(&root)?,
        setup: root
            .sections("setup")?
            .iter()
            .map(|section| setup(section, &accounts))
            .collect::<Result<_, _>>()?,
        methods: methods(&root, &accounts, &actors)?,
        invariants,
        limits: settings::limits(&root)?,
        faults_off: settings::faults_off(&root)?,
        words: words(&accounts),
        accounts,
        actors,
    })
}

fn name(root: &Section<'_>, file: &Path) -> Result<String, Error> {
    if let Some(field) = root.field("name") {
        let name = field.text()?;
        let plain = name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
        return if plain && !name.is_empty() {
            Ok(name.to_owned())
        } else {
            Err(field.error("becomes a folder's name", "use only letters, digits, `-` and `_`"))
        };
    }
    let folder = file
        .canonicalize()
        .ok()
        .and_then(|file| Some(file.parent()?.file_name()?.to_string_lossy().into_owned()));
    Ok(folder.unwrap_or_else(|| "target".to_owned()))
}

/// Each `[[account]]` with its id; no id comes twice.
fn account_sections<'d>(root: &Section<'d>) -> Result<Vec<(AccountId, Section<'d>)>, Error> {
    let mut accounts: Vec<(AccountId, Section<'d>)> = Vec::new();
    for section in root.sections("account")? {
        section.only(ACCOUNT_FIELDS)?;
        let field = section.required("id", "\"vault.near\"")?;
        let id = field.account_id()?;
        if let Some((_, first)) = accounts.iter().find(|(known, _)| *known == id) {
            let problem = format!("is \"{id}\", which line {} declares already", first.line());
            return Err(field.error(problem, "remove one of the two, or give it another id"));
        }
        accounts.push((id, section));
    }
    Ok(accounts)
}

fn account(
    id: &AccountId,
    section: &Section<'_>,
    builds: &Builds<'_>,
    chosen: Option<&str>,
    overrides: &[ContractOverride],
) -> Result<Account, Error> {
    let built = chosen.and_then(|name| builds.get(name)?.get(id));
    let own = section.field("contract");
    let says_puppet = matches!(&own, Some(field) if field.is_text() && field.text()? == PUPPET);
    let contract = match (
        overrides.iter().rfind(|option| option.account == *id),
        built,
        own.filter(|_| !says_puppet),
    ) {
        (Some(option), _, _) => Some(wasm::from_option(option)?),
        (None, Some(field), _) | (None, None, Some(field)) => Some(wasm::from_field(field)?),
        (None, None, None) => None,
    };
    let under_test = section.field("under-test").map_or(Ok(false), Field::boolean)?;
    if under_test && contract.is_none() {
        let cure = format!(
            "add `contract = \"file.wasm\"` here, or `\"{id}\" = \"file.wasm\"` under [builds.NAME]"
        );
        return Err(section.error("is under test but has no contract", cure));
    }
    let balance = section.required("balance", "\"100 NEAR\"")?.balance()?;
    let state = section.field("state").map(wasm::state).transpose()?;
    let puppet = says_puppet && contract.is_none();
    let (trusted, answers) = played::read(section, puppet)?;
    Ok(Account {
        id: id.clone(),
        balance,
        contract,
        puppet,
        trusted,
        answers,
        state,
        under_test,
        line: section.line(),
    })
}

fn check_overrides(overrides: &[ContractOverride], accounts: &[&str]) -> Result<(), Error> {
    match overrides.iter().find(|option| !accounts.contains(&option.account.as_str())) {
        Some(option) => Err(Error::Option {
            option: option.option(),
            problem: "names an account that this target does not have".to_owned(),
            cure: cure_for_name(option.account.as_str(), "accounts", accounts),
        }),
        None => Ok(()),
    }
}

fn require_under_test(root: &Section<'_>, accounts: &[Account]) -> Result<(), Error> {
    if accounts.is_empty() {
        return Err(root.error(
            "has no accounts",
            "add an [[account]] for each account, with `id` and `balance`",
        ));
    }
    if accounts.iter().any(|account| account.under_test) {
        Ok(())
    } else {
        Err(root.error(
            "has no account under test",
            "add `under-test = true` to an [[account]] with a contract",
        ))
    }
}

/// An id that one of the names has.
pub(super) fn known_account(field: &Field<'_>, names: &[&str]) -> Result<AccountId, Error> {
    let text = field.text()?;
    if !names.contains(&text) {
        return Err(field.error(
            format!("is \"{text}\", an unknown account"),
            cure_for_name(text, "accounts", names),
        ));
    }
    field.account_id()
}

/// An account that has a contract.
pub(super) fn known_contract(field: &Field<'_>, accounts: &[Account]) -> Result<AccountId, Error> {
    let names: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
    let id = known_account(field, &names)?;
    let callable = |account: &Account| account.contract.is_some() || account.puppet;
    if accounts.iter().any(|account| account.id == id && callable(account)) {
        Ok(id)
    } else {
        Err(field.error(
            format!("is \"{id}\", which has no contract"),
            "give its [[account]] a `contract`",
        ))
    }
}

fn actors(root: &Section<'_>, names: &[&str]) -> Result<Vec<Actor>, Error> {
    let mut actors: Vec<Actor> = Vec::new();
    for section in root.sections("actor")? {
        section.only(&["id", "role"])?;
        let field = section.required("id", "\"alice.near\"")?;
        let id = known_account(field, names)?;
        if actors.iter().any(|actor| actor.id == id) {
            return Err(field
                .error(format!("is \"{id}\", who is an actor already"), "remove one of the two"));
        }
        actors.push(Actor { id, role: role(&section)? });
    }
    if actors.is_empty() {
        Err(root.error(
            "has no actors",
            "add an [[actor]] with the `id` of an account that signs operations",
        ))
    } else {
        Ok(actors)
    }
}

fn role(section: &Section<'_>) -> Result<Role, Error> {
    let Some(field) = section.field("role") else { return Ok(Role::User) };
    match field.text()? {
        "user" => Ok(Role::User),
        "attacker" => Ok(Role::Attacker),
        "privileged" => Ok(Role::Privileged),
        other => Err(field
            .error(format!("is \"{other}\""), "write \"user\", \"attacker\" or \"privileged\"")),
    }
}

fn setup(section: &Section<'_>, accounts: &[Account]) -> Result<Setup, Error> {
    section.only(SETUP_FIELDS)?;
    let wait = section.field("wait").map_or(Ok(Duration::ZERO), Field::duration)?;
    if !wait.is_zero() && section.first_of(&SETUP_FIELDS[1..]).is_none() {
        return Ok(Setup { action: SetupAction::Wait(wait), line: section.line() });
    }
    let names: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
    let arguments = match (section.field("args"), section.field("args-base64")) {
        (Some(_), Some(second)) => return Err(templates::exclusive(second)),
        (None, Some(field)) => Arguments::Bytes(templates::bytes(field)?),
        (Some(field), None) => Arguments::Json(field.json()?),
        (None, None) => Arguments::Json(Value::Object(serde_json::Map::new())),
    };
    let operation = Operation {
        signer: known_account(section.required("signer", "\"alice.near\"")?, &names)?,
        receiver: known_contract(section.required("receiver", "\"vault.near\"")?, accounts)?,
        method: method_name(section.required("method", "\"new\"")?)?,
        arguments,
        deposit: section
            .field("deposit")
            .map_or(Ok(NearToken::from_yoctonear(0)), Field::balance)?,
        gas: section.field("gas").map_or(Ok(USUAL_GAS), Field::gas)?,
        through: None,
        wait,
    };
    Ok(Setup { action: SetupAction::Call(Box::new(operation)), line: section.line() })
}

pub(super) fn method_name(field: &Field<'_>) -> Result<String, Error> {
    method_name_of(field.text()?, field)
}

/// A name that a field gives, or that it has.
pub(super) fn method_name_of(name: &str, field: &Field<'_>) -> Result<String, Error> {
    if name.is_empty() || name.len() > 256 {
        Err(field.error(
            "is no method's name",
            "write the name of an exported function, at most 256 bytes",
        ))
    } else {
        Ok(name.to_owned())
    }
}

fn methods(
    root: &Section<'_>,
    accounts: &[Account],
    actors: &[Actor],
) -> Result<Vec<Method>, Error> {
    let sections = root.sections("method")?;
    let methods = sections
        .iter()
        .map(|section| method(section, accounts, actors))
        .collect::<Result<Vec<_>, _>>()?;
    if methods.iter().any(|method| method.weight_in_cases() > 0) {
        Ok(methods)
    } else {
        Err(root.error("has no method to call", "add a [[method]] with `contract` and `name`"))
    }
}

fn method(section: &Section<'_>, accounts: &[Account], actors: &[Actor]) -> Result<Method, Error> {
    section.only(METHOD_FIELDS)?;
    let default_gas = || Amounts::OneOf(vec![u128::from(USUAL_GAS.as_gas())]);
    let deposit = section.field("deposit");
    let gas = section.field("gas");
    let all = method_actors(section, actors)?;
    let (privileged, actors) = all.into_iter().partition(|id| is_privileged(actors, id));
    Ok(Method {
        contract: known_contract(section.required("contract", "\"vault.near\"")?, accounts)?,
        name: method_name(section.required("name", "\"withdraw\"")?)?,
        actors,
        privileged,
        parameters: templates::parameters(section)?,
        deposit: deposit.map_or(Ok(Amounts::OneOf(vec![0])), |field| {
            templates::amounts(field, |amount| {
                amount.balance().map(|balance| balance.as_yoctonear())
            })
        })?,
        gas: gas.map_or(Ok(default_gas()), |field| {
            templates::amounts(field, |amount| amount.gas().map(|gas| u128::from(gas.as_gas())))
        })?,
        weight: section.field("weight").map_or(Ok(1), |field| field.count(0, 1000))?,
        line: section.line(),
    })
}

fn is_privileged(actors: &[Actor], id: &AccountId) -> bool {
    actors.iter().any(|actor| actor.id == *id && actor.role == Role::Privileged)
}

fn method_actors(section: &Section<'_>, actors: &[Actor]) -> Result<Vec<AccountId>, Error> {
    let Some(field) = section.field("actors") else {
        return Ok(actors.iter().map(|actor| actor.id.clone()).collect());
    };
    let names: Vec<_> = actors.iter().map(|actor| actor.id.as_str()).collect();
    let actor = |item: &Field<'_>| {
        let text = item.text()?;
        let found = actors.iter().find(|actor| actor.id.as_str() == text);
        let unknown = || {
            item.error(
                format!("names \"{text}\", who is no actor"),
                cure_for_name(text, "actors", &names),
            )
        };
        found.map(|actor| actor.id.clone()).ok_or_else(unknown)
    };
    let actors = field.items()?.iter().map(actor).collect::<Result<Vec<_>, _>>()?;
    if actors.is_empty() {
        Err(field
            .error("is an empty list", "name at least one actor, or leave it out to allow all"))
    } else {
        Ok(actors)
    }
}
