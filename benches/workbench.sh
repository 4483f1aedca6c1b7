#!/usr/bin/env bash
# The workbench as a person sees it: start, idle, keys, and a request's way to the screen beside curl's on a
# kept connection. Starts its own demo server. Needs tuibench.py (see README.md) in the PATH or in $TUIBENCH.
# Usage: benches/workbench.sh [ROUNDS]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rounds=${1:-5}
tuibench=${TUIBENCH:-tuibench.py}
sends=30
here=$(dirname "${BASH_SOURCE[0]}")
folder=$(mktemp -d)

"$here/demo_server.sh" "$folder/served" >"$folder/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
until grep -qs serving "$folder/log"; do sleep 0.1; done
set -a
. "$folder/served/secrets.env"
set +a

bench() { # JSON STEPS [OPTION...]
    local json=$1 steps=$2
    shift 2
    "$tuibench" --size 160x48 --env ORGDECK_CONFIG_DIR="$folder/served" --env ORGDECK_DATA_DIR="$folder/data" \
        --before "rm -rf $folder/data" --json "$json" -s "$steps" "$@" -- "$orgdeck" >"$folder/told" 2>&1 || tail -5 "$folder/told" >&2
}

# start, memory and CPU while nothing happens, then keys in three places
cat >"$folder/still" <<'STEPS'
wait text bench-00 name=start
sleep 1
idle 10
press Down n=18 settle=0.03
press Tab n=100 settle=0.03
STEPS
bench "$folder/still.json" "$folder/still" --runs "$rounds"

# Each answer counts up the API usage in the status row: the number says that this answer is there, not the last.
instance=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["orgs"][0]["instance_url"])' <"$folder/served/demo.json")
token=$(ORGDECK_CONFIG_DIR=$folder/served ORGDECK_DATA_DIR=$folder/data "$orgdeck" token bench-00)
used() {
    curl --silent --noproxy '*' --config - --dump-header - --output /dev/null <<<"header = \"Authorization: Bearer $token\"
url = \"$instance/services/data/v66.0/\"" | sed -n 's/.*api-usage=\([0-9]*\).*/\1/p'
}
for round in $(seq "$rounds"); do
    before=$(used)
    {
        printf 'wait text bench-00\nkey t\nwait text signature\nkey 3 u\ntype /services/data/v66.0/\nkey Enter\nsleep 0.2\n'
        for nth in $(seq "$sends"); do
            printf 'key s\nwait text "API %s / 15,000" name=send\nsleep 0.05\n' \
                "$(printf "%d" $((before + nth)) | sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta')"
        done
        printf 'press Down n=8 settle=0.03 name=tree\n'
    } >"$folder/send"
    bench "$folder/send.$round.json" "$folder/send"
    "$here/kept_connection.sh" "$folder/served" 100 raw >>"$folder/curl.ms"
done

python3 - "$folder" <<'PYTHON'
import json, pathlib, statistics, sys

folder = pathlib.Path(sys.argv[1])
still = [run["steps"] for run in json.loads((folder / "still.json").read_text())["runs"]]
named = lambda run, name: next(step for step in run if step["step"].startswith(name))
middle = lambda values: statistics.median(values)
over = lambda name, field: middle(named(run, name)[field] for run in still)

print(f"start → first whole frame   {over('start', 'frame'):6.2f} ms   (median of {len(still)})")
print(f"resident, idle              {over('idle', 'rss') / 1e6:6.1f} MB")
print(f"idle CPU over 10 s          {over('idle', 'cpu_percent'):6.2f} %    {over('idle', 'bytes'):.0f} bytes written")
for name in ["press Down", "press Tab"]:
    print(f"{name + ' → frame':27} {over(name, 'median'):6.2f} ms   p99 {over(name, 'p99'):.2f} ms")

rounds = [json.loads(path.read_text())["runs"][0]["steps"] for path in sorted(folder.glob("send.*.json"))]
tree = middle(named(run, "tree")["median"] for run in rounds)
print(f"{'Down in the tree → frame':27} {tree:6.2f} ms   p99 {middle(named(run, 'tree')['p99'] for run in rounds):.2f} ms")
sends = [step["frame"] for run in rounds for step in run if step["step"] == "send" and step["ok"]]
lost = sum(1 for run in rounds for step in run if step["step"] == "send" and not step["ok"])
curl = [float(line) for line in (folder / "curl.ms").read_text().split()]
print(f"send → answer on the screen {middle(sends):6.2f} ms   (n={len(sends)}, {lost} not seen)")
print(f"curl on a kept connection   {middle(curl):6.2f} ms   (n={len(curl)})")
print(f"difference                  {middle(sends) - middle(curl):6.2f} ms")
PYTHON
