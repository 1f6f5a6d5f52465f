"""The reference forward pass of Silero VAD in PyTorch: what the golden values and the check of real recordings share.

Written after the package's tinygrad_model.py: the same layers under the same names, in any precision.
"""

import torch
import torch.nn.functional as F

CHUNK, CONTEXT, HIDDEN = 512, 64, 128


def shapes():
    """The tensors of a checkpoint and their shapes, in the order in which Martlet visits them."""
    result = {"stft_conv.weight": (258, 1, 256)}
    width = 129
    for number, size in enumerate((128, 64, 64, 128), start=1):
        result[f"conv{number}.weight"] = (size, width, 3)
        result[f"conv{number}.bias"] = (size,)
        width = size
    for name in ("ih", "hh"):
        result[f"lstm_cell.weight_{name}"] = (4 * HIDDEN, HIDDEN)
    for name in ("ih", "hh"):
        result[f"lstm_cell.bias_{name}"] = (4 * HIDDEN,)
    result["final_conv.weight"] = (1, HIDDEN, 1)
    result["final_conv.bias"] = (1,)
    return result


def probabilities(weights, samples):
    """The probability of each chunk of a recording, and the LSTM's last states.

    `weights` maps names to tensors, `samples` is one-dimensional, both of the same type.
    """
    spare = -len(samples) % CHUNK
    samples = F.pad(samples, (CONTEXT, spare))
    h = c = torch.zeros(1, HIDDEN, dtype=samples.dtype)
    found = []
    for start in range(0, len(samples) - CONTEXT, CHUNK):
        x = samples[start:start + CONTEXT + CHUNK].reshape(1, 1, -1)
        x = F.conv1d(F.pad(x, (0, 64), mode="reflect"), weights["stft_conv.weight"], stride=128)
        x = torch.sqrt(x[:, :129] ** 2 + x[:, 129:] ** 2)
        for number, stride in enumerate((1, 2, 2, 1), start=1):
            kernel, bias = weights[f"conv{number}.weight"], weights[f"conv{number}.bias"]
            x = torch.relu(F.conv1d(x, kernel, bias, stride=stride, padding=1))
        gates = F.linear(x[:, :, 0], weights["lstm_cell.weight_ih"], weights["lstm_cell.bias_ih"])
        gates = gates + F.linear(h, weights["lstm_cell.weight_hh"], weights["lstm_cell.bias_hh"])
        i, f, g, o = gates.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        score = F.conv1d(torch.relu(h).unsqueeze(2), weights["final_conv.weight"], weights["final_conv.bias"])
        found.append(torch.sigmoid(score).item())
    return found, h, c
