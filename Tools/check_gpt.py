"""Trains a small GPT-2 in PyTorch as `martlet train gpt` does, and compares both loss curves.

The same text, split, tokens, windows, batches, steps, sizes, initialisation, rates, decay and dropout, from other random
numbers: what differs is chance and a mistake. Run folders of `martlet train gpt --unit character` are read; for each, a
model is trained here from the same options (its seed included), and judged where `training.json` has a figure. Then the
means and the spreads of the validation losses of both are told, evaluation by evaluation.

usage: check_gpt.py RUN RUN... [--text FILE]

--text stands for the file that training.json names. Exit codes: 0; 1 if the means of an evaluation after the first half
are further apart than both spreads together.
"""

import argparse
import json
import math
import pathlib
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

from reference_training import parts, warmed_cosine

# `PretrainingRecipe.judgedWindows`.
JUDGED = 256


class Block(nn.Module):
    def __init__(self, options):
        super().__init__()
        width, self.heads, self.dropout = options["width"], options["heads"], options["dropout"]
        inner = options.get("inner_width") or 4 * width
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = (
            part.view(batch, time_, self.heads, -1).transpose(1, 2) for part in self.qkv(self.first(x)).split(width, 2))
        rate = self.dropout if self.training else 0.0
        seen = functional.scaled_dot_product_attention(q, k, v, dropout_p=rate, is_causal=True)
        x = x + functional.dropout(self.output(seen.transpose(1, 2).reshape(x.shape)), rate)
        inner = functional.gelu(self.up(self.second(x)), approximate="tanh")
        return x + functional.dropout(self.down(inner), rate)


class GPT2(nn.Module):
    def __init__(self, vocabulary, options):
        super().__init__()
        width, layers = options["width"], options["layers"]
        self.rate = options["dropout"]
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(options["context"], width)
        self.blocks = nn.ModuleList(Block(options) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                ending = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers) if ending else 0.02)
            elif "norm" not in name and "first" not in name and "second" not in name:
                nn.init.zeros_(parameter)

    def forward(self, ids):
        x = self.tokens(ids) + self.places.weight[:ids.shape[1]]
        x = functional.dropout(x, self.rate, self.training)
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.T


def windows(tokens, length, generator):
    """`TokenWindows`: passes of windows that overlap by one token, each from another begin and in another order."""
    stride = length - 1
    count = max(1, (len(tokens) - 1) // stride - 1)
    while True:
        room = len(tokens) - ((count - 1) * stride + length)
        start = int(torch.randint(min(room, stride - 1) + 1, (1,), generator=generator))
        for place in torch.randperm(count, generator=generator).tolist():
            at = start + place * stride
            yield tokens[at:at + length]


def loss_of(model, rows):
    scores = model(rows[:, :-1])
    return functional.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())


def train(options, vocabulary, training, validation):
    """The validation loss of each evaluation, and the seconds that a step took."""
    torch.manual_seed(options["seed"])
    generator = torch.Generator().manual_seed(options["seed"] + 1)
    model = GPT2(vocabulary, options)
    length, batch, steps = options["context"] + 1, options["batch"], options["steps"]
    between = max(1, min(options.get("evaluate_every") or (steps + 9) // 10, steps))
    total = -(-steps // between) * between
    warm_up = min(options["warm_up"], total // 10)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": options["weight_decay"]}, {"params": vectors, "weight_decay": 0.0}],
        lr=options["learning_rate"], betas=(0.9, 0.95))

    source = windows(training, length, generator)
    all_judged = (len(validation) - length) // (length - 1) + 1
    judged = torch.stack([
        validation[place * (length - 1):place * (length - 1) + length] for place in range(min(all_judged, JUDGED))])
    losses, seconds = [], 0.0
    for step in range(total):
        if step % between == 0:
            model.train()
            begin = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = options["learning_rate"] * warmed_cosine(step, warm_up, total, options["final_share"])
        optimizer.zero_grad()
        for _ in range(options["accumulation"]):
            rows = torch.stack([next(source) for _ in range(batch)])
            (loss_of(model, rows) / options["accumulation"]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), options["clip"])
        optimizer.step()
        if (step + 1) % between == 0:
            seconds += time.perf_counter() - begin
            model.eval()
            with torch.no_grad():
                chunks = judged.split(batch)
                losses.append(sum(loss_of(model, rows).item() * len(rows) for rows in chunks) / len(judged))
    return losses, seconds / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--text")
    arguments = parser.parse_args()
    ours, theirs = [], []
    for run in map(pathlib.Path, arguments.runs):
        record = json.loads((run / "training.json").read_text())
        options = record["options"]
        if options.get("unit") != "character" or options["decoder"] != "gpt2" or options["averaging"]:
            sys.exit(f"{run}: expected a gpt2 of characters without averaging")
        if record.get("test") is None:
            sys.exit(f"{run}: the run is not finished; let it end first (--resume)")
        known = {token: number for number, token in enumerate(json.loads((run / "tokenizer.json").read_text())["tokens"])}
        text = pathlib.Path(arguments.text or record["data"]["paths"][0]).read_text(encoding="utf-8")
        text += "" if text.endswith("\n") else "\n"
        tokens = [torch.tensor([known.get(character, 1) for character in part]) for part in parts(text)]
        counts = [record["data"][name] for name in ("training", "validation", "test")]
        if counts != [len(part) for part in tokens]:
            sys.exit(f"{run}: {counts} tokens in training.json, {[len(part) for part in tokens]} here: another text?")
        losses, seconds = train(options, len(known), tokens[0], tokens[1])
        steps = sum(1 for _ in record["epochs"]) * (options.get("evaluate_every") or (options["steps"] + 9) // 10)
        own = sum(epoch["seconds"] for epoch in record["epochs"]) / steps
        ours.append([epoch["validation_loss"] for epoch in record["epochs"]])
        theirs.append(losses)
        print(f"seed {options['seed']}: Martlet {ours[-1][-1]:.4f}, {1000 * own:.1f} ms a step; "
              f"PyTorch {losses[-1]:.4f}, {1000 * seconds:.1f} ms a step", flush=True)
    if len(ours) < 2:
        return
    apart = False
    for place in range(len(ours[0])):
        columns = [[losses[place] for losses in side] for side in (ours, theirs)]
        means, spreads = [statistics.mean(c) for c in columns], [statistics.stdev(c) for c in columns]
        print(f"evaluation {place + 1}: Martlet {means[0]:.4f} ± {spreads[0]:.4f}, PyTorch {means[1]:.4f} ± {spreads[1]:.4f}")
        apart = apart or place >= len(ours[0]) // 2 and abs(means[0] - means[1]) > sum(spreads)
    if apart:
        sys.exit("the means are further apart than both spreads")


if __name__ == "__main__":
    main()
