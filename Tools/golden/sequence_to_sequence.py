"""Recurrent encoder-decoders at a small size with random weights: scores, losses, gradients and attention, from PyTorch.

nn.LSTM and nn.GRU on both sides; without attention, with Luong et al.'s general attention (no input feeding), and with
Bahdanau et al.'s additive one, a loop over the target. In one layer and one direction, untied; and in two layers (one in the
decoder) that read both ways, tied. The parameters have the names of Martlet's checkpoints. Both sides have padding: `lengths`
are those of the sources, and labels of -100 do not count. `loss` is the mean cross-entropy, `smoothed` the same with a label
smoothing of 0.1, and the gradients are those of `smoothed`. `attention` has the weights of each step, [B, T, S].

At the end, with input feeding (Luong et al. 2015) and with coverage (See et al. 2017, equations 10 to 13 with λ = 1): there
`penalised` is `smoothed` and the coverage loss, and the gradients are those of it.

copying.json has the same with copying (See et al. 2017, equations 8 and 9): tokens from the vocabulary's size on are words of a
source that it does not have, which are read as token 0. `logits` are the logarithms of the final distribution, of which those that
are not read by a row are -1e30 in place of -inf; the smoothed loss spreads its share over the vocabulary's own distribution.
"""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import Source, tensor, tensors, write

SEED = 202611
READ, WRITTEN, BATCH, S, T = 7, 9, 3, 5, 4
D, H, A = 3, 4, 2
LENGTHS, TARGETS = [4, 5, 1], [4, 2, 3]
SMOOTHING = 0.1
KINDS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
LAYOUTS = {
    "one layer": {"num_encoder_layers": 1, "num_decoder_layers": 1, "bidirectional": False, "tie_word_embeddings": False},
    "two layers, both ways, tied": {
        "num_encoder_layers": 2, "num_decoder_layers": 1, "bidirectional": True, "tie_word_embeddings": True},
}


class Attention(torch.nn.Module):
    """Weights over real states, and the mean of the states by them; `additive` or general."""

    def __init__(self, additive, states, covers):
        super().__init__()
        self.query = torch.nn.Linear(H, A if additive else states, bias=False)
        if additive:
            self.key = torch.nn.Linear(states, A, bias=False)
            self.score = torch.nn.Linear(A, 1, bias=False)
        if covers:
            self.coverage = torch.nn.Linear(1, A, bias=False)

    def forward(self, queries, states, real, covered=None):
        query = self.query(queries)
        if hasattr(self, "key"):
            sums = query[:, :, None] + self.key(states)[:, None]
            if covered is not None:
                sums = sums + self.coverage(covered[..., None])
            scores = self.score(torch.tanh(sums)).squeeze(3)
        else:
            scores = query @ states.transpose(1, 2)
        weights = torch.softmax(scores.masked_fill(~real[:, None], -torch.inf), 2)
        return weights, weights @ states


