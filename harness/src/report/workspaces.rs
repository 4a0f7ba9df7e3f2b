//! A finding as a test for near-workspaces, which runs a real node: as much of it as a sandbox allows.
//!
//! A sandbox decides itself in which order receipts run and lets nothing fail that would not; the test
//! says which parts it cannot stage.

use std::fmt::Write as _;
use std::path::Path;

use super::rust::{comment, literal, name};
use super::title;
use crate::chain::Clock;
use crate::finding::Finding;
use crate::finding::story::{Difference, Story};
use crate::scenario::Operation;
use crate::targets::{Account, SetupAction, Target};
use crate::types::{AccountId, Duration, NearToken, duration};

/// How far a balance may differ from the serial run's without meaning anything: rewards for gas do.
const TOLERANCE_YOCTO: u128 = 10u128.pow(22);

const HEAD: &str = r#"use near_workspaces::types::{KeyType, NearToken, SecretKey};
use near_workspaces::{AccessKey, Account, AccountDetailsPatch, Worker, network::Sandbox};

/// Puts an account into the sandbox under its own name.
async fn account(worker: &Worker<Sandbox>, id: &str, yocto: u128) -> anyhow::Result<Account> {
    let id = id.parse()?;
    let key = SecretKey::from_seed(KeyType::ED25519, "interloper");
    let details = AccountDetailsPatch::default().balance(NearToken::from_yoctonear(yocto));
    worker
        .patch(&id)
        .account(details.storage_usage(182))
        .access_key(key.public_key(), AccessKey::full_access())
        .transact()
        .await?;
    Ok(Account::from_secret_key(id, key, worker))
}
"#;

/// The test, with the target's accounts and set-up in it.
#[must_use]
pub fn workspaces_test(finding: &Finding, target: &Target) -> String {
    let mut out = String::new();
    file(&mut out, finding, target).expect("memory takes it");
    out
}

fn file(out: &mut String, finding: &Finding, target: &Target) -> std::fmt::Result {
    writeln!(
        out,
        "//! {}: {}\n//!\n//! Written by `interloper report --format workspaces`. Needs near-workspaces, tokio, anyhow.",
        comment(&title(finding)),
        comment(&finding.violation.summary)
    )?;
    limits(out, finding)?;
    writeln!(out, "\n{HEAD}")?;
    writeln!(out, "#[tokio::test]\nasync fn {}() -> anyhow::Result<()> {{", name(finding))?;
    writeln!(out, "    let worker = near_workspaces::sandbox().await?;")?;
    for (index, account) in target.accounts.iter().enumerate() {
        stage(out, index, account)?;
    }
    writeln!(out, "\n    // What is done before every case.")?;
    for setup in &target.setup {
        match &setup.action {
            SetupAction::Call(operation) => alone(out, target, operation, ".into_result()?")?,
            SetupAction::Wait(duration) => wait(out, *duration)?,
        }
    }
    if !finding.scenario.history.is_empty() {
        writeln!(out, "\n    // What ran before the case.")?;
    }
    for operation in finding.scenario.history.iter() {
        alone(out, target, operation, "")?;
    }
    operations(out, finding, target)?;
    check(out, finding, target)?;
    writeln!(out, "    Ok(())\n}}")
}

/// What the sandbox will not do.
fn limits(out: &mut String, finding: &Finding) -> std::fmt::Result {
    if finding.powers.is_empty() {
        return Ok(());
    }
    writeln!(out, "//!\n//! A sandbox cannot stage all that this takes:")?;
    for power in &finding.powers {
        writeln!(out, "//! - {}", power.describe())?;
    }
    for fault in &finding.scenario.faults {
        writeln!(
            out,
            "//! - receipt {} is made to fail: let the called contract fail",
            fault.receipt
        )?;
    }
    writeln!(
        out,
        "//!\n//! Operations are sent without waiting for each other; the node decides what comes first.\n\
         //! `interloper replay` runs exactly what was found."
    )
}

fn variable(target: &Target, id: &AccountId) -> String {
    let index = target.accounts.iter().position(|account| account.id == *id).unwrap_or(0);
    format!("account_{index}")
}

