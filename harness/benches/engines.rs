//! Prints how fast the engines are: `cargo bench --bench engines [-- SECONDS]`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program of its own")]

use std::path::Path;
use std::time::Duration;

fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets");
    match interloper::analysis::speed::run(&targets, Duration::from_secs(seconds.unwrap_or(2))) {
        Ok(table) => print!("{table}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
