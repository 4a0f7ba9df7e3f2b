//! The only place that prints: results to stdout, all else to stderr.
//!
//! A closed pipe is no error: whoever reads has read enough.

use std::io::Write as _;

use crate::types::is_unprintable;

/// A piece of the result, on stdout, with a line end.
pub(super) fn result(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Something that is no result, on stderr.
pub(super) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// An error with all that caused it, on stderr.
pub(super) fn error(error: &dyn std::error::Error) {
    let mut text = format!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        // Some errors repeat their cause in their own text.
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!("\n  because: {cause_text}"));
        }
        source = cause.source();
    }
    // Names of files and texts of contracts are in there.
    let harmless = text.chars().map(|letter| match letter {
        letter if letter != '\n' && is_unprintable(letter) => letter.escape_unicode().to_string(),
        letter => letter.to_string(),
    });
    note(&harmless.collect::<String>());
}
