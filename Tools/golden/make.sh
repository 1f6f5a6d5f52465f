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
        text_cnn.py image_classifier.py contrastive.py sequence_to_sequence.py forecaster.py series.py \
        transformer_models.py scores.py
fi
for script in "$@"; do
    case $script in
    # The references of these are not PyTorch's company, or not that alone.
    series.py) used=$(../python_environment.sh "$PWD/series-requirements.txt" python-series) ;;
    transformer_models.py) used=$(../python_environment.sh "$PWD/transformers-requirements.txt" python-transformers) ;;
    scores.py) used=$(../python_environment.sh "$PWD/scores-requirements.txt" python-scores) ;;
    *) used=$python ;;
    esac
    "$used" "$script"
done
