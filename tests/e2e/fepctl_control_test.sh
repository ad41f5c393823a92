#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepctl as an operator uses it, over TLS with a token: controls and actions to their outcome, tags, the audit, the live
# trace, reload; and what is refused to whom.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
program=$build/tools/fepctl
[ -x "$program" ] || skip "libcurl is missing"
command -v openssl >/dev/null || skip "openssl is missing"
unset FEPD_TOKEN_FILE FEPD_SERVER

# as WHO ARGUMENTS...: fepctl with that user's token.
as() {
    who=$1
    shift
    "$program" --server "$url" --cacert "$work/tls.crt" --token-file "$work/$who.token" "$@"
}

# user NAME ROLE [OPTIONS...]: makes a token, and the line in the file of users.
user() {
    name=$1 role=$2
    shift 2
    "$program" token "$name" --role "$role" "$@" >"$work/$name.token" 2>>"$work/users.yaml"
}

is_traced() {
    as engineer --json stations "$station" | grep -q '"trace": true'
}

all_online() {
    [ "$(as engineer --json stations | grep -c '"online": true')" = 6 ]
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/tls.key" -out "$work/tls.crt" -days 2 \
    -subj /CN=fepd.test -addext subjectAltName=IP:127.0.0.1 2>/dev/null
echo "users:" >"$work/users.yaml"
user viewer viewer
user operator operator
user engineer engineer --expires 2099-12-31
user elsewhere operator --stations 'S00001'
user former engineer --expires 2020-12-31
echo "not a token" >"$work/nobody.token"

sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 6 --rate 20
# Outputs may be operated, all actions asked for.
sed -i "/name: 'command {index}'/a\\        control: {operations: [latch_on, latch_off, pulse_on], longest: 5s}
/type: analog_output_status/a\\        control: {min: 0, max: 100}
s/^      quirks: \[\]/&\\n      controls: [select, direct]\\n      actions: [poll, time_sync, enable, freeze, assign_class]/" \
    "$work/stations.yaml"
fepd_configure "api: {tls_certificate: $work/tls.crt, tls_key: $work/tls.key, users: $work/users.yaml}"
must "the configuration is good" exits 0 "$fepd" --check-config "$work/fepd.yaml"
fepd_start
url=$(echo "$url" | sed 's/^http:/https:/')
must "all are on line" run_await "$fepd_pid" 60 all_online
station=$(as engineer --json stations | sed -n 's/.*"name": "\(.*\)",/\1/p' | while read -r name; do
    if as engineer points "$name" | grep -q '^command 0 '; then
        echo "$name"
        break
    fi
done)
must "there is one with outputs" [ -n "$station" ]

echo "--- who may do what"
check "no token" exits 77 "$program" --server "$url" --cacert "$work/tls.crt" stations
check "is said" said '\(HTTP 401\)$'
check "not one of ours" exits 77 as nobody stations
check "one that has expired" exits 77 as former stations
check "a server that nobody vouches for" exits 69 "$program" --server "$url" --token-file "$work/viewer.token" stations
check "is said" said 'certificate'
check "a viewer reads" exits 0 as viewer stations
check "and does not operate" exits 77 as viewer operate "$station" "command 0" latch_on --reason test
check "which role is needed is said" said 'operator'
check "an operator does not reload" exits 77 as operator reload
check "nor where he has no business" exits 77 as elsewhere operate "$station" "command 0" latch_on --reason test
check "he does not even see it" exits 77 as elsewhere points "$station"

echo "--- operate"
check "a breaker, by name" exits 0 as operator operate "$station" "command 0" latch_on --reason "switching plan 7"
for state in requested selecting selected operating operated; do
    check "$state is told" said "^20[0-9T:.-]*Z  $state"
done
check "by type and index, at once" exits 0 as operator --json operate "$station" binary_output_status:1 latch_off \
    --mode direct --reason test
check "as JSON" grep -q '"state": "operated"' "$work/said"
check "a pulse" exits 0 as operator operate "$station" "command 2" pulse_on --on 200 --off 100 --reason test
check "two at once" exits 0 as operator operate "$station" "command 0" latch_off "command 3" latch_on --reason test
check "a set point" exits 0 as operator operate "$station" analog_output_status:0 12.5 --reason test
check "one out of its range" exits 65 as operator operate "$station" analog_output_status:0 250 --reason test
check "is said" said '100'
check "a negative one is no option" exits 65 as operator operate "$station" analog_output_status:0 -5 --reason test
check "but out of range, too" said '100'
check "nor behind the options" exits 65 as operator operate --reason test -- "$station" analog_output_status:0 -.5e1
check "one that is no number" exits 65 as operator operate "$station" analog_output_status:0 -inf --reason test
check "a mode that is not allowed" exits 65 as operator operate "$station" "command 0" latch_on --mode direct_no_ack --reason test
check "no such point" exits 65 as operator operate "$station" "no such" latch_on --reason test
check "a point that is no output" exits 65 as operator operate "$station" binary_input:0 latch_on --reason test
check "an operation that is not allowed" exits 65 as operator operate "$station" "command 0" pulse_off --reason test
check "an index that nobody has" exits 64 as operator operate "$station" binary_output_status:4294967297 latch_on --reason test
check "is said" said '4294967297: an index is at most 4294967295'
check "nor is it tagged" exits 64 as operator tag "$station" binary_output_status:4294967297 --text x
check "none at all" exits 65 as operator operate "$station" "command 0" dance --reason test
check "without a reason" exits 64 as operator operate "$station" "command 0" latch_on
check "a count that is none" exits 64 as operator operate "$station" "command 0" latch_on --count many --reason test
check "one that has ended is not taken back" exits 65 as operator cancel 1 --reason test
check "the list" exits 0 as viewer commands
check "has who and why" said "$station +operator +operate +.*latch_on +operated +switching plan 7"
number=$(sed -n 's/^ *\([0-9][0-9]*\) .*switching plan 7.*/\1/p' "$work/said")
check "one of them" exits 0 as viewer commands "$number"
check "with its history" said '  operated'
check "none is open" exits 0 as viewer --json commands --open
check "an empty list" grep -q '"commands": \[\]' "$work/said"

escape=$(printf '\033')
check "a station that nobody has" exits 65 as operator operate "evil${escape}[2J" "command 0" latch_on --reason test

echo "--- tags"
check "a point is tagged" exits 0 as operator tag "$station" "command 0" --text "man at work"
tag=$(sed -n 's/.*"id": \([0-9]*\).*/\1/p' "$work/said")
check "and not operated" exits 65 as operator operate "$station" "command 0" latch_on --reason test
check "the tag is told" said 'man at work'
check "its neighbour is" exits 0 as operator operate "$station" "command 1" latch_on --reason test
check "the list" exits 0 as viewer tags --station "$station"
check "tells who and why" said "$station .*operator .*man at work"
check "no tag on what is not there" exits 65 as operator tag "$station" "no such" --text x
check "a viewer takes none away" exits 77 as viewer untag "$tag" --reason test
check "it is taken away" exits 0 as operator untag --json "$tag" --reason "work done"
check "as JSON, too" python3 -m json.tool "$work/said" /dev/null
check "and operated again" exits 0 as operator operate "$station" "command 0" latch_on --reason test
check "a tag that is not there" exits 65 as operator untag 999999 --reason test

echo "--- actions"
check "an integrity poll" exits 0 as operator poll "$station"
check "an event poll" exits 0 as operator poll "$station" event
check "a poll of something else" exits 64 as operator poll "$station" everything
check "time" exits 0 as operator action "$station" time_sync --reason test
check "a freeze, which this station does not know" exits 1 as operator action "$station" freeze first=0 last=1 --reason test
check "is told as its answer" said '  failed: the station refuses the request'
check "a restart is not allowed" exits 65 as engineer action "$station" cold_restart --reason test
check "an operator assigns no class" exits 77 as operator action "$station" assign_class class=2 type=analog_input --reason test
check "an argument that is none" exits 64 as operator action "$station" freeze nonsense --reason test
check "off" exits 0 as operator action "$station" disable --reason test
check "is seen" exits 0 as viewer stations
check "as such" said "^$station  *disabled"
check "on" exits 0 as operator action "$station" enable --reason test

echo "--- trace"
: >"$work/traced"
# shellcheck disable=SC2016 # expanded by the inner shell
run_start "$work/trace.log" sh -c 'exec "$0" --server "$1" --cacert "$2" --token-file "$3" trace "$4" >"$5"' \
    "$program" "$url" "$work/tls.crt" "$work/operator.token" "$station" "$work/traced"
trace_pid=$run_pid
check "the station is on line again" run_await "$fepd_pid" 60 all_online
check "it is looked at" run_await "$trace_pid" 60 is_traced
check "a poll" exits 0 as operator poll "$station"
check "is seen on the wire" run_await "$trace_pid" 60 grep -qE 'Z  sent  .*(READ|read)' "$work/traced"
check "and its answer" run_await "$trace_pid" 60 grep -qE 'Z  received  .*(RESPONSE|response)' "$work/traced"
run_stop "$trace_pid" 30 || true
check "not by a viewer" exits 77 as viewer trace "$station"

echo "--- reload"
check "an engineer reloads" exits 0 as engineer reload
check "it is done" run_await "$fepd_pid" 60 grep -q 'event=reloaded' "$work/fepd.log"

echo "--- audit"
check "all of it" exits 0 as engineer audit
check "has the command" said "operator  operator  operate  $station"
check "what was refused" said 'refused'
check "as it was written" said 'evil\?\[2J'
check "but not so as to steer the terminal" not grep -qF "$escape" "$work/said"
as engineer --json audit >"$work/audit"
check "each record once, in order" [ "$(grep -o '"id":[0-9]*' "$work/audit" | cut -d: -f2)" = \
    "$(seq 1 "$(wc -l <"$work/audit")")" ]
check "of one station" exits 0 as engineer audit --station "$station" --limit 3
check "three of it" [ "$(grep -c "  $station  " "$work/said")" = 3 ]
check "its head" exits 0 as engineer audit head
head=$(cat "$work/said")
check "has number and hash" said '^[0-9]+:[0-9a-f]{64}$'
check "while fepd runs it is whole" exits 0 "$program" audit verify --head "$head" --database "$work/fepd.db"
check "more comes" exits 0 as operator operate "$station" "command 1" latch_off --reason test
check "the head is still on its way" exits 0 "$program" audit verify --head "$head" --database "$work/fepd.db"
check "a head that is none" exits 64 "$program" audit verify --head 7 --database "$work/fepd.db"
as engineer audit head >"$work/head"
check "fepd ends well" run_stop "$fepd_pid" 30
"$program" backup "$work/fepd.db" "$work/changed.db" >/dev/null
"$program" backup "$work/fepd.db" "$work/cut.db" >/dev/null
python3 - "$work/changed.db" "$work/cut.db" <<'END'
import sqlite3, sys
changed, cut = (sqlite3.connect(path) for path in sys.argv[1:])
for database in (changed, cut):  # whoever can write the file is not stopped by a trigger
    for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {name}")
changed.execute("UPDATE audit SET who = 'nobody' WHERE id = 3")
cut.execute("DELETE FROM audit WHERE id > (SELECT max(id) FROM audit) - 3")
changed.commit()
cut.commit()
END
check "one that was changed is found" exits 1 "$program" audit verify --database "$work/changed.db"
check "and where" said '^record 3: '
check "one that was cut looks whole" exits 0 "$program" audit verify --database "$work/cut.db"
check "but not to who knows the head" exits 1 "$program" audit verify --head "$(cat "$work/head")" --database "$work/cut.db"
check "no token in the log" not grep -qF "$(cat "$work/operator.token")" "$work/fepd.log"
finish
