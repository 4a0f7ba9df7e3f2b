//! The built program `interloper`, as a user starts it.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output};

use super::root;

const PROGRAM: &str = env!("CARGO_BIN_EXE_interloper");

/// What a finished run of the program left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommandOutput {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self {
            code: output.status.code().expect("no signal ended it"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl CommandOutput {
    /// The program refused the input: exit code 2, nothing on stdout, each of these parts on stderr.
    pub(crate) fn assert_refuses(&self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.stdout, "", "errors go to stderr: {self:?}");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in: {}", self.stderr);
        }
    }
}

/// The program, ready to be started in `folder`.
pub(crate) fn interloper_command(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder);
    command
}

/// Runs the program in `folder`.
pub(crate) fn interloper_in(folder: &Path, arguments: &[&str]) -> CommandOutput {
    let output = interloper_command(folder).args(arguments).output();
    output.expect("cargo built the program for this test").into()
}

/// Runs the program at the root of the repository.
pub(crate) fn interloper(arguments: &[&str]) -> CommandOutput {
    interloper_in(&root(), arguments)
}

/// A time for `--time`, and then ever longer ones: how much a campaign does in a given time depends on how
/// fast and how busy the machine is.
pub(crate) fn longer_and_longer(seconds: u32) -> impl Iterator<Item = String> {
    (0..7).map(move |doublings| format!("{}s", seconds << doublings))
}

/// A search path on which a shell finds the program first.
pub(crate) fn path_with_interloper() -> OsString {
    let mut path = Path::new(PROGRAM).parent().expect("it lies in a folder").as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").expect("the environment has a search path"));
    path
}
