#!/usr/bin/env bash
# Runs ONNX's own test vectors for RNN, LSTM and GRU through `martlet run`: a reference independent of PyTorch.
#
# usage: Tools/check_onnx_vectors.sh       (needs Debian's or Ubuntu's apt-get for the vectors; downloads PyTorch's environment)
set -euo pipefail
cd "$(dirname "$0")/.."
martlet=.build/release/martlet
python=$(Tools/python_environment.sh)
cache=${MARTLET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/martlet}/onnx-vectors

if [ ! -d "$cache/data" ]; then
    command -v apt-get > /dev/null || { echo "apt-get is needed to fetch the package libonnx-testdata" >&2; exit 69; }
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download libonnx-testdata > /dev/null && dpkg-deb -x libonnx-testdata_*.deb unpacked)
    mkdir -p "$cache"
    mv "$folder/unpacked/usr/share/libonnx-testdata/data" "$cache/data"
fi
$python Tools/check_onnx_vectors.py "$martlet" "$cache/data/node"
