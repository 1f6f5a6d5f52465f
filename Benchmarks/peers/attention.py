"""Scaled dot-product attention in PyTorch, timed: the peer of `martlet bench attention`.

`--mode train` is forward and backward from a given gradient; `forward` runs without gradients; `step` is one query beside
`--time` keys. Tensors are [B, N, T, K], as PyTorch wants them.
"""

import argparse

import torch
import torch.nn.functional as F

from timing import measure, report


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("batch", 1), ("heads", 6), ("time", 1024), ("head-width", 64)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--groups", type=int)
    parser.add_argument("--causal", action="store_true")
    parser.add_argument("--mode", choices=("train", "forward", "step"), default="train")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    groups = options.groups or options.heads
    queries = 1 if options.mode == "step" else options.time

    def made(heads, steps):
        return torch.randn(
            options.batch, heads, steps, options.head_width, requires_grad=options.mode == "train")

    query, key, value = made(options.heads, queries), made(groups, options.time), made(groups, options.time)
    gradient = torch.randn(options.batch, options.heads, queries, options.head_width)
    # One query sees every key, whatever the mask.
    causal = options.causal and options.mode != "step"
    more = {"enable_gqa": True} if groups != options.heads else {}

    def forward():
        return F.scaled_dot_product_attention(query, key, value, is_causal=causal, **more)

    def train():
        for tensor in (query, key, value):
            tensor.grad = None
        forward().backward(gradient)

    if options.mode == "train":
        result = measure(train, options.seconds)
    else:
        with torch.inference_mode():
            result = measure(forward, options.seconds)
    report(result, tokensPerSecond=options.batch * queries / result["median"] * 1e3)


main()
