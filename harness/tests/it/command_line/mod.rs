//! The command line as a user meets it: the built binary, its exit codes, what it prints where.

mod benchmark;
mod goals;
mod hostile_files;
mod odd_contracts;
mod targets;
