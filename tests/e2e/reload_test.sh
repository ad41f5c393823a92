#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGHUP: stations that did not change keep their connection; an erroneous list changes nothing and says so.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

# connections STATION: how often something has connected to it, as the station itself counts.
connections() {
    sim_ledger "$work/look.json" || return 1
    sed -n "s/^{\"station\":\"$1\",\"group\".*\"connections\":\\([0-9]*\\),.*/\\1/p" "$work/look.json"
}

connected_times() {
    [ "$(connections "$1")" = "$2" ]
}

# without LIST STATION...: the list without these. A station is a line with its name and five more.
without() {
    awk -v names=" $2 " '/^  - name: S/ { skip = index(names, " " $3 " ") > 0 } !skip' "$1"
}

reload() {
    logged=$(grep -cE 'event=(reloaded|reload_failed)' "$work/fepd.log" || true)
    kill -HUP "$fepd_pid"
    run_await "$fepd_pid" 60 reload_told
}

reload_told() {
    [ "$(grep -cE 'event=(reloaded|reload_failed)' "$work/fepd.log" || true)" -gt "$logged" ]
}

listed() {
    curl -fsS "$url/v1/stations" | grep -q "\"name\":\"$1\""
}

not_listed() {
    ! listed "$1"
}

sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 12 --rate 60
cp "$work/stations.yaml" "$work/all.yaml"
without "$work/all.yaml" "S00011 S00012" >"$work/stations.yaml"
fepd_configure "workers: 2"
fepd_start
must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 10
for station in S00001 S00002 S00003 S00010; do
    check "$station has one connection" connected_times $station 1
done
check "S00011 has none" connected_times S00011 0

# S00002 goes, S00003 gets another setting, S00011 comes.
without "$work/all.yaml" "S00002 S00012" | sed '/^  - name: S00003$/a\    session: {response_timeout: 3s}' \
    >"$work/stations.yaml"
must "reloads" reload
check "it says what has changed" \
    grep -q 'event=reloaded .*stations=10 added=1 removed=1 changed=1 kept=8' "$work/fepd.log"
check "ten are on line again" run_await "$fepd_pid" 60 metric_is fep_sessions_online 10
for station in S00001 S00004 S00005 S00006 S00007 S00008 S00009 S00010; do
    check "$station has kept its connection" connected_times $station 1
done
check "the changed one has a new one" connected_times S00003 2
check "the added one has its first" connected_times S00011 1
check "the removed one is left alone" connected_times S00002 1
check "the added one is listed" listed S00011
check "the removed one is not" not_listed S00002
check "one reload is counted" metric_is fep_reloads_total 1

# Two errors, in one go, with their places.
cp "$work/stations.yaml" "$work/good.yaml"
lines=$(wc -l <"$work/stations.yaml")
{
    echo "  - name: S00001"
    echo "    host: 127.0.1.99"
    echo "    port: 70000"
    echo "    outstation_address: 9"
    echo "    colour: green"
} >>"$work/stations.yaml"
must "answers" reload
check "the errors are told" grep -q 'event=reload_failed .*nothing was changed' "$work/fepd.log"
for place in 1:11 3:11 5:5; do
    line=$((lines + ${place%:*}))
    check "with file, line $line and column" grep -qE \
        "event=configuration_error .*file=\"?[^ ]*stations.yaml\"? line=$line column=${place#*:}( |\$)" "$work/fepd.log"
done
check "nothing has changed" metric_is fep_stations 10
check "it is counted" metric_is fep_reloads_failed_total 1
check "all are still on line" metric_is fep_sessions_online 10
check "with the same connection" connected_times S00001 1

# Back to what was at first: a removed station comes back under its number, and its events go on.
number=$(sql "$work/fepd.db" "SELECT number FROM station WHERE name = 'S00002'")
cp "$work/all.yaml" "$work/stations.yaml"
must "reloads" reload
check "all twelve are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 12
check "S00002 has the number that it had" [ "$number" = "$(sql "$work/fepd.db" \
    "SELECT number FROM station WHERE name = 'S00002'")" ]
kill -USR2 "$sim_pid"
sleep 3
check "fepd ends well" run_stop "$fepd_pid" 30
check "the simulator too" run_stop "$sim_pid" 30
check "the account balances" "$account" --ledger "$work/ledger.json" --database "$work/fepd.db"
finish
