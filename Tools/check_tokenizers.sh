#!/usr/bin/env bash
# Compares Martlet's tokens of real tokenizers with those of the libraries they were made for, over 5 MB of text.
#
# usage: Tools/check_tokenizers.sh [NAME...]       (names: see Tools/check_tokenizers.py; default: all)
#
# All lies in the cache, ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}; some hundred megabytes are downloaded once.
# Exit codes: 1 where tokens differ, 69 where something cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
python=$(Tools/tokenizer_environment.sh)
python3 Tools/fetch_data.py zh-news en-bible
"$python" Tools/check_tokenizers.py --martlet .build/release/martlet --cache "$cache" "$@"
