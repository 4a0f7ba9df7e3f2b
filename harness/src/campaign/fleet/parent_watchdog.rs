//! Ends a process as soon as the one that started it is gone, even if that one was killed.
//!
//! The pipe to the standard input closes at that moment. Nothing polls, and no process id is stored.

/// Starts a thread that waits for the end of the standard input, and then ends this process.
///
/// # Errors
/// If the thread cannot be started.
pub(super) fn start() -> std::io::Result<()> {
    let wait = || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(2);
    };
    std::thread::Builder::new().name("parent-watchdog".to_owned()).spawn(wait).map(drop)
}
