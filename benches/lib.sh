# What the measuring scripts share; sourced by them. Needs bash 5, curl and awk.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
orgdeck=${ORGDECK:-$root/target/release/orgdeck}

# A number a line in; count, median, 99th percentile and largest out.
summary() { # UNIT
    sort -g | awk -v unit="$1" '{ v[NR] = $1 } END {
        if (!NR) { print "nothing measured"; exit 1 }
        p99 = int(NR * 0.99 + 0.999999); if (p99 > NR) p99 = NR
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf "n=%d  median %.2f  p99 %.2f  max %.2f %s\n", NR, m, v[p99], v[NR], unit }'
}

# Runs a command once and prints how long it took, in ms.
timed() {
    local from=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v from="$from" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", (to - from) * 1000 }'
}
