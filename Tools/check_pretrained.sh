#!/usr/bin/env bash
# Fetches and converts the networks of g2pM, textgenrnn and g2p-en, and checks that `martlet run` and `martlet translate` give
# the same as the originals.
#
# usage: Tools/check_pretrained.sh       (`make pretrained`)
#
# All lies in the cache, ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}. Exit codes: 69 where something cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
python=$(Tools/python_environment.sh)
python3 Tools/fetch_data.py g2pm-original textgenrnn-original g2p-en-original cmudict
for name in g2pm textgenrnn g2p-en; do
    rm -rf "${cache:?}/$name"
    $python Tools/convert_pretrained.py $name "$cache/$name-original" "$cache/$name"
done
$python Tools/check_pretrained.py --martlet .build/release/martlet --cache "$cache"
