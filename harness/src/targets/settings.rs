//! Reads `[limits]`, `[invariants]` and `[expect]` out of `target.toml`.
//!
//! Never knows which invariants there are: [`Target::check_invariants`](crate::targets::Target::check_invariants) is told.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Field, Section};
use super::{InvariantSettings, Invariants, Limits};
use crate::adversary::FaultKind;
use crate::chain::Clock;
use crate::scenario::{Error, cure_for_name};
use crate::types::duration;

/// A case with more operations is none that a person could follow.
const MAX_OPERATIONS: u32 = 16;

/// `[limits]`.
pub(super) fn limits(root: &Section<'_>) -> Result<Limits, Error> {
    let mut limits = Limits::default();
    let Some(field) = root.field("limits") else { return Ok(limits) };
    let section = field.section()?;
    section.only(&["operations", "receipts"])?;
    if let Some(field) = section.field("operations") {
        limits.operations = field.count(1, MAX_OPERATIONS)?;
    }
    if let Some(field) = section.field("receipts") {
        limits.receipts = field.count(1, 100_000)?;
    }
    Ok(limits)
}

/// `[world]`: where the chain's clock starts, and how long its epochs are.
pub(super) fn clock(root: &Section<'_>) -> Result<Clock, Error> {
    let mut clock = Clock::RECENT;
    let Some(field) = root.field("world") else { return Ok(clock) };
    let section = field.section()?;
    section.only(&["time", "height", "epoch-length"])?;
    if let Some(field) = section.field("time") {
        clock.time = duration::parse_date(field.text()?)
            .map_err(|error| field.error(error.to_string(), "write the date in quotes, in UTC"))?;
    }
    if let Some(field) = section.field("height") {
        clock.height = field.count(1, u32::MAX)?.into();
    }
    if let Some(field) = section.field("epoch-length") {
        clock.epoch_length = field.count(1, u32::MAX)?.into();
    }
    Ok(clock)
}

/// `[adversary]`: the kinds of faults that are switched off.
pub(super) fn faults_off(root: &Section<'_>) -> Result<BTreeSet<String>, Error> {
    let Some(field) = root.field("adversary") else { return Ok(BTreeSet::new()) };
    let section = field.section()?;
    section.only(&["off"])?;
    let Some(field) = section.field("off") else { return Ok(BTreeSet::new()) };
    let name = |item: &Field<'_>| {
        let name = item.text()?;
        if FaultKind::NAMES.contains(&name) {
            return Ok(name.to_owned());
        }
        let cure = cure_for_name(name, "faults", FaultKind::NAMES);
        Err(item.error(format!("names `{name}`, which is no fault"), cure))
    };
    field.items()?.iter().map(name).collect()
}

/// `[invariants]`: `off`, `prefix`, and a table for each invariant that has settings.
pub(super) fn invariants(root: &Section<'_>, accounts: &[&str]) -> Result<Invariants, Error> {
    const FIELD: &str = "invariants";
    let Some(field) = root.field(FIELD) else { return Ok(Invariants::default()) };
    let (mut off, mut settings, mut places) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    let mut prefix = None;
    for (name, field) in field.section()?.into_members() {
        if name == "off" {
            for item in field.items()? {
                places.insert(item.text()?.to_owned(), (FIELD, item.line()));
                off.insert(item.text()?.to_owned());
            }
        } else if name == "prefix" {
            prefix = Some(check_prefix(&field)?);
        } else if field.is_table() {
            places.insert(name.to_owned(), (FIELD, field.line()));
            settings.insert(name.to_owned(), invariant_settings(&field, accounts)?);
        } else {
            let cure = format!(
                "write `off = [\"{name}\"]` to switch an invariant off, or [invariants.{name}] for its settings"
            );
            return Err(
                field.error("is neither `off` nor `prefix` nor the settings of an invariant", cure)
            );
        }
    }
    Ok(Invariants { off, prefix, settings, places })
}

/// `[expect]`: for each build the names of invariants. Their places go among those of `[invariants]`.
pub(super) fn expect(
    root: &Section<'_>,
    builds: &[&str],
    invariants: &mut Invariants,
) -> Result<BTreeMap<String, Vec<String>>, Error> {
    const FIELD: &str = "expect";
    let mut expect = BTreeMap::new();
    let Some(field) = root.field(FIELD) else { return Ok(expect) };
    for (build, field) in field.section()?.into_members() {
        if !builds.contains(&build) {
            let cure = cure_for_name(build, "builds", builds);
            return Err(field.error("is no build of this target", cure));
        }
        let mut names = Vec::new();
        for item in field.items()? {
            let name = item.text()?.to_owned();
            invariants.places.entry(name.clone()).or_insert((FIELD, item.line()));
            names.push(name);
        }
        expect.insert(build.to_owned(), names);
    }
    Ok(expect)
}

fn invariant_settings(field: &Field<'_>, accounts: &[&str]) -> Result<InvariantSettings, Error> {
    let section = field.section()?;
    section.only(&["ignore-keys"])?;
    let mut settings = InvariantSettings::default();
    let Some(field) = section.field("ignore-keys") else { return Ok(settings) };
    for (name, keys) in field.section()?.into_members() {
        if !accounts.contains(&name) {
            return Err(
                keys.error("names an unknown account", cure_for_name(name, "accounts", accounts))
            );
        }
        let account = name
            .parse()
            .map_err(|_| keys.error("is no account id", "name an account of this target"))?;
        let keys = keys.items()?.iter().map(state_key).collect::<Result<_, _>>()?;
        settings.ignore_keys.insert(account, keys);
    }
    Ok(settings)
}

/// What the names of views start with that must not fail.
fn check_prefix(field: &Field<'_>) -> Result<String, Error> {
    let text = field.text()?;
    if text.is_empty() {
        return Err(field.error("is empty and would mean every method", "write `invariant_`"));
    }
    Ok(text.to_owned())
}

/// A state key's prefix: text, or `hex:` and hexadecimal digits.
fn state_key(field: &Field<'_>) -> Result<Vec<u8>, Error> {
    let text = field.text()?;
    match text.strip_prefix("hex:") {
        None if text.is_empty() => Err(field
            .error("is empty and would ignore every key", "switch the invariant off with `off`")),
        None => Ok(text.as_bytes().to_vec()),
        Some(digits) => hex::decode(digits).map_err(|reason| {
            field.error(
                format!("is no hexadecimal text: {reason}"),
                "write two digits for each byte, as in \"hex:00ff\"",
            )
        }),
    }
}
