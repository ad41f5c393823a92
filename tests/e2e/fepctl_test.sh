#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepctl against a running fepd and simulated outstations: what it shows, in tables and as JSON, what it says where it
# can't, and its exit statuses.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
program=$build/tools/fepctl
[ -x "$program" ] || skip "libcurl is missing"
unset FEPD_TOKEN_FILE

ctl() {
    "$program" --server "$url" "$@"
}

# json_is EXPRESSION: that it is true of the JSON in $work/said, as `j`; `e` are its lines, where each is JSON.
json_is() {
    python3 - "$work/said" "$1" <<'END'
import json, sys
def read(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
text = open(sys.argv[1], encoding="utf-8").read()
j, e = read(text), [read(line) for line in text.splitlines()]
sys.exit(0 if eval(sys.argv[2]) else 1)
END
}

lines_are() {
    [ "$(wc -l <"$work/said")" = "$1" ] && return 0
    wc -l <"$work/said"
    return 1
}

sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 6 --rate 60
fepd_configure
# One that nobody answers for.
cat >>"$work/stations.yaml" <<END
  - name: Nord & Süd/1
    host: 127.0.0.1
    port: 1
    outstation_address: 9
END
fepd_start
must "all but one are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 6

echo "--- stations"
check "a table" exits 0 ctl stations
check "with a heading and seven rows" lines_are 8
check "the worst is first" [ "$(sed -n 's/^\(Nord & Süd\/1\) *OFFLINE .*/\1/p;2q' "$work/said")" = "Nord & Süd/1" ]
check "others are on line" said '^S00006  *online '
check "as JSON" exits 0 ctl --json stations
check "all of them" json_is 'len(j["stations"]) == 7 and sum(s["online"] for s in j["stations"]) == 6'
check "one" exits 0 ctl stations S00001
check "in pairs" said '^outstation_address +[0-9]+$'
check "whose name has everything" exits 0 ctl --json stations "Nord & Süd/1"
check "is found" json_is 'j["station"]["name"] == "Nord & Süd/1" and not j["station"]["online"]'
check "none of this name" exits 65 ctl stations S99999
check "is said" said '^fepctl: .*no station.*\(HTTP 404\)$'

echo "--- points"
check "a table" exits 0 ctl points S00001
check "with values and quality" said '^breaker 0 +binary_input +0 +[01] .*online'
check "as JSON" exits 0 ctl --json points S00001
check "all of them" json_is 'len(j["points"]) > 10 and all("quality" in p for p in j["points"])'
check "of none" exits 65 ctl points S99999
check "without a station" exits 64 ctl points
check "how it is used is said" said '^Usage: fepctl points STATION$'

echo "--- events"
enough_events() {
    [ "$(metric fep_journal_newest_sequence)" -gt 200 ]
}
must "there are events" run_await "$fepd_pid" 60 enough_events
check "a page" exits 0 ctl --json events --limit 5
check "of five" json_is '[x["sequence"] for x in e] == [1, 2, 3, 4, 5]'
cursor=$(sed -n '5s/.*"cursor":"\([^"]*\)".*/\1/p' "$work/said")
check "from there" exits 0 ctl --json events --after "$cursor" --limit 2
check "the next two" json_is '[x["sequence"] for x in e] == [6, 7]'
check "all of them, page by page" exits 0 ctl --json events --after "$cursor"
check "none left out, none twice" json_is '[x["sequence"] for x in e] == list(range(6, len(e) + 6)) and len(e) > 100'
check "of one station and type" exits 0 ctl --json events --station S00001 --type analog_input
check "no other" json_is 'e and all(x["station"] == "S00001" and x["type"] == "analog_input" for x in e)'
check "for people" exits 0 ctl events --station S00001 --type analog_input --limit 3
check "a line each" said '^20[0-9-]+T[0-9:.]+Z  S00001 .* online'
check "a cursor that is none" exits 65 ctl events --after nonsense
check "is said" said '^fepctl: after: .*\(HTTP 400\)$'
check "one of another journal" exits 65 ctl events --after 5-1
check "is said, too" said 'another journal \(HTTP 410\)$'
check "an option that is none" exits 64 ctl events --colour green
check "no end to what is followed" exits 64 ctl events --follow --limit 5
check "a limit that is none" exits 65 ctl events --limit many

touch "$work/followed"
# shellcheck disable=SC2016 # expanded by the inner shell
run_start "$work/follow.log" sh -c 'exec "$0" --server "$1" --json events --follow --after "$2" >"$3"' \
    "$program" "$url" "$cursor" "$work/followed"
follow_pid=$run_pid
newest=$(metric fep_journal_newest_sequence)
check "follows what comes" run_await "$follow_pid" 60 grep -q "\"sequence\":$((newest + 20))," "$work/followed"
run_stop "$follow_pid" 20 || true
cp "$work/followed" "$work/said"
sed -i '$d' "$work/said" # it may have been cut
check "from the cursor on, without a hole" json_is '[x["sequence"] for x in e] == list(range(6, len(e) + 6))'
check "ends when nobody reads any more" [ "$(ctl events --follow | head -n 3 | wc -l)" = 3 ]

echo "--- holes"
check "for people" exits 0 ctl holes
check "with their reasons" said ' S00001 .* hole: restart, until 20'
check "as JSON" exits 0 ctl --json holes --station S00002
check "holes only" json_is 'e and all(x["type"] == "hole" and x["station"] == "S00002" for x in e)'

echo "--- consumers"
check "none yet" exits 0 ctl --json consumers
check "is an empty list" json_is 'j == {"consumers": []}'
check "one acknowledges" exits 0 ctl consumers historian "$cursor"
check "is kept" exits 0 ctl --json consumers historian
check "as it was" json_is "j['cursor'] == '$cursor'"
check "for people" exits 0 ctl consumers
check "a row" said "^historian +$cursor +20"
check "ahead of the journal" exits 65 ctl consumers historian "${cursor%-*}-99999999"
check "is said" said 'ahead of the newest event'
check "a name that can't be" exits 65 ctl consumers "no such name" "$cursor"

echo "--- check"
check "a good configuration" exits 0 ctl check "$work/fepd.yaml"
sed "s,^fep:,&\n  api: {users: $work/users.yaml},; s,stations.yaml,$work/&," "$work/fepd.yaml" >"$work/secured.yaml"
echo 'users: [{name: anna, role: queen, certificate: anna.example}]' >"$work/users.yaml"
chmod 644 "$work/users.yaml"
check "whose users are not" exits 78 ctl check "$work/secured.yaml"
check "is told with their place" said 'users\.yaml:1:28: .role. is .queen.'
sed -i s/queen/viewer/ "$work/users.yaml"
check "and is good with good ones" exits 0 ctl --json check "$work/secured.yaml"
check "as JSON" json_is 'j == {"errors": [], "dropped": 0}'
check "a good configuration" exits 0 ctl check "$work/fepd.yaml"
check "says so" said 'fepd\.yaml: 7 stations, no error$'
sed 's/^    port: 1$/    port: 70000/; s/^    host: 127.0.0.1$/    hsot: 127.0.0.1/' "$work/stations.yaml" >"$work/wrong.yaml"
sed 's/stations.yaml/wrong.yaml/' "$work/fepd.yaml" >"$work/worse.yaml"
check "a bad one" exits 78 ctl check "$work/worse.yaml"
check "is told with its places" said 'wrong\.yaml:[0-9]+:[0-9]+: '
check "also the second error" said 'hsot'
check "as JSON" exits 78 ctl --json check "$work/worse.yaml"
check "with file, line and column" json_is 'len(str(j)) > 50 and "wrong.yaml" in str(j)'
check "one that is not there" exits 78 ctl check "$work/none.yaml"

echo "--- token"
"$program" token "mill operator" --role operator --expires 2031-01-01 --stations 'S*' >"$work/token" 2>"$work/line"
token=$(cat "$work/token")
check "a token" [ "${#token}" = 47 ]
check "its hash is in the line" grep -qF "$(printf %s "$token" | sha256sum | cut -d' ' -f1)" "$work/line"
check "the token is not" not grep -qF "$token" "$work/line"
check "name, role, day and stations are" grep -qE 'name: "mill operator", role: operator.*expires: 2031-01-01.*stations: \["S\*"\]' "$work/line"
"$program" token "mill operator" --role operator >"$work/token2" 2>/dev/null
check "the next is another" not cmp -s "$work/token" "$work/token2"
check "no role" exits 64 "$program" token someone
check "a role that is none" exits 64 "$program" token someone --role king
check "is said" said "role.*king"
check "a day that is none" exits 64 "$program" token someone --role viewer --expires tomorrow
check "for programs" exits 0 "$program" token someone --role viewer --json
check "both in one" json_is 'j["token"].startswith("fep_") and "someone" in j["line"]'

echo "--- what can't be"
check "help" exits 0 "$program" --help
for command in stations points events holes operate poll action commands tags tag untag trace audit consumers reload \
    check backup token; do
    check "names $command" said "^  $command "
    check "which has a help" exits 0 "$program" $command --help
    check "of its own" said "^Usage: fepctl $command"
    "$program" --help >"$work/said"
done
check "its manual names them all" [ -z "$(sed -n 's/^  \([a-z]*\) .*/\1/p' "$work/said" | while read -r command; do
    grep -qE "\*$command\*" "$root/tools/man/fepctl.1.scd" || echo "$command"
done)" ]
check "no command" exits 64 "$program"
check "none of this name" exits 64 "$program" dance
check "is said" said "no command 'dance'"
check "nobody listens" exits 69 "$program" --server http://127.0.0.1:1 stations
check "is said" said '^fepctl: http://127.0.0.1:1: '
check "nor to a command" exits 69 "$program" --server http://127.0.0.1:1 operate S00001 "command 0" latch_on --reason test
check "which went nowhere" not grep -q 'may have arrived' "$work/said"
touch "$work/mute.log"
run_start "$work/mute.log" python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    c.recv(65536)
    c.close()'
mute_pid=$run_pid
must "one listens who says nothing" run_await "$mute_pid" 60 grep -q '^port ' "$work/mute.log"
check "a command without an answer" exits 69 "$program" --server "http://127.0.0.1:$(sed -n 's/^port //p' "$work/mute.log")" \
    operate S00001 "command 0" latch_on --reason test
check "may have been taken" said 'may have arrived all the same'
run_stop "$mute_pid" 2 || true
check "a protocol that is none of ours" exits 69 "$program" --server "file://$work/fepd.yaml" stations
check "no file of a token" exits 66 "$program" --server "$url" --token-file "$work/none" stations
check "nor does a token go where others read it" exits 64 "$program" --server http://192.0.2.1:8080 \
    --token-file "$work/token" stations
check "is said" said 'a token goes over https'
check "this machine is not asked by way of a proxy" exits 0 env http_proxy=http://127.0.0.1:1 "$program" --server "$url" \
    consumers
check "a slash at the end does no harm" exits 0 "$program" --server "$url/" consumers
check "what is not UTF-8 is not sent" exits 64 ctl stations "$(printf 'N\377rd')"
check "is said" said '^fepctl: argument 1 of stations is not UTF-8'
check "JSON, asked for behind the command" exits 0 ctl stations S00001 --json
check "is JSON" json_is 'j["station"]["name"] == "S00001"'
check "a full disk" exits 74 sh -c "'$program' --server '$url' stations >/dev/full"
check "the server is told by the environment" exits 0 env FEPD_SERVER="$url" "$program" stations
check "fepd ends well" run_stop "$fepd_pid" 30
finish
