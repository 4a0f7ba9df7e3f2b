//! The command line: reads arguments, hands over to [`interloper::cli`], and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    interloper::cli::main()
}