fn stage(out: &mut String, index: usize, account: &Account) -> std::fmt::Result {
    writeln!(
        out,
        "    let account_{index} = account(&worker, {}, {}).await?;",
        literal(account.id.as_str()),
        account.balance.as_yoctonear()
    )?;
    match &account.contract {
        Some(contract) => writeln!(
            out,
            "    account_{index}.deploy(&std::fs::read({})?).await?.into_result()?;",
            path(&contract.file)
        ),
        None => Ok(()),
    }
}

fn path(file: &Path) -> String {
    literal(&file.display().to_string())
}

/// Lets blocks pass. A sandbox makes them faster than one a second, but each of them still counts.
fn wait(out: &mut String, duration: Duration) -> std::fmt::Result {
    if duration.is_zero() {
        return Ok(());
    }
    writeln!(out, "    // This waits for {}.", duration::text(duration))?;
    writeln!(out, "    worker.fast_forward({}).await?;", Clock::blocks_in(duration))
}

/// A call that ends before the next one starts, and what to do with its result.
fn alone(out: &mut String, target: &Target, operation: &Operation, then: &str) -> std::fmt::Result {
    wait(out, operation.wait)?;
    writeln!(out, "    {}.transact().await?{then};", call(target, operation, "        "))
}

fn call(target: &Target, operation: &Operation, indent: &str) -> String {
    let arguments = operation.arguments.bytes();
    let arguments = match std::str::from_utf8(&arguments) {
        Ok(text) => format!("{}.into()", literal(text)),
        Err(_) => format!("vec!{arguments:?}"),
    };
    format!(
        "{}\n{indent}.call({}.id(), {})\n{indent}.args({arguments})\n{indent}.deposit(NearToken::from_yoctonear({}))\n{indent}.gas(near_workspaces::types::Gas::from_gas({}))\n{indent}",
        variable(target, &operation.signer),
        variable(target, &operation.receiver),
        literal(&operation.method),
        operation.deposit.as_yoctonear(),
        operation.gas.as_gas()
    )
}

/// All operations on their way before the first result is asked for.
fn operations(out: &mut String, finding: &Finding, target: &Target) -> std::fmt::Result {
    writeln!(out, "\n    // The case.")?;
    let longest = finding.scenario.operations.iter().map(|operation| operation.wait).max();
    wait(out, longest.unwrap_or_default())?;
    writeln!(out, "    let sent = [")?;
    for operation in &finding.scenario.operations {
        writeln!(
            out,
            "        {}.transact_async().await?,",
            call(target, operation, "            ")
        )?;
    }
    writeln!(
        out,
        "    ];\n    for transaction in sent {{\n        println!(\"{{:#?}}\", transaction.await?);\n    }}"
    )
}

/// For money that went missing: no contract under test has less than after the serial run. For all
/// else, the rule in words: a person knows how to ask the contract.
fn check(out: &mut String, finding: &Finding, target: &Target) -> std::fmt::Result {
    writeln!(out, "\n    // {}", comment(&finding.rule))?;
    let mut checked = false;
    for account in target.under_test() {
        let Some(least) = least(&finding.story, &account.id) else { continue };
        checked = true;
        let name = variable(target, &account.id);
        writeln!(
            out,
            "    let balance = {name}.view_account().await?.balance.as_yoctonear();\n    \
             assert!(balance >= {least}, \"{{}} has only {{balance}}\", {name}.id());"
        )?;
    }
    if !checked {
        writeln!(out, "    // Found: {}", comment(&finding.violation.summary))?;
        writeln!(out, "    // Ask the contract here for what that says.")?;
    }
    Ok(())
}

/// What an account has after the serial run, where it ended with noticeably less.
fn least(story: &Story, account: &AccountId) -> Option<u128> {
    let beside = story.beside.as_ref().filter(|b| b.difference == Difference::Serial)?;
    let after = |balances: &[crate::finding::story::Balance]| -> Option<NearToken> {
        balances.iter().find(|balance| balance.account == *account)?.after
    };
    let serial = after(&beside.course.balances)?.as_yoctonear();
    let here = after(&story.course.balances)?.as_yoctonear();
    let least = serial.saturating_sub(TOLERANCE_YOCTO);
    (here < least).then_some(least)
}
