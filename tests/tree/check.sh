#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# check.sh ROOT [RULE...]: holds the tree to its rules; says all that breaks them. Rules: top includes libraries
# symbols licence length functions format scripts. Where a rule needs a program that is not there, it says so.
set -eu
cd "$1"
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
broken=0

# complain TEXT: reads the culprits, a line each.
complain() {
    while read -r culprit; do
        echo "$1: $culprit"
        echo >>"$scratch/broken"
    done
}

need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    echo "without $1, $2 is not checked"
    return 1
}

folders="protocol config db fep outstation-sim tools tests"

# shellcheck disable=SC2086 # a list of names
c_files() {
    find $folders -name '*.[ch]' | LC_ALL=C sort
}

# What a newcomer sees first.
rule_top() {
    allowed=" .ci .clang-format .editorconfig .git .gitignore CHANGELOG.md CMakeLists.txt CMakePresets.json LICENSE
        README.md $folders "
    find . -mindepth 1 -maxdepth 1 | sed 's,^\./,,' | while read -r entry; do
        case $entry in
        build*) continue ;;
        esac
        echo "$allowed" | grep -qE "(^| )$(echo "$entry" | sed 's/\./\\./g')( |\$)" || echo "$entry"
    done | complain "top level: not one of ours"
}

# may FOLDER ALLOWED...: what the C files of a folder may include of ours, as patterns.
may() {
    folder=$1
    shift
    allowed=$(echo "$*" | tr ' ' '|')
    find "$folder" -name '*.[ch]' -exec grep -HnE '^ *# *include "' {} + | not_of_part "$folder" |
        grep -vE "include \"($allowed)/[^/]+\"" | complain "$folder/ may include only $*"
}

# fep/io/ is a library of its own, below fep/.
not_of_part() {
    if [ "$1" = fep ]; then grep -v '^fep/io/'; else cat; fi
}

# The one-way graph.
rule_includes() {
    may protocol protocol
    may config config
    may db db
    may fep/io fep/io
    may fep protocol config db fep 'fep/[a-z0-9]+'
    may outstation-sim protocol config fep/io outstation-sim
    may tools protocol config db 'tools/[a-z0-9]+'
}

# owners HEADERS FOLDER...: only there may these be included.
owners() {
    headers=$1
    shift
    known="^($(echo "$*" | tr ' ' '|'))/"
    c_files | grep -v '^tests/' | xargs grep -lE "^ *# *include <$headers" | grep -vE "$known" |
        complain "only $* may include <$headers>"
}

# The libraries of others, and what the operating system gives: protocol/ gets none of it.
rule_libraries() {
    owners 'sqlite3\.h' db tools/fepbench
    owners 'yaml\.h' config outstation-sim
    owners 'event' fep
    owners 'jansson\.h' fep tools
    find protocol -name '*.[ch]' -exec grep -HnE '^ *# *include <' {} + |
        grep -vE '<(assert|inttypes|limits|float|math|stdbool|stddef|stdint|string)\.h>' |
        complain "protocol/ does without"
}

# A release build of the protocol library asks for memory blocks, strings and the assertion handler, has no
# allocator, and no variable that it could share.
rule_symbols() {
    need gcc "what protocol/ links" || return 0
    need nm "what protocol/ links" || return 0
    for file in protocol/*.c; do
        gcc -std=c17 -O2 -D_GNU_SOURCE -I. -c "$file" -o "$scratch/$(basename "$file").o" ||
            echo "$file" | complain "does not compile"
    done
    nm "$scratch"/*.o | awk 'NF == 3 { print $3 }' | sort -u >"$scratch/defined"
    nm -u "$scratch"/*.o | awk '$1 == "U" { print $2 }' | sort -u | comm -23 - "$scratch/defined" |
        grep -vE '^(mem[a-z]+|str[a-z]+|__(mem|str)[a-z]+_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$' |
        complain "protocol/ needs from elsewhere"
    nm "$scratch"/*.o | awk '$2 ~ /^[BbCDGgSs]$/ { print $3 }' | complain "protocol/ has a variable"
}

rule_licence() {
    {
        c_files
        # shellcheck disable=SC2086
        find $folders .ci \( -name '*.sh' -o -name '*.py' -o -name '*.sql' -o -name CMakeLists.txt -o -path '.ci/*' \
            -o -path 'tools/*' \) -type f
        find config outstation-sim -name '*.yaml'
        echo CMakeLists.txt
    } | sort -u | grep -vx tools/package/copyright | while read -r file; do
        head -n 3 "$file" | grep -qE 'SPDX-License-Identifier: Apache-2\.0( -->)?$' || echo "$file"
    done | complain "no licence line"
}

rule_length() {
    c_files | xargs wc -l | awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }' |
        complain "longer than 800 lines"
}

rule_functions() {
    need ctags "the length of functions" || return 0
    ctags --version 2>/dev/null | grep -q 'Universal Ctags' || {
        echo "without Universal Ctags, the length of functions is not checked"
        return 0
    }
    c_files | ctags -L - --languages=C --langmap=C:.c.h --kinds-C=f --fields=ne --sort=no -o - 2>/dev/null |
        awk -F '\t' '{ line = end = 0
                       for (i = 4; i <= NF; i++) {
                           if ($i ~ /^line:/) line = substr($i, 6)
                           if ($i ~ /^end:/) end = substr($i, 5)
                       }
                       if (end) print end - line + 1, $1, $2 }' >"$scratch/functions"
    [ "$(wc -l <"$scratch/functions")" -gt 100 ] || echo "ctags" | complain "finds no functions"
    awk '$1 > 80 { print $3 ": " $2 " (" $1 " lines)" }' "$scratch/functions" | complain "longer than 80 lines"
    sort -n "$scratch/functions" | awk '{ l[NR] = $1 } END { n = int(NR * 0.9); if (l[n] > 45) print l[n] }' |
        complain "nine in ten functions fit into 45 lines, not"
}

rule_format() {
    need clang-format "the format" || return 0
    c_files | xargs clang-format --dry-run -Werror 2>&1 | grep -E 'error:' | complain "clang-format differs" || true
}

rule_scripts() {
    need shellcheck "the shell" || return 0
    shellcheck -s sh -S warning -e SC2034 -x -P . .ci/run tools/test tools/demo tools/plug tools/fuzz tools/*.sh tests/*/*.sh >"$scratch/shell" 2>&1 ||
        complain "shellcheck" <"$scratch/shell"
}

[ $# -gt 0 ] || set -- top includes libraries symbols licence length functions format scripts
for rule in "$@"; do
    "rule_$rule"
done
[ ! -f "$scratch/broken" ] || broken=$(wc -l <"$scratch/broken")
echo "$broken places break a rule"
[ "$broken" = 0 ]
