#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepd --check-config: all errors of a list in one go, with file, line and column, and no trace of a start.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

"$sim" --scenario "$root/outstation-sim/scenarios/demo.yaml" --stations 500 --write-config "$work/stations.yaml"
fepd_configure
check "a good list" exits 0 "$fepd" --check-config "$work/fepd.yaml"
check "says how many" said 'fepd\.yaml: no errors, 500 stations$'
check "no database is made" [ ! -e "$work/fepd.db" ]
fepd_configure "api: {tls_certificate: tls.crt, tls_key: tls.key, users: users.yaml}"
check "what only systemd hands over is left out" exits 0 "$fepd" --check-config "$work/fepd.yaml"
fepd_configure "api: {tls_certificate: $work/tls.crt, tls_key: $work/tls.key, users: $work/users.yaml}"
check "what is not at its path is an error" exits 78 "$fepd" --check-config "$work/fepd.yaml"
check "the examples are good" exits 0 "$fepd" --check-config "$root/config/examples/fepd.yaml"

cat >"$work/bad.yaml" <<'END'
fep:
  database: fepd.db
  workers: many
templates:
  - name: gateway
    sesion: {response_timeout: 5s}
stations:
  - {name: North, host: 127.0.0.1, port: 20000, outstation_address: 70000, template: gateway}
  - {name: North, host: 127.0.0.2, port: 20000, outstation_address: 2, template: gatway}
include: [more.yaml]
END
printf 'stations:\n  - {name: South, host: nowhere, port: 20000, outstation_address: 3}\n' >"$work/more.yaml"
check "a bad one" exits 78 "$fepd" --check-config "$work/bad.yaml"
for place in bad.yaml:3:12 bad.yaml:6:5 bad.yaml:8:69 bad.yaml:9:12 bad.yaml:9:82 more.yaml:2:25; do
    check "an error at $place" said "/$place: ."
done
check "six errors and no more" [ "$(wc -l <"$work/said")" = 6 ]
check "what was meant" said "6:5: .*'session'"
check "as JSON, too" exits 78 "$fepd" --json --check-config "$work/bad.yaml"
check "which a program can read" python3 -c 'import json, sys
assert [e["line"] for e in json.load(open(sys.argv[1]))["errors"]] == [3, 6, 8, 9, 9, 2]' "$work/said"
check "all keys are told" exits 0 "$fepd" --keys
check "with what they allow" said '`commit_interval`.*a duration from 0 to 1s'
check "a word that is no option" exits 64 "$fepd" --check
finish
