//! An invariant of your own: the vault keeps a reserve, whatever its users do.
//!
//!     cargo run --release --example own_invariant

#![expect(clippy::print_stdout, reason = "it is a program")]

use interloper::Fuzzer;
use interloper::chain;
use interloper::invariant::{Counterfactuals, Invariant, Settings, Severity, Violation};
use interloper::trace::Observation;
use interloper::types::NearToken;

/// The vault keeps at least this much.
struct Reserve(NearToken);

impl Invariant for Reserve {
    fn name(&self) -> &'static str {
        "reserve"
    }

    fn rule(&self) -> &'static str {
        "The vault keeps its reserve."
    }

    fn check(
        &self,
        seen: &Observation,
        _: &Settings,
        _: &mut dyn Counterfactuals,
    ) -> Result<Option<Violation>, chain::Error> {
        let mut accounts = seen.end.accounts();
        let poor = accounts.find(|(id, record)| {
            seen.parties.under_test.contains(*id) && record.balance() < self.0
        });
        Ok(poor.map(|(id, record)| Violation {
            invariant: self.name().to_owned(),
            severity: Severity::High,
            account: id.clone(),
            method: String::new(),
            summary: format!("{id} keeps only {}", record.balance()),
            details: Vec::new(),
        }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fuzzer = Fuzzer::load("targets/vault")?.build("fixed").seed(7).runs(1_000);

    // Users withdraw what is theirs, so the vault cannot keep as much as this ...
    let fuzzer = fuzzer.invariant(Reserve(NearToken::from_near(30)));
    let report = fuzzer.run(|_| {})?;
    let finding = report.findings.first().ok_or("nobody withdraws")?;
    assert_eq!(finding.violation.invariant, "reserve");
    println!("{}", report.text());

    // ... and without the rule there is nothing to find.
    let report = fuzzer.without_invariant("reserve").run(|_| {})?;
    report.assert_no_findings();
    Ok(())
}
