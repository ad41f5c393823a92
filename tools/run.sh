# shellcheck shell=sh disable=SC2034 # what is set here is used by those who source it
# SPDX-License-Identifier: Apache-2.0
#
# A simulator and a fepd on loopback, in a working folder of their own. Sourced by tools/demo, tools/plug and the
# end-to-end tests.
#
#     run_whole OPTION NUMBER    that it is one, above 0
#     run_begin DIR|""           $work, $ports; what runs ends with the script, however that ends
#     run_binaries BUILD         $fepd $sim $follow $account, out of a build folder
#     sim_start SCENARIO ...     $sim_pid $sim_port, $work/stations.yaml, $work/ledger.json; options of outstation-sim
#     fepd_configure [LINE...]   $work/fepd.yaml with more lines for its `fep:`
#     fepd_start                 $fepd_pid $url; what it says goes to $work/fepd.log
#     stream_is_complete FILE    that a consumer has all
#     run_stop PID SECONDS       SIGTERM, and its exit status; 124 where it took longer

run_pids=""

# run_whole OPTION NUMBER: ends the script where it is none.
run_whole() {
    case $2 in
    "" | *[!0-9]* | 0*)
        echo "$1: '$2' is not a whole number above 0" >&2
        exit 64
        ;;
    esac
}

run_begin() {
    if [ -n "$1" ]; then
        mkdir -p "$1"
        work=$(cd "$1" && pwd)
    else
        work=$(mktemp -d "${TMPDIR:-/tmp}/fepd.XXXXXX")
    fi
    # Ten numbers of its own, below those that the system gives to outgoing connections: where two such runs met on
    # one port, one would follow the other's fepd as soon as its own is down.
    ports=$((10000 + $$ % 2000 * 10))
    # 1,000 stations are 2,000 descriptors on one machine.
    # shellcheck disable=SC3045 # dash and bash have both
    ulimit -n "$(ulimit -H -n)"
    trap run_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

run_end() {
    for pid in $run_pids; do
        kill -KILL "$pid" 2>/dev/null || true
    done
    for pid in $run_pids; do
        wait "$pid" 2>/dev/null || true
    done
    run_pids=""
}

run_binaries() {
    fepd=$1/fep/fepd
    sim=$1/outstation-sim/outstation-sim
    follow=$1/tools/fepfollow
    account=$1/tools/fepaccount
    for program in "$fepd" "$sim" "$follow" "$account"; do
        [ -x "$program" ] || {
            echo "$program is not there; tools/demo builds it, or: cmake -S . -B $1 -G Ninja -DFEP_TESTS=OFF &&" \
                "cmake --build $1" >&2
            exit 72
        }
    done
}

# run_start LOG PROGRAM ...: in a session of its own, so that Ctrl-C ends the script first and not all at once, and
# ended by the kernel should the script be killed. One that was killed before the kernel knew of that is no parent any
# more: then the program does not begin. $run_pid.
run_start() {
    run_log=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    setsid setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$0" ] && exec "$@"' $$ "$@" >>"$run_log" 2>&1 &
    run_pid=$!
    run_pids="$run_pids $run_pid"
}

# A child that has ended and was not waited for is a zombie, and kill -0 still finds it.
run_alive() {
    case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
    "" | Z*) return 1 ;;
    esac
}

# run_await PID SECONDS COMMAND...: until it succeeds. False where the process has ended or that time has passed.
run_await() {
    awaited=$1
    tries=$(($2 * 20))
    shift 2
    while ! "$@"; do
        run_alive "$awaited" || return 1
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.05
    done
}

run_forget() {
    run_pids=$(for pid in $run_pids; do [ "$pid" = "$1" ] || printf ' %s' "$pid"; done)
}

# run_wait PID: its exit status.
run_wait() {
    wait_status=0
    wait "$1" 2>/dev/null || wait_status=$?
    run_forget "$1"
    return "$wait_status"
}

run_ended() {
    ! run_alive "$1"
}

run_stop() {
    kill -TERM "$1" 2>/dev/null || true
    if ! run_await "$1" "$2" run_ended "$1" && run_alive "$1"; then
        kill -KILL "$1"
        run_wait "$1" || true
        return 124
    fi
    run_wait "$1"
}

sim_start() {
    sim_port=$ports
    while :; do
        "$sim" --scenario "$@" --port "$sim_port" --write-config "$work/stations.yaml"
        : >"$work/sim.log"
        run_start "$work/sim.log" "$sim" --scenario "$@" --port "$sim_port" --ledger "$work/ledger.json"
        sim_pid=$run_pid
        run_await "$sim_pid" 20 grep -q ': ready$' "$work/sim.log" && return 0
        sim_status=0
        run_stop "$sim_pid" 1 || sim_status=$?
        # 71: another program has the port.
        if [ "$sim_status" != 71 ] || [ "$sim_port" -gt $((ports + 4)) ]; then
            cat "$work/sim.log" >&2
            return 1
        fi
        sim_port=$((sim_port + 1))
    done
}

# sim_ledger FILE: what the simulator's ledger says now.
sim_ledger() {
    rm -f "$work/ledger.json"
    kill -USR1 "$sim_pid"
    run_await "$sim_pid" 60 test -f "$work/ledger.json" && mv "$work/ledger.json" "$1"
}

fepd_configure() {
    api_port=${api_port:-$((ports + 5))}
    {
        echo "fep:"
        echo "  database: '$(echo "$work/fepd.db" | sed "s/'/''/g")'"
        echo "  listen_port: $api_port"
        for line in "$@"; do
            echo "  $line"
        done
        echo "include: [stations.yaml]"
    } >"$work/fepd.yaml"
    url="http://127.0.0.1:$api_port"
}

# How often fepd has said in its log that it is at work.
fepd_readies() {
    grep -c 'event=ready ' "$work/fepd.log" || true
}

fepd_is_ready() {
    [ "$(fepd_readies)" -gt "$readies_before" ]
}

# Where the port is taken the next one is tried, below those that the system gives to outgoing connections.
fepd_start() {
    touch "$work/fepd.log"
    readies_before=$(fepd_readies)
    while :; do
        run_start "$work/fepd.log" "$fepd" --config "$work/fepd.yaml"
        fepd_pid=$run_pid
        run_await "$fepd_pid" 60 fepd_is_ready && return 0
        fepd_status=0
        run_stop "$fepd_pid" 5 || fepd_status=$?
        if [ "$fepd_status" != 69 ] || [ "$api_port" -gt $((ports + 8)) ]; then
            tail -n 20 "$work/fepd.log" >&2
            return 1
        fi
        sed -i "s/^  listen_port: $api_port\$/  listen_port: $((api_port + 1))/" "$work/fepd.yaml"
        api_port=$((api_port + 1))
        url="http://127.0.0.1:$api_port"
    done
}

# stream_is_complete FILE: that a consumer's file ends with the newest event of the journal.
stream_is_complete() {
    newest=$("$follow" --status --once --url "$url" | sed -n 's/.* \([0-9]*\) rows stored.*/\1/p')
    received=$(tail -n 1 "$1" | sed -n 's/.*"sequence":\([0-9]*\),.*/\1/p')
    [ -n "$newest" ] && [ "$newest" = "$received" ]
}

# json_number KEY FILE: a number out of what fepaccount --json says.
json_number() {
    sed -n "s/.*\"$1\":\\([0-9]*\\)[,}].*/\\1/p" "$2"
}
