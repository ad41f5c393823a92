# shellcheck shell=sh disable=SC2034 # what is set here is used by those who source it
# SPDX-License-Identifier: Apache-2.0
#
# For the end-to-end tests: sourced with the build folder as first argument of the script.
#
#     check "what should be" COMMAND...      the test goes on, and fails in the end
#     must "what the rest needs" COMMAND...  the test ends
#     finish                                 cleans up; the exit status

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
# shellcheck source=tools/run.sh
. "$root/tools/run.sh"
run_binaries "$build"
run_begin ""
failures=0

check() {
    what=$1
    shift
    if "$@"; then
        echo "ok: $what"
    else
        echo "FAILED: $what ($*)"
        failures=$((failures + 1))
    fi
}

must() {
    what=$1
    shift
    "$@" && return 0
    echo "FAILED: $what ($*)"
    echo "left behind: $work"
    [ ! -f "$work/fepd.log" ] || tail -n 20 "$work/fepd.log"
    exit 1
}

skip() {
    echo "skipped: $1"
    rm -rf "$work"
    exit 77
}

finish() {
    run_end
    if [ "$failures" = 0 ]; then
        rm -rf "$work"
        exit 0
    fi
    echo "$failures checks failed; left behind: $work"
    exit 1
}

# metric NAME: its sum over the workers.
metric() {
    curl -fsS "$url/metrics" | awk -v name="$1" '$1 == name || index($1, name "{") == 1 { sum += $2 }
                                                 END { printf "%d\n", sum }'
}

# metric_is NAME COUNT
metric_is() {
    [ "$(metric "$1")" = "$2" ]
}

# drains SECONDS: until no outstation holds an event any more. They must have been told to fall silent.
drains() {
    looks=$(($1 * 2))
    while sim_ledger "$work/drained.json"; do
        grep -q '"buffered":[1-9]' "$work/drained.json" || return 0
        looks=$((looks - 1))
        [ "$looks" -gt 0 ] || return 1
        sleep 0.5
    done
    return 1
}

# sql DATABASE QUERY: the first column of the first row.
sql() {
    python3 -c 'import sqlite3, sys
print(sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])' "$1" "$2"
}

# exits STATUS COMMAND...: that it ends with this exit status; what it says goes to $work/said.
exits() {
    wanted=$1
    shift
    got=0
    "$@" >"$work/said" 2>&1 || got=$?
    [ "$got" = "$wanted" ] && return 0
    echo "exit status $got, not $wanted:"
    cat "$work/said"
    return 1
}

said() {
    grep -qE -e "$1" "$work/said" && return 0
    cat "$work/said"
    return 1
}

# no_process_of TEXT: that no command line holds it. The list is made first: what looks must not find itself.
no_process_of() {
    sought=$1
    set -- /proc/[0-9]*/cmdline
    ! grep -laF -e "$sought" "$@" 2>/dev/null
}

not() {
    ! "$@"
}
