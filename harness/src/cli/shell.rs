//! `interloper man` and `interloper completions`: manual pages and shell completions.
//!
//! Both come from the command line's own help.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, Found, Result, output};

/// Prints a manual page: of the program, or of one command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interloper man > interloper.1
  interloper man fuzz | man -l -")]
pub(super) struct Man {
    /// The command [default: the program itself].
    command: Option<String>,
}

/// Prints completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interloper completions bash > interloper.bash
  interloper completions zsh > _interloper")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Man {
    pub(super) fn run(&self) -> Result {
        let mut program = Arguments::command();
        program.build();
        let page = match &self.command {
            None => program,
            Some(name) => {
                let found = program.find_subcommand(name).cloned();
                found.ok_or_else(|| {
                    format!("there is no command `{name}`\n  help: `interloper --help` lists the commands")
                })?
            }
        };
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text)?;
        output::result(String::from_utf8_lossy(&text).trim_end());
        Ok(Found::Nothing)
    }
}

impl Completions {
    pub(super) fn run(&self) -> Result {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "interloper", &mut text);
        output::result(String::from_utf8_lossy(&text).trim_end());
        Ok(Found::Nothing)
    }
}
