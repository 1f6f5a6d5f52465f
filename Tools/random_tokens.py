"""Writes random inputs for a sentiment classifier: random_tokens.py CONFIG_JSON OUT_SAFETENSORS"""

import json
import sys

import torch
from safetensors.torch import save_file

config = json.load(open(sys.argv[1], encoding="utf-8"))
generator = torch.Generator().manual_seed(1)
batch, time = 5, 9
inputs = {
    "tokens": torch.randint(config["vocab_size"], (batch, time), generator=generator),
    "lengths": torch.tensor([4, 9, 1, 7, 2]),
}
longest = config.get("longest_ngram", 1)
if longest > 1:
    inputs["ngrams"] = torch.randint(config["ngram_rows"], (batch, time, longest - 1), generator=generator)
save_file(inputs, sys.argv[2])
