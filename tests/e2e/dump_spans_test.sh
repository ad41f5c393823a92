#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dnp3dump over all captures of the corpora: each octet belongs to a named field, or to a defect with its rule; what is
# unknown stands in dump_unknown.tsv. And the check itself is checked: a decoder that loses a frame does not pass.
# Skipped where there are no corpora.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
corpora=${FEP_CORPORA:-$root/../shared/corpora}
[ -d "$corpora" ] || skip "no corpora"

spans() {
    python3 "$here/dump_spans_check.py" "$1" "$corpora" "$here/dump_unknown.tsv"
}

check "each octet is told once" exits 0 spans "$build/tools/dnp3dump"
cat "$work/said"
printf '#!/bin/sh\n"%s" "$@" | sed 2d\n' "$build/tools/dnp3dump" >"$work/forgetful"
chmod +x "$work/forgetful"
check "one who loses a frame is found out" exits 1 spans "$work/forgetful"
check "by the octets that are not told" said 'is told never|octets are told of'
finish
