//! Prints how fast the engines are: `cargo bench --bench engines [-- SECONDS]`.

use std::path::Path;
use std::time::Duration;

fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets");
    match interloper::bench::run(&targets, Duration::from_secs(seconds.unwrap_or(2))) {
        Ok(table) => print!("{table}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
