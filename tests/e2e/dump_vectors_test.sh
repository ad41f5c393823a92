#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dnp3dump over the octets that other projects test with: each row is read as they read it, or stands in
# dump_vectors.tsv with the rule that decides. And the check itself is checked: without its table it does not pass.
# Skipped where there are no corpora.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
corpora=${FEP_CORPORA:-$root/../shared/corpora}
[ -d "$corpora" ] || skip "no corpora"

vectors() {
    python3 "$here/dump_vectors_check.py" "$build/tools/dnp3dump" "$corpora" "$1"
}

check "each row is read as it should be" exits 0 vectors "$here/dump_vectors.tsv"
cat "$work/said"
check "what differs must be in the table" exits 1 vectors /dev/null
printf 'pesco 1 none\tC0\ta\tb\tno rule\n' | cat "$here/dump_vectors.tsv" - >"$work/more"
check "what is in the table must differ" exits 1 vectors "$work/more"
finish
