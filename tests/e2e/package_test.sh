#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Debian package: what is in it, that the daemon runs from where it was unpacked, that an upgrade keeps the data of
# every version, and what the tools of the distribution say to it.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
for program in cpack dpkg-deb dpkg-shlibdeps; do
    command -v $program >/dev/null || skip "$program (Debian: cmake, dpkg, dpkg-dev) is missing"
done
ls "$build"/tools/man/*.gz >/dev/null 2>&1 || skip "scdoc is missing"
[ -x "$build/tools/fepctl" ] || skip "libcurl is missing"

# with PROGRAM: whether it is there; if not, says what is not looked at.
with() {
    command -v "$1" >/dev/null && return 0
    echo "not checked: $1 is missing"
    return 1
}

must "the package is made" exits 0 cpack --config "$build/CPackConfig.cmake" -G DEB -B "$work/pack"
deb=$(echo "$work"/pack/fepd_*.deb)
must "there is one" [ -f "$deb" ]
scratch=$work/scratch
dpkg-deb -x "$deb" "$scratch"

echo "--- what is in it"
for program in fepd fepctl outstation-sim dnp3dump fepaccount fepfollow fepbench; do
    check "$program" exits 0 "$scratch/usr/bin/$program" --version
    check "its manual" [ -f "$(echo "$scratch"/usr/share/man/man[18]/$program.[18].gz)" ]
done
check "no manual without its program" \
    [ "$(find "$scratch/usr/share/man/man1" "$scratch/usr/share/man/man8" -type f | wc -l)" = \
    "$(find "$scratch/usr/bin" -type f | wc -l)" ]
check "the configuration is asked about" [ "$(dpkg-deb -I "$deb" conffiles)" = /etc/fepd/fepd.yaml ]
check "no data" [ ! -e "$scratch/var" ]
if with lintian; then
    check "lintian finds no error" exits 0 lintian --allow-root --no-cfg --fail-on error \
        --suppress-tags initial-upload-closes-no-bugs "$deb"
    check "nor anything to warn of" [ "$(grep -c '^W: ' "$work/said" || true)" = 0 ]
    cat "$work/said"
fi

echo "--- manuals"
if with man; then
    page_warns() {
        LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$1" 2>&1 >"$work/page" | tee "$work/said" | grep -q .
    }
    for page in "$scratch"/usr/share/man/man*/*.gz; do
        check "$(basename "$page") is rendered without warnings" not page_warns "$page"
        check "and is not empty" [ "$(wc -l <"$work/page")" -gt 15 ]
    done
    printf '.TH x 1\n.NOSUCHMACRO a\n' >"$work/bad.1"
    check "a bad one would warn" page_warns "$work/bad.1"
fi

echo "--- the unit"
unit=$scratch/lib/systemd/system/fepd.service
[ -f "$unit" ] || unit=$scratch/usr/lib/systemd/system/fepd.service
check "whether the clock is right may be asked" grep -qx 'SystemCallFilter=.*\<clock_adjtime\>.*' "$unit"
check "and nothing else refuses it" not grep -qx 'ProtectClock=\(yes\|true\|1\|on\)' "$unit"
if with systemd-analyze; then
    sed "s,/usr/bin/fepd,$scratch&," "$unit" >"$work/fepd.service"
    check "systemd has nothing against it" exits 0 systemd-analyze verify --man=no "$work/fepd.service"
    check "not a word" not grep -F fepd.service "$work/said"
    check "its exposure is 1.5 at most" exits 0 systemd-analyze security --offline=true --threshold=15 "$unit"
    tail -n 1 "$work/said"
    check "one that is worse would be found" exits 1 systemd-analyze security --offline=true --threshold=10 "$unit"
fi

echo "--- from there"
fepd=$scratch/usr/bin/fepd sim=$scratch/usr/bin/outstation-sim
ctl=$scratch/usr/bin/fepctl account=$scratch/usr/bin/fepaccount
sed "s,^  database: .*,  database: $work/fepd.db,; s,stations.d/,$scratch/etc/fepd/stations.d/," \
    "$scratch/etc/fepd/fepd.yaml" >"$work/installed.yaml"
check "what is installed is a good configuration" exits 0 "$fepd" --check-config "$work/installed.yaml"
sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 30 --rate 300
cp "$work/stations.yaml" "$scratch/etc/fepd/stations.d/simulated.yaml"
fepd_configure # a port of our own
sed -i "s/^  listen_port: .*/  listen_port: $api_port/" "$work/installed.yaml"
cp "$work/installed.yaml" "$work/fepd.yaml"
fepd_start
must "all are on line" run_await "$fepd_pid" 60 metric_is fep_sessions_online 30
check "fepctl sees them" [ "$("$ctl" --server "$url" --json stations | grep -c '"online": true')" = 30 ]
sleep 1

