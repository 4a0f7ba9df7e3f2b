//! The goals of a target: `fuzz` reports how far it came, and the case that came furthest replays.

use crate::support::{copy_target, interloper, read_text};

const GOALS: &str = r#"
[[invariant]]
name = "the vault grows"
quantity = { balance = "vault.near" }
never = "falls"

[[allow]]
invariant = "declared"
reason = "people withdraw"

[[goal]]
name = "twice"
sometimes = { contract = "vault.near", method = "withdraw", during = "withdraw" }

[[goal]]
name = "a payment fails"
sometimes = { contract = "vault.near", method = "on_withdrawn", hears = "failure" }

[[goal]]
name = "a view that is not there"
sometimes = { quantity = { view = "totals", contract = "vault.near" }, at-least = "1" }

[[goal]]
name = "what vault holds"
maximise = { balance = "vault.near" }
"#;

#[test]
fn goals_are_reported_and_the_case_with_the_largest_number_replays() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path().join("vault");
    copy_target("vault", &folder);
    let file = folder.join("target.toml");
    std::fs::write(&file, read_text(&file) + GOALS).expect("the copy can be changed");
    let (target, findings) = (folder.display().to_string(), scratch.path().join("findings"));
    for jobs in ["1", "2"] {
        let findings = findings.display().to_string();
        let ran = interloper(&[
            "fuzz",
            &target,
            "--build",
            "fixed",
            "--runs",
            "300",
            "--findings",
            &findings,
            "--jobs",
            jobs,
        ]);
        assert_eq!((ran.code, &*ran.stdout), (0, ""), "{ran:?}");
        assert!(ran.stderr.contains("goal `twice`: reached in "), "{ran:?}");
        let (_, allowed) = ran.stderr.split_once("allowed `declared` in ").expect("it is told");
        assert!(allowed.contains(" cases: people withdraw\n"), "{ran:?}");
        let never = "goal `a payment fails`: never reached: the target does not try";
        assert!(ran.stderr.contains(never), "{ran:?}");
        let failed = "goal `a view that is not there`: never reached: vault.near.totals({}) failed";
        assert!(ran.stderr.contains(failed), "{ran:?}");
        let largest = "goal `what vault holds`: ";
        let line = ran.stderr.lines().find(|line| line.contains(largest)).expect("it is told");
        assert!(line.contains(" NEAR at most, 32.99"), "{line}");
    }
    let case = findings.join("goals/vault-what-vault-holds.json").display().to_string();
    let again = interloper(&["replay", &case, "--target", &target, "--build", "fixed"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.stdout.contains("\nnothing broke; digest "), "{again:?}");
    assert!(std::fs::read_to_string(&case).expect("it is there").contains("\"deposit\""));
}
