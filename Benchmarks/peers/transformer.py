"""A GPT or a BERT in PyTorch, timed: the peer of `martlet bench transformer`.

`--mode train` is one step: forward, cross-entropy, backward, AdamW. `--compile` lets torch.compile see the whole model first;
`--type bfloat16` is its autocast.
"""

import argparse
import contextlib

import torch
from torch import nn
from torch.nn import functional

from timing import measure, report


class Block(nn.Module):
    """GPT-2's block (normalised before) or BERT's (after)."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attention(self, x, mask):
        batch, time, width = x.shape
        q, k, v = (
            part.view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for part in self.qkv(x).split(width, 2))
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=self.causal)
        return self.output(y.transpose(1, 2).reshape(batch, time, width))

    def mlp(self, x):
        return self.down(functional.gelu(self.up(x), approximate="tanh" if self.causal else "none"))

    def forward(self, x, mask=None):
        if self.causal:
            x = x + self.attention(self.first(x), mask)
            return x + self.mlp(self.second(x))
        x = self.first(x + self.attention(x, mask))
        return self.second(x + self.mlp(x))


class Network(nn.Module):
    def __init__(self, options):
        super().__init__()
        causal = options.model == "gpt"
        self.tokens = nn.Embedding(options.vocabulary, options.width)
        self.places = nn.Embedding(options.context, options.width)
        self.blocks = nn.ModuleList(Block(options.width, options.heads, causal) for _ in range(options.layers))
        self.norm = nn.LayerNorm(options.width)
        self.output = None
        if causal:
            self.output = nn.Linear(options.width, options.vocabulary, bias=False)
            nn.init.normal_(self.tokens.weight, std=0.02)
            self.output.weight = self.tokens.weight

    def forward(self, ids, mask=None):
        x = self.tokens(ids) + self.places.weight[:ids.shape[1]]
        if self.output is None:
            x = self.norm(x)
        for block in self.blocks:
            x = block(x, mask)
        return x if self.output is None else self.output(self.norm(x))


def lengths_of(options):
    """Which tokens are real, `[batch, 1, 1, time]`, if there are lengths; the context becomes the longest."""
    if not options.lengths:
        return None
    shortest, longest = map(int, options.lengths.split(":"))
    options.context = longest
    steps = max(options.batch - 1, 1)
    lengths = torch.tensor([shortest + (longest - shortest) * row // steps for row in range(options.batch)])
    return (torch.arange(longest)[None] < lengths[:, None])[:, None, None]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=("gpt", "bert"), default="gpt")
    for name, default in (
            ("layers", 6), ("width", 384), ("heads", 6), ("context", 256), ("batch", 8), ("vocabulary", 65)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--lengths")
    parser.add_argument("--mode", choices=("train", "forward"), default="train")
    parser.add_argument("--type", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    mask = lengths_of(options)
    model = Network(options)
    ids = torch.randint(options.vocabulary, (options.batch, options.context))
    following = torch.randint(options.vocabulary, (options.batch, options.context))
    run = torch.compile(model) if options.compile else model
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, (0.9, 0.95), weight_decay=0.1)

    def precision():
        if options.type == "float32":
            return contextlib.nullcontext()
        return torch.autocast("cpu", torch.bfloat16)

    def train():
        optimiser.zero_grad()
        with precision():
            loss = functional.cross_entropy(run(ids).flatten(0, 1), following.flatten())
        loss.backward()
        optimiser.step()

    def forward():
        with torch.inference_mode(), precision():
            run(ids, mask)

    result = measure(train if options.mode == "train" else forward, options.seconds)
    count = int(mask.sum()) if mask is not None else options.batch * options.context
    report(result, tokensPerSecond=count / result["median"] * 1e3)


if __name__ == "__main__":
    main()
