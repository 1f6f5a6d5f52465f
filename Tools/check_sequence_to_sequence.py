"""Trains an LSTM or GRU with Luong's attention in PyTorch as `martlet train seq2seq` does, and compares what both write.

The same pairs, tokens, batches by length, steps, sizes, rates, dropout, label smoothing and averaging, from other random numbers:
what differs is chance and a mistake. A run in bfloat16 is compared with PyTorch's float32. `--split` makes the files of a comparison in DIR: every source once, a tenth for validation
and another for testing. Run folders of `martlet train seq2seq --data DIR/training.tsv --validation DIR/validation.tsv --test
DIR/test.tsv` are then read; for each, a model is trained here from the same options (its seed included), and answers the same test
sources, the likeliest token each time. Both are measured by `martlet score --metric chrf`.

usage: check_sequence_to_sequence.py --split PAIRS.tsv DIR
       check_sequence_to_sequence.py RUN... [--martlet PATH] [--limit-steps N] [--threads 2] [--start FOLDER]

--start begins from the weights of another run's folder instead of random ones, of one with --epochs 1 --learning-rate 1e-12
--weight-decay 0 --averaging 0 and otherwise the same options: those that Martlet begins with; batches and dropout then take Martlet's
random numbers. Both trainings are the same but for rounding. --limit-steps ends each training after so many steps and tells only
seconds for each step: for a comparison of speed. Exit codes: 0; 1 if the means of chrF are further apart than both spreads and half
a point.
"""

import argparse
import hashlib
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import safetensors.torch
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from reference_training import Generator, WeightAverage, warmed_cosine

IGNORED = -100


def split(pairs, folder):
    """Every source once, in three files by a hash of the source."""
    parts = {"training": [], "validation": [], "test": []}
    seen = set()
    for line in pathlib.Path(pairs).read_text(encoding="utf-8").splitlines():
        source = line.split("\t")[0]
        if source in seen:
            continue
        seen.add(source)
        place = hashlib.sha256(source.encode()).digest()[0] / 256
        parts["test" if place < 0.1 else "validation" if place < 0.2 else "training"].append(line)
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for name, lines in parts.items():
        pathlib.Path(folder, name + ".tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{len(lines)} pairs in {folder}/{name}.tsv")


class Side:
    """The tokens of one side, from a run's file; a sequence ends with one more, the boundary."""

    def __init__(self, path):
        data = json.loads(path.read_text(encoding="utf-8"))
        if "tokens" in data:
            self.tokens = data["tokens"]
            known = {token: number for number, token in enumerate(self.tokens)}
            self.encode = lambda text: [known.get(character, 1) for character in text] + [len(self.tokens)]
            self.decode = lambda ids: "".join(self.tokens[number] for number in ids)
            self.unknown = 1
            self.count = len(self.tokens) + 1
        else:
            import tokenizers
            pieces = tokenizers.Tokenizer.from_file(str(path))
            self.count = pieces.get_vocab_size() + 1
            self.encode = lambda text: pieces.encode(text, add_special_tokens=False).ids + [self.count - 1]
            self.decode = pieces.decode
            self.unknown = pieces.token_to_id("<unk>")


class Dropped(nn.Module):
    """Dropout by PyTorch's random numbers, or by those of a step of Martlet's."""

    def __init__(self, probability):
        super().__init__()
        self.probability, self.generator = probability, None

    def forward(self, x):
        if not self.training or not self.generator or self.probability == 0:
            return functional.dropout(x, self.probability, self.training)
        return x * self.generator.bernoulli(x.shape, 1 - self.probability) / (1 - self.probability)


class Translator(nn.Module):
    """RecurrentSequenceToSequence of one layer, which reads both ways, with Luong's attention."""

    def __init__(self, read, written, options):
        super().__init__()
        D, H = options["embedding"], options["hidden"]
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[options["model"]]
        self.source, self.target = nn.Embedding(read, D), nn.Embedding(written, D)
        for table in (self.source, self.target):
            nn.init.normal_(table.weight, std=0.1)
        self.encoder = kind(D, H, batch_first=True, bidirectional=True)
        self.decoder = kind(D, H, batch_first=True)
        self.hidden = nn.Linear(2 * H, H)
        self.cell = nn.Linear(2 * H, H) if options["model"] == "lstm" else None
        self.query = nn.Linear(H, 2 * H, bias=False)
        self.combine = nn.Linear(3 * H, H, bias=False)
        self.output = nn.Linear(H, written)
        nn.init.zeros_(self.output.bias)
        self.dropout = Dropped(options["dropout"])

    def begin(self, source, lengths):
        packed = pack_padded_sequence(
            self.dropout(self.source(source)), lengths, batch_first=True, enforce_sorted=False)
        states, last = self.encoder(packed)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        hidden = (torch.arange(source.shape[1])[None] >= lengths[:, None])[:, None]
        if self.cell is None:
            return states, hidden, torch.tanh(self.hidden(torch.cat([last[0], last[1]], 1)))[None]
        h, c = (torch.cat([part[0], part[1]], 1) for part in last)
        return states, hidden, (torch.tanh(self.hidden(h))[None], self.cell(c)[None])

    def write(self, tokens, states, hidden, state):
        y, state = self.decoder(self.dropout(self.target(tokens)), state)
        scores = torch.bmm(self.query(y), states.transpose(1, 2)).masked_fill(hidden, -math.inf)
        context = torch.bmm(torch.softmax(scores, 2), states)
        return self.output(self.dropout(torch.tanh(self.combine(torch.cat([context, y], 2))))), state

    def forward(self, source, lengths, target):
        states, hidden, state = self.begin(source, lengths)
        return self.write(target, states, hidden, state)[0]


