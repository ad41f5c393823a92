#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fepfollow against a server that breaks off in the middle of everything.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

touch "$work/server.log"
run_start "$work/server.log" python3 "$root/tests/e2e/breaking_server.py"
server_pid=$run_pid
must "the server listens" run_await "$server_pid" 60 grep -q '^port ' "$work/server.log"
url="http://127.0.0.1:$(sed -n 's/^port //p' "$work/server.log")"

touch "$work/got"
run_start "$work/follow.log" "$follow" --url "$url" --station 'Nord & Süd' --out "$work/got"
follow_pid=$run_pid
check "it gets to the end" run_await "$follow_pid" 200 grep -q '"sequence":200,' "$work/got"
check "SIGTERM ends it" run_stop "$follow_pid" 20
seq 1 200 | sed 's/.*/{"sequence":&,"text":"äöü"}/' >"$work/wanted"
check "each event once, whole, in order" cmp "$work/got" "$work/wanted"
check "it says what it could not get" grep -q 'gap: {"reason":"retention"}' "$work/follow.log"
check "it came again many times" [ "$(grep -c '^request' "$work/server.log")" -gt 20 ]
check "first without a cursor" grep -q '^request /v1/stream?station=Nord%20%26%20S%C3%BCd after None$' "$work/server.log"
check "then with the last whole event's" grep -q ' after 7-[1-9]$' "$work/server.log"
check "also with one that carried no event" grep -q ' after 7-150$' "$work/server.log"

check "a refusal is final" exits 76 "$follow" --url "$url" --after nonsense
check "and told" said 'a cursor has the form'
check "a file that can't be written" exits 73 "$follow" --url "$url" --out "$work/no/such/folder"
check "an address that is none" exits 64 "$follow" --url "127.0.0.1:80"
touch "$work/nobody.log"
run_start "$work/nobody.log" "$follow" --url http://127.0.0.1:1
nobody_pid=$run_pid
check "that nobody answers is told" run_await "$nobody_pid" 60 grep -q '^fepfollow: no answer: ' "$work/nobody.log"
sleep 1
check "once" [ "$(grep -c 'no answer' "$work/nobody.log")" = 1 ]
check "and SIGTERM still ends it" run_stop "$nobody_pid" 20
check "no server, no status" exits 69 "$follow" --status --once --url "http://127.0.0.1:1"
check "a line of status" exits 0 "$follow" --status --once --url "$url"
check "says what the metrics say" \
    said '^7 of 9 stations on line, 1234 rows stored, .* median 1\.5 ms, p99 2.0 ms; waiting: 2 batches, 3 confirms'
run_stop "$server_pid" 2 || true
finish
