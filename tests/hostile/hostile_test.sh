#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hostile outstations against fepd, and hostile masters against the simulator, over live connections. They are served
# to the end, healthy stations notice nothing, and memory does not grow.
#
# FEP_LONG: 200 healthy stations, and everything that there is to break instead of a part of it.
# FEP_SEED: another part of it.
#
# hostile_test.sh BUILD --compare [OPTIONS of hostile_beside]: instead of all that, in a release build, on a quiet
# machine: the delay of 200 healthy stations with and without attackers beside them.
set -eu
if [ "${2:-}" = --compare ]; then
    build=$(cd "$1" && pwd)
    shift 2
    exec "$build/tests/hostile/hostile_beside" --fepd "$build/fep/fepd" --peer "$build/tests/hostile/hostile_peer" "$@"
fi
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/../e2e/common.sh"

peer=$build/tests/hostile/hostile_peer
seed=${FEP_SEED:-1} healthy=20 seconds=16 all=""
[ -z "${FEP_LONG:-}" ] || { healthy=200 seconds=300 all=--all; }
outstations="1 2" masters="1 2"
growth_kb=65536
# What is freed does not come back while the sanitizer keeps it, which is no growth of ours.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8"
export ASAN_OPTIONS

# What fepd has counted of the hostile ones, a row each.
counted() {
    curl -fsS "$url/v1/stations" | python3 -c '
import json, sys
stations = [s for s in json.load(sys.stdin)["stations"] if s["name"].startswith("H")]
names = [n for n in stations[0]["counters"] if any(s["counters"][n] for s in stations)]
print("| counted by fepd |", " | ".join(s["name"] for s in stations), "|")
print("|---|" + "---:|" * len(stations))
for n in names:
    print("|", n, "|", " | ".join(str(s["counters"][n]) for s in stations), "|")'
}

rss_kb() {
    awk '/^VmRSS/ { print $2 }' "/proc/$1/status"
}

# Polls that are answered with whatever there is, and a front end that does not give up on it.
hostile_list() {
    echo "templates:"
    echo "  - name: hostile"
    echo "    session: {response_timeout: 50ms, confirm_timeout: 100ms, reconnect_min: 10ms, reconnect_max: 100ms,"
    echo "              task_retry_min: 10ms, task_retry_max: 20ms, offline_poll: 100ms, time_sync: lan,"
    echo "              polls: [{classes: [0, 1, 2, 3], period: 500ms}, {classes: [1], period: 20ms},"
    echo "                      {classes: [2], period: 20ms}, {classes: [3], period: 20ms},"
    echo "                      {classes: [1, 2], period: 20ms}, {classes: [1, 2, 3], period: 20ms}]}"
    echo "stations:"
    for n in $outstations; do
        echo "  - {name: H$n, host: 127.0.9.$n, port: $hostile_port, master_address: 1, outstation_address: 10,"
        echo "     template: hostile}"
    done
}

# healthy_all FIELD VALUE: of all healthy stations, by what fepd tells of them.
healthy_all() {
    curl -fsS "$url/v1/stations" | python3 -c '
import json, sys
field, wanted, number = sys.argv[1:]
stations = [s for s in json.load(sys.stdin)["stations"] if s["name"].startswith("S")]
odd = [s["name"] for s in stations if str({**s, **s["counters"]}[field]) != wanted]
if odd:
    print(field, "is not", wanted, "at", len(odd), "stations:", *odd[:5], file=sys.stderr)
sys.exit(bool(odd) or len(stations) != int(number))' "$1" "$2" "$healthy"
}

healthy_are_online() {
    healthy_all online True 2>/dev/null
}

# not_grown WHAT BEFORE_KB AFTER_KB
not_grown() {
    echo "$1: $2 kB in the middle, $3 kB at the end"
    [ "$3" -lt $(($2 + growth_kb)) ]
}

sim_start "$root/tests/hostile/healthy.yaml" --stations "$healthy" --rate $((healthy * 5))
attacked_port=$((ports + 8)) hostile_port=$((ports + 9))
touch "$work/attacked.log"
run_start "$work/attacked.log" "$sim" --scenario "$root/tests/hostile/attacked.yaml" --port "$attacked_port"
attacked_pid=$run_pid
must "the attacked simulator starts" run_await "$attacked_pid" 60 grep -q ': ready$' "$work/attacked.log"

fepd_configure "log_lines_per_station: 5"
hostile_list >"$work/hostile.yaml"
sed -i 's/^include: .*/include: [stations.yaml, hostile.yaml]/' "$work/fepd.yaml"
peers=""
for n in $outstations; do
    run_start "$work/outstation-$n.log" "$peer" --outstation "127.0.9.$n:$hostile_port" --local 10 --remote 1 \
        --seed "$((seed * 100 + n))" --seconds "$seconds" $all
    peers="$peers outstation-$n:$run_pid"
done
fepd_start
for n in $masters; do
    run_start "$work/master-$n.log" "$peer" --master "127.0.2.$n:$attacked_port" --local 1 --remote $((9 + n)) \
        --seed "$((seed * 100 + n))" --seconds "$seconds" $all
    peers="$peers master-$n:$run_pid"
done
must "the healthy ones are on line" run_await "$fepd_pid" 60 healthy_are_online

sleep $((seconds / 2))
fepd_kb=$(rss_kb "$fepd_pid")
attacked_kb=$(rss_kb "$attacked_pid")
for one in $peers; do
    check "${one%:*} was served to the end" run_wait "${one#*:}"
    sed "s/^/  /" "$work/${one%:*}.log"
done
must "fepd lives" run_alive "$fepd_pid"
check "what it counted can be read" counted
must "the attacked simulator lives" run_alive "$attacked_pid"
check "fepd does not grow" not_grown fepd "$fepd_kb" "$(rss_kb "$fepd_pid")"
check "the simulator does not grow" not_grown outstation-sim "$attacked_kb" "$(rss_kb "$attacked_pid")"
check "the healthy ones are on line" healthy_all online True
check "they were never off" healthy_all connects 1
check "no request of theirs timed out" healthy_all timeouts 0
check "nothing was refused for want of room" healthy_all not_stored 0
check "something was kept in quarantine" [ "$(sql "$work/fepd.db" "SELECT count(*) FROM quarantine")" -gt 0 ]

kill -USR2 "$sim_pid"
sleep 2
check "fepd ends well" run_stop "$fepd_pid" 30
check "the simulator ends well" run_stop "$sim_pid" 30
check "the attacked simulator ends well" run_stop "$attacked_pid" 30
# What hostile outstations reported is theirs; the account is of the others.
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DELETE FROM event WHERE station IN (SELECT number FROM station WHERE name LIKE \"H%\")")
db.commit()' "$work/fepd.db"
check "the healthy ones' account balances" exits 0 "$account" --ledger "$work/ledger.json" --database "$work/fepd.db"
check "much was generated" said 'generated +[1-9][0-9]{2,}'
finish
