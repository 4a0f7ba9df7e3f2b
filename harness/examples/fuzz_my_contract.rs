//! Fuzzes a contract from a test. In your project this is a file in `tests/`, and `main` is not there.
//!
//!     cargo run --release --example fuzz_my_contract

#![expect(clippy::print_stdout, reason = "it is a program")]

use interloper::{Error, Fuzzer, Report};

/// What `#[test]` stands above in your project.
fn no_window_breaks_the_vault(build: &str) -> Result<Report, Error> {
    Fuzzer::load("targets/vault")? // found in this package or above it
        .build(build)
        .seed(7)
        .runs(1_000) // the same seed and runs find the same, on every machine
        .run(|_| {})
}

fn main() -> Result<(), Error> {
    let fixed = no_window_breaks_the_vault("fixed")?;
    fixed.assert_no_findings();

    // This is the message with which the test fails in the build that has the bug.
    let broken = no_window_breaks_the_vault("broken")?;
    assert_eq!(broken.findings.len(), 1);
    assert_eq!(broken.findings[0].violation.invariant, "profit");
    println!("{}", broken.text());
    Ok(())
}
