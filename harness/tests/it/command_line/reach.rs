//! What `fuzz` and `campaign` say of a target whose windows never open: not "nothing found".

use std::path::Path;

use crate::support::{
    CommandOutput, as_text, copy_target, interloper, longer_and_longer, read_text,
};

/// Copies the vault, whose only window `withdraw` opens, with arguments that `withdraw` cannot read.
fn closed_vault(folder: &Path) {
    copy_target("vault", folder);
    let file = folder.join("target.toml");
    let text = read_text(&file);
    let (before, _) = text.split_once("[method.args]").expect("`withdraw` is the last method");
    std::fs::write(file, format!("{before}args = {{ amount = [] }}\n")).expect("written");
}

fn fuzz(folder: &Path, more: &[&str]) -> CommandOutput {
    let findings = folder.join("findings");
    let arguments = ["fuzz", as_text(folder), "--runs", "60", "--findings", as_text(&findings)];
    interloper(&[&arguments[..], more].concat())
}

fn assert_told(said: &str) {
    for part in [
        "vault (broken): no window opened: ",
        " 1/2 methods  0/1 windows opened, 0 entered",
        "never succeeded: vault.near.withdraw, which can open a window\n",
        "Failed to deserialize input from JSON",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    assert!(!said.contains("nothing found"), "{said}");
}

#[test]
fn a_campaign_without_a_window_says_so_first_and_what_would_help() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    closed_vault(folder.path());
    let output = fuzz(folder.path(), &[]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_told(&output.stderr);
    let file = folder.path().join("target.toml");
    let text = read_text(&file);
    let before = text.split("name = \"withdraw\"").next().expect("it is there");
    // `[[method]]` and `contract` stand before `name`.
    let line = before.lines().count() - 1;
    let help = format!("help: {}:{line}: its `args` ", file.display());
    assert!(output.stderr.contains(&help), "{help} is not in: {}", output.stderr);
}

#[test]
fn several_processes_say_it_once_for_all() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    closed_vault(folder.path());
    let output = fuzz(folder.path(), &["--jobs", "2"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_told(&output.stderr);
    assert_eq!(output.stderr.matches("no window opened").count(), 1, "{}", output.stderr);
}

#[test]
fn a_night_before_closed_doors_warns_in_every_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (target, out) = (folder.path().join("vault"), folder.path().join("out"));
    closed_vault(&target);
    let campaign = |time: String| {
        interloper(&["campaign", as_text(&target), "--time", &time, "--output", as_text(&out)])
    };
    let warning = "no window opened: ";
    let mut campaigns = longer_and_longer(3).map(campaign);
    let output = campaigns.find(|output| output.stdout.contains("1/2 ")).expect("cases run");
    assert!(output.stdout.contains(&format!("warning: {warning}")), "{output:?}");
    for (file, part) in [
        ("summary.txt", "never succeeded: vault.near.withdraw"),
        ("summary.html", "warning: no window opened: "),
        ("junit.xml", "<skipped message=\"no window opened: "),
        ("summary.json", "\"first-success\""),
    ] {
        let text = read_text(out.join(file));
        assert!(text.contains(part), "{file} lacks {part}: {text}");
    }
}

#[test]
fn the_table_of_several_targets_says_after_how_many_executions() {
    let ran = interloper(&["reach", "vault", "guestbook", "nowhere", "--runs", "60", "--each"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("there is no target `nowhere`"), "{}", ran.stderr);
    let row = |target: &str| {
        let row = ran.stdout.lines().find(|line| line.starts_with(target)).expect("a row");
        row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let vault = row("vault");
    assert_eq!((&*vault[1], &*vault[2], &*vault[4]), ("60", "2/2", "1/1/1"), "{vault:?}");
    for after in [&vault[3], &vault[5], &vault[6]] {
        let after: u64 = after.parse().expect("a number of executions");
        assert!((1..=60).contains(&after), "{vault:?}");
    }
    assert!(ran.stdout.contains("vault.near.withdraw … on_withdrawn"), "{}", ran.stdout);
    assert_eq!(row("guestbook")[1], "60");
}
