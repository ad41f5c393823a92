# SPDX-License-Identifier: Apache-2.0
# The Debian packages that a build needs, and how they get onto the machine. Sourced by tools/demo and tools/test.

build_packages="gcc cmake ninja-build pkg-config libc6-dev libevent-dev libsqlite3-dev libyaml-dev libjansson-dev \
    libpcap-dev libssl-dev"
# What is built only where these are: fepctl, and the manuals.
optional_packages="libcurl4-openssl-dev scdoc"
test_packages="$optional_packages clang libclang-rt-14-dev libcmocka-dev python3 tshark curl binutils shellcheck \
    clang-format universal-ctags openssl dpkg-dev lintian man-db prometheus python3-jsonschema python3-yaml nodejs npm \
    chromium"

# packages_ensure NAME...: installs what is missing, as root or through sudo.
packages_ensure() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" && continue
        # Node's own packages bring npm along, and exclude Debian's.
        [ "$package" = npm ] && command -v npm >/dev/null 2>&1 && continue
        missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo"
    else
        echo "These packages are missing; please run:" >&2
        echo "    sudo apt-get install --no-install-recommends$missing" >&2
        exit 69
    fi
    echo "installing:$missing" >&2
    $as_root apt-get update -qq >&2
    # shellcheck disable=SC2086 # a list of names
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}
