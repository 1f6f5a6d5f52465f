#!/usr/bin/env bash
# Builds this example and trains it on DATA (by default the 264 sentences beside this file).
#
# usage: Examples/01-sentiment/run.sh [DATA]
set -euo pipefail
data=$(realpath "${1:-$(dirname "$0")/reviews.csv}")
cd "$(dirname "$0")"
swift run -c release Sentiment "$data"
