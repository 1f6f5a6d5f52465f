#!/usr/bin/env bash
# Fetches the speech detector that `martlet detect-speech` uses: Silero VAD v6.2.3, by the Silero Team, MIT licence.
#
# usage: Tools/fetch_silero.sh
#
# The folder, ${MARTLET_CACHE:-${XDG_CACHE_HOME:-~/.cache}/martlet}/silero-vad, gets model.safetensors, config.json and
# LICENSE, checked by SHA-256, whole or not at all. Exit codes: those of fetch_data.py.
set -euo pipefail
exec python3 "$(dirname "$0")/fetch_data.py" silero-vad
