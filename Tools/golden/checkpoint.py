"""Bare recurrent checkpoints made in PyTorch, with the outputs they must give.

A checkpoint folder has model.safetensors (float32) and config.json. The binary files stand in the JSON as base64:
write them out to get the folder. The expected outputs are computed in float64 from the float32 weights.
"""

import base64

import torch
from safetensors.torch import save
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import Source, tensors, write

SEED = 20265
BATCH, TIME, INPUT, HIDDEN = 3, 6, 5, 7
LENGTHS = [2, 6, 1]
CASES = [
    ("lstm", torch.nn.LSTM, {"num_layers": 2, "bidirectional": True}),
    ("gru", torch.nn.GRU, {"num_layers": 1, "bidirectional": False}),
]


def file(named):
    """A safetensors file of float32 and int64 tensors, as base64."""
    stored = {
        name: (value.detach().to(torch.float32) if value.is_floating_point() else value).contiguous()
        for name, value in named.items()}
    return base64.b64encode(save(stored)).decode("ascii")


def main():
    torch.manual_seed(SEED)
    source = Source(SEED)
    cases = []
    for cell, kind, stack in CASES:
        # Initialised as float32, so that the stored weights are the ones computed with.
        module = kind(INPUT, HIDDEN, batch_first=True, dtype=torch.float32, **stack).double()
        rows = stack["num_layers"] * (2 if stack["bidirectional"] else 1)
        given = {
            "input": source.values(BATCH, TIME, INPUT, bound=2),
            "lengths": torch.tensor(LENGTHS),
            "h0": source.values(rows, BATCH, HIDDEN),
        }
        states = given["h0"]
        if cell == "lstm":
            given["c0"] = source.values(rows, BATCH, HIDDEN)
            states = (given["h0"], given["c0"])
        packed = pack_padded_sequence(
            given["input"], given["lengths"], batch_first=True, enforce_sorted=False)
        with torch.no_grad():
            output, final = module(packed, states)
            output, _ = pad_packed_sequence(output, batch_first=True, total_length=TIME)
        expected = {"output": output}
        expected.update(zip(("h_n", "c_n"), final if cell == "lstm" else (final,)))
        cases.append({
            "name": cell,
            "config.json": {
                "architecture": "recurrent", "cell": cell, "input_size": INPUT,
                "hidden_size": HIDDEN, **stack},
            "model.safetensors": file(module.state_dict()),
            "input.safetensors": file(given),
            "input": tensors(given),
            "expected": tensors(expected),
        })
    write("checkpoint.json", __file__, SEED, {"cases": cases}, dtype="float64 (weights float32)")


main()
