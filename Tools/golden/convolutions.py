"""Convolutions of planes and pooling: values and gradients, those of sum(output * output_weight).
"""

import torch
import torch.nn.functional as F

from golden import Source, tensor, tensors, write

SEED = 20268


def case(name, function, leaves, source, options):
    """Runs `function` on the leaves and takes the gradient with respect to each."""
    leaves = {key: value.clone().requires_grad_() for key, value in leaves.items()}
    output = function(leaves)
    weight = source.values(*output.shape)
    (output * weight).sum().backward()
    return {
        "name": name,
        "options": options,
        "given": tensors(leaves),
        "output": tensor(output),
        "output_weight": tensor(weight),
        "gradients": tensors({key: value.grad for key, value in leaves.items()}),
    }


def main():
    source = Source(SEED)
    cases = []

    # input, weight, stride, padding, dilation, groups, bias
    for shape, kernel, stride, padding, dilation, groups, bias in (
            ((2, 3, 5, 6), (4, 3, 3, 3), (1, 1), (1, 1), (1, 1), 1, True),
            ((2, 3, 6, 5), (5, 3, 3, 2), (2, 2), (1, 0), (1, 1), 1, False),
            ((1, 2, 7, 8), (3, 2, 3, 3), (2, 3), (2, 1), (1, 2), 1, True),
            ((2, 4, 5, 5), (6, 2, 3, 3), (1, 1), (1, 1), (1, 1), 2, True),
            ((2, 3, 6, 7), (3, 1, 3, 3), (2, 2), (1, 1), (1, 1), 3, True),
            ((2, 3, 4, 4), (6, 1, 2, 2), (1, 1), (0, 0), (1, 1), 3, False),
            ((2, 3, 4, 5), (4, 3, 1, 1), (2, 2), (0, 0), (1, 1), 1, True),
            ((1, 2, 3, 3), (2, 2, 3, 3), (1, 1), (0, 0), (1, 1), 1, True)):
        leaves = {"input": source.values(*shape), "weight": source.values(*kernel)}
        if bias:
            leaves["bias"] = source.values(kernel[0])
        options = {
            "stride": list(stride), "padding": list(padding), "dilation": list(dilation), "groups": groups}
        cases.append(case(
            "conv2d",
            lambda x: F.conv2d(x["input"], x["weight"], x.get("bias"), stride, padding, dilation, groups),
            leaves, source, options))

    for name, function in (("max_pool2d", F.max_pool2d), ("avg_pool2d", F.avg_pool2d)):
        for size, stride, padding in (((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 2), (1, 1)), ((3, 3), (2, 2), (1, 0))):
            cases.append(case(
                name, lambda x: function(x["input"], size, stride, padding),
                {"input": source.values(2, 2, 6, 5, bound=4)}, source,
                {"size": list(size), "stride": list(stride), "padding": list(padding)}))
    for name, function in (("max_pool1d", F.max_pool1d), ("avg_pool1d", F.avg_pool1d)):
        cases.append(case(
            name, lambda x: function(x["input"], 3, 2, 1), {"input": source.values(2, 2, 9, bound=4)}, source,
            {"size": 3, "stride": 2, "padding": 1}))
    cases.append(case(
        "adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x["input"], 1).flatten(1),
        {"input": source.values(2, 3, 4, 5)}, source, {}))

    write("convolutions.json", __file__, SEED, {"cases": cases})


main()
