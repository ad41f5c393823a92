#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dnp3dump over all captures of the corpora: as many frames as the independent link checker finds, the functions,
# IIN and objects that tshark finds; dump_corpora.tsv has what differs, and why. Skipped where there are no corpora,
# or neither of the two others.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dump=$1/tools/dnp3dump
corpora=${FEP_CORPORA:-$here/../../../shared/corpora}
oracles=${FEP_ORACLES:-$corpora/../oracles}

[ -d "$corpora" ] || { echo "skipped: no corpora" && exit 77; }
[ -f "$oracles/linkcheck.py" ] || command -v tshark >/dev/null 2>&1 || {
    echo "skipped: neither the link checker nor tshark" && exit 77
}
exec python3 "$here/dump_corpora_compare.py" "$dump" "$corpora" "$oracles" "$here/dump_corpora.tsv"
