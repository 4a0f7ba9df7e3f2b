#!/usr/bin/env bash
# Builds the libFuzzer entry points into $OUT, as OSS-Fuzz and ClusterFuzzLite expect them:  build.sh
#
#   OUT     where everything goes; what lies there runs without the sources
#   TARGETS targets to take, by name; all that have an entry point of their own if not said
#
# A sanitizer sees nothing inside wasm and only slows the fuzzer, so the compiler flags that OSS-Fuzz
# sets for one are taken back. Counters come from the contract, not from our own code.
set -euo pipefail
: "${OUT:?say where everything goes}"
# As the caller means it, before this goes elsewhere.
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
cd "$(dirname "$0")/../.."
unset RUSTFLAGS CFLAGS CXXFLAGS

cargo build --release --locked -p interloper-fuzz --bins
built=${CARGO_TARGET_DIR:-target}/release
mkdir -p "$OUT/targets"

# `any` asks its environment for a target; these platforms set none.
for target in ${TARGETS:-$(cd fuzz/fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//' | grep -vx any)}; do
    install -m 755 "$built/$target" "$OUT/$target"
    mkdir -p "$OUT/targets/$target"
    cp targets/"$target"/target.toml targets/"$target"/*.wasm "$OUT/targets/$target/"

    # Cases as they are committed: JSON reads as well as bytes.
    if [ -d "corpus/$target" ]; then
        (cd "corpus/$target" && find . -maxdepth 1 -name '*.case.json' -print0 |
            LC_ALL=C sort -z | xargs -0 --no-run-if-empty zip -q -X "$OUT/${target}_seed_corpus.zip")
    fi
    # Names that a case can hold. The custom mutator knows them already; engines without it do not.
    grep -oE '"[A-Za-z0-9_.-]+"' "targets/$target/target.toml" | LC_ALL=C sort -u |
        awk '{ printf "name%d=%s\n", NR, $0 }' > "$OUT/$target.dict"
    printf '[libfuzzer]\nmax_len = 65536\nlen_control = 0\ntimeout = 60\n' > "$OUT/$target.options"
done
