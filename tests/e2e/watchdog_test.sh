#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The service manager is told that fepd lives only while every thread of it does.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
must "a simulator starts" sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 4 --rate 20
fepd_configure "workers: 2"
got=0
python3 "$root/tests/e2e/watchdog.py" "$work/fepd.log" "$fepd" --config "$work/fepd.yaml" || got=$?
[ "$got" != 77 ] || skip "no thread may be stopped here"
check "the watchdog" [ "$got" = 0 ]
finish
