#!/usr/bin/env bash
# What `make demo` runs: trains a sentiment classifier on real Chinese reviews, and has it judge sentences.
#
# usage: Tools/demo.sh
#
# The run folder is runs/demo. Where the reviews cannot be had, the 264 sentences of Examples/01-sentiment stand in.
set -euo pipefail
cd "$(dirname "$0")/.."
martlet=.build/release/martlet
run=runs/demo

# Words are easier to follow than characters; the accuracy is a little less (Documentation/Decisions/0005).
options=(--tokenizer dictionary)
if Tools/system_packages.sh && python3 Tools/fetch_data.py zh-reviews > /dev/null; then
    data=$(python3 Tools/fetch_data.py --where zh-reviews)
else
    data=Examples/01-sentiment/reviews.csv
    options+=(--epochs 20 --patience 20)
    echo "The reviews cannot be had: the demo goes on with $data, 264 made sentences. Its figures mean little." >&2
fi

$martlet train sentiment --data "$data" --out $run --overwrite "${options[@]}"
echo
$martlet predict --model $run --trace 我喜欢这部电影
echo
$martlet predict --model $run 房间很脏，再也不来了 很不错，下次还会再来 我不喜欢这部电影
