"""Loads a checkpoint written by Martlet into PyTorch, and compares what the two compute.

usage: check_in_pytorch.py RUN_FOLDER [--input IN.safetensors --expected OUT.safetensors] [--tolerance 1e-4]

RUN_FOLDER has config.json and model.safetensors. Two architectures are known: "recurrent", a bare recurrent stack, and
"sentiment-classifier". IN and OUT are the files of `martlet run`: of a stack, `input` and optionally `lengths`, `h0` and
`c0` give `output`, `h_n` and `c_n`; of a classifier, `tokens`, `ngrams` (if it has any) and optionally `lengths` give
`logits`. Without them, only that the weights load is checked.

Exit codes: 0 loads and agrees, 1 does not, 64 usage, 65 a file that cannot be read.
"""

import argparse
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class CannotRead(Exception):
    """A file is missing, broken, or not of a known architecture."""


def setting(config, *names, default=None):
    """The first of `names` that the configuration has."""
    for name in names:
        if name in config:
            return config[name]
    if default is None:
        raise CannotRead(f"config.json has none of {', '.join(names)}")
    return default


def recurrent(config, input_size):
    cell = setting(config, "cell")
    sizes = {
        "input_size": input_size,
        "hidden_size": setting(config, "hidden_size"),
        "num_layers": setting(config, "num_layers", default=1),
        "bidirectional": setting(config, "bidirectional", default=False),
        "batch_first": True,
    }
    if cell == "lstm":
        return torch.nn.LSTM(**sizes)
    if cell == "gru":
        return torch.nn.GRU(**sizes)
    if cell in ("rnn", "rnn_tanh"):
        return torch.nn.RNN(**sizes, nonlinearity="tanh")
    if cell == "rnn_relu":
        return torch.nn.RNN(**sizes, nonlinearity="relu")
    raise CannotRead(f"config.json: cell {cell!r} is not one of rnn_tanh, rnn_relu, lstm, gru")


def run_recurrent(module, sequence, lengths, states=None):
    """Output, h_n and, of an LSTM, c_n; steps at and after a length give zeros."""
    if lengths is None:
        output, final = module(sequence, states)
    else:
        packed = pack_padded_sequence(
            sequence, lengths.to(torch.int64), batch_first=True, enforce_sorted=False)
        output, final = module(packed, states)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=sequence.shape[1])
    return output, final if isinstance(final, tuple) else (final,)


class Stack(torch.nn.Module):
    """A bare recurrent stack, with PyTorch's own parameter names."""

    def __init__(self, config):
        super().__init__()
        self.layers = recurrent(config, setting(config, "input_size"))

    def load(self, weights):
        self.layers.load_state_dict(weights, strict=True)

    def forward(self, given):
        states = given.get("h0")
        if "c0" in given:
            states = (given["h0"], given["c0"])
        output, final = run_recurrent(self.layers, given["input"], given.get("lengths"), states)
        return {"output": output, **dict(zip(("h_n", "c_n"), final))}


class Classifier(torch.nn.Module):
    """The sentiment classifier: vectors of tokens and n-grams, recurrent stack, pooling, linear."""

    def __init__(self, config):
        super().__init__()
        width = setting(config, "embedding_size")
        self.embedding = torch.nn.Embedding(setting(config, "vocab_size"), width)
        if setting(config, "longest_ngram", default=1) > 1:
            self.ngram_embedding = torch.nn.Embedding(setting(config, "ngram_rows"), width)
        self.rnn = recurrent(config, width)
        directions = 2 if self.rnn.bidirectional else 1
        self.output = torch.nn.Linear(
            2 * directions * self.rnn.hidden_size + width, len(setting(config, "labels")))

    def load(self, weights):
        self.load_state_dict(weights, strict=True)

    def forward(self, given):
        tokens = given["tokens"].to(torch.int64)
        lengths = given.get("lengths")
        if lengths is None:
            lengths = torch.full((tokens.shape[0],), tokens.shape[1])
        lengths = lengths.to(torch.int64)
        vectors = self.embedding(tokens)
        if "ngrams" in given:
            vectors = vectors + self.ngram_embedding(given["ngrams"].to(torch.int64)).sum(2)
        states, _ = run_recurrent(self.rnn, vectors, lengths)
        real = (torch.arange(tokens.shape[1])[None, :] < lengths[:, None])[..., None]

        def mean(values):
            return (values * real).sum(1) / lengths[:, None]

        largest = states.masked_fill(~real, float("-inf")).amax(1)
        return {"logits": self.output(torch.cat([mean(states), largest, mean(vectors)], dim=1))}


def build(config):
    architecture = setting(config, "architecture")
    if architecture == "recurrent":
        return Stack(config)
    if architecture == "sentiment-classifier":
        return Classifier(config)
    raise CannotRead(f"config.json: architecture {architecture!r} is not known here")


def read(folder):
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "model.safetensors")
    except Exception as error:
        raise CannotRead(f"{folder}: {error}") from error
    return config, weights


def compare(found, expected, tolerance):
    """The largest difference of each tensor, printed; whether all are within the tolerance."""
    agree = True
    for name, wanted in expected.items():
        if name not in found:
            print(f"{name}: the file has it, PyTorch's model does not give it")
            agree = False
            continue
        if found[name].shape != wanted.shape:
            print(f"{name}: {list(wanted.shape)} in the file, {list(found[name].shape)} in PyTorch")
            agree = False
            continue
        gap = (found[name] - wanted).abs().max().item() if wanted.numel() else 0.0
        within = gap <= tolerance  # false for NaN
        agree = agree and within
        print(f"{name} {list(wanted.shape)}: largest difference {gap:.2e}" + ("" if within else " TOO LARGE"))
    missing = set(found) - set(expected)
    if missing:
        print(f"the file lacks {', '.join(sorted(missing))}")
    return agree and not missing


def main():
    parser = argparse.ArgumentParser(description="Loads a Martlet checkpoint into PyTorch.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--input", type=pathlib.Path)
    parser.add_argument("--expected", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    if (arguments.input is None) != (arguments.expected is None):
        print("--input and --expected go together", file=sys.stderr)
        return 64
    try:
        config, weights = read(arguments.folder)
        model = build(config).eval()
        try:
            model.load(weights)
        except (RuntimeError, KeyError) as error:
            print(f"{arguments.folder}: PyTorch does not take the weights: {error}")
            return 1
        print(f"{arguments.folder}: {len(weights)} tensors load with load_state_dict(strict=True)")
        if arguments.input is None:
            return 0
        try:
            given, expected = load_file(arguments.input), load_file(arguments.expected)
        except Exception as error:
            raise CannotRead(f"{arguments.input}, {arguments.expected}: {error}") from error
        with torch.no_grad():
            return 0 if compare(model(given), expected, arguments.tolerance) else 1
    except CannotRead as error:
        print(error, file=sys.stderr)
        return 65


if __name__ == "__main__":
    # argparse ends with 2 for wrong usage; Martlet's tools say 64.
    try:
        sys.exit(main())
    except SystemExit as stop:
        sys.exit(64 if stop.code == 2 else stop.code)
