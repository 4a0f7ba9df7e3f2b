//! The tables of a finding's page: balances, state, and everything that ran.
//!
//! Never cuts an amount.

use std::fmt::Write as _;

use super::{escape, escape_lines};
use crate::finding::story::{Course, Difference, End, Moment, StateChange, Story};
use crate::report::amount::{change, near};
use crate::report::tree::{act, ending, heard};
use crate::types::{AccountId, NearToken};

fn beside_name(story: &Story) -> Option<&'static str> {
    story.beside.as_ref().map(|beside| match beside.difference {
        Difference::Serial => "one after the other",
        Difference::NoFaults => "nothing made to fail",
    })
}

/// Money of every account that gained or lost any, here and in the course beside.
pub(super) fn balances(out: &mut String, story: &Story) -> std::fmt::Result {
    let beside = story.beside.as_ref().map(|beside| &beside.course);
    let courses = std::iter::once(&story.course).chain(beside);
    let mut accounts: Vec<&AccountId> =
        courses.flat_map(|course| &course.balances).map(|balance| &balance.account).collect();
    accounts.sort();
    accounts.dedup();
    writeln!(
        out,
        "<h2>Balances</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Account<th class=\"n\">Before<th class=\"n\">After<th class=\"n\">Change"
    )?;
    if let Some(name) = beside_name(story) {
        writeln!(out, "<th class=\"n\">Change, {name}")?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for account in accounts {
        let none = NearToken::from_yoctonear(0);
        let of = |course: &Course| {
            let found = course.balances.iter().find(|balance| balance.account == *account);
            found.map(|b| (b.before.unwrap_or(none), b.after.unwrap_or(none)))
        };
        let known = of(&story.course).or_else(|| beside.and_then(of).map(|(b, _)| (b, b)));
        let Some((before, after)) = known else { continue };
        write!(
            out,
            "<tr><td><code>{account}</code><td class=\"n\" data-label=\"Before\">{}<td class=\"n\" data-label=\"After\">{}<td class=\"n\" data-label=\"Change\">{}",
            near(before),
            near(after),
            sign(before, after)
        )?;
        if let Some(course) = beside {
            let (before, after) = of(course).unwrap_or((before, before));
            let name = beside_name(story).unwrap_or_default();
            let change = sign(before, after);
            write!(out, "<td class=\"n\" data-label=\"Change, {name}\">{change}")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn sign(before: NearToken, after: NearToken) -> String {
    let class = match after.cmp(&before) {
        std::cmp::Ordering::Less => "loss",
        std::cmp::Ordering::Equal => "faint",
        std::cmp::Ordering::Greater => "gain",
    };
    format!("<span class=\"{class}\">{}</span>", change(before, after))
}

/// State that changed, here and in the course beside.
pub(super) fn state(out: &mut String, story: &Story) -> std::fmt::Result {
    let beside = story.beside.as_ref().map(|beside| &beside.course);
    let courses = std::iter::once(&story.course).chain(beside);
    let mut keys: Vec<(&AccountId, &str)> = courses
        .flat_map(|course| &course.state)
        .map(|change| (&change.account, change.key.as_str()))
        .collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>State</h2>\n<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>Key<th>Before<th>After"
    )?;
    if let Some(name) = beside_name(story) {
        writeln!(out, "<th>After, {name}")?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for (account, key) in keys {
        let of = |course: &'_ Course| -> Option<StateChange> {
            let same = |change: &&StateChange| change.account == *account && change.key == key;
            course.state.iter().find(same).cloned()
        };
        let (here, there) = (of(&story.course), beside.and_then(of));
        let before = here.as_ref().or(there.as_ref()).and_then(|change| change.before.clone());
        let after = here.map_or_else(|| before.clone(), |change| change.after);
        write!(
            out,
            "<tr><td class=\"key\"><code>{account}</code> <code>{}</code><td data-label=\"Before\">{}<td data-label=\"After\">{}",
            escape(key),
            value(before.as_deref()),
            value(after.as_deref())
        )?;
        if beside.is_some() {
            let after = there.map_or_else(|| before.clone(), |change| change.after);
            let name = beside_name(story).unwrap_or_default();
            write!(out, "<td data-label=\"After, {name}\">{}", value(after.as_deref()))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn value(value: Option<&str>) -> String {
    let Some(value) = value else { return "<span class=\"faint\">nothing</span>".to_owned() };
    let amount = amount(value).map_or(String::new(), |amount| {
        format!("<br><span class=\"faint\">{} as an amount</span>", near(amount))
    });
    format!("<code class=\"value\">{}</code>{amount}", escape(value))
}

/// Sixteen bytes are most often an amount, and hard to read as bytes.
fn amount(value: &str) -> Option<NearToken> {
    let digits = value.strip_prefix("0x").filter(|digits| digits.len() == 32)?;
    let mut bytes = [0; 16];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(NearToken::from_yoctonear(u128::from_le_bytes(bytes)))
}

/// Everything that ran, with arguments and logs.
pub(super) fn moments(out: &mut String, course: &Course) -> std::fmt::Result {
    writeln!(out, "<details><summary>Every receipt, with arguments and logs</summary>")?;
    writeln!(
        out,
        "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th class=\"n\">Block<th>Receipt<th>From → to<th>What<th>Result</tr></thead><tbody>"
    )?;
    for moment in &course.moments {
        row(out, moment)?;
    }
    writeln!(out, "</tbody></table></div></details>")
}

fn row(out: &mut String, moment: &Moment) -> std::fmt::Result {
    let acts: Vec<_> = moment.acts.iter().map(|each| escape(&act(each))).collect();
    let what = if moment.transaction { "signs".to_owned() } else { acts.join("<br>") };
    let failed = matches!(moment.end, End::Failure { .. });
    let class = if failed { "loss" } else { "" };
    writeln!(
        out,
        "<tr><td class=\"n\" data-label=\"Block\">{}<td data-label=\"Receipt\">{}<td>{} → {}<td><code>{what}</code>{}<td class=\"{class}\"><code>{}</code>",
        moment.block,
        moment.name,
        moment.from,
        moment.account,
        escape(&heard(moment)),
        escape(&ending(&moment.end))
    )?;
    if !moment.logs.is_empty() {
        let logs: Vec<_> = moment.logs.iter().map(|log| escape_lines(log)).collect();
        writeln!(out, "<pre>{}</pre>", logs.join("\n"))?;
    }
    writeln!(out, "</tr>")
}