class Translator(torch.nn.Module):
    """The network as PyTorch's users write it."""

    def __init__(self, cell, attention, layout):
        super().__init__()
        both, tied = layout["bidirectional"], layout["tie_word_embeddings"]
        states = 2 * H if both else H
        width = D if tied else H
        self.kind, self.feeds, self.covers = attention, "input_feeding" in layout, "coverage" in layout
        self.width = width
        self.source = torch.nn.Embedding(WRITTEN if "copying" in layout else READ, D)
        self.target = torch.nn.Embedding(WRITTEN, D)
        self.encoder = KINDS[cell](D, H, layout["num_encoder_layers"], batch_first=True, bidirectional=both)
        self.decoder = KINDS[cell](
            D + (states if attention == "bahdanau" else width if self.feeds else 0), H, layout["num_decoder_layers"], batch_first=True)
        if both:
            self.bridge = torch.nn.ModuleDict({"hidden": torch.nn.Linear(states, H)})
            if cell == "lstm":
                self.bridge["cell"] = torch.nn.Linear(states, H)
        self.copies = "copying" in layout
        if self.copies:
            self.pointer = torch.nn.Linear(states + H + D, 1)
        if attention:
            self.attention = Attention(attention == "bahdanau", states, self.covers)
            self.combine = torch.nn.Linear(states + H, width, bias=False)
        elif width != H:
            self.projection = torch.nn.Linear(H, D, bias=False)
        self.output = torch.nn.Linear(width, WRITTEN)
        if tied:
            self.output.weight = self.target.weight

    def beginning(self, last, name):
        """The decoder's first state: of the encoder's top layers, its directions side by side."""
        if not hasattr(self, "bridge"):
            return last
        layers = last.reshape(-1, 2, *last.shape[1:])[-self.decoder.num_layers:]
        read = self.bridge[name](torch.cat((layers[:, 0], layers[:, 1]), 2))
        return torch.tanh(read) if name == "hidden" else read

    def copied(self, read, real, scores, weights, context, states, vectors):
        """The mixture of writing and copying, as logarithms; `self.scores` keeps the vocabulary's own scores."""
        self.scores = scores
        p = torch.sigmoid(self.pointer(torch.cat((context, states, vectors), 2)))
        extra = max(int(read.max()) - WRITTEN + 1, 0)
        chances = torch.cat((p * torch.softmax(scores, 2), torch.zeros(*scores.shape[:2], extra)), 2)
        places = (read * real)[:, None].expand(-1, scores.shape[1], -1)
        chances = chances.scatter_add(2, places, (1 - p) * weights * real[:, None])
        return torch.where(chances > 0, chances, 1).log().masked_fill(chances == 0, -1e30)

    def forward(self, source, lengths, target):
        read = source
        if self.copies:
            source, target = (torch.where(tokens < WRITTEN, tokens, 0) for tokens in (source, target))
        packed = pack_padded_sequence(self.source(source), torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        states, last = self.encoder(packed)
        states, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        real = torch.arange(source.shape[1])[None] < torch.tensor(lengths)[:, None]
        if isinstance(last, tuple):
            state = (self.beginning(last[0], "hidden"), self.beginning(last[1], "cell"))
        else:
            state = self.beginning(last, "hidden")
        vectors, weights, self.repeated = self.target(target), None, None
        if self.feeds:
            fed, features, weights, parts = torch.zeros(len(source), 1, self.width), [], [], []
            for step in range(target.shape[1]):
                output, state = self.decoder(torch.cat((vectors[:, step:step + 1], fed), 2), state)
                weight, context = self.attention(output, states, real)
                fed = torch.tanh(self.combine(torch.cat((context, output), 2)))
                features.append(fed)
                weights.append(weight)
                parts.append((context, output))
            scores, weights = self.output(torch.cat(features, 1)), torch.cat(weights, 1)
            if self.copies:
                context, output = (torch.cat(some, 1) for some in zip(*parts))
                scores = self.copied(read, real, scores, weights, context, output, vectors)
            return scores, weights
        if self.kind == "bahdanau":
            outputs, contexts, weights, repeated = [], [], [], []
            covered = torch.zeros(len(source), 1, source.shape[1]) if self.covers else None
            for step in range(target.shape[1]):
                query = (state[0] if isinstance(state, tuple) else state)[-1][:, None]
                weight, context = self.attention(query, states, real, covered)
                if self.covers:
                    repeated.append(torch.minimum(covered, weight).sum(2))
                    covered = covered + weight
                output, state = self.decoder(torch.cat((vectors[:, step:step + 1], context), 2), state)
                outputs.append(output)
                contexts.append(context)
                weights.append(weight)
            output, context, weights = (torch.cat(parts, 1) for parts in (outputs, contexts, weights))
            self.repeated = torch.cat(repeated, 1) if self.covers else None
        else:
            output, _ = self.decoder(vectors, state)
            if self.kind == "luong":
                weights, context = self.attention(output, states, real)
        made = output
        if self.kind:
            output = torch.tanh(self.combine(torch.cat((context, output), 2)))
        elif hasattr(self, "projection"):
            output = self.projection(output)
        scores = self.output(output)
        if self.copies:
            scores = self.copied(read, real, scores, weights, context, made, vectors)
        return scores, weights


def case(cell, attention, layout, source, **more):
    model = Translator(cell, attention, {**LAYOUTS[layout], **more})
    for parameter in model.parameters():
        parameter.data = source.values(*parameter.shape)
    # named_parameters names a shared parameter once: by the vectors.
    parameters = dict(model.named_parameters())
    vocabulary = WRITTEN if model.copies else READ
    read, written = source.indices(BATCH, S, below=vocabulary), source.indices(BATCH, T, below=WRITTEN)
    labels = source.indices(BATCH, T, below=WRITTEN)
    if model.copies:
        # Words that are not known: of the first source two, one of them twice, of the second one; both are to be written.
        read[0, 1], read[0, 2], read[0, 3], read[1, 4] = WRITTEN, WRITTEN + 1, WRITTEN, WRITTEN
        written[0, 2], labels[0, 1], labels[1, 0] = WRITTEN, WRITTEN, WRITTEN
        labels[0, 0] = read[0, 0]  # is known, and can be copied, too
    for row, length in enumerate(TARGETS):
        labels[row, length:] = -100
    logits, weights = model(read, LENGTHS, written)

    def loss(smoothing):
        if model.copies:
            real = labels != -100
            plain = -logits[real].gather(1, labels[real][:, None]).mean()
            uniform = -torch.log_softmax(model.scores[real], 1).mean()
            return (1 - smoothing) * plain + smoothing * uniform
        return torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=smoothing)

    smoothed = loss(SMOOTHING)
    total = smoothed
    if model.repeated is not None:
        total = smoothed + model.repeated[labels != -100].mean()
    gradients = torch.autograd.grad(total, list(parameters.values()))
    return {
        "name": ", ".join([cell, attention or "none", layout, *more]),
        "config": {
            "cell": cell, **({"attention": attention} if attention else {}), "source_vocab_size": vocabulary,
            "vocab_size": WRITTEN, "embedding_size": D, "hidden_size": H, "attention_size": A, "dropout": 0,
            **LAYOUTS[layout], **more},
        "parameters": tensors(parameters), "source": tensor(read), "lengths": LENGTHS, "target": tensor(written),
        "labels": tensor(labels), "logits": tensor(logits), "loss": loss(0).item(), "smoothed": smoothed.item(),
        **({"penalised": total.item()} if model.repeated is not None else {}),
        **({"attention": tensor(weights)} if attention else {}),
        "gradients": tensors(dict(zip(parameters, gradients)))}


source = Source(SEED)
write("sequence_to_sequence.json", __file__, SEED, {
    "smoothing": SMOOTHING,
    "cases": [
        case(cell, attention, layout, source)
        for cell in KINDS for attention in (None, "luong", "bahdanau") for layout in LAYOUTS] + [
        case(cell, attention, layout, source, **{option: True})
        for cell, layout in zip(KINDS, LAYOUTS)
        for attention, option in (("luong", "input_feeding"), ("bahdanau", "coverage"))]})

copying = Source(SEED + 1)
write("copying.json", __file__, SEED + 1, {
    "smoothing": SMOOTHING,
    "cases": [
        case(cell, attention, layout, copying, copying=True, **more)
        for cell, layout in zip(KINDS, LAYOUTS)
        for attention, more in (
            ("luong", {}), ("bahdanau", {}), ("luong", {"input_feeding": True}), ("bahdanau", {"coverage": True}))]})
