"""Encoder-decoders in PyTorch, timed: the peer of `martlet bench seq2seq`.

`--mode train` is one step: forward, cross-entropy, backward, clipping, AdamW, on pairs of the lengths that Martlet draws.
An LSTM's or GRU's encoder reads packed sequences; `--padded` reads the padding, too, which is less work for PyTorch and not
the same; `--type bfloat16` is PyTorch's autocast. Luong's decoder runs over the whole target at once, Bahdanau's step by step.
`translate` is batched beam search, with the keys and values (or the state) of what was written kept, and the encoder's projected
once; all of a beam is of the same length, as no answer may end before the last step.
"""

import argparse

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from timing import measure, report, spread_lengths


class Recurrent(nn.Module):
    """RecurrentSequenceToSequence of one direction less its options: an encoder that reads both ways, a decoder, attention."""

    def __init__(self, options):
        super().__init__()
        V, D, H, L = options.vocabulary, options.embedding, options.hidden, options.layers
        kind = nn.LSTM if options.model == "lstm" else nn.GRU
        self.kind, self.padded, self.layers = options.attention, options.padded, L
        self.source, self.target = nn.Embedding(V, D), nn.Embedding(V, D)
        self.encoder = kind(D, H, L, batch_first=True, bidirectional=True)
        self.decoder = kind(D + 2 * H if self.kind == "bahdanau" else D, H, L, batch_first=True)
        self.hidden = nn.Linear(2 * H, H)
        self.cell = nn.Linear(2 * H, H) if options.model == "lstm" else None
        if self.kind == "bahdanau":
            self.query, self.key = nn.Linear(H, H, bias=False), nn.Linear(2 * H, H, bias=False)
            self.score = nn.Linear(H, 1, bias=False)
        elif self.kind == "luong":
            self.query = nn.Linear(H, 2 * H, bias=False)
        if self.kind != "none":
            self.combine = nn.Linear(3 * H, H, bias=False)
        self.output = nn.Linear(H, V)

    def begin(self, source, lengths):
        """What the decoder looks at, and its first state."""
        x = self.source(source)
        if self.padded:
            states, last = self.encoder(x)
        else:
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            states, last = self.encoder(packed)
            states, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        hidden = (torch.arange(source.shape[1])[None] >= lengths[:, None])[:, None]  # [B, 1, S]

        def joined(state):
            layers, rows, width = state.shape
            return state.view(layers // 2, 2, rows, width).transpose(1, 2).reshape(layers // 2, rows, 2 * width)

        if self.cell is not None:
            state = (torch.tanh(self.hidden(joined(last[0]))), self.cell(joined(last[1])))
        else:
            state = torch.tanh(self.hidden(joined(last)))
        return states, self.key(states) if self.kind == "bahdanau" else states, hidden, state

    def look(self, queries, states, keys, hidden):
        """Contexts [B, T, 2H] of queries [B, T, H]."""
        if self.kind == "bahdanau":
            scores = self.score(torch.tanh(self.query(queries)[:, :, None] + keys[:, None]))[..., 0]
        else:
            scores = torch.bmm(self.query(queries), keys.transpose(1, 2))
        return torch.bmm(torch.softmax(scores.masked_fill(hidden, -1e9), 2), states)

    def write(self, tokens, states, keys, hidden, state):
        """Features [B, T, H] of what was written before, and the state after it."""
        x = self.target(tokens)
        if self.kind == "bahdanau":
            parts = []
            for step in range(x.shape[1]):
                top = (state[0] if self.cell is not None else state)[-1][:, None]
                context = self.look(top, states, keys, hidden)
                y, state = self.decoder(torch.cat([x[:, step:step + 1], context], 2), state)
                parts.append(torch.cat([context, y], 2))
            return torch.tanh(self.combine(torch.cat(parts, 1))), state
        y, state = self.decoder(x, state)
        if self.kind == "none":
            return y, state
        return torch.tanh(self.combine(torch.cat([self.look(y, states, keys, hidden), y], 2))), state

    def forward(self, source, lengths, target):
        states, keys, hidden, state = self.begin(source, lengths)
        return self.output(self.write(target, states, keys, hidden, state)[0])

    def start(self, source, lengths):
        return self.begin(source, lengths)

    def step(self, tokens, known, _):
        states, keys, hidden, state = known
        features, state = self.write(tokens[:, None], states, keys, hidden, state)
        return self.output(features[:, 0]), (states, keys, hidden, state)

    def select(self, known, rows, first):
        states, keys, hidden, state = known
        if first:  # later, rows of one source change places, and look at the same
            states, keys, hidden = states[rows], keys[rows], hidden[rows]
        state = tuple(part[:, rows] for part in state) if isinstance(state, tuple) else state[:, rows]
        return states, keys, hidden, state


class Attention(nn.Module):
    """nn.MultiheadAttention that can keep its keys and values."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.inputs, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def project(self, x, first, last):
        width = x.shape[2]
        rows = slice(first * width, last * width)
        parts = functional.linear(x, self.inputs.weight[rows], self.inputs.bias[rows]).split(width, 2)
        return [self.split(part) for part in parts]

    def attend(self, q, k, v, mask=None, causal=False):
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.output(y.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """A layer of the encoder or, with `crossing`, of the decoder; normalised before each part."""

    def __init__(self, width, heads, crossing):
        super().__init__()
        self.own, self.cross = Attention(width, heads), Attention(width, heads) if crossing else None
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if crossing else 2))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, memory=None, mask=None, cache=None):
        q, k, v = self.own.project(self.norms[0](x), 0, 3)
        if cache is not None:
            k, v = torch.cat([cache[0], k], 2), torch.cat([cache[1], v], 2)
        causal = memory is not None and cache is None
        x = x + self.own.attend(q, k, v, mask if memory is None else None, causal)
        if memory is not None:
            (q,) = self.cross.project(self.norms[1](x), 0, 1)
            x = x + self.cross.attend(q, *memory, mask)
        return x + self.down(functional.relu(self.up(self.norms[-1](x)))), (k, v)


class Transformer(nn.Module):
    """An encoder and a decoder with attention alone; scores are products with the vectors of what is written. It knows as many
    tokens to read as `read` says, or as many as to write."""

    def __init__(self, options, read=None):
        super().__init__()
        V, D, N, L = options.vocabulary, options.hidden, options.heads, options.layers
        self.width = D
        self.source, self.target = nn.Embedding(read or V, D), nn.Embedding(V, D)
        for table in (self.source, self.target):
            nn.init.normal_(table.weight, std=D**-0.5)
        self.encoder = nn.ModuleList(Layer(D, N, False) for _ in range(L))
        self.decoder = nn.ModuleList(Layer(D, N, True) for _ in range(L))
        self.read, self.written = nn.LayerNorm(D), nn.LayerNorm(D)
        self.output = nn.Linear(D, V)
        self.output.weight = self.target.weight
        angles = torch.arange(2048)[:, None] * 10_000 ** (-2 * torch.arange(D // 2) / D)
        self.register_buffer("places", torch.stack([angles.sin(), angles.cos()], 2).flatten(1))

    def embedded(self, tokens, table, start=0):
        return table(tokens) * self.width**0.5 + self.places[start:start + tokens.shape[1]]

    def encode(self, source, lengths):
        mask = (torch.arange(source.shape[1])[None] < lengths[:, None])[:, None, None]
        x = self.embedded(source, self.source)
        for layer in self.encoder:
            x, _ = layer(x, mask=mask)
        return self.read(x), mask

    def forward(self, source, lengths, target):
        memory, mask = self.encode(source, lengths)
        x = self.embedded(target, self.target)
        for layer in self.decoder:
            x, _ = layer(x, layer.cross.project(memory, 1, 3), mask)
        return self.output(self.written(x))

    def start(self, source, lengths):
        memory, mask = self.encode(source, lengths)
        return [layer.cross.project(memory, 1, 3) for layer in self.decoder], mask, None

    def step(self, tokens, known, step):
        memories, mask, caches = known
        x = self.embedded(tokens[:, None], self.target, step)
        kept = []
        for place, (layer, memory) in enumerate(zip(self.decoder, memories)):
            empty = [memory[0][:, :, :0]] * 2
            x, cache = layer(x, memory, mask, caches[place] if caches else empty)
            kept.append(cache)
        return self.output(self.written(x[:, 0])), (memories, mask, kept)

    def select(self, known, rows, first):
        memories, mask, caches = known
        if first:
            memories, mask = [[part[rows] for part in memory] for memory in memories], mask[rows]
        return memories, mask, [tuple(part[rows] for part in cache) for cache in caches]


def beam_search(model, source, lengths, width, length):
    """The likeliest of `width` answers of `length` tokens for each source, all steps batched."""
    count = source.shape[0]
    known = model.start(source, lengths)
    tokens, sums = torch.full((count,), 2), torch.zeros(count, 1)
    written = torch.empty(count, 1, 0, dtype=torch.long)
    for step in range(length):
        scores, known = model.step(tokens, known, step)
        scores = torch.log_softmax(scores, 1)
        scores[:, 3] = float("-inf")
        vocabulary = scores.shape[1]
        totals = (sums.reshape(-1, 1) + scores).view(count, -1)
        sums, best = totals.topk(width, 1)
        parents, following = best // vocabulary, best % vocabulary
        written = torch.cat([written.gather(1, parents[:, :, None].expand(-1, -1, step)), following[:, :, None]], 2)
        rows = (torch.arange(count)[:, None] * (1 if step == 0 else width) + parents).flatten()
        known, tokens = model.select(known, rows, step == 0), following.flatten()
    return written[:, 0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=("lstm", "gru", "transformer"), default="lstm")
    parser.add_argument("--attention", choices=("bahdanau", "luong", "none"), default="luong")
    for name, default in (
            ("vocabulary", 8000), ("embedding", 256), ("hidden", 256), ("layers", 1), ("heads", 4), ("batch", 128),
            ("beam", 5), ("sentences", 128)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--lengths", default="20:28")
    parser.add_argument("--mode", choices=("train", "translate"), default="train")
    parser.add_argument("--padded", action="store_true")
    parser.add_argument("--type", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = (Transformer if options.model == "transformer" else Recurrent)(options)
    lengths = torch.tensor(spread_lengths(options.lengths, options.batch))
    longest = int(options.lengths.split(":")[1])
    source = torch.randint(4, options.vocabulary, (options.batch, longest))
    target = torch.randint(4, options.vocabulary, (options.batch, longest))
    following = torch.randint(4, options.vocabulary, (options.batch, longest))
    following[torch.arange(longest)[None] >= lengths[:, None]] = -100
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.01)

    def train():
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.type == "bfloat16"):
            scores = model(source, lengths, target)
            loss = functional.cross_entropy(scores.flatten(0, 1), following.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    def translate():
        for start in range(0, options.sentences, options.batch):
            rows = torch.arange(start, min(start + options.batch, options.sentences)) % options.batch
            beam_search(model, source[rows], lengths[rows], options.beam, longest)

    if options.mode == "train":
        result, count = measure(train, options.seconds), 2 * int(lengths.sum())
    else:
        with torch.inference_mode():
            result, count = measure(translate, options.seconds), options.sentences * longest
    report(result, tokensPerSecond=count / result["median"] * 1e3)


if __name__ == "__main__":
    main()
