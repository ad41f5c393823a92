#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# /v1/openapi.json: its examples are sent to a running fepd, and the answers fit its schemas; a linter has nothing to
# say.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not there"

must "a simulator starts" sim_start "$root/outstation-sim/scenarios/full.yaml" --stations 3
# One output may be operated.
awk '{ print } /name: .output \{index\}/ { print "        control: {operations: [latch_on, latch_off]}" }' \
    "$work/stations.yaml" >"$work/with_control.yaml"
mv "$work/with_control.yaml" "$work/stations.yaml"
token=$("$build/tools/fepctl" token anna --role engineer 2>"$work/user")
{
    echo "users:"
    cat "$work/user"
} >"$work/users.yaml"
fepd_configure "api: {users: $work/users.yaml, loopback: write}"
must "fepd starts" fepd_start
stations_on_line() {
    curl -fsS "$url/v1/overview" | grep -q '"online":3,'
}
must "the stations are on line" run_await "$fepd_pid" 60 stations_on_line
check "the examples are answered as described" python3 "$root/tests/e2e/openapi_replay.py" "$url" "$token"
curl -fsS "$url/v1/openapi.json" >"$work/openapi.json"
check "it is the file" cmp -s "$work/openapi.json" "$root/fep/publisher/openapi.json"
# What the table of routes has, the document has.
sed -n 's/.*\.path = "\([^"]*\)".*/\1/p' "$root/fep/publisher/http_route.c" | sort >"$work/routes"
python3 -c 'import json, re, sys
for path in json.load(open(sys.argv[1]))["paths"]:
    if path != "/v1/openapi.json":
        print(re.sub(r"\{[a-z]+\}", "*", path))' "$work/openapi.json" | sort >"$work/described"
check "every route is described" diff "$work/routes" "$work/described"

if python3 -c 'import openapi_spec_validator' 2>/dev/null; then
    check "openapi-spec-validator finds nothing" python3 -m openapi_spec_validator "$work/openapi.json"
else
    echo "without openapi-spec-validator, the document is not validated"
fi
if command -v redocly >/dev/null 2>&1; then
    check "redocly finds no error" redocly lint "$work/openapi.json"
else
    echo "without redocly, the document is not linted"
fi
must "fepd ends" run_stop "$fepd_pid" 30
finish
