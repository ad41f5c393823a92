#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files and attributes of the simulator's outstation, through a master over a socket; events go on meanwhile.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

client=$build/tests/e2e/file_client
mkdir "$work/there"
cat >"$work/files.yaml" <<END
name: files
first_address: 127.0.1.1
groups:
  - name: guarded
    stations: 1
    rate: 20
    attributes: {manufacturer: Acme, location: "bay 7"}
    files: {directory: $work/there, user: operator, password: secret}
    points:
      - {type: analog_input, count: 3}
END
must "the simulator runs" sim_start "$work/files.yaml"
# of KEY: what the station list says of the only station
of() {
    sed -n "s/^ *$1: //p" "$work/stations.yaml"
}
master_number=$(of master_address)
station_number=$(of outstation_address)
address=$(of host)

# ask VERB ...
ask() {
    "$client" -u operator -p secret "$address" "$sim_port" "$master_number" "$station_number" "$@"
}

sum() {
    sha256sum <"$1"
}

for size in 0 1 1023 1024 1025 100000 1048576; do
    head -c "$size" /dev/urandom >"$work/here"
    check "$size octets are written" exits 0 ask write "f$size" "$work/here"
    check "their SHA-256 is the same there" [ "$(sum "$work/here")" = "$(sum "$work/there/f$size")" ]
    check "$size octets are read" exits 0 ask read "f$size" "$work/back"
    check "their SHA-256 is the same here" [ "$(sum "$work/here")" = "$(sum "$work/back")" ]
done

head -c 1000 /dev/urandom >"$work/more"
check "something is appended" exits 0 ask append f1025 "$work/more"
head -c 1025 "$work/there/f1025" >"$work/front"
tail -c 1000 "$work/there/f1025" >"$work/tail"
check "behind what there was" [ "$(wc -c <"$work/there/f1025") $(sum "$work/tail")" = "2025 $(sum "$work/more")" ]

check "the directory is listed" exits 0 ask list .
check "with each file and its size" said '^file 1048576 f1048576$'
check "and the one that has grown" said '^file 2025 f1025$'
check "and as many as there are" [ "$(wc -l <"$work/said")" = 7 ]
check "a file is described" exits 0 ask info f1023
check "with its size" said '^file 1023 '
check "a file is deleted" exits 0 ask delete f1023
check "and is gone" [ ! -e "$work/there/f1023" ]

check "no second time" exits 1 ask delete f1023
check "for that reason" said 'refused_status, status 3 FILE_NOT_FOUND'
check "nobody gets out" exits 1 ask read ../files.yaml "$work/back"
check "not to write either" exits 1 ask write ../out "$work/more"
check "and nothing is there" [ ! -e "$work/out" ]
check "not with another password" exits 1 "$client" -u operator -p guess "$address" "$sim_port" "$master_number" \
    "$station_number" read f1024 "$work/back"
check "for that reason" said 'status 1 PERMISSION_DENIED'
check "not without" exits 1 "$client" "$address" "$sim_port" "$master_number" "$station_number" delete f1024
check "and it is still there" [ -e "$work/there/f1024" ]

check "attributes are read" exits 0 ask attributes 0
check "with the manufacturer" said '^252 Acme$'
check "and the list says what may be written" exits 0 ask variations 0
check "as the location" said '^245 writable$'
check "no other set is there" exits 1 ask attributes 9

must "the simulator ends" run_stop "$sim_pid" 30
check "nothing half written is left" [ -z "$(find "$work/there" -name '.*' -type f)" ]
finish
