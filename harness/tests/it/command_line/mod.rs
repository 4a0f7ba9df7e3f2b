//! The command line as a user sees it: exit codes, stdout and stderr of the built program.

mod benchmark;
mod goals;
mod hostile_files;
mod odd_contracts;
mod reach;
mod replay;
mod targets;
