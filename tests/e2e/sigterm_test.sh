#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGTERM under load, with confirms that wait: exit status 0 within five seconds, what is stored is confirmed, and the
# current values are written.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

sim_start "$root/outstation-sim/scenarios/crash.yaml" --stations 60 --rate 1500
fepd_configure

# A machine may stand still just then, but not always.
ended=124
for try in 1 2 3; do
    FEPD_TEST_HOLD_CONFIRM_MS=100
    export FEPD_TEST_HOLD_CONFIRM_MS
    fepd_start
    unset FEPD_TEST_HOLD_CONFIRM_MS
    must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 60
    sleep 1
    before_ms=$(date +%s%3N)
    ended=0
    run_stop "$fepd_pid" 5 || ended=$?
    echo "it took $(($(date +%s%3N) - before_ms)) ms, try $try: exit status $ended"
    [ "$ended" = 124 ] || break
done
check "SIGTERM ends it well within five seconds" [ "$ended" = 0 ]
check "it says so" grep -q 'event=stopped' "$work/fepd.log"
# What it had sent comes to the stations in a moment.
then_is_confirmed() {
    sim_ledger "$work/then.json"
    "$account" --ledger "$work/then.json" --database "$work/fepd.db" | grep -qE 'stored_buffered +0 '
}
for _ in $(seq 60); do
    then_is_confirmed && break
    sleep 0.2
done
check "nothing is lost or doubled" exits 0 "$account" --ledger "$work/then.json" --database "$work/fepd.db"
check "much was generated" said 'generated +[1-9][0-9]{3,}'
check "what is stored is confirmed" said 'stored_buffered +0 '

behind="SELECT count(*) FROM (SELECT station, type, point_index, max(seq) AS newest FROM event
        WHERE type < 8 AND marks & 2 = 0 GROUP BY 1, 2, 3) e
        LEFT JOIN current_value c USING (station, type, point_index) WHERE c.seq IS NULL OR c.seq < e.newest"
check "current values are written" [ "$(sql "$work/fepd.db" "$behind")" = 0 ]
check "there are some" [ "$(sql "$work/fepd.db" "SELECT count(*) FROM current_value")" -gt 500 ]
as_of="SELECT (SELECT max(seq) FROM event) || ' written of ' || as_of FROM meta"
check "as of the end" [ "$(sql "$work/fepd.db" "SELECT as_of = (SELECT max(seq) FROM event) FROM meta")" = 1 ]
echo "$(sql "$work/fepd.db" "$as_of")"
check "the write-ahead log is gone" [ ! -s "$work/fepd.db-wal" ]

# A start right away goes on where the last one ended.
fepd_start
check "all are on line again" run_await "$fepd_pid" 60 metric_is fep_sessions_online 60
kill -USR2 "$sim_pid"
check "what the outstations hold drains" drains 120
check "ends well" run_stop "$fepd_pid" 30
check "the simulator too" run_stop "$sim_pid" 30
check "nothing is lost or doubled over both" exits 0 "$account" --ledger "$work/ledger.json" --database "$work/fepd.db"
check "and nothing is left with the stations" said 'buffered +0  still'

# Before it has a single station, and with stations that nobody answers for.
fepd_start
check "with dead stations it ends well, too" run_stop "$fepd_pid" 30
finish
