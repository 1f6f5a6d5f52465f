"""The contrastive loss of pairs of vectors with in-batch negatives (InfoNCE, multiple negatives ranking), from PyTorch.

Vectors are divided by their length (torch.nn.functional.normalize), products by the temperature; cross-entropy over rows, and
where it is symmetric half of that over rows and half over columns. `same` are numbers of texts: pairs that share one are no
negatives of each other, as sentence-transformers' NoDuplicatesDataLoader makes sure.
"""

import torch

from golden import Source, tensor, write

SEED = 20273
PAIRS, WIDTH = 5, 4


def case(name, source, temperature, symmetric, same=None):
    questions, targets = source.values(PAIRS, WIDTH), source.values(PAIRS, WIDTH)
    given = [questions.requires_grad_(), targets.requires_grad_()]
    first, second = (torch.nn.functional.normalize(value, dim=1) for value in given)
    scores = first @ second.T / temperature
    if same:
        a, b = (torch.tensor(numbers) for numbers in same)
        shared = (a[:, None] == a) | (b[:, None] == b)
        scores = scores.masked_fill(shared & ~torch.eye(PAIRS, dtype=torch.bool), float("-inf"))
    labels = torch.arange(PAIRS)
    loss = torch.nn.functional.cross_entropy(scores, labels)
    if symmetric:
        loss = (loss + torch.nn.functional.cross_entropy(scores.T, labels)) / 2
    gradients = torch.autograd.grad(loss, given)
    return {
        "name": name, "temperature": temperature, "symmetric": symmetric, "same": same or [],
        "questions": tensor(questions), "targets": tensor(targets), "loss": loss.item(),
        "question_gradient": tensor(gradients[0]), "target_gradient": tensor(gradients[1])}


source = Source(SEED)
write("contrastive.json", __file__, SEED, {"cases": [
    case("one way", source, 0.5, False), case("both ways", source, 0.05, True),
    case("the same texts", source, 0.25, True, [[0, 1, 2, 0, 3], [0, 1, 1, 2, 3]])]})
