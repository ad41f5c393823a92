#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Controls from the HTTP request to the output and back: each mode against each thing that a station may do; a
# process that is killed while a command is out; the audit's chain at the end.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

cat >"$work/scenario.yaml" <<END
name: commands
first_address: 127.0.1.1
groups:
  - name: all
    stations: 2
    rate: 0
    points:
      - {type: binary_output_status, count: 4, class: 2}
      - {type: binary_command, count: 4, class: 2}
  - name: refusing
    stations: 1
    rate: 0
    outstation_address: 20
    refused_functions: 120 # FC 3 to 6
    points:
      - {type: binary_output_status, count: 4, class: 2}
END
sim_start "$work/scenario.yaml"
# The first station answers in time though the machine stands still for a while, and is given up soon all the same. Each
# mode is allowed; output 9 is not there at the station; what output 2 should show at is not there either.
sed -i '/^    template: /a\
    session: {controls: [select, direct, direct_no_ack], response_timeout: 4s, command_deadline: 15s}\
    points:\
      - {type: binary_output_status, index: 0, control: {operations: [latch_on, latch_off, pulse_on]}}\
      - {type: binary_output_status, index: 1, control: {feedback: {type: binary_output_status, index: 1, within: 6s}}}\
      - {type: binary_output_status, index: 2, control: {feedback: {type: binary_input, index: 7, within: 1s}}}\
      - {type: binary_output_status, index: 9, control: {}}' "$work/stations.yaml"
# What is asked of the second one while its host stands still is out until fepd ends.
sed -i '/^  - name: S00002$/,/^    session:/s/response_timeout: 4s, command_deadline: 15s/response_timeout: 2min, command_deadline: 4min/' \
    "$work/stations.yaml"
fepd_configure "workers: 2" "api: {loopback: write}"
fepd_start
must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 3
check "each outcome is as it should be" python3 "$root/tests/e2e/controls.py" "$url" matrix "$sim_pid"

# The station's host stands still. Who stops fepd does not wait for ever, and its end is told; meanwhile others go
# on asking, also of a worker that waits for nothing and has stopped before.
kill -STOP "$sim_pid"
check "an operate is out" python3 "$root/tests/e2e/controls.py" "$url" leave
(sleep 0.2 && python3 "$root/tests/e2e/controls.py" "$url" ask_on) &
asking=$!
run_stop "$fepd_pid" 15 || check "fepd stops in time" false
wait "$asking" || check "who asks comes to an end" false
kill -CONT "$sim_pid"
check "each that was told of has its end" [ "$(sql "$work/fepd.db" "SELECT count(*) FROM audit a
    JOIN (SELECT max(id) AS id FROM audit WHERE command <> 0 GROUP BY command) USING (id)
    WHERE a.state IN ('requested', 'selecting', 'selected', 'operating', 'feedback_awaited')")" = 0 ]
check "what was out is unknown" [ "$(sql "$work/fepd.db" \
    "SELECT state FROM audit WHERE station = 'S00002' ORDER BY id DESC LIMIT 1")" = unknown ]
fepd_start
must "all are on line once more" run_await "$fepd_pid" 60 metric_is fep_sessions_online 3

# The operate waits in the station's socket while fepd is killed.
kill -STOP "$sim_pid"
check "an operate is out" python3 "$root/tests/e2e/controls.py" "$url" leave
kill -KILL "$fepd_pid"
wait "$fepd_pid" 2>/dev/null || true
kill -CONT "$sim_pid"
fepd_start
must "all are on line again" run_await "$fepd_pid" 60 metric_is fep_sessions_online 3
check "nobody knows of it any more" python3 "$root/tests/e2e/controls.py" "$url" after_kill
check "the start says so" grep -q 'event=commands_unknown .*commands=1' "$work/fepd.log"
check "it was not sent a second time" python3 "$root/tests/e2e/controls.py" "$url" executed_once
check "the head is logged" grep -q 'event=audit_head .*head=[1-9]' "$work/fepd.log"
run_stop "$fepd_pid" 30 || check "fepd stops" false
[ ! -x "$build/tools/fepctl" ] || check "the chain holds" "$build/tools/fepctl" audit verify --database "$work/fepd.db"
finish
