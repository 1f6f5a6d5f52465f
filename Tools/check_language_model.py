"""Trains a character model in PyTorch as `martlet train language-model` does, and compares what both need for a text.

The same text, split, tokens, lanes, windows, steps, sizes, rates, dropout and averaging, from other random numbers: what
differs is chance and a mistake. Run folders of `martlet train language-model --unit character` are read; for each, a model
is trained here from the same options (its seed included), judged on the same test part, and the means and spreads of the
bits per character of both are told.

usage: check_language_model.py RUN... [--text FILE] [--limit-steps N] [--start FOLDER]

--start begins from the weights of another run's folder instead of random ones, of one with --learning-rate 1e-12 --weight-decay 0
--averaging 0 and otherwise the same options: those that Martlet begins with; and dropout takes Martlet's random numbers. Both trainings
are then the same but for rounding. --text stands for the file that training.json names. --limit-steps ends each training after so many
steps and tells only seconds for each step: for a comparison of speed. Exit codes: 0; 1 if the means are further apart than both spreads.
"""

import argparse
import json
import math
import pathlib
import re
import statistics
import sys
import time

import safetensors.torch
import torch

from reference_training import Generator, WeightAverage, parts, warmed_cosine

IGNORED = -100


def lanes(tokens, count, window):
    """`TokenLanes`: pieces side by side; of each window the tokens and what comes after each."""
    guesses = len(tokens) - 1
    count = max(1, min(count, guesses // window))
    length = -(-guesses // count)
    filled = torch.zeros(count * length, dtype=torch.long)
    labels = torch.full((count * length,), IGNORED)
    filled[:guesses], labels[:guesses] = tokens[:-1], tokens[1:]
    filled, labels = filled.view(count, length), labels.view(count, length)
    return [(filled[:, t:t + window], labels[:, t:t + window]) for t in range(0, length, window)]


class Locked(torch.nn.Module):
    """Dropout of the same elements at every step of a window; by PyTorch's random numbers, or by those of a step of Martlet's."""

    def __init__(self, probability):
        super().__init__()
        self.probability, self.generator = probability, None

    def forward(self, x):
        if not self.training or self.probability == 0:
            return x
        shape = (x.shape[0], 1, x.shape[2])
        if self.generator:
            keep = self.generator.bernoulli(shape, 1 - self.probability)
        else:
            keep = torch.rand(shape) >= self.probability
        return x * keep / (1 - self.probability)


class CharacterModel(torch.nn.Module):
    def __init__(self, vocabulary, options):
        super().__init__()
        D, H, layers = options["embedding"], options["hidden"], options["layers"]
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[options["cell"]]
        self.embedding = torch.nn.Embedding(vocabulary, D)
        torch.nn.init.normal_(self.embedding.weight, std=0.1)
        self.layers = torch.nn.ModuleList(
            [kind(D if layer == 0 else H, H, batch_first=True) for layer in range(layers)])
        self.output = torch.nn.Linear(H, vocabulary)
        torch.nn.init.zeros_(self.output.bias)
        self.dropout = Locked(options["dropout"])

    def forward(self, tokens, states):
        x, after = self.embedding(tokens), []
        for layer, state in zip(self.layers, states or [None] * len(self.layers)):
            x, state = layer(self.dropout(x), state)
            after.append(tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach())
        return self.output(self.dropout(x)), after


def nats(model, windows):
    """The mean loss of a text, read from a state that has read nothing."""
    total, states = 0.0, None
    model.eval()
    with torch.no_grad():
        for tokens, labels in windows:
            scores, states = model(tokens, states)
            total += torch.nn.functional.cross_entropy(
                scores.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum").item()
    return total / sum(int((labels != IGNORED).sum()) for _, labels in windows)


def weights(folder):
    """A run's weights by the names that they have here."""
    found = safetensors.torch.load_file(folder / "model.safetensors")
    names = {name: re.fullmatch(r"rnn\.(.*)_l(\d+)", name) for name in found}
    return {f"layers.{m[2]}.{m[1]}_l0" if m else name: found[name] for name, m in names.items()}


def train(options, vocabulary, texts, limit, start):
    """The model of the best epoch, and the seconds that a step took."""
    torch.manual_seed(options["seed"])
    model = CharacterModel(vocabulary, options)
    if start:
        model.load_state_dict(weights(start))
    training = lanes(texts[0], options["batch"], options["window"])
    validation = lanes(texts[1], options["batch"], options["window"])
    wanted = -(-3000 // len(training))
    epochs = options.get("epochs") or min(max(wanted, 1), 50)
    patience = options.get("patience") or max(3, epochs // 4)
    steps = epochs * len(training)
    warm_up = min(options["warm_up"], steps // 10)

    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options["learning_rate"], weight_decay=options["weight_decay"])
    average = WeightAverage(model, options["averaging"])
    judged = CharacterModel(vocabulary, options)
    best, best_epoch, step, seconds = (math.inf, None), 0, 0, 0.0
    for epoch in range(epochs):
        states = None
        model.train()
        begin = time.perf_counter()
        for tokens, labels in training:
            for group in optimizer.param_groups:
                group["lr"] = options["learning_rate"] * warmed_cosine(step, warm_up, steps)
            optimizer.zero_grad()
            if start:
                model.dropout.generator = Generator(options["seed"], step)
            scores, states = model(tokens, states)
            torch.nn.functional.cross_entropy(
                scores.flatten(0, 1), labels.flatten(), ignore_index=IGNORED).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), options["clip"])
            optimizer.step()
            step += 1
            average.update(model, step)
            if step == limit:
                return model, (time.perf_counter() - begin + seconds) / step
        seconds += time.perf_counter() - begin
        judged.load_state_dict(average.of(model))
        loss = nats(judged, validation)
        print(f"  epoch {epoch + 1}: validation loss {loss:.4f}", file=sys.stderr, flush=True)
        if loss < best[0]:
            best, best_epoch = (loss, {k: v.clone() for k, v in judged.state_dict().items()}), epoch
        elif epoch - best_epoch >= patience:
            break
    judged.load_state_dict(best[1])
    return judged, seconds / step


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--text")
    parser.add_argument("--limit-steps", type=int)
    parser.add_argument("--start", type=pathlib.Path)
    arguments = parser.parse_args()
    ours, theirs = [], []
    for run in map(pathlib.Path, arguments.runs):
        record = json.loads((run / "training.json").read_text())
        options = record["options"]
        if options["unit"] != "character" or options.get("tied") or options["weight_dropout"]:
            sys.exit(f"{run}: expected untied characters without --weight-dropout")
        known = {token: number for number, token in enumerate(json.loads((run / "tokenizer.json").read_text())["tokens"])}
        text = pathlib.Path(arguments.text or record["data"]["paths"][0]).read_text(encoding="utf-8")
        text += "" if text.endswith("\n") else "\n"
        texts = parts(text)
        tokens = [torch.tensor([known.get(character, 1) for character in part]) for part in texts]
        counts = [record["data"][name] for name in ("training", "validation", "test")]
        if counts != [len(part) for part in tokens]:
            sys.exit(f"{run}: {counts} tokens in training.json, {[len(part) for part in tokens]} here: another text?")
        model, seconds = train(options, len(known), tokens, arguments.limit_steps, arguments.start)
        if arguments.limit_steps:
            print(f"PyTorch {torch.__version__}: {1000 * seconds:.1f} ms a step")
            continue
        bits = nats(model, lanes(tokens[2], 1, 256)) * (len(tokens[2]) - 1) / math.log(2) / len(texts[2])
        ours.append(record["test"]["bits_per_character"])
        theirs.append(bits)
        steps = sum(1 for _ in record["epochs"]) * len(lanes(tokens[0], options["batch"], options["window"]))
        own = sum(epoch["seconds"] for epoch in record["epochs"]) / steps
        print(
            f"seed {options['seed']}: Martlet {ours[-1]:.4f} bits per character, {1000 * own:.1f} ms a step; "
            f"PyTorch {bits:.4f}, {1000 * seconds:.1f} ms a step", flush=True)
    if len(ours) > 1:
        means = [statistics.mean(figures) for figures in (ours, theirs)]
        spreads = [statistics.stdev(figures) for figures in (ours, theirs)]
        print(f"Martlet {means[0]:.4f} ± {spreads[0]:.4f}, PyTorch {means[1]:.4f} ± {spreads[1]:.4f}")
        if abs(means[0] - means[1]) > sum(spreads):
            sys.exit("the means are further apart than both spreads")


if __name__ == "__main__":
    main()
