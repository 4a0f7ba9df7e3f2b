//! The finding in the README is what its command prints.

use crate::support::{as_text, interloper, read_text, root};

/// What stands before and after the finding.
const BEGIN: &str = "<!-- finding -->\n```text\n";
const END: &str = "```\n";

/// If this environment variable is set, the test updates the README instead of comparing.
const UPDATE: &str = "UPDATE_README";

#[test]
fn the_finding_in_the_readme_is_what_the_first_command_prints() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The README's command, but with a folder of its own for the findings.
    let output = interloper(&["fuzz", "vault", "--findings", as_text(folder.path())]);
    let printed = output.stdout.replace(as_text(folder.path()), "findings");
    let printed = printed.trim_end().to_owned() + "\n";

    let file = root().join("README.md");
    let readme = read_text(&file);
    let (before, rest) = readme.split_once(BEGIN).expect("the README shows a finding");
    let (shown, after) = rest.split_once(END).expect("the finding ends");
    if std::env::var_os(UPDATE).is_some() {
        let text = [before, BEGIN, &printed, END, after].concat();
        std::fs::write(file, text).expect("the README can be written");
        return;
    }
    assert_eq!(shown, printed, "run the tests once with {UPDATE}=1");
}
