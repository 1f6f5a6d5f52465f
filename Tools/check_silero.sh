#!/usr/bin/env bash
# Checks `martlet detect-speech` with the real weights on real recordings, against the reference pass in PyTorch.
#
# usage: Tools/check_silero.sh
#
# The weights come by Tools/fetch_silero.sh. The recordings are those of the Debian package pocketsphinx-testdata (LibriVox
# and others), unpacked into the cache; nothing is installed. Exit codes: 69 where one of them cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
recordings=$cache/pocketsphinx-testdata
Tools/fetch_silero.sh
if [ ! -d "$recordings" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && apt-get download -qq pocketsphinx-testdata 2> log) || {
        cat "$folder/log" >&2
        echo "pocketsphinx-testdata cannot be fetched; it is a package of Debian and Ubuntu (apt-get update?)" >&2
        exit 69
    }
    dpkg-deb -x "$folder"/pocketsphinx-testdata_*.deb "$folder/whole"
    mkdir -p "$cache"
    mv "$folder/whole/usr/share/pocketsphinx/test/data" "$recordings"
fi
python=$(Tools/python_environment.sh)
$python Tools/check_silero.py --martlet .build/release/martlet --model "$cache/silero-vad" \
    "$recordings"/librivox/*.wav "$recordings"/cards/*.wav "$recordings"/{goforward,numbers,something}.raw
