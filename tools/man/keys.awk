# SPDX-License-Identifier: Apache-2.0
# The tables of `fepd --keys` (Markdown) as the body of a manual (scdoc).
function plain(text) {
    gsub(/^ +| +$/, "", text)
    gsub(/`/, "", text)
    gsub(/\\/, "\\\\", text)
    gsub(/[_*#]/, "\\\\&", text)
    return text
}
/^### / { sub(/^### /, ""); print "# " toupper(plain($0)) "\n"; next }
/^\| key / || /^\|---/ { next }
/^\|/ {
    n = split($0, cell, "|")
    for (i = 6; i < n; i++) cell[5] = cell[5] "|" cell[i]
    standard = plain(cell[4])
    print "*" plain(cell[2]) "*"
    print "\t" plain(cell[5]) " " plain(cell[3]) (standard == "" ? "" : standard == "required" ? "; required" : "; default " standard) ".\n"
}
END { print "# SEE ALSO\n\n*fepd*(8), *fepctl*(1)" }
