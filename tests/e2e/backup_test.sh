#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepctl backup while fepd works: a whole copy of one moment, and nobody is disturbed. Then the copy is restored, as the
# README tells: nothing is lost but what was confirmed since, which the replaced database still has.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
ctl=$build/tools/fepctl
[ -x "$ctl" ] || skip "libcurl is missing"
timed="type < 100 AND origin IN (1, 2)"

# is_prefix COPY: that it has the rows of the database up to its newest, all of them, and no other.
is_prefix() {
    python3 - "$1" "$work/fepd.db" <<'END'
import sqlite3, sys
rows = "SELECT * FROM event WHERE seq <= ? ORDER BY seq"
copy, whole = (sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in sys.argv[1:])
newest = copy.execute("SELECT max(seq) FROM event").fetchone()[0]
mine, theirs = (db.execute(rows, (newest,)).fetchall() for db in (copy, whole))
print(f"{len(mine)} rows up to {newest}")
# What a hole lacks at first, when it ended, comes later.
mine, theirs = ([r for r in rows if r[2] != 100] for rows in (mine, theirs))
sys.exit(0 if mine == theirs and len(mine) > 100 else 1)
END
}

# as_it_is FILE...: their content and size.
as_it_is() {
    sha256sum "$@"
}

sim_start "$root/outstation-sim/scenarios/crash.yaml" --stations 60 --rate 1500
fepd_configure
FEPD_TEST_HOLD_CONFIRM_MS=200
export FEPD_TEST_HOLD_CONFIRM_MS
fepd_start
must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 60

echo "--- under load"
for number in 1 2 3; do
    sleep 0.5
    check "copy $number is made" "$ctl" backup "$work/fepd.db" "$work/copy$number.db"
    check "it is whole" [ "$(sql "$work/copy$number.db" "PRAGMA integrity_check")" = ok ]
    check "it stands alone" [ ! -e "$work/copy$number.db-wal" ]
done
check "not twice under a name" exits 74 "$ctl" backup "$work/fepd.db" "$work/copy1.db"
check "which is said" said 'copy1.db: exists already'
check "no database" exits 66 "$ctl" backup "$work/none.db" "$work/copy4.db"
check "not one of fepd" exits 66 "$ctl" backup "$work/fepd.yaml" "$work/copy4.db"
check "nothing is left of these" [ -z "$(find "$work" -name 'copy4*')" ]
check "no commit has failed" metric_is fep_failed_commits_total 0
check "all are on line still" metric_is fep_sessions_online 60

echo "--- fepd stands still: what changes now, the copy has done"
kill -STOP "$fepd_pid"
check "there is a log" [ -s "$work/fepd.db-wal" ]
before=$(as_it_is "$work/fepd.db" "$work/fepd.db-wal")
check "a copy is made all the same" "$ctl" backup "$work/fepd.db" "$work/still.db"
check "nothing was checkpointed" [ "$before" = "$(as_it_is "$work/fepd.db" "$work/fepd.db-wal")" ]
kill -CONT "$fepd_pid"

echo "--- and a consumer that was further than the copy"
sleep 1
cursor=$(curl -fsS "$url/healthz" | sed -n 's/.*"newest":"\([^"]*\)".*/\1/p')
check "a consumer acknowledges" "$ctl" --server "$url" consumers historian "$cursor"
kill -KILL "$fepd_pid"
run_wait "$fepd_pid" || true

echo "--- fepd is dead: nobody else has the database open"
before=$(as_it_is "$work/fepd.db" "$work/fepd.db-wal")
check "a copy can be made still" "$ctl" backup "$work/fepd.db" "$work/dead.db"
check "and nothing was checkpointed" [ "$before" = "$(as_it_is "$work/fepd.db" "$work/fepd.db-wal")" ]
for copy in copy1 copy2 copy3 still dead; do
    check "$copy is the beginning of the database" is_prefix "$work/$copy.db"
done

echo "--- restored, as the README tells"
mkdir "$work/replaced"
mv "$work"/fepd.db* "$work/replaced/"
cp "$work/copy2.db" "$work/fepd.db"
from=$(sql "$work/copy2.db" "SELECT max(seq) FROM event")
since=$(sql "$work/replaced/fepd.db" "SELECT count(*) FROM event WHERE $timed AND seq > $from")
: >"$work/fepd.log"
fepd_start
unset FEPD_TEST_HOLD_CONFIRM_MS
must "all are on line again" run_await "$fepd_pid" 60 metric_is fep_sessions_online 60
check "the consumer's cursor is not taken for one of this journal" \
    exits 65 "$ctl" --server "$url" events --after "$cursor" --limit 1
check "which is said" said 'another journal'
check "not even where this journal has got further" \
    exits 65 "$ctl" --server "$url" events --after "${cursor%-*}-5" --limit 1
check "the consumer is where the copy knew it" exits 65 "$ctl" --server "$url" consumers historian
check "here: not at all" said 'no consumer of this name'
check "from there it goes on" exits 0 "$ctl" --server "$url" events --limit 5
kill -USR2 "$sim_pid"
check "what the outstations hold drains" drains 120
check "fepd ends well" run_stop "$fepd_pid" 30
check "the simulator too" run_stop "$sim_pid" 30
"$account" --json --ledger "$work/ledger.json" --database "$work/fepd.db" >"$work/account.json" 2>"$work/missing" || true
lost=$(json_number lost "$work/account.json")
echo "$since events were stored since the copy was made; $lost of them are only in the replaced database"
check "what was confirmed since the copy is not here" [ "$lost" -gt 0 ]
check "what was not confirmed came again" [ "$lost" -lt "$since" ]
check "nothing is doubled" [ "$(json_number doubles "$work/account.json")" = 0 ]
check "nothing is foreign" [ "$(json_number foreign "$work/account.json")" = 0 ]
check "nothing is left with the outstations" [ "$(json_number buffered "$work/account.json")" = 0 ]
finish
