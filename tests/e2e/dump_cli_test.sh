#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dnp3dump as a user starts it: hex on stdin, exit statuses, wrong usage, output that can't be written.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
dump=$build/tools/dnp3dump

# hex TEXT OPTION...: what it says of it goes to $work/said.
hex() {
    printf '%b' "$1" >"$work/hex"
    shift
    "$dump" "$@" <"$work/hex"
}

good='05 64 05 C0 0A 00 01 00 B1 AC\n'
wrong='# a request, one octet falsified\n056407 C0 0A000100 B1AC\n'
check "hex" exits 0 hex "$good"
check "in a line" said '^M 1 > 10 +RESET_LINK_STATES$'
check "two messages" exits 0 hex "$good\n$good"
check "are two lines" [ "$(wc -l <"$work/said")" = 2 ]
check "a frame over two lines" exits 0 hex '05 64 05 C0 0A\n00 01 00 B1 AC\n'
check "a defect" exits 1 hex "$wrong"
check "with rule and offset" said '^DEFECT link, input octet 0: wrong CRC of the header: .*\[link\.md 7\.1\]$'
check "a half frame" exits 1 hex '05 64 05 C0\n\n05 64'
check "two of them" [ "$(grep -c 'frame without its end' "$work/said")" = 2 ]
check "fragments" exits 0 hex 'C0 01 3C 02 06\nC0 81 00 00\n' --fragments
check "a line each" said '^READ seq 0 FIR FIN \| g60v2 q06$'
check "and its answer" said '^RESPONSE seq 0 FIR FIN$'
check "aggressive mode" exits 0 hex 'CC 01 78 03 07 01 09 00 00 00 01 00 3C 01 06 78 09 5B 01 04 00 AA BB CC DD\n' \
    --fragments
check "around a read" said '^READ .*g120v3.*g60v1 q06.*g120v9'
check "a tree" exits 0 hex "$good" -v --hex
check "with octets" said '0000  05 64 05 C0 0A 00 01 00 \| B1 AC$'
check "one that is cut" exits 1 hex 'C0 81 00 00 1E 02 28 02 00 01 00 01 05 00 02 00 01\n' --fragments
check "shows what is whole" said '^RESPONSE seq 0 FIR FIN \| g30v2 q28 n=2: \[1\] 5 ONLINE$'
check "and where it is cut" said '^DEFECT application, fragment octet 14: truncated: g30v2 qualifier 28, 3 octets not read'
check "fields" exits 0 hex "$good" --fields
check "with offset, octets, name and meaning" said '^ +4  0A 00 +destination +10$'
check "of a fragment" exits 0 hex 'C0 01 3C 02 06\n' --fragments --fields
check "by name" said '^ +1  01 +function +1 READ$'
check "fields for programs" exits 0 hex "$good" --fields --json
check "are lists" said '"fields":\[\[0,2,"start",""\],\[2,1,"length","5"\],'
check "JSON" exits 1 hex "$wrong" --json
check "that a program reads" python3 -c 'import json, sys
assert json.load(open(sys.argv[1]))["defects"][0]["id"] == "link_header_crc"' "$work/said"
# A string has no value, and takes none of the next header's; a command event has a status where others have flags.
check "strings and points" exits 0 hex 'C0 81 00 00 6E 05 00 00 00 48 45 4C 4C 4F 01 02 00 00 00 81\n' --fragments --json
check "each its own" said 'HELLO.*"type":"binary_input","value":1'
check "a command event" exits 0 hex 'F0 82 00 00 2B 02 28 01 00 07 00 0C 05 00\n' --fragments --json
check "its status" said '"flags":\[\],"status":12'
check "figures" exits 1 hex "$wrong" --stats
check "in the end" said '^ +1  link: wrong CRC of the header \[link\.md 7\.1\]$'
check "nothing" exits 0 hex ''

check "no hex" exits 65 hex 'hello\n'
check "told with its place" said '^dnp3dump: stdin:1:1: not hex$'
printf '\012\015\015\012\034\000\000\000' >"$work/capture"
check "nor a capture" exits 65 sh -c "'$dump' <'$work/capture'"
check "how one is read is said" said 'not hex; a capture is read by its name, or with -$'
printf '05 64\n\0005 64\n' >"$work/zeros"
check "nor what has octets 0 in it" exits 65 sh -c "'$dump' <'$work/zeros'"
check "with its place" said '^dnp3dump: stdin:2:1: not hex'
check "nor a folder" exits 66 sh -c "'$dump' <'$work'"
check "an empty capture" exits 65 "$dump" /dev/null
check "no capture" exits 65 "$dump" "$work/hex"
check "no file" exits 66 "$dump" "$work/none.pcap"
check "an option that is none" exits 64 "$dump" --colour
check "two styles" exits 64 "$dump" --json --stats "$work/hex"
check "a port that is none" exits 64 "$dump" --port 65536 "$work/hex"
check "is said" said '^dnp3dump: --port takes a number up to 65535'
check "help" exits 0 "$dump" -h
check "in full" exits 0 "$dump" --help
check "says what is not taken apart" said 'Not taken apart: data sets.*IP datagrams.*serial lines'
check "the version" exits 0 "$dump" --version
full_disk() {
    hex "$good" >/dev/full
}
check "output that can't be written" exits 74 full_disk
finish
