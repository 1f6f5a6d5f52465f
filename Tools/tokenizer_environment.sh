#!/usr/bin/env bash
# Makes the Python environment of the tokenizers' golden values and checks, once, and prints its python's path.
#
# usage: Tools/tokenizer_environment.sh
#
# It lies in the cache, never in the repository: ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/tokenizers-python.
# Exit codes: 69 where the packages cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
requirements=$here/tokenizer_requirements.txt
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
environment=$cache/tokenizers-python
stamp=$environment/requirements.txt

if ! cmp -s "$requirements" "$stamp"; then
    echo "making a Python environment in $environment" >&2
    rm -rf "$environment"
    mkdir -p "$cache"
    if ! python3 -m venv "$environment" >&2; then
        echo "python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 69
    fi
    if ! "$environment/bin/python" -m pip --disable-pip-version-check install --quiet -r "$requirements" >&2; then
        echo "pip could not install what $requirements lists; is there a network?" >&2
        exit 69
    fi
    cp "$requirements" "$stamp"
fi
echo "$environment/bin/python"
