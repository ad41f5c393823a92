#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the user has to mend: one clear message, the exit status of sysexits.h, and nothing touched.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

config() {
    printf 'fep:\n  database: %s\n  listen_port: 0\n' "$1" >"$work/fepd.yaml"
}

# refuses STATUS DATABASE WORDS WHAT: does not start, says the file and the words in one line, leaves the file.
refuses() {
    config "$2"
    sum=$(sha256sum <"$2")
    check "$4: exit status $1" exits "$1" timeout 120 "$fepd" --config "$work/fepd.yaml"
    check "$4: told with its name" said "event=database_failed .*$(basename "$2").*$3"
    check "$4: left as it was" [ "$sum" = "$(sha256sum <"$2")" ]
}

echo "fep: {database: $work/good.db, listen_port: 0}" >"$work/fepd.yaml"
touch "$work/fepd.log"
run_start "$work/fepd.log" "$fepd" --config "$work/fepd.yaml"
fepd_pid=$run_pid
must "an empty list is fine" run_await "$fepd_pid" 60 grep -q 'event=ready' "$work/fepd.log"
check "a second fepd on the same database: exit status 73" exits 73 timeout 120 "$fepd" --config "$work/fepd.yaml"
check "says why" said "event=database_failed .*in use by another fepd"
port=$(sed -n 's/.*event=listening.* port=\([0-9]*\).*/\1/p' "$work/fepd.log")
printf 'fep:\n  database: %s\n  listen_port: %s\n' "$work/other.db" "$port" >"$work/fepd.yaml"
check "a port that is taken: exit status 69" exits 69 timeout 120 "$fepd" --config "$work/fepd.yaml"
check "says which" said "event=listen_failed .*port $port: Address already in use"
must "the first one ends well" run_stop "$fepd_pid" 30

cp "$work/good.db" "$work/newer.db"
python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA user_version = 99").close()' "$work/newer.db"
refuses 78 "$work/newer.db" "newer" "a database of a newer version"
seq 1 5000 >"$work/text.db"
refuses 78 "$work/text.db" "" "a file that is no database"
python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("CREATE TABLE mine (x)").close()' "$work/foreign.db"
refuses 78 "$work/foreign.db" "" "the database of another program"
# Pages of the schema overwritten, the header left.
cp "$work/good.db" "$work/corrupt.db"
dd if=/dev/urandom of="$work/corrupt.db" bs=1 seek=100 count=3000 conv=notrunc 2>/dev/null
refuses 78 "$work/corrupt.db" "\.recover" "a corrupt database"

config "$work/no/such/folder/fepd.db"
check "a folder that is not there: exit status 73" exits 73 timeout 120 "$fepd" --config "$work/fepd.yaml"
check "says why" said 'event=database_failed .*No such file or directory'
check "a configuration that is not there: exit status 66" exits 66 "$fepd" --config "$work/nothing.yaml"
check "says which" said 'nothing\.yaml: .*No such file'
echo "fep: {database: $work/x.db, listen_host: 192.0.2.1}" >"$work/fepd.yaml"
check "an address that is not loopback: refused at start" \
    sh -c '! timeout 120 "$1" --config "$2" >"$3" 2>&1' - "$fepd" "$work/fepd.yaml" "$work/said"
check "says what is allowed" said 'loopback'
finish
