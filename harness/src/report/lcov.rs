//! Which lines of the sources ran, as lcov's tracefiles have it: editors and code forges show it.
//!
//! Never opens a source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::analysis::coverage_report::CoverageReport;

/// The tracefile; `None` where no contract tells of its sources.
#[must_use]
pub fn lcov(report: &CoverageReport) -> Option<String> {
    // Two accounts may have the same contract, and two contracts the same library.
    let mut files: BTreeMap<&str, BTreeMap<u32, u64>> = BTreeMap::new();
    for (file, lines) in report.contracts.iter().flat_map(|contract| &contract.sources) {
        let file = files.entry(file).or_default();
        for (line, hits) in lines {
            let known = file.entry(*line).or_default();
            *known = (*known).max(*hits);
        }
    }
    (!files.is_empty()).then(|| {
        let mut out = String::new();
        write_files(&mut out, &files).expect("memory takes it");
        out
    })
}

fn write_files(out: &mut String, files: &BTreeMap<&str, BTreeMap<u32, u64>>) -> std::fmt::Result {
    writeln!(out, "TN:")?;
    for (file, lines) in files {
        // A name with a line break would be read as two records.
        writeln!(out, "SF:{}", file.replace(char::is_control, ""))?;
        for (line, hits) in lines {
            writeln!(out, "DA:{line},{hits}")?;
        }
        let hit = lines.values().filter(|hits| **hits > 0).count();
        writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::coverage_report::ContractCoverage;
    use crate::campaign::windows::Windows;

    fn contract(lines: &[(u32, u64)]) -> ContractCoverage {
        let sources = [("src/a\nb.rs".to_owned(), lines.iter().copied().collect())].into();
        ContractCoverage {
            account: "a.near".parse().unwrap(),
            under_test: true,
            methods: Vec::new(),
            functions: Vec::new(),
            sources,
        }
    }

    #[test]
    fn the_same_file_of_two_contracts_is_one() {
        let contracts = vec![contract(&[(3, 0), (7, 2)]), contract(&[(3, 5)])];
        let report = |contracts| CoverageReport {
            executions: 1,
            contracts,
            windows: Windows::default(),
            untried: Vec::new(),
        };
        let expected = "TN:\nSF:src/ab.rs\nDA:3,5\nDA:7,2\nLF:2\nLH:2\nend_of_record\n";
        assert_eq!(lcov(&report(contracts)).as_deref(), Some(expected));
        assert_eq!(lcov(&report(Vec::new())), None);
    }
}
