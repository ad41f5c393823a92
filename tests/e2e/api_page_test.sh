#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page is in the program: octet by octet what is in the tree, with its types, tags and policy; what is not ours in
# it is what it says it is.
set -eu
# shellcheck source=tests/e2e/common.sh
. "$(dirname "$0")/common.sh"

# shellcheck disable=SC2164 # then the check fails
check "the vendored files are those that were taken" sh -c "cd '$root/fep/page/vendor' && sha256sum --quiet -c SHA256SUMS"
find "$root/fep/page/vendor" -name '*.*' -printf '%f\n' | LC_ALL=C sort >"$work/vendored"
sed 's/^[0-9a-f]*  //' "$root/fep/page/vendor/SHA256SUMS" | LC_ALL=C sort >"$work/summed"
check "all of them" diff "$work/vendored" "$work/summed"

must "a simulator starts" sim_start "$root/outstation-sim/scenarios/demo.yaml" --stations 1 --rate 5
fepd_configure
must "fepd starts" fepd_start

# got PATH: headers to $work/headers, body to $work/body.
got() {
    curl -fsS -D "$work/headers" -o "$work/body" "$@"
}
same() {
    got "$url$1" && cmp "$work/body" "$root/fep/page/$2"
}
has() {
    grep -qi "^$1" "$work/headers"
}
cd "$root/fep/page"
find . -name '*.js' -o -name '*.css' -o -name '*.svg' | sed 's,^\./,,' >"$work/files"
cd /
while read -r file; do
    check "$file is served as it is" same "/page/$file" "$file"
    case $file in
    *.js) check "as JavaScript" has "content-type: text/javascript" ;;
    *.css) check "as CSS" has "content-type: text/css" ;;
    *.svg) check "as an image" has "content-type: image/svg+xml" ;;
    esac
done <"$work/files"
check "the page itself" same / index.html
check "its policy" has "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
check "its types are not guessed" has "x-content-type-options: nosniff"
check "no other page may read it" sh -c "! grep -qi access-control '$work/headers'"
tag=$(sed -n 's/^[Ee][Tt]ag: *\(".*"\).*/\1/p' "$work/headers")
check "it has a tag" [ -n "$tag" ]
status() {
    curl -s -o "$work/body" -w '%{http_code}' "$@"
}
rm "$work/body"
check "who has it is told so" [ "$(status -H "If-None-Match: $tag" "$url/")" = 304 ]
check "without it again" [ ! -s "$work/body" ]
check "an older one gets it" [ "$(status -H 'If-None-Match: "0"' "$url/")" = 200 ]
check "nothing else is there" [ "$(status "$url/page/../publisher/openapi.json" --path-as-is)" = 404 ]
check "nor written" [ "$(status -X PUT -d x "$url/")" = 405 ]
must "fepd ends" run_stop "$fepd_pid" 30
finish
