#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# control.sh ROOT: each rule of check.sh against a copy of the tree into which its violation was planted.
set -eu
cd "$1"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
failed=0

# planted RULE WORDS FILE TEXT: appends the text, and the rule must say the words and the file; then takes it back.
planted() {
    [ -f "$copy/$3" ] && existed=1 && cp "$copy/$3" "$copy.before" || existed=0
    printf '%b' "$4" >>"$copy/$3"
    if sh tests/tree/check.sh "$copy" "$1" >"$copy.said" 2>&1; then
        if grep -q '^without ' "$copy.said"; then
            echo "skipped: $1"
        else
            echo "FAILED: $1 does not see what is wrong in $3"
            failed=$((failed + 1))
        fi
    elif ! grep -qF "$2" "$copy.said"; then
        echo "FAILED: $1 does not say '$2':"
        cat "$copy.said"
        failed=$((failed + 1))
    fi
    rm -f "$copy/$3" "$copy.said"
    [ "$existed" = 0 ] || mv "$copy.before" "$copy/$3"
}

cp -R .ci .clang-format CMakeLists.txt protocol config db fep outstation-sim tools tests "$copy/"
planted top "notes.txt" notes.txt "remember\n"
planted includes "protocol/ may include only" protocol/crc.c '#include "config/config.h"\n'
planted includes "fep/io/ may include only" fep/io/loop.c '#include "fep/worker.h"\n'
planted includes "outstation-sim/ may include only" outstation-sim/fleet.h '#include "db/store.h"\n'
planted includes "tools/ may include only" tools/account/main.c '#include "fep/json.h"\n'
planted includes "config/ may include only" config/new.h '#include "crc.h"\n'
planted libraries "only db tools/fepbench may include" fep/worker.c '#include <sqlite3.h>\n'
planted libraries "protocol/ does without" protocol/crc.h '#include <stdio.h>\n'
planted symbols "needs from elsewhere: malloc" protocol/crc.c \
    '#include <stdlib.h>\nvoid *planted(void);\nvoid *planted(void)\n{\n    return malloc(9);\n}\n'
planted symbols "has a variable: planted" protocol/crc.c 'int planted;\n'
planted licence "no licence line: db/new.c" db/new.c '/* nobody owns me */\n'
planted licence "no licence line: tools/new" tools/new '#!/bin/sh\n'
planted length "longer than 800 lines: db/sql.h" db/sql.h "$(seq 1 900 | sed 's,.*,//\\n,' | tr -d '\n')"
planted functions "planted (83 lines)" db/sql.c "int planted(void)\n{$(seq 1 80 | sed 's/.*/\\n    (void)\&;/' | tr -d '\n')\n}\n"
planted format "clang-format differs" db/sql.c 'int   planted;\n'
planted scripts "tools/run.sh" tools/run.sh 'cd "$1"; read planted; echo [ $planted = 5 ]]\n'
echo "$failed violations not found"
[ "$failed" = 0 ]