def rounded(length):
    """A length in steps of at most an eighth, as PairBatcher has it."""
    step = 1 << max(length.bit_length() - 4, 0)
    return -(-length // step) * step


def batches(pairs, options, permutation=None):
    """Rows of pairs of like length, in batches of at most so many tokens of a side; shuffled, if there is a permutation of so many."""
    order = permutation(len(pairs)) if permutation else range(len(pairs))
    size = {row: rounded(max(map(len, pairs[row]))) for row in order}
    result, batch = [], []
    for row in sorted(order, key=size.get):
        if batch and (len(batch) == options["batch"] or (len(batch) + 1) * size[row] > options["batch_tokens"]):
            result.append(batch)
            batch = []
        batch.append(row)
    result.append(batch)
    return [result[place] for place in permutation(len(result))] if permutation else result


def padded(rows, value=0):
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


def tensors(pairs, rows):
    sources, targets = [pairs[row][0] for row in rows], [pairs[row][1] for row in rows]
    return (padded(sources), torch.tensor([len(row) for row in sources]),
            padded([[row[-1]] + row[:-1] for row in targets]), padded(targets, IGNORED))


def cross_entropy(scores, following, smoothing=0.0, reduction="mean"):
    return functional.cross_entropy(
        scores.flatten(0, 1), following.flatten(), label_smoothing=smoothing, reduction=reduction)


def load(model, folder):
    """The weights of a run's folder."""
    found = safetensors.torch.load_file(folder / "model.safetensors")
    model.load_state_dict(
        {name.removeprefix("bridge.").removeprefix("attention."): tensor for name, tensor in found.items()})


def train(options, parts, sides, epochs, limit, start):
    """The model of the best epoch, and the seconds that a step took."""
    torch.manual_seed(options["seed"])
    generator = torch.Generator().manual_seed(options["seed"])
    model, judged = (Translator(sides[0].count, sides[1].count, options) for _ in range(2))
    if start:
        load(model, start)
    per_epoch = len(batches(parts[0], options))
    steps = epochs * per_epoch
    warm_up = min(options["warm_up"], steps // 10)

    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": options["weight_decay"]}, {"params": vectors, "weight_decay": 0}],
        lr=options["learning_rate"])
    average = WeightAverage(model, options["averaging"])
    best, step, seconds = (math.inf, None), 0, 0.0
    for epoch in range(epochs):
        model.train()
        total = 0.0
        begin = time.perf_counter()
        ours = Generator(options["seed"], (1 << 62) + epoch).permutation
        theirs = lambda count: torch.randperm(count, generator=generator).tolist()
        for rows in batches(parts[0], options, ours if start else theirs):
            if start:
                model.dropout.generator = Generator(options["seed"], step)
            source, lengths, target, following = tensors(parts[0], rows)
            for group in optimizer.param_groups:
                group["lr"] = options["learning_rate"] * warmed_cosine(step, warm_up, steps)
            optimizer.zero_grad()
            loss = cross_entropy(model(source, lengths, target), following, options["label_smoothing"])
            loss.backward()
            total += loss.item()
            nn.utils.clip_grad_norm_(model.parameters(), options["clip"])
            optimizer.step()
            step += 1
            average.update(model, step)
            if step == limit:
                return model, (seconds + time.perf_counter() - begin) / step
        seconds += time.perf_counter() - begin
        judged.load_state_dict(average.of(model))
        judged.eval()
        nats, count = 0.0, 0
        with torch.inference_mode():
            for rows in batches(parts[1], options):
                source, lengths, target, following = tensors(parts[1], rows)
                nats += cross_entropy(judged(source, lengths, target), following, reduction="sum").item()
                count += int((following != IGNORED).sum())
        print(f"  epoch {epoch + 1}: training loss {total / per_epoch:.4f}, validation loss {nats / count:.4f}",
              file=sys.stderr, flush=True)
        if nats < best[0]:
            best = (nats, {name: tensor.clone() for name, tensor in judged.state_dict().items()})
    judged.load_state_dict(best[1])
    return judged, seconds / step


def answers(model, sources, boundary, longest):
    """The likeliest token each time."""
    written = [[] for _ in sources]
    order = sorted(range(len(sources)), key=lambda row: len(sources[row]))
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            rows = order[start:start + 64]
            source = padded([sources[row] for row in rows])
            states, hidden, state = model.begin(source, torch.tensor([len(sources[row]) for row in rows]))
            last, done = torch.full((len(rows),), boundary), set()
            for _ in range(longest + 1):
                scores, state = model.write(last[:, None], states, hidden, state)
                last = scores[:, 0].argmax(1)
                for place, token in enumerate(last.tolist()):
                    if token == boundary:
                        done.add(place)
                    elif place not in done:
                        written[rows[place]].append(token)
                if len(done) == len(rows):
                    break
    return written


def chrf(martlet, lines, references):
    with tempfile.TemporaryDirectory() as folder:
        names = [pathlib.Path(folder, name) for name in ("answers.txt", "references.txt")]
        for name, texts in zip(names, (lines, references)):
            name.write_text("".join(text.replace("\n", " ") + "\n" for text in texts), encoding="utf-8")
        result = subprocess.run([martlet, "score", *map(str, names), "--metric", "chrf", "--json"],
                                check=True, capture_output=True, text=True)
        return json.loads(result.stdout.splitlines()[0])["score"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--split", action="store_true")
    parser.add_argument("--martlet", default=".build/release/martlet")
    parser.add_argument("--limit-steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.split:
        return split(*arguments.paths)
    torch.set_num_threads(arguments.threads)
    ours, theirs = [], []
    for run in map(pathlib.Path, arguments.paths):
        record = json.loads((run / "training.json").read_text())
        options, data = record["options"], record["data"]["source"]
        choices = [options.get(name) for name in ("input_feeding", "coverage", "copy", "tied")]
        if (options["model"] == "transformer" or options.get("attention", "luong") != "luong" or options["layers"] > 1
                or not options["bidirectional"] or any(choices) or options["scheduled_sampling"] or "test" not in data):
            sys.exit(f"{run}: expected an LSTM or GRU of one layer, Luong's attention, no further options, and --test")
        sides = [Side(run / f"{side}_tokenizer.json") for side in ("source", "target")]
        if [side.count for side in sides] != [record["source_vocabulary"], record["vocabulary"]]:
            sys.exit(f"{run}: the tokenizers have {[side.count for side in sides]} tokens, training.json says otherwise")
        texts = [
            [line.split("\t") for line in pathlib.Path(data[part]).read_text(encoding="utf-8").splitlines()]
            for part in ("training", "validation", "test")]
        parts = [[[side.encode(text) for side, text in zip(sides, pair)] for pair in part] for part in texts]
        parts = [[pair for pair in part if max(map(len, pair)) <= options["longest"] + 1] for part in parts]
        counts = [record["data"][name] for name in ("training", "validation", "test")]
        if counts != [len(part) for part in parts]:
            sys.exit(f"{run}: {counts} pairs in training.json, {[len(part) for part in parts]} here: other files?")
        model, seconds = train(options, parts, sides, len(record["epochs"]), arguments.limit_steps, arguments.start)
        own = sum(epoch["seconds"] for epoch in record["epochs"]) / len(record["epochs"]) / len(batches(parts[0], options))
        if arguments.limit_steps:
            print(f"PyTorch {torch.__version__}: {1000 * seconds:.1f} ms a step; the run had {1000 * own:.1f}")
            continue
        model.eval()
        kept = [(pair, text) for pair, text in zip(parts[2], texts[2])]
        written = answers(model, [pair[0] for pair, _ in kept], sides[1].count - 1, record["longest_answer"])
        theirs.append(chrf(arguments.martlet, [sides[1].decode(row) for row in written], [text[1] for _, text in kept]))
        ours.append(next(s["score"] for s in record["test"]["scores"] if s["name"].lower().startswith("chrf")))
        print(f"seed {options['seed']}: Martlet chrF {ours[-1]:.2f}, {1000 * own:.1f} ms a step; "
              f"PyTorch {theirs[-1]:.2f}, {1000 * seconds:.1f} ms a step", flush=True)
    if len(ours) > 1:
        means = [statistics.mean(figures) for figures in (ours, theirs)]
        spreads = [statistics.stdev(figures) for figures in (ours, theirs)]
        print(f"Martlet {means[0]:.2f} ± {spreads[0]:.2f}, PyTorch {means[1]:.2f} ± {spreads[1]:.2f}")
        if abs(means[0] - means[1]) > max(sum(spreads), 0.5):
            sys.exit("the means are further apart than both spreads and half a point")


if __name__ == "__main__":
    main()
