#!/usr/bin/env bash
# What curl needs for a small answer on a connection it has kept. The demo server has to run.
# Usage: benches/kept_connection.sh FOLDER [TIMES] [raw]     (raw: every time in ms, a line each)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=${1:?the folder of demo_server.sh}
times=${2:-200}
finish=(summary ms)
if [[ ${3:-} == raw ]]; then finish=(cat); fi
set -a
. "$folder/secrets.env"
set +a
export ORGDECK_CONFIG_DIR=$folder ORGDECK_DATA_DIR=$folder/data
instance=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["orgs"][0]["instance_url"])' <"$folder/demo.json")
token=$("$orgdeck" token bench-00)

# One curl, the same address many times: the first opens the connection and is left out.
{
    printf 'header = "Authorization: Bearer %s"\n' "$token"
    for _ in $(seq $((times + 1))); do
        printf 'url = "%s/services/data/v66.0/"\noutput = /dev/null\n' "$instance"
    done
} | curl --silent --noproxy '*' --write-out '%{num_connects} %{time_total} %{http_code}\n' --config - |
    awk '$3 != 200 { exit 1 } $1 == 0 { print $2 * 1000 }' | "${finish[@]}"
