#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools/demo with the programs of this build: balances, ends early on a signal, fails where it should, leaves nothing.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

check "an unknown option is refused" exits 64 "$root/tools/demo" --station 5
check "an option without its argument too" exits 64 "$root/tools/demo" --stations
check "a folder without programs is refused" exits 72 "$root/tools/demo" --bin "$work"
check "a time that is none too" exits 64 "$root/tools/demo" --bin "$build" --seconds soon
check "as is a number of kills" exits 64 "$root/tools/plug" --bin "$build" --kills many

check "a run of five seconds" exits 0 \
    "$root/tools/demo" --bin "$build" --work "$work/timed" --stations 60 --rate 300 --seconds 5
check "balances" said 'the account balances'
check "says where to look" said "database +$work/timed/fepd.db"
check "has generated" said 'generated +[1-9][0-9]{2,}'
check "has streamed" said 'stream: [1-9][0-9]{2,} received, 0 missing, 0 repeated'
check "fepd says that it has stopped" grep -q 'event=stopped' "$work/timed/fepd.log"
check "nothing is left running" no_process_of "$work/timed"
check "what another run has left is not gone on with" exits 73 \
    "$root/tools/demo" --bin "$build" --work "$work/timed" --seconds 1
compare() {
    "$account" --ledger "$work/timed/ledger.json" --database "$work/timed/fepd.db" "$@"
}
check "an account without its stream" exits 66 compare --json --stream "$work/none"
check "is no half JSON" not said '^\{'
check "one that can't be written" exits 74 sh -c "'$account' --ledger '$work/timed/ledger.json' \
    --database '$work/timed/fepd.db' >/dev/full"
sed 's/"type":"[a-z_]*",*//' "$work/timed/stream.jsonl" >"$work/typeless.jsonl"
check "a stream without types is another" exits 1 compare --stream "$work/typeless.jsonl"

# Without a time it runs until a signal comes.
touch "$work/endless.txt"
setsid "$root/tools/demo" --bin "$build" --work "$work/endless" --stations 30 --rate 100 >"$work/endless.txt" 2>&1 &
demo_pid=$!
run_pids="$run_pids $demo_pid"
must "it starts" run_await "$demo_pid" 60 grep -q 'Ctrl-C' "$work/endless.txt"
check "shows a line while it runs" run_await "$demo_pid" 60 \
    grep -qE '^30 of 30 stations on line, [1-9][0-9]* rows stored, .* median [0-9.]+ ms, p99 ' "$work/endless.txt"
check "SIGTERM ends it with an account" run_stop "$demo_pid" 120
check "which balances" grep -q 'the account balances' "$work/endless.txt"
check "nothing is left running" no_process_of "$work/endless"

# A script that is killed takes its programs with it.
touch "$work/killed.txt"
setsid "$root/tools/demo" --bin "$build" --work "$work/killed" --stations 9 --rate 10 >"$work/killed.txt" 2>&1 &
demo_pid=$!
run_pids="$run_pids $demo_pid"
must "it starts" run_await "$demo_pid" 60 grep -q 'Ctrl-C' "$work/killed.txt"
kill -KILL "$demo_pid"
run_wait "$demo_pid" || true
check "a killed demo leaves nothing running" run_await $$ 60 no_process_of "$work/killed"
killed_url=$(sed -n 's,.*\(http://[0-9.:]*\)/v1/stations$,\1,p' "$work/killed.txt")
must "it had an address" test -n "$killed_url"
check "not even its line" run_await $$ 60 no_process_of "$killed_url"

# The accountant's word counts.
mkdir -p "$work/build/tools"
ln -s "$build/fep" "$build/outstation-sim" "$work/build/"
ln -s "$follow" "$work/build/tools/"
printf '#!/bin/sh\nexit 1\n' >"$work/build/tools/fepaccount"
chmod +x "$work/build/tools/fepaccount"
check "an account that does not balance is a failure" exits 1 \
    "$root/tools/demo" --bin "$work/build" --work "$work/it's broken: here #1" --stations 9 --rate 10 --seconds 1
check "in any folder" test -s "$work/it's broken: here #1/fepd.db"

# What can't be written is told before the run.
check "a ledger nowhere" exits 74 "$sim" --scenario "$root/outstation-sim/scenarios/demo.yaml" --ledger "$work/none/l"
check "nor one that is a folder" exits 74 "$sim" --scenario "$root/outstation-sim/scenarios/demo.yaml" --ledger "$work"
finish
