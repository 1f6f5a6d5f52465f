"""Linear, embedding, normalisation, softmax, log-softmax, convolution over time, activations: values and gradients.

The gradients are those of sum(output * output_weight).
"""

import torch
import torch.nn.functional as F

from golden import Source, tensor, tensors, write

SEED = 20262


def case(name, function, leaves, source, options=None, indices=None):
    """Runs `function` on the leaves and takes the gradient with respect to each."""
    leaves = {key: value.clone().requires_grad_() for key, value in leaves.items()}
    output = function(leaves)
    weight = source.values(*output.shape)
    (output * weight).sum().backward()
    given = tensors(leaves)
    if indices is not None:
        given["indices"] = tensor(indices)
    return {
        "name": name,
        "options": options or {},
        "given": given,
        "output": tensor(output),
        "output_weight": tensor(weight),
        "gradients": tensors({key: value.grad for key, value in leaves.items()}),
    }


def main():
    source = Source(SEED)
    cases = []

    for bias in (True, False):
        leaves = {"input": source.values(2, 3, 4), "weight": source.values(5, 4)}
        if bias:
            leaves["bias"] = source.values(5)
        cases.append(case(
            "linear", lambda x: F.linear(x["input"], x["weight"], x.get("bias")),
            leaves, source, {"bias": bias}))

    # Row 0 pads: it is looked up like any other and its gradient is zero; row 3 occurs twice.
    indices = torch.tensor([[1, 3, 0, 0], [3, 5, 2, 0]])
    for padding in (None, 0):
        cases.append(case(
            "embedding", lambda x: F.embedding(indices, x["weight"], padding_idx=padding),
            {"weight": source.values(6, 3)}, source, {"padding_idx": padding}, indices))

    for affine in (True, False):
        leaves = {"input": source.values(2, 3, 7, bound=3)}
        if affine:
            leaves["weight"] = source.values(7)
            leaves["bias"] = source.values(7)
        cases.append(case(
            "layer_norm",
            lambda x: F.layer_norm(x["input"], (7,), x.get("weight"), x.get("bias"), eps=1e-5),
            leaves, source, {"affine": affine, "eps": 1e-5}))

    for name, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        for axis in (-1, 1):
            cases.append(case(
                name, lambda x: function(x["input"], dim=axis),
                {"input": source.values(2, 3, 5, bound=4)}, source, {"axis": axis}))

    # Logits far apart: exp overflows or vanishes unless the largest is taken off first.
    extreme = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.5]])
    for name, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
        cases.append(case(
            name, lambda x: function(x["input"], dim=-1), {"input": extreme}, source, {"axis": -1}))

    for steps, kernel, stride, padding, bias in (
            (6, 3, 1, 1, True), (7, 3, 2, 1, True), (9, 4, 3, 0, False), (5, 2, 2, 2, True), (4, 4, 1, 0, True)):
        leaves = {"input": source.values(2, 3, steps), "weight": source.values(4, 3, kernel)}
        if bias:
            leaves["bias"] = source.values(4)
        cases.append(case(
            "conv1d",
            lambda x: F.conv1d(x["input"], x["weight"], x.get("bias"), stride=stride, padding=padding),
            leaves, source, {"stride": stride, "padding": padding}))

    for offset, weighted in ((0.0, True), (1.0, True), (0.0, False)):
        leaves = {"input": source.values(2, 3, 7, bound=3)}
        if weighted:
            leaves["weight"] = source.values(7)
        cases.append(case(
            "rms_norm",
            lambda x: F.rms_norm(
                x["input"], (7,), x["weight"] + offset if weighted else None, eps=1e-6),
            leaves, source, {"weight_offset": offset, "eps": 1e-6}))

    activations = {
        "relu": F.relu, "silu": F.silu, "sigmoid": torch.sigmoid, "gelu": F.gelu,
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    }
    for name in ("gelu", "gelu_tanh", "silu"):
        cases.append(case(
            name, lambda x: activations[name](x["input"]), {"input": source.values(3, 11, bound=5)}, source))
    for name, function in activations.items():
        cases.append(case(
            "gated", lambda x: function(x["gate"]) * x["up"],
            {"gate": source.values(3, 11, bound=4), "up": source.values(3, 11)}, source, {"activation": name}))

    write("layers.json", __file__, SEED, {"cases": cases})


main()
