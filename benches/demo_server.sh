#!/usr/bin/env bash
# Serves the demo orgs at a fixed port until it is stopped, and writes what the measurements need into a
# folder: config.toml with 20 profiles, demo.json (users and apps), secrets.env (for `set -a; . secrets.env`).
# Usage: benches/demo_server.sh FOLDER [PORT]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder=${1:?a folder to write into}
port=${2:-8717}
mkdir -p "$folder"

coproc server { exec "$orgdeck" demo --serve --port "$port"; }
trap 'kill "$server_PID" 2>/dev/null || true' EXIT
IFS= read -r -t 60 line <&"${server[0]}"
printf '%s\n' "$line" >"$folder/demo.json"
python3 "$(dirname "${BASH_SOURCE[0]}")/make_config.py" "$folder" <"$folder/demo.json"
echo "serving; $folder is ready"
wait "$server_PID"
