//! Replays a finding, and turns it into a regression test.
//!
//!     cargo run --release --example replay_finding -- findings/vault-profit-1a2b3c4d.json
//!
//! Without a file it looks for a finding first.

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::path::Path;

use interloper::Fuzzer;
use interloper::finding::{self, Finding, Stored};
use interloper::report::{self, FoundIn};

fn finding() -> Result<Finding, Box<dyn std::error::Error>> {
    if let Some(file) = std::env::args().nth(1) {
        return match finding::read(Path::new(&file))? {
            Stored::Finding(finding) => Ok(*finding),
            Stored::Scenario(_) => Err(format!("{file} is a case, not a finding").into()),
        };
    }
    let fuzzer = Fuzzer::load("targets/vault")?.build("broken").seed(7).runs(3_000);
    let mut report = fuzzer.run(|_| {})?;
    report.findings.pop().ok_or_else(|| "the vault's bug was not found".into())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let finding = finding()?;

    // The same target, build, contracts and protocol version as when it was found.
    let again = Fuzzer::for_finding(&finding)?.replay(&finding.scenario)?;
    let again = again.ok_or("the case breaks nothing any more")?;
    assert_eq!(again.fingerprint, finding.fingerprint);
    println!("{}", report::plain(&again));

    // The same case in another build: `None` if the bug is fixed.
    if finding.environment.build.as_deref() == Some("broken") {
        let fixed = Fuzzer::for_finding(&finding)?.build("fixed");
        assert_eq!(fixed.replay(&finding.scenario)?, None);
    }

    let test = report::rust_test(&[FoundIn { finding: &finding, file: None }]);
    println!("{test}");
    Ok(())
}
