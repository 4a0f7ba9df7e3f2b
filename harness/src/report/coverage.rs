//! What a campaign reaches of its target, for a terminal and as a page.
//!
//! Names and texts were written by whoever made the contract: all of it is made harmless.

use std::fmt::Write as _;

use super::{escape_html, html_page};
use crate::analysis::coverage_report::{
    ContractCoverage, CoverageReport, Function, MethodCoverage,
};

/// How many named functions a terminal gets.
const MOST_FUNCTIONS: usize = 40;

/// How much of one name or text a terminal gets.
const MOST_LETTERS: usize = 160;

/// The report as a person reads it.
#[must_use]
pub fn coverage(report: &CoverageReport) -> String {
    let mut out = String::new();
    write_report(&mut out, report).expect("memory takes it");
    out.truncate(out.trim_end().len());
    out
}

fn harmless(text: &str) -> String {
    super::harmless(text, MOST_LETTERS)
}

fn write_report(out: &mut String, report: &CoverageReport) -> std::fmt::Result {
    writeln!(out, "{} cases", report.executions)?;
    for contract in &report.contracts {
        writeln!(out, "\n{} ({}): {}", contract.account, role(contract), summary(contract))?;
        writeln!(out, "  {:<32} {:>9} {:>9} {:>9}", "method", "calls", "succeeded", "forced")?;
        for method in shown(contract) {
            let MethodCoverage { calls, succeeded, forced, .. } = method;
            let name = harmless(&method.name);
            writeln!(out, "  {name:<32} {calls:>9} {succeeded:>9} {forced:>9}")?;
            for (error, count) in by_count(method) {
                writeln!(out, "      {count:>6} × {}", harmless(error))?;
            }
        }
        for problem in problems(contract) {
            writeln!(out, "  ! {}", harmless(&problem))?;
        }
        write_functions(out, contract)?;
    }
    Ok(())
}

fn write_functions(out: &mut String, contract: &ContractCoverage) -> std::fmt::Result {
    let named = contract.functions.iter().filter(|function| function.name.is_some());
    let named: Vec<_> = named.filter(|function| function.blocks > 0).collect();
    if named.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {:<62} {:>9} {:>7}", "function", "reached", "of")?;
    for function in named.iter().take(MOST_FUNCTIONS) {
        let name: String = harmless(name(function)).chars().take(62).collect();
        writeln!(out, "  {name:<62} {:>9} {:>7}", function.reached, function.blocks)?;
    }
    let nameless = contract.functions.len() - named.len();
    let more = named.len().saturating_sub(MOST_FUNCTIONS);
    writeln!(out, "  and {more} more with a name, {nameless} without")
}

/// Those that the target calls or that were called.
fn shown(contract: &ContractCoverage) -> impl Iterator<Item = &MethodCoverage> {
    contract.methods.iter().filter(|method| method.calls > 0 || method.listed)
}

fn name(function: &Function) -> &str {
    function.name.as_deref().unwrap_or("(no name)")
}

fn role(contract: &ContractCoverage) -> &'static str {
    if contract.under_test { "under test" } else { "outside" }
}

fn summary(contract: &ContractCoverage) -> String {
    let (reached, blocks) = contract.blocks();
    if blocks == 0 {
        return "it runs without coverage".to_owned();
    }
    let entered = contract.functions.iter().filter(|function| function.reached > 0).count();
    let permille = reached * 1_000 / blocks;
    format!(
        "{reached} of {blocks} straight runs of code ({}.{} %), {entered} of {} functions",
        permille / 10,
        permille % 10,
        contract.functions.len()
    )
}

fn by_count(method: &MethodCoverage) -> Vec<(&String, u64)> {
    let mut errors: Vec<_> = method.errors.iter().map(|(text, count)| (text, *count)).collect();
    errors.sort_by(|(_, one), (_, other)| other.cmp(one));
    errors
}

/// What to mend in the target first.
fn problems(contract: &ContractCoverage) -> Vec<String> {
    let failing = shown(contract).filter(|method| method.succeeded == 0).map(|method| {
        let why = by_count(method).first().map_or_else(
            || "it was never called".to_owned(),
            |(error, _)| format!("most often: {error}"),
        );
        format!("{} never succeeded; {why}", method.name)
    });
    let unlisted = contract.methods.iter().filter(|method| method.calls == 0 && !method.listed);
    let unlisted: Vec<_> = unlisted.map(|method| method.name.as_str()).collect();
    let mut problems: Vec<_> = failing.collect();
    if contract.under_test && !unlisted.is_empty() {
        problems.push(format!("never called, and no [[method]]: {}", unlisted.join(", ")));
    }
    problems
}

/// The report as one page that needs nothing else.
#[must_use]
pub fn coverage_html(target: &str, report: &CoverageReport) -> String {
    let mut out = String::new();
    write_html(&mut out, target, report).expect("memory takes it");
    html_page(&format!("Coverage of {target}"), &out)
}

fn write_html(out: &mut String, target: &str, report: &CoverageReport) -> std::fmt::Result {
    let text = escape_html;
    writeln!(out, "<h1>Coverage of {}</h1><p>{} cases</p>", text(target), report.executions)?;
    super::heat::heat_map(out, report)?;
    for contract in &report.contracts {
        let (account, role) = (&contract.account, role(contract));
        writeln!(out, "<h2>{account} ({role})</h2><p>{}</p>", text(&summary(contract)))?;
        for problem in problems(contract) {
            writeln!(out, "<p><b>{}</b></p>", text(&problem))?;
        }
        writeln!(
            out,
            "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th>method<th class=\"n\">calls<th class=\"n\">succeeded<th class=\"n\">made to fail<th>failures</tr></thead><tbody>"
        )?;
        for method in shown(contract) {
            let MethodCoverage { calls, succeeded, forced, .. } = method;
            let name = text(&method.name);
            write!(
                out,
                "<tr><td><code>{name}</code><td class=\"n\" data-label=\"calls\">{calls}<td class=\"n\" data-label=\"succeeded\">{succeeded}<td class=\"n\" data-label=\"made to fail\">{forced}<td>"
            )?;
            for (error, count) in by_count(method) {
                write!(out, "{count} × {}<br>", text(error))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody></table></div>")?;
        functions(out, contract)?;
    }
    Ok(())
}

/// All functions, folded away: there are hundreds.
fn functions(out: &mut String, contract: &ContractCoverage) -> std::fmt::Result {
    writeln!(
        out,
        "<details><summary>Functions</summary><table><thead><tr><th>function<th class=\"n\">reached<th class=\"n\">of</tr></thead><tbody>"
    )?;
    for function in contract.functions.iter().filter(|function| function.blocks > 0) {
        let (name, reached) = (escape_html(name(function)), function.reached);
        writeln!(
            out,
            "<tr><td><code>{name}</code><td class=\"n\">{reached}<td class=\"n\">{}</tr>",
            function.blocks
        )?;
    }
    writeln!(out, "</tbody></table></details>")
}
