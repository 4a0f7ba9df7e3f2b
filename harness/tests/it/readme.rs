//! What the README shows is what the screen shows.

use std::process::Command;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");

/// Where the finding begins, and what ends it.
const BEGIN: &str = "<!-- finding -->\n```text\n";
const END: &str = "```\n";

/// Set to anything, it writes the README instead of comparing.
const UPDATE: &str = "UPDATE_README";

#[test]
fn the_finding_in_the_readme_is_what_the_first_command_prints() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    // The README's command, but for the folder: the user's findings are not the test's.
    let output = Command::new(env!("CARGO_BIN_EXE_interloper"))
        .args(["fuzz", "vault", "--findings"])
        .arg(folder.path())
        .current_dir(root)
        .output()
        .expect("the binary was built for this test");
    let printed = String::from_utf8(output.stdout).expect("all output is text");
    let printed = printed.replace(folder.path().to_str().expect("text"), "findings");
    let printed = printed.trim_end().to_owned() + "\n";

    let readme = std::fs::read_to_string(README).expect("there is a README");
    let (before, rest) = readme.split_once(BEGIN).expect("the README shows a finding");
    let (shown, after) = rest.split_once(END).expect("the finding ends");
    if std::env::var_os(UPDATE).is_some() {
        let text = [before, BEGIN, &printed, END, after].concat();
        std::fs::write(README, text).expect("the README can be written");
        return;
    }
    assert_eq!(shown, printed, "run the tests once with {UPDATE}=1");
}
