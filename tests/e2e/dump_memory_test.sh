#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dnp3dump over a capture of 200 MB that was made to be kept in mind: it takes no more memory than one of 50 MB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/dump_memory_check.py" "$1/tools/dnp3dump" 50 200
