//! `interloper report`: renders a finding, or a folder of findings, in another format.
//!
//! Never runs a case: a finding's file has all that is shown.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Found, Result, list, output};
use crate::finding::{self, Finding, Stored};
use crate::report::{self, FoundIn, Suite};
use crate::targets::Target;

/// A format for findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// The findings themselves: `docs/finding.schema.json` describes them.
    Json,
    /// A page without scripts, with a time line of each finding.
    Html,
    /// For an issue.
    Markdown,
    /// A Mermaid sequence diagram of each.
    Mermaid,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for CI.
    Junit,
    /// A Rust test that uses Interloper as a library.
    Rust,
    /// A Rust test for near-workspaces, of one finding.
    Workspaces,
}

/// Renders findings in another format: a page, text for an issue, a file for CI, a test.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 done, 2 error.

Examples:
  interloper report findings/vault-profit-1a2b3c4d.json
  interloper report findings --format html --output findings.html
  interloper report findings --format sarif --output findings.sarif
  interloper report findings/vault-profit-1a2b3c4d.json --format rust > tests/vault.rs")]
pub(super) struct Report {
    /// The file of a finding, or a folder of findings.
    findings: PathBuf,
    /// The output format.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The file to write [default: stdout].
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Report {
    pub(super) fn run(&self) -> Result {
        let findings = read(&self.findings)?;
        let files: Vec<_> = findings.iter().map(|(path, _)| path.display().to_string()).collect();
        let all = findings.iter().zip(&files);
        let all: Vec<_> =
            all.map(|((_, finding), file)| FoundIn { finding, file: Some(file) }).collect();
        let text = render(&all, self.format)?;
        match &self.output {
            None => output::result(text.trim_end_matches('\n')),
            Some(path) => write(path, &text)?,
        }
        Ok(Found::Nothing)
    }
}

fn read(path: &Path) -> Result<Vec<(PathBuf, Finding)>> {
    if path.is_dir() {
        return Ok(finding::read_all(path)?);
    }
    match finding::read(path)? {
        Stored::Finding(finding) => Ok(vec![(path.to_owned(), *finding)]),
        Stored::Scenario(_) => Err(format!(
            "{} is a case, not a finding\n  help: run it with `interloper replay`",
            path.display()
        )
        .into()),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text)
        .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

fn render(findings: &[FoundIn<'_>], format: Format) -> Result<String> {
    let each = |show: &dyn Fn(&FoundIn<'_>) -> String| {
        findings.iter().map(show).collect::<Vec<_>>().join("\n")
    };
    Ok(match format {
        Format::Text => each(&|found| {
            let all = findings.iter().map(|found| found.finding);
            report::text_among(found.finding, found.file, all)
        }),
        Format::Json if findings.len() == 1 => finding::to_json(findings[0].finding),
        Format::Json => {
            let all: Vec<_> =
                findings.iter().map(|found| finding::to_json(found.finding)).collect();
            format!("[\n{}]\n", all.join(","))
        }
        Format::Html => report::html(findings),
        Format::Markdown => report::markdown(findings),
        Format::Mermaid => each(&|found| report::mermaid(found.finding)),
        Format::Sarif => report::sarif(findings),
        Format::Junit => report::junit(&Suite::of(findings)),
        Format::Rust => report::rust_test(findings),
        Format::Workspaces => workspaces(findings)?,
    })
}

fn workspaces(findings: &[FoundIn<'_>]) -> Result<String> {
    let [FoundIn { finding, .. }] = findings else {
        return Err("a test for near-workspaces shows exactly one finding\n  help: give the file of one finding".into());
    };
    let environment = &finding.environment;
    let folder = list::find(&environment.folder)?;
    let contracts = environment.contracts.iter().map(|text| text.parse());
    let contracts = contracts.collect::<std::result::Result<Vec<_>, _>>()?;
    let target = Target::load(&folder, environment.build.as_deref(), &contracts)?;
    Ok(report::workspaces_test(finding, &target))
}
