#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepd --schema: an editor that checks by it takes what fepd takes, and marks what fepd refuses.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
python3 -c 'import jsonschema, yaml' 2>/dev/null || skip "python3-jsonschema or python3-yaml is missing"

"$fepd" --schema >"$work/schema.json"
"$sim" --scenario "$root/outstation-sim/scenarios/demo.yaml" --stations 50 --write-config "$work/stations.yaml"

# judge FILE...: exits with 0 where the schema has nothing against any.
judge() {
    python3 - "$work/schema.json" "$@" <<'END'
import json, sys
import jsonschema, yaml
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
errors = [f"{f}: {'/'.join(map(str, e.path))}: {e.message}" for f in sys.argv[2:]
          for e in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(f)))]
print("\n".join(errors))
sys.exit(1 if errors else 0)
END
}

check "the examples are good" judge "$root"/config/examples/*.yaml "$root"/config/examples/stations.d/*.yaml
check "so is what the simulator writes" judge "$work/stations.yaml"
# One text is a list of one.
echo 'include: ["stations.yaml"]' >"$work/list.yaml"
echo 'include: stations.yaml' >"$work/single.yaml"
for file in list single; do
    check "the schema takes a $file" judge "$work/$file.yaml"
    check "so does fepd" exits 0 "$fepd" --check-config "$work/$file.yaml"
done

# Each line is wrong, and both say so.
number=0
while read -r line; do
    number=$((number + 1))
    printf '%s\n' "$line" >"$work/wrong.yaml"
    check "the schema refuses line $number" exits 1 judge "$work/wrong.yaml"
    check "fepd refuses line $number" exits 78 "$fepd" --check-config "$work/wrong.yaml"
done <<'END'
{fep: {database: x.db, workers: many}, stations: []}
{fep: {database: x.db, listen_port: 65536}, stations: []}
{fep: {database: x.db, clock: moon}, stations: []}
{fep: {database: x.db, commit_interval: 3 fortnights}, stations: []}
{fep: {databse: x.db}, stations: []}
{fep: {database: x.db}, stations: [{name: A, port: 1, outstation_address: 1}]}
{fep: {database: x.db}, stations: [{name: A, host: 10.0.0.1, outstation_address: 70000}]}
{fep: {database: x.db}, stations: [{name: A, host: 10.0.0.1, outstation_address: 1, session: {unsolicited_classes: [4]}}]}
{fep: {database: x.db}, stations: [{name: A, host: 10.0.0.1, outstation_address: 1, session: {quirks: [lazy]}}]}
{fep: {database: x.db}, stations: [{name: A, host: 10.0.0.1, outstation_address: 1, points: [{type: analog_input, index: 1..x}]}]}
END
finish
