//! What ran in which window, as a table whose cells are the darker the more often that was.
//!
//! Names were written by whoever made the contract: all of them are escaped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::escape_html;
use crate::analysis::coverage_report::CoverageReport;
use crate::campaign::windows::{Intruder, WindowKind};

/// How often, and what had happened to the window's outside calls.
type Counts = BTreeMap<String, u64>;

/// The table; nothing where no window was seen.
pub(super) fn heat_map(out: &mut String, report: &CoverageReport) -> std::fmt::Result {
    let cells: BTreeMap<(&WindowKind, &Intruder), &Counts> = report
        .windows
        .cells()
        .map(|(window, intruder, counts)| ((window, intruder), counts))
        .chain(report.untried.iter().map(|(window, intruder)| ((window, intruder), NEVER)))
        .collect();
    let windows: BTreeSet<_> = cells.keys().map(|(window, _)| *window).collect();
    let intruders: BTreeSet<_> = cells.keys().map(|(_, intruder)| *intruder).collect();
    writeln!(out, "<h2>What ran in which window</h2>")?;
    if windows.is_empty() {
        return writeln!(out, "<p>No call of a contract under test got a callback.</p>");
    }
    writeln!(
        out,
        "<p class=\"faint\">How often each method of others ran between a call and its callback.</p>"
    )?;
    let most = cells.values().map(|counts| counts.values().sum()).max().unwrap_or(0);
    write!(out, "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th>Window")?;
    for intruder in &intruders {
        write!(out, "<th class=\"n\">{}", escape_html(&intruder.to_string()))?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for window in windows {
        write!(out, "<tr><td>{}", escape_html(&window.to_string()))?;
        for intruder in &intruders {
            cell(out, cells.get(&(window, *intruder)).copied().unwrap_or(NEVER), most)?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

const NEVER: &Counts = &BTreeMap::new();

fn cell(out: &mut String, counts: &Counts, most: u64) -> std::fmt::Result {
    let count: u64 = counts.values().sum();
    if count == 0 {
        return write!(out, "<td class=\"n loss\">never");
    }
    let words: Vec<_> = counts.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
    write!(
        out,
        "<td class=\"n\" style=\"--heat:.{:02}\" title=\"{}\">{count}",
        heat(count, most),
        escape_html(&words.join(", "))
    )
}

/// How dark, from 5 to 60: by the length of the number, since most numbers are small.
fn heat(count: u64, most: u64) -> u32 {
    let length = |number: u64| number.max(1).ilog2() + 1;
    5 + 55 * length(count) / length(most).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_darker_and_nothing_is_black() {
        let shades: Vec<_> = [1, 2, 10, 1_000, u64::MAX].map(|n| heat(n, u64::MAX)).to_vec();
        assert!(shades.is_sorted() && shades[0] >= 5 && shades[4] == 60, "{shades:?}");
        assert_eq!(heat(0, 0), 60);
    }
}
