#!/usr/bin/env bash
# Builds the libFuzzer entry points into $OUT, as OSS-Fuzz and ClusterFuzzLite expect them:  build.sh
#
#   OUT      the output folder; its contents run without the sources
#   TARGETS  names of targets to build; default: every target with an entry point of its own
#
# Sanitizers see nothing inside wasm and only slow the fuzzer down, so this script unsets the compiler flags
# that OSS-Fuzz sets for them. Coverage counters come from the contract, not from the harness.
set -euo pipefail
: "${OUT:?set it to the output folder}"
# Relative to the caller's folder, so before `cd`.
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
cd "$(dirname "$0")/../.."
unset RUSTFLAGS CFLAGS CXXFLAGS

cargo build --release --locked -p interloper-fuzz --bins
built=${CARGO_TARGET_DIR:-target}/release
mkdir -p "$OUT/targets"

# `any` reads its target from the environment, which these platforms do not set.
for target in ${TARGETS:-$(cd fuzz/fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//' | grep -vx any)}; do
    install -m 755 "$built/$target" "$OUT/$target"
    mkdir -p "$OUT/targets/$target"
    cp targets/"$target"/target.toml targets/"$target"/*.wasm "$OUT/targets/$target/"

    # Seeds can stay JSON: an entry point reads both forms.
    if [ -d "corpus/$target" ]; then
        (cd "corpus/$target" && find . -maxdepth 1 -name '*.case.json' -print0 |
            LC_ALL=C sort -z | xargs -0 --no-run-if-empty zip -q -X "$OUT/${target}_seed_corpus.zip")
    fi
    # Names that can occur in a case. The custom mutator knows them; engines without it do not.
    grep -oE '"[A-Za-z0-9_.-]+"' "targets/$target/target.toml" | LC_ALL=C sort -u |
        awk '{ printf "name%d=%s\n", NR, $0 }' > "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = 65536\nlen_control = 0\ntimeout = 60\n' > "$OUT/$target.options"
done
