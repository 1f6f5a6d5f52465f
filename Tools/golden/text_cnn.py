"""A CNN over a text's tokens at a small size with random weights: scores, loss and gradients, from PyTorch.

As Kim 2014 has it: nn.Embedding, nn.Conv1d of several sizes side by side over texts with zeros on both sides, the maximum
over the places of the text, relu, nn.Linear. The texts of a batch have lengths of their own, and give the same alone; an
empty one has only the bias. The parameters have the names of Martlet's checkpoints.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20271
V, WIDTH, MAPS, SIZES, CLASSES = 11, 5, 4, [2, 3, 4, 5], 3
LENGTHS = [7, 3, 0, 1, 5]


class TextCNN(torch.nn.Module):
    """The network as PyTorch's users write it."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, WIDTH)
        self.convolutions = torch.nn.ModuleList(
            torch.nn.Conv1d(WIDTH, MAPS, size, padding=size // 2) for size in SIZES)
        self.output = torch.nn.Linear(MAPS * len(SIZES), CLASSES)

    def text(self, tokens):
        if len(tokens) == 0:
            return torch.zeros(MAPS * len(SIZES))
        vectors = self.embedding(tokens).T[None]
        parts = [layer(vectors)[0, :, : len(tokens)].amax(1) for layer in self.convolutions]
        return torch.cat(parts).relu()

    def forward(self, tokens, lengths):
        return self.output(torch.stack([self.text(row[:n]) for row, n in zip(tokens, lengths)]))


source = Source(SEED)
model = TextCNN()
for parameter in model.parameters():
    parameter.data = source.values(*parameter.shape)
parameters = dict(model.named_parameters())
tokens = source.indices(len(LENGTHS), max(LENGTHS), below=V - 1) + 1  # 0 pads
labels = source.indices(len(LENGTHS), below=CLASSES)
scores = model(tokens, LENGTHS)
loss = torch.nn.functional.cross_entropy(scores, labels)
gradients = torch.autograd.grad(loss, list(parameters.values()))
write("text_cnn.json", __file__, SEED, {
    "config": {
        "vocab_size": V, "embedding_size": WIDTH, "hidden_size": MAPS, "kernel_sizes": SIZES,
        "classes": CLASSES},
    "parameters": tensors(parameters), "tokens": tensor(tokens), "lengths": LENGTHS,
    "labels": tensor(labels), "logits": tensor(scores), "loss": loss.item(),
    "gradients": tensors(dict(zip(parameters, gradients)))})
