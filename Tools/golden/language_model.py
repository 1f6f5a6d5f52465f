"""A recurrent language model at a small size with random weights: scores, loss, states and gradients, from PyTorch.

nn.Embedding, two layers of nn.LSTM or nn.GRU, nn.Linear; untied, tied with H = D, and tied with a projection from H to D.
The parameters have the names of Martlet's checkpoints. `loss` is the mean cross-entropy of the labels that are not -100,
and the gradients are its. `text` is one longer text read from a zero state: what each of its tokens but the first costs.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20268
V, LAYERS, BATCH, TIME, TEXT = 11, 2, 3, 6, 60
WIDTHS = {"untied": (4, 5), "tied": (5, 5), "tied, projected": (4, 5)}
KINDS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class LanguageModel(torch.nn.Module):
    """The network as PyTorch's users write it."""

    def __init__(self, cell, embedding, hidden, tied):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, embedding)
        self.rnn = KINDS[cell](embedding, hidden, LAYERS, batch_first=True)
        width = embedding if tied else hidden
        if width != hidden:
            self.projection = torch.nn.Linear(hidden, width, bias=False)
        self.output = torch.nn.Linear(width, V)
        if tied:
            self.output.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        output, state = self.rnn(self.embedding(tokens), state)
        if hasattr(self, "projection"):
            output = self.projection(output)
        return self.output(output), state


def states(state):
    return dict(zip(("h_n", "c_n"), state if isinstance(state, tuple) else (state,)))


def text(model, source):
    """The costs of a text's tokens, and of how many the likeliest guess was right."""
    tokens = source.indices(1, TEXT, below=V)
    with torch.no_grad():
        scores, _ = model(tokens[:, :-1])
    losses = torch.nn.functional.cross_entropy(scores[0], tokens[0, 1:], reduction="none")
    right = (scores[0].argmax(1) == tokens[0, 1:]).sum()
    return {
        "tokens": tensor(tokens[0]), "losses": tensor(losses), "loss": float(losses.mean()),
        "perplexity": float(losses.mean().exp()), "right": int(right)}


def case(cell, layout, source):
    embedding, hidden = WIDTHS[layout]
    model = LanguageModel(cell, embedding, hidden, layout != "untied")
    for parameter in model.parameters():
        parameter.data = source.values(*parameter.shape)
    # named_parameters names a shared parameter once: by the embedding.
    parameters = dict(model.named_parameters())
    given = {"h0": source.values(LAYERS, BATCH, hidden)}
    if cell == "lstm":
        given["c0"] = source.values(LAYERS, BATCH, hidden)
    tokens, labels = source.indices(BATCH, TIME, below=V), source.indices(BATCH, TIME, below=V)
    labels[0, 2:4] = -100
    labels[2, TIME - 1] = -100
    scores, state = model(tokens, tuple(given.values()) if cell == "lstm" else given["h0"])
    loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), ignore_index=-100)
    gradients = torch.autograd.grad(loss, list(parameters.values()))
    return {
        "name": f"{cell}, {layout}",
        "config": {
            "cell": cell, "vocab_size": V, "embedding_size": embedding, "hidden_size": hidden,
            "num_layers": LAYERS, "tie_word_embeddings": layout != "untied"},
        "parameters": tensors(parameters), "given": tensors(given),
        "tokens": tensor(tokens), "labels": tensor(labels),
        "logits": tensor(scores), "loss": loss.item(), "state": tensors(states(state)),
        "gradients": tensors(dict(zip(parameters, gradients))), "text": text(model, source)}


source = Source(SEED)
write("language_model.json", __file__, SEED, {
    "cases": [case(cell, layout, source) for cell in KINDS for layout in WIDTHS]})
