#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# fepbench runs to its end with a few stations, fepd takes what it sends, and the report is whole. No figure is judged
# here: the machine is busy with other tests.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
bench=$build/tools/fepbench
[ -x "$bench" ] || skip "fepbench is not built"

# measured SCENARIO FIELD CONDITION: of each of its records, of which there is at least one.
# shellcheck disable=SC2317 # check() calls it
measured() {
    python3 -c 'import json, sys
records = [r for r in json.load(open(sys.argv[1]))["records"] if r["scenario"] == sys.argv[2]]
sys.exit(not records or not all(eval(sys.argv[4], {"x": r[sys.argv[3]], "r": r}) for r in records))' \
        "$work/report.json" "$@"
}

# 1: a goal was missed; the run itself is valid.
status=0
"$bench" --only unsolicited,connect --stations 16 --values 10 --seconds 2 --mixed --dir "$work" \
    --json "$work/report.json" >"$work/said" 2>&1 || status=$?
[ "$status" -le 1 ] || cat "$work/said"
must "fepbench ends with a valid report ($status)" test "$status" -le 1

check "messages are confirmed" measured unsolicited msg_s "x > 0"
check "of as many values as asked" measured unsolicited values_s "abs(x - r['msg_s'] * r['values']) <= x * 1e-4"
check "with some CPU of fepd" measured unsolicited cpu_us "x > 0"
check "and of the load" measured unsolicited load_us "x > 0"
check "in commits" measured unsolicited msg_commit "x >= 1"
check "delays are known" measured unsolicited p99_us "x >= r['p50_us'] > 0"
check "the floor ran beside it" measured unsolicited floor_msg_s "x > 0"
check "all stations came on line" measured connect connects "x == r['stations'] == 16"
check "the goals are told" said "^memory of a session .*not measured"
check "a report that can't be written is told at once" exits 73 "$bench" --json "$work/none/report.json"
check "rounds are whole" exits 64 "$bench" --pairs 1.5
check "unknown scenarios are refused" exits 64 "$bench" --only tides
check "nothing stays behind" test -z "$(find "$work" -name 'fepbench.*')"

# As it is installed, with the other programs beside it.
mkdir "$work/bin"
cp "$bench" "$build/fep/fepd" "$build/outstation-sim/outstation-sim" "$work/bin"
status=0
"$work/bin/fepbench" --only connect --stations 4 --seconds 1 --dir "$work" >"$work/said" 2>&1 || status=$?
[ "$status" -le 1 ] || cat "$work/said"
check "it finds what is installed beside it ($status)" test "$status" -le 1
finish
