#!/usr/bin/env bash
# Makes the Python environment of the tokenizers' golden values and checks, once, and prints its python's path.
#
# usage: Tools/tokenizer_environment.sh
#
# It lies in the cache, never in the repository: ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/tokenizers-python.
# Exit codes: 69 where the packages cannot be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
exec "$here/python_environment.sh" "$here/tokenizer_requirements.txt" tokenizers-python
