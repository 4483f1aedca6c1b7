#!/usr/bin/env bash
# `orgdeck send` beside a curl that sends the same request, turn by turn, each a process of its own. Both
# bring a token: orgdeck's profile holds it (flow = "access_token"). The demo server has to run.
# Usage: benches/headless.sh FOLDER [TIMES]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=${1:?the folder of demo_server.sh}
times=${2:-50}
set -a
. "$folder/secrets.env"
set +a
export ORGDECK_CONFIG_DIR=$folder ORGDECK_DATA_DIR=$folder/data
instance=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["orgs"][0]["instance_url"])' <"$folder/demo.json")
BENCH_TOKEN=$("$orgdeck" token bench-00)
export BENCH_TOKEN

mkdir -p "$folder/headless"
cat >"$folder/headless/config.toml" <<TOML
[profiles.bench]
environment = "sandbox"
flow = "access_token"
instance_url = "$instance"
access_token = { env = "BENCH_TOKEN" }
api_version = "66.0"
TOML
export ORGDECK_CONFIG_DIR=$folder/headless

with_curl() {
    curl --silent --fail --noproxy '*' --config - <<<"header = \"Authorization: Bearer $BENCH_TOKEN\"
url = \"$instance/services/data/v66.0/limits\""
}
with_orgdeck() { "$orgdeck" send bench GET limits; }

with_curl >/dev/null
with_orgdeck >/dev/null
for _ in $(seq "$times"); do
    timed with_curl >&3
    timed with_orgdeck >&4
done 3>"$folder/curl.ms" 4>"$folder/orgdeck.ms"
printf 'curl          '
summary ms <"$folder/curl.ms"
printf 'orgdeck send  '
summary ms <"$folder/orgdeck.ms"
