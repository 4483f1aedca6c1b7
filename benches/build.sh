#!/usr/bin/env bash
# Time of a clean release build (crates already downloaded) and size of the binary.
# Usage: benches/build.sh
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$root"
clean=$(mktemp -d "$root/target/clean.XXXXXX")
trap 'rm -rf "$clean"' EXIT
cargo fetch --locked --quiet
started=$SECONDS
cargo build --release --locked --quiet --target-dir "$clean"
printf 'clean release build: %d s on %d cores\n' $((SECONDS - started)) "$(nproc)"
printf 'binary: %.1f MB\n' "$(stat -c %s "$clean/release/orgdeck" | awk '{ print $1 / 1e6 }')"
