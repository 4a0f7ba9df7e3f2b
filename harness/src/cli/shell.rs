//! `interloper man` and `interloper completions`: what a shell and a reader want of the command line.
//!
//! Never says anything that the command line's own help does not.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, Found, Result, output};

/// Writes the manual page of the program, or of one of its commands.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  interloper man > interloper.1
  interloper man fuzz | man -l -")]
pub(super) struct Man {
    /// A command; the program itself where none is given.
    command: Option<String>,
}

/// Writes completions for a shell.
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
                    format!("there is no command `{name}`: `interloper --help` lists them")
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
