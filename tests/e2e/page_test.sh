#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An operator's day on the page, in Chromium, against a fepd and simulated outstations. What drives the browser is
# installed into the build folder; where it can't be had, or there is no browser, the test skips.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
PAGE_CHROMIUM=$(command -v chromium || command -v chromium-browser) || skip "chromium is missing"
for program in node npm; do
    command -v $program >/dev/null || skip "$program is missing"
done
node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' || skip "node is older than 18"

here=$root/tests/e2e/page
modules=$build/page-test
mkdir -p "$modules"
if ! cmp -s "$here/package-lock.json" "$modules/installed"; then
    cp "$here/package.json" "$here/package-lock.json" "$modules/"
    (cd "$modules" && timeout 60 npm ci --no-audit --no-fund --ignore-scripts) >"$work/npm.log" 2>&1 ||
        skip "npm can't fetch what drives the browser"
    cp "$here/package-lock.json" "$modules/installed"
fi

# user NAME ROLE: a line of the users' file; $token.
user() {
    token=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    hash=$(printf %s "$token" | sha256sum | cut -d' ' -f1)
    echo "  - {name: $1, role: $2, token_sha256: $hash}" >>"$work/users.yaml"
}
(umask 077 && echo "users:" >"$work/users.yaml")
user anna operator
operator=$token
user bert viewer
viewer=$token

# shellcheck disable=SC2317 # run_await calls it
all_online() {
    curl -fsS -H "Authorization: Bearer $viewer" "$url/v1/overview" | grep -qF "\"online\":$stations,"
}

must "a simulator starts" sim_start "$here/scenario.yaml"
sed "s/PORT/$sim_port/" "$here/stations.yaml" >"$work/stations.yaml"
# As fepd would have it: nobody comes in without a token.
fepd_configure "api: {users: $work/users.yaml, loopback: closed}"
must "fepd starts" fepd_start

# at_page SCRIPT: node with what it needs. It looks for caches, and the browser for a profile, in the home folder.
# shellcheck disable=SC2317 # check() calls it
at_page() {
    env HOME="$work" PAGE_MODULES="$modules" PAGE_CHROMIUM="$PAGE_CHROMIUM" PAGE_URL="$url" PAGE_OPERATOR="$operator" \
        PAGE_VIEWER="$viewer" node "$here/$1"
}
must "an operator's day" at_page day.mjs
check "fepd ends well" run_stop "$fepd_pid" 30
run_stop "$sim_pid" 30 || true

# How frames come depends on who else uses the machine: that is measured where time was set aside for it.
[ -n "${FEP_LONG:-}" ] || finish
stations=5000 rate=2000
echo "--- $stations stations, $rate events/s"
rm -f "$work"/fepd.db*
must "a fleet" sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations $stations --rate $rate
must "fepd starts" fepd_start
must "all are on line" run_await "$fepd_pid" 120 all_online
check "no stutter" at_page pace.mjs
check "fepd ends well" run_stop "$fepd_pid" 30
finish
