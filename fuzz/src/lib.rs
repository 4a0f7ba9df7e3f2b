//! What every libFuzzer entry point shares: `entry_point!` makes one for a target.
//!
//! Glue only: what a case is and what breaks it is decided in `interloper`.

#[doc(hidden)]
pub mod silence;

use std::path::{Path, PathBuf};
use std::process::exit;

use interloper::campaign::libfuzzer::EntryPoint;
use interloper::{Error, Fuzzer, report};

#[doc(hidden)]
pub use libfuzzer_sys;

/// libFuzzer's flag for a reward for every new value that is compared.
const VALUE_PROFILE: &str = "-use_value_profile=1";

/// The exit code of a fuzzer that could not run.
const COULD_NOT_RUN: i32 = 2;

/// Loads the target of this name: from the folder that `INTERLOPER_TARGETS` names, else from `targets`
/// beside the program, as packages have it, else from `targets` beside the fuzz folder.
#[must_use]
pub fn load(name: &str) -> EntryPoint {
    let targets = std::env::var_os("INTERLOPER_TARGETS").map_or_else(targets, PathBuf::from);
    load_folder(&targets.join(name))
}

/// Loads the target whose folder `INTERLOPER_TARGET` names.
#[must_use]
pub fn load_named() -> EntryPoint {
    let Some(folder) = std::env::var_os("INTERLOPER_TARGET") else {
        complain(
            "error: set INTERLOPER_TARGET to the folder of a target, one with a `target.toml`",
        );
        exit(COULD_NOT_RUN)
    };
    load_folder(Path::new(&folder))
}

fn load_folder(folder: &Path) -> EntryPoint {
    entry_point(folder).unwrap_or_else(|error| {
        complain(&format!("error: {error}"));
        exit(COULD_NOT_RUN)
    })
}

/// `INTERLOPER_BUILD` chooses one of the target's builds. libFuzzer's own seed is the seed: the same seed
/// makes the same campaign.
fn entry_point(folder: &Path) -> Result<EntryPoint, Error> {
    let mut fuzzer = Fuzzer::load(folder)?;
    if let Ok(build) = std::env::var("INTERLOPER_BUILD") {
        fuzzer = fuzzer.build(build);
    }
    let mut arguments = std::env::args();
    let seed = arguments.find_map(|argument| argument.strip_prefix("-seed=")?.parse().ok());
    let profiles_values = std::env::args().any(|argument| argument == VALUE_PROFILE);
    fuzzer.seed(seed.unwrap_or_default()).entry_point(profiles_values)
}

fn targets() -> PathBuf {
    let program = std::env::current_exe().ok();
    let packaged = program.map(|program| program.with_file_name("targets"));
    packaged
        .filter(|folder| folder.is_dir())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("targets"))
}

/// Runs the case that the bytes stand for. What breaks an invariant is shown and ends the process, so
/// that libFuzzer keeps the bytes.
pub fn run(entry_point: &EntryPoint, bytes: &[u8]) {
    let ran = entry_point.run(bytes);
    for fallback in entry_point.fallbacks() {
        let (code, reason) = (fallback.code, fallback.reason);
        complain(&format!("the contract with the hash {code} runs without coverage: {reason}"));
    }
    match ran {
        Ok(None) => {}
        Ok(Some(finding)) => {
            complain(&report::text(&finding, None));
            std::process::abort();
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            exit(COULD_NOT_RUN)
        }
    }
}

fn complain(text: &str) {
    anstream::eprintln!("{text}");
}

/// Makes a libFuzzer entry point: of the target of that name, or without a name, of the one that
/// `INTERLOPER_TARGET` names.
#[macro_export]
macro_rules! entry_point {
    () => {
        $crate::entry_point!(@ $crate::load_named());
    };
    ($target:literal) => {
        $crate::entry_point!(@ $crate::load($target));
    };
    (@ $load:expr) => {
        static ENTRY_POINT: ::std::sync::LazyLock<::interloper::campaign::libfuzzer::EntryPoint> =
            ::std::sync::LazyLock::new(|| $load);

        /// libFuzzer's bytes, shown by `cargo fuzz fmt` as the case that they stand for.
        struct Case(::std::vec::Vec<u8>);

        impl<'a> $crate::libfuzzer_sys::arbitrary::Arbitrary<'a> for Case {
            fn arbitrary(
                bytes: &mut $crate::libfuzzer_sys::arbitrary::Unstructured<'a>,
            ) -> $crate::libfuzzer_sys::arbitrary::Result<Self> {
                Ok(Self(bytes.bytes(bytes.len())?.to_vec()))
            }
        }

        impl ::std::fmt::Debug for Case {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&ENTRY_POINT.show(&self.0))
            }
        }

        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::silence::announce(|| {
                // libFuzzer has to know of the counters before it starts.
                ::std::sync::LazyLock::force(&ENTRY_POINT);
            }),
            |case: Case| $crate::run(&ENTRY_POINT, &case.0)
        );

        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8],
                                              size: usize,
                                              max_size: usize,
                                              _seed: u32| {
            ENTRY_POINT.mutate(data, size, max_size)
        });

        #[expect(clippy::too_many_arguments, reason = "libFuzzer's signature")]
        mod crossover {
            use super::ENTRY_POINT;

            $crate::libfuzzer_sys::fuzz_crossover!(
                |one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
                    ENTRY_POINT.cross_over(one, other, out, seed)
                }
            );
        }
    };
}
