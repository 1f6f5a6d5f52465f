#!/usr/bin/env bash
# Makes every file of Tests/Golden again, from PyTorch.
#
# usage: Tools/golden/make.sh [SCRIPT...]      (default: all; e.g. `Tools/golden/make.sh losses.py`)
set -euo pipefail

cd "$(dirname "$0")"
python=$(../python_environment.sh)
if [ $# -eq 0 ]; then
    set -- recurrent.py recurrent_variants.py recurrent_cells.py gradient_flow.py layers.py convolutions.py losses.py \
        likelihoods.py optimisers.py checkpoint.py silero.py pretrained.py language_model.py adaptive_softmax.py \
        forecaster.py series.py
fi
for script in "$@"; do
    if [ "$script" = series.py ]; then
        # Its references are not PyTorch's company.
        "$(../python_environment.sh "$PWD/series-requirements.txt" python-series)" "$script"
        continue
    fi
    "$python" "$script"
done
