#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The API over TLS: tokens, certificates, roles, scopes; what is refused at start; files read again on SIGHUP.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
command -v openssl >/dev/null || skip "openssl is not there"
cd "$work"

# certificate NAME SUBJECT AUTHORITY [EXTENSION]
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -subj "/CN=$2" -out "$1.csr" \
        2>/dev/null
    printf '%s\n' "${4:-basicConstraints=CA:FALSE}" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem" \
        2>/dev/null
}
for authority in ca other; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout $authority.key -days 2 \
        -subj "/CN=$authority" -out $authority.pem 2>/dev/null
done
certificate server fepd.example ca "subjectAltName=DNS:fepd.example,IP:127.0.0.1"
certificate client historian.example ca
certificate stranger historian.example other
chmod 600 ./*.key

# user FILE NAME ROLE [STATIONS [EXPIRES]]
user() {
    token=fep_$1_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    echo "$token" >"$1.token"
    echo "  - {name: $2, role: $3, token_sha256: $(printf %s "$token" | sha256sum | cut -d ' ' -f 1)${4:+, stations: $4}${5:+, expires: \"$5\"}}"
}
{
    echo "users:"
    user viewer vera viewer
    user operator otto operator
    user scoped sue operator '[S00002]'
    user expired ed engineer '' 2020-01-01
    user soon sam viewer '' 2020-01-01
    echo "  - {name: historian, role: viewer, certificate: historian.example}"
} >users.yaml

must "a simulator starts" sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 3 --rate 50
tls="tls_certificate: $work/server.pem, tls_key: $work/server.key, client_ca: $work/ca.pem, users: $work/users.yaml"

# refused TEXT LINE...: fepd does not start with such a configuration, and says why.
refused() {
    wanted=$1
    shift
    fepd_configure "$@"
    "$fepd" --check-config "$work/fepd.yaml" >"$work/said" 2>&1 && return 1
    said "$wanted" || return 1
    timeout 120 "$fepd" --config "$work/fepd.yaml" >"$work/said" 2>&1 && return 1
    said "$wanted"
}
check "another address without TLS is refused" refused 'Allowed without TLS: a loopback address' "listen_host: 0.0.0.0"
check "TLS without users is refused" refused "'users' is missing" \
    "api: {tls_certificate: $work/server.pem, tls_key: $work/server.key}"
check "a key of another certificate is refused" refused 'no key in PEM that fits' \
    "api: {tls_certificate: $work/server.pem, tls_key: $work/client.key, users: $work/users.yaml}"
chmod 644 client.key
check "a key that everybody reads is refused" refused 'everybody on this machine may read the key' \
    "api: {tls_certificate: $work/client.pem, tls_key: $work/client.key, users: $work/users.yaml}"
chmod 600 client.key
chmod 666 users.yaml
check "users that everybody writes are refused" refused 'others than its owner may write' "api: {$tls}"
chmod 600 users.yaml

fepd_configure "api: {$tls}"
must "fepd starts" fepd_start
url="https://127.0.0.1:$api_port"
overview() {
    curl -fsS --cacert ca.pem -H "Authorization: Bearer $(cat viewer.token)" "$url/v1/overview"
}
on_line() {
    overview | grep -q '"online":3,'
}
must "the stations are on line" run_await "$fepd_pid" 60 on_line
check "who may do what" python3 "$root/tests/e2e/api_access.py" "$url" "$work/ca.pem" "$work"

# A stream ends with its owner's right. Where the machine is so slow that the right has ended before the stream began,
# a longer one is given.
reloads() {
    grep -c event=reloaded fepd.log || true
}
reloaded_since() {
    [ "$(reloads)" -gt "$1" ]
}
stream_ends=75
for seconds in 8 30 120; do
    soon=$(date -u -d "+$seconds seconds" +%Y-%m-%dT%H:%M:%SZ)
    sed -i "/name: sam/s/expires: \"[^\"]*\"/expires: \"$soon\"/" users.yaml
    before=$(reloads)
    kill -HUP "$fepd_pid"
    must "it reloads" run_await "$fepd_pid" 30 reloaded_since "$before"
    stream_ends=0
    python3 "$root/tests/e2e/api_access.py" "$url" "$work/ca.pem" "$work" stream || stream_ends=$?
    [ "$stream_ends" = 75 ] || break
done
check "a stream ends with its owner's right" [ "$stream_ends" = 0 ]

# On SIGHUP: a user is taken away, another certificate shown.
certificate server fepd.example ca "subjectAltName=DNS:new.example,IP:127.0.0.1"
chmod 600 server.key
sed -i '/name: otto/d' users.yaml
before=$(reloads)
kill -HUP "$fepd_pid"
must "it reloads" run_await "$fepd_pid" 30 reloaded_since "$before"
as() {
    curl -s -o /dev/null -w '%{http_code}' --cacert ca.pem -H "Authorization: Bearer $(cat "$1.token")" "$url/v1/me"
}
answers() {
    [ "$(as "$1")" = "$2" ]
}
check "who was taken away is refused" run_await "$fepd_pid" 30 answers operator 401
check "others are served" answers viewer 200
check "with the new certificate" curl -fsS -o page --cacert ca.pem --resolve "new.example:$api_port:127.0.0.1" \
    "https://new.example:$api_port/"
sed -i 's/role: viewer/role: emperor/' users.yaml
kill -HUP "$fepd_pid"
must "a wrong file is told of" run_await "$fepd_pid" 60 grep -q event=reload_failed fepd.log
check "and changes nothing" answers viewer 200
check "no token is in the log" sh -c '! grep -q fep_ fepd.log'
must "fepd ends" run_stop "$fepd_pid" 30
cd /
finish
