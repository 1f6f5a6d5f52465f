#!/usr/bin/env bash
# Trains a small classifier of each cell and checks that PyTorch loads it and gives the same: `make pytorch`.
#
# usage: Tools/check_in_pytorch.sh
set -euo pipefail
cd "$(dirname "$0")/.."
martlet=.build/release/martlet
python=$(Tools/python_environment.sh)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for cell in rnn rnn_relu lstm gru; do
    run=$folder/$cell
    $martlet train sentiment --data Examples/01-sentiment/reviews.csv --out "$run" --cell $cell --layers 2 \
        --hidden 12 --embedding 10 --epochs 2 2> "$folder/log" || { cat "$folder/log" >&2; exit 70; }
    $python Tools/random_tokens.py "$run/config.json" "$folder/in.safetensors"
    $martlet run --model "$run" --input "$folder/in.safetensors" --output "$folder/out.safetensors"
    $python Tools/check_in_pytorch.py "$run" --input "$folder/in.safetensors" --expected "$folder/out.safetensors"
done
