"""One recurrent stack in PyTorch, timed: the peer of `martlet bench recurrent`.

`--mode train` is forward, backward and an SGD step on a mean squared error; `forward` runs without gradients. With
`--lengths 8:128` the batch is packed, or, with `--padded`, run whole as if every sequence had the largest length. `step` is one
step of a cell from a kept state; `stream` is that for each of `--streams` streams, one after the other. `--type bfloat16` is
PyTorch's autocast.
"""

import argparse
import contextlib

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from timing import measure, report, spread_lengths


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn_tanh", "rnn_relu"), required=True)
    for name, default in (("batch", 32), ("time", 128), ("input", 256), ("hidden", 512), ("layers", 1)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--bidirectional", action="store_true")
    parser.add_argument("--lengths")
    parser.add_argument("--padded", action="store_true")
    parser.add_argument("--mode", choices=("train", "forward", "step", "stream"), default="train")
    parser.add_argument("--type", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(options.cell, torch.nn.RNN)
    more = {"nonlinearity": options.cell[4:]} if kind is torch.nn.RNN else {}
    model = kind(
        options.input, options.hidden, options.layers, batch_first=True,
        bidirectional=options.bidirectional, **more)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3)
    width = options.hidden * (2 if options.bidirectional else 1)
    sequence = torch.randn(options.batch, options.time, options.input)
    target = torch.randn(options.batch, options.time, width)
    lengths = [options.time] * options.batch
    if options.lengths:
        lengths = spread_lengths(options.lengths, options.batch)
    packed = bool(options.lengths) and not options.padded
    length_tensor = torch.tensor(lengths)

    def precision():
        if options.type == "float32":
            return contextlib.nullcontext()
        return torch.autocast("cpu", torch.bfloat16)

    def forward():
        if not packed:
            return model(sequence)[0]
        output, _ = model(pack_padded_sequence(
            sequence, length_tensor, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(output, batch_first=True, total_length=options.time)[0]

    def train():
        optimiser.zero_grad()
        with precision():
            loss = torch.nn.functional.mse_loss(forward(), target)
        loss.backward()
        optimiser.step()

    cells = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}
    cell = cells.get(options.cell, torch.nn.RNNCell)(options.input, options.hidden)
    count = options.streams if options.mode == "stream" else 1
    zeros = torch.zeros(options.batch, options.hidden)
    states = [(zeros, zeros) if options.cell == "lstm" else zeros] * count
    frame = sequence[:, 0]

    def step():
        for place in range(count):
            states[place] = cell(frame, states[place])

    if options.mode in ("step", "stream"):
        with torch.inference_mode():
            result = measure(step, options.seconds)
    elif options.mode == "train":
        result = measure(train, options.seconds)
    else:
        with torch.inference_mode(), precision():
            result = measure(forward, options.seconds)
    report(result, tokensPerSecond=sum(lengths) / result["median"] * 1e3)


main()