echo "--- an upgrade under load"
check "the old one ends" run_stop "$fepd_pid" 30
dpkg-deb -x "$deb" "$scratch"
check "the list of stations is still there" [ -f "$scratch/etc/fepd/stations.d/simulated.yaml" ]
fepd_start
must "all are on line again" run_await "$fepd_pid" 60 metric_is fep_sessions_online 30
kill -USR2 "$sim_pid"
sleep 2
check "fepd ends well" run_stop "$fepd_pid" 30
check "the simulator too" run_stop "$sim_pid" 30
check "nothing is lost or doubled" "$account" --ledger "$work/ledger.json" --database "$work/fepd.db"

echo "--- databases of older versions"
newest=$(find "$root/db" -name 'schema*.sql' | wc -l)
version=1
while [ $version -lt "$newest" ]; do
    rm -f "$work"/fepd.db*
    python3 "$root/tests/e2e/databases.py" make $version "$work/fepd.db"
    python3 "$root/tests/e2e/databases.py" content "$work/fepd.db" "$work/before"
    : >"$work/fepd.log"
    fepd_start
    check "events of version $version are served" exits 0 "$ctl" --server "$url" events --limit 2000 --station "Old Mill"
    check "all 2000" [ "$(wc -l <"$work/said")" = 2000 ]
    check "a consumer of version $version goes on" exits 0 "$ctl" --server "$url" --json consumers historian
    check "where it was" said '"cursor": "[0-9]+-1500"'
    check "fepd ends well" run_stop "$fepd_pid" 30
    check "version $version became $newest" [ "$(sql "$work/fepd.db" "PRAGMA user_version")" = "$newest" ]
    python3 "$root/tests/e2e/databases.py" content "$work/fepd.db" "$work/after"
    check "with every row as it was" cmp "$work/before" "$work/after"
    version=$((version + 1))
done

echo "--- dpkg"
# managed ARGUMENTS...: dpkg with a database of its own, whose scripts act on that folder alone.
managed() {
    DEBIAN_FRONTEND=noninteractive dpkg --root="$work/managed" --force-depends --force-script-chrootless \
        --log="$work/dpkg.log" "$@" >"$work/said" 2>&1 </dev/null && return 0
    cat "$work/said"
    return 1
}
if [ "$(id -u)" != 0 ]; then
    echo "not checked: dpkg installs for root only"
elif with systemd-sysusers; then
    mkdir -p "$work/managed/var/lib/dpkg/info" "$work/managed/var/lib/dpkg/updates" "$work/managed/etc"
    touch "$work/managed/var/lib/dpkg/status" "$work/managed/var/lib/dpkg/available"
    dpkg-deb -R "$deb" "$work/old"
    sed -i 's/^Version: .*/Version: 0.0.9-1/' "$work/old/DEBIAN/control"
    echo "# of an older package" >>"$work/old/etc/fepd/fepd.yaml"
    (cd "$work/old" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb --root-owner-group -b "$work/old" "$work/old.deb" >"$work/said"
    must "the older package is installed" managed -i "$work/old.deb"
    check "the user is made" grep -q '^fepd:' "$work/managed/etc/passwd"
    check "who can't log in" grep -q '^fepd:.*:/usr/sbin/nologin$' "$work/managed/etc/passwd"
    check "it is started at boot" [ -L "$work/managed/etc/systemd/system/multi-user.target.wants/fepd.service" ]
    mkdir -p "$work/managed/var/lib/fepd"
    cp "$work/fepd.db" "$work/managed/var/lib/fepd/fepd.db"
    echo "# mine" >>"$work/managed/etc/fepd/fepd.yaml"
    cp "$work/stations.yaml" "$work/managed/etc/fepd/stations.d/"
    must "it is upgraded" managed --force-confold -i "$deb"
    check "to the new version" [ "$(dpkg-query --admindir="$work/managed/var/lib/dpkg" -W -f '${Version}' fepd)" != 0.0.9-1 ]
    check "the data are untouched" cmp "$work/fepd.db" "$work/managed/var/lib/fepd/fepd.db"
    check "so is the configuration" grep -q '^# mine$' "$work/managed/etc/fepd/fepd.yaml"
    check "with its stations" cmp "$work/stations.yaml" "$work/managed/etc/fepd/stations.d/stations.yaml"
    must "it is removed" managed -r fepd
    check "the program is gone" [ ! -e "$work/managed/usr/bin/fepd" ]
    check "the configuration is not" [ -f "$work/managed/etc/fepd/fepd.yaml" ]
    must "it is purged" managed -P fepd
    check "now the configuration is gone" [ ! -e "$work/managed/etc/fepd/fepd.yaml" ]
    check "not started any more" [ ! -L "$work/managed/etc/systemd/system/multi-user.target.wants/fepd.service" ]
    check "the data are there still" cmp "$work/fepd.db" "$work/managed/var/lib/fepd/fepd.db"
fi
finish
