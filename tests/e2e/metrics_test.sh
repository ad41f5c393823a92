#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Prometheus reads: the page of metrics, the alert rules, and that each rule asks for what the page has.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 5 --rate 50
fepd_configure
fepd_start
must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 5
newest=$(curl -fsS "$url/v1/events?limit=1" | sed -n 's/.*"next":"\([^"]*\)".*/\1/p')
check "a consumer acknowledges" curl -fsS -o "$work/put" -X PUT -H 'Content-Type: application/json' \
    -d "{\"cursor\":\"$newest\"}" "$url/v1/consumers/historian"
curl -fsS "$url/metrics" >"$work/metrics"

check "no name twice" [ -z "$(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/metrics" | sort | uniq -d)" ]
check "how far the consumer is behind" grep -qE '^fep_consumer_lag_rows\{consumer="historian"\} [1-9]' "$work/metrics"
check "what is free on the disk" grep -qE '^fep_database_disk_free_bytes [1-9]' "$work/metrics"
descriptors=$(sed -n 's/^process_open_fds //p' "$work/metrics")
set -- "/proc/$fepd_pid/fd"/*
echo "$descriptors descriptors told, $# seen"
check "descriptors are counted" [ "$descriptors" -ge $(($# - 2)) ]
check "and not others'" [ "$descriptors" -le $(($# + 2)) ]

# Every metric that a rule asks for is there.
sed -n '/expr:/,/labels:\|for:/p' "$root/config/alerts.yaml" | grep -oE '\b(fep|process)_[a-z_]+' | sort -u >"$work/asked"
check "the rules ask for something" [ "$(wc -l <"$work/asked")" -gt 12 ]
while read -r name; do
    check "$name is there" grep -qE "^${name}[ {]" "$work/metrics"
done <"$work/asked"

# So is each that the README tells of.
grep -oE '`(fep|process)_[a-z_]+`' "$root/README.md" | tr -d '`' | sort -u >"$work/told"
check "the README tells of metrics" [ "$(wc -l <"$work/told")" -gt 15 ]
while read -r name; do
    check "$name is there, too" grep -qE "^# TYPE $name " "$work/metrics"
done <"$work/told"

check "fepd ends well" run_stop "$fepd_pid" 30
command -v promtool >/dev/null || {
    run_end
    [ "$failures" = 0 ] || finish
    skip "promtool (Debian: prometheus) is missing"
}
check "promtool has nothing against the page" exits 0 promtool check metrics <"$work/metrics"
check "not a word" [ ! -s "$work/said" ]
sed 's/^# HELP fep_commits_total .*//; s/fep_rows_/fep_Rows_/' "$work/metrics" >"$work/worse"
check "it would say what is wrong" exits 3 promtool check metrics <"$work/worse"
check "the rules are good" exits 0 promtool check rules "$root/config/alerts.yaml"
check "each is raised in its time" exits 0 promtool test rules "$root/tests/e2e/alerts.yaml"
# Each has its test, and a rule that never fires is found out.
sed -n 's/.*- alert: //p' "$root/config/alerts.yaml" | while read -r alert; do
    grep -q "alertname=\"$alert\"" "$root/tests/e2e/alerts.yaml" || echo "$alert"
done >"$work/untested"
check "none is without a test" [ ! -s "$work/untested" ]
mkdir -p "$work/tests/e2e" "$work/config"
cp "$root/tests/e2e/alerts.yaml" "$work/tests/e2e"
sed 's/fep_store_failing == 1/fep_store_failing == 2/' "$root/config/alerts.yaml" >"$work/config/alerts.yaml"
check "one that is never raised is found" exits 1 promtool test rules "$work/tests/e2e/alerts.yaml"
finish
