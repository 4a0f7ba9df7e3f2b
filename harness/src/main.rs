//! The command line: reads arguments, hands over to [`interloper::cli`], and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    interloper::cli::main()
}

#[cfg(feature = "libfuzzer")]
/// How libFuzzer, where it drives a campaign, has a case changed. It finds this by its name, which is
/// why it is here: entry points of cargo-fuzz link the library and have one of their own.
#[expect(unsafe_code, reason = "see SAFETY")]
#[unsafe(no_mangle)]
extern "C" fn LLVMFuzzerCustomMutator(
    data: *mut u8,
    size: usize,
    max_size: usize,
    _seed: u32,
) -> usize {
    // SAFETY: libFuzzer passes `max_size` bytes, of which `size` are the case, and leaves them alone
    // until this returns.
    let data = unsafe { std::slice::from_raw_parts_mut(data, max_size.max(size)) };
    interloper::campaign::libfuzzer::change(data, size)
}
