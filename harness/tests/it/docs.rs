//! The commands in the guide work.
//!
//! For each page, a folder with the targets in it is made, and every line of its `sh` blocks runs there, in
//! order. `# exits N` at the end of a line is the exit code to expect; without it the code is 0.

use std::process::Command;

use crate::support::{longer_and_longer, path_with_interloper, read_text, root};

/// The commands of a page, each with its exit code.
fn commands(page: &str) -> Vec<(String, i32)> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside && !line.trim().is_empty() => {
                let (command, code) = line.split_once("# exits ").unwrap_or((line, "0"));
                commands.push((command.trim().to_owned(), code.trim().parse().expect("a number")));
            }
            _ => {}
        }
    }
    commands
}

/// The command, and if it has a time in seconds, the same with longer ones: a slow machine may find nothing
/// in the given time.
fn attempts(command: &str) -> Vec<String> {
    let parts = command.split_once("--time ").and_then(|(before, rest)| {
        let (seconds, after) = rest.split_once("s ")?;
        Some((before, seconds.parse().ok()?, after))
    });
    let Some((before, seconds, after)) = parts else { return vec![command.to_owned()] };
    let longer = longer_and_longer(seconds).take(4);
    longer.map(|time| format!("{before}--time {time} {after}")).collect()
}

fn run_page(name: &str) {
    let page = read_text(root().join("docs").join(name));
    let folder = tempfile::tempdir().expect("a folder");
    for shared in ["targets", "corpus"] {
        // Commands write to a corpus, but only read targets.
        let (from, to) = (root().join(shared), folder.path().join(shared));
        if shared == "targets" {
            std::os::unix::fs::symlink(from, to).expect("a link");
        } else {
            std::fs::create_dir(&to).expect("a folder");
        }
    }
    let path = path_with_interloper();
    let commands = commands(&page);
    assert!(!commands.is_empty(), "{name} has no commands");
    for (command, code) in commands {
        let mut attempts = attempts(&command).into_iter().map(|attempt| {
            let mut shell = Command::new("sh");
            shell.args(["-c", &attempt]).current_dir(folder.path()).env("PATH", &path);
            shell.output().expect("there is a shell")
        });
        let mut output = attempts.next().expect("at least one attempt");
        while output.status.code() != Some(code)
            && let Some(next) = attempts.next()
        {
            output = next;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {command}\n{said}");
    }
}

#[test]
fn any_contract() {
    run_page("any-contract.md");
}

#[test]
fn first_finding() {
    run_page("first-finding.md");
}

#[test]
fn invariants() {
    run_page("invariants.md");
}

#[test]
fn looking_closer() {
    run_page("looking-closer.md");
}

#[test]
fn reading_a_report() {
    run_page("reading-a-report.md");
}

#[test]
fn nightly() {
    run_page("nightly.md");
}

/// Commands that no test runs go stale.
#[test]
fn every_page_with_commands_is_run() {
    let own = include_str!("docs.rs");
    for entry in std::fs::read_dir(root().join("docs")).expect("it is there") {
        let path = entry.expect("it is there").path();
        let page = read_text(&path);
        let name = path.file_name().and_then(|name| name.to_str()).expect("text");
        let run = own.contains(&format!("run_page(\"{name}\")"));
        assert_eq!(run, page.contains("```sh\n"), "{name}");
        let shown = page.lines().filter(|line| line.starts_with("$ "));
        let network = ["$ curl ", "$ interloper init vault.wasm --account"];
        for line in shown {
            assert!(network.iter().any(|start| line.starts_with(start)), "{name}: {line}");
        }
    }
}

#[test]
fn the_guide_lists_every_page() {
    let guide = read_text(root().join("docs/README.md"));
    for entry in std::fs::read_dir(root().join("docs")).expect("it is there") {
        let name = entry.expect("it is there").file_name().into_string().expect("text");
        assert!(name == "README.md" || guide.contains(&name), "docs/README.md lacks {name}");
    }
}

#[test]
fn every_link_has_a_target() {
    for entry in std::fs::read_dir(root().join("docs")).expect("it is there") {
        let path = entry.expect("it is there").path();
        let page = read_text(&path);
        for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let place = link.split('#').next().unwrap_or_default();
            let outside = place.starts_with("http");
            let there = path.with_file_name("").join(place).exists();
            assert!(outside || there, "{}: {link} does not exist", path.display());
        }
    }
}

#[test]
fn the_page_on_invariants_lists_every_rule() {
    let page = read_text(root().join("docs/invariants.md"));
    for invariant in interloper::invariant::built_in() {
        let (name, rule) = (invariant.name(), invariant.rule());
        let row = format!("| `{name}` | {rule}");
        assert!(name == "declared" || page.contains(&row), "docs/invariants.md lacks: {row}");
    }
}
