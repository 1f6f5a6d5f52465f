#!/usr/bin/env bash
# Fetches and converts g2pM's and textgenrnn's networks, and checks that `martlet run` gives the same as the originals.
#
# usage: Tools/check_pretrained.sh       (`make pretrained`)
#
# All lies in the cache, ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}. Exit codes: 69 where something cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
python=$(Tools/python_environment.sh)
python3 Tools/fetch_data.py g2pm-original textgenrnn-original
for name in g2pm textgenrnn; do
    rm -rf "${cache:?}/$name"
    $python Tools/convert_pretrained.py $name "$cache/$name-original" "$cache/$name"
done
$python Tools/check_pretrained.py --martlet .build/release/martlet --cache "$cache"
