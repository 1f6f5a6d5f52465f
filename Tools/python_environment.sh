#!/usr/bin/env bash
# Makes the Python environment of the golden values and the benchmarks, once, and prints its python's path.
#
# usage: Tools/python_environment.sh [REQUIREMENTS NAME]    (default: Tools/requirements.txt python)
#
# It lies in the cache, never in the repository: ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/NAME.
# MARTLET_PYTHON=PATH uses another interpreter that already has what Tools/requirements.txt lists.
# Exit codes: 69 where the packages cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
requirements=${1:-$here/requirements.txt}
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}
environment=$cache/${2:-python}
stamp=$environment/requirements.txt

say() { echo "$*" >&2; }

if [ -n "${MARTLET_PYTHON:-}" ] && [ $# -eq 0 ]; then
    echo "$MARTLET_PYTHON"
    exit 0
fi

if ! cmp -s "$requirements" "$stamp"; then
    say "making a Python environment in $environment (some minutes the first time)"
    rm -rf "$environment"
    mkdir -p "$cache"
    if ! python3 -m venv "$environment" >&2; then
        say "python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
        exit 69
    fi
    pip=("$environment/bin/python" -m pip --disable-pip-version-check)
    torch=$(sed -n 's/^torch==//p' "$requirements")
    # The build for the CPU alone is a tenth of the size, but an index has to offer it. Without it: the usual build.
    [ -z "$torch" ] || "${pip[@]}" install --quiet --no-deps "torch==$torch+cpu" >&2 2>/dev/null \
        || say "pip finds no build of PyTorch for the CPU alone; taking the usual one, which is large"
    if ! "${pip[@]}" install --quiet -r "$requirements" >&2; then
        say "pip could not install what $requirements lists; is there a network?"
        exit 69
    fi
    cp "$requirements" "$stamp"
fi
echo "$environment/bin/python"
