"""An adaptive softmax at a small size with random weights: log-probabilities, loss and gradients, from PyTorch.

nn.AdaptiveLogSoftmaxWithLoss with div_value 4 and no offsets. It has no ignored labels: rows whose label is -100 are left
out before it. `model` is a language model that ends in one; its classes are numbered by how common they are only after
`order`, which says of each place which token stands there. The gradients are the loss's.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20310
CASES = {
    "one cluster": (4, 9, [3]), "two clusters": (16, 23, [5, 11]), "a cluster of one": (20, 7, [2, 6]),
}
ROWS = 10


def softmax(width, classes, cutoffs, source):
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(width, classes, cutoffs, div_value=4.0)
    for parameter in layer.parameters():
        parameter.data = source.values(*parameter.shape)
    return layer


def case(name, source):
    width, classes, cutoffs = CASES[name]
    layer = softmax(width, classes, cutoffs, source)
    x = source.values(ROWS, width).requires_grad_()
    labels = source.indices(ROWS, below=classes)
    labels[0], labels[1], labels[2], labels[5] = 0, classes - 1, -100, -100
    counted = labels != -100
    loss = layer(x[counted], labels[counted]).loss
    parameters = dict(layer.named_parameters())
    gradients = torch.autograd.grad(loss, [x, *parameters.values()])
    return {
        "name": name, "width": width, "classes": classes, "cutoffs": cutoffs,
        "parameters": tensors(parameters), "input": tensor(x), "labels": tensor(labels),
        "log_prob": tensor(layer.log_prob(x)), "loss": loss.item(),
        "gradients": tensors(dict(zip(["input", *parameters], gradients)))}


def model(source):
    """A language model of 12 tokens whose order by frequency is not their numbers'."""
    V, D, H, B, T, cutoffs = 12, 3, 16, 2, 7, [4, 8]
    embedding = torch.nn.Embedding(V, D)
    rnn = torch.nn.LSTM(D, H, 1, batch_first=True)
    for parameter in [*embedding.parameters(), *rnn.parameters()]:
        parameter.data = source.values(*parameter.shape)
    output = softmax(H, V, cutoffs, source)
    order = torch.randperm(V, generator=source.generator)
    places = torch.argsort(order)
    parameters = {
        f"{scope}.{name}": parameter
        for scope, part in [("embedding", embedding), ("rnn", rnn), ("output", output)]
        for name, parameter in part.named_parameters()}
    tokens, labels = source.indices(B, T, below=V), source.indices(B, T, below=V)
    labels[1, 3] = -100
    states, _ = rnn(embedding(tokens))
    counted = labels != -100
    loss = output(states[counted], places[labels[counted]]).loss
    gradients = torch.autograd.grad(loss, list(parameters.values()))
    scores = output.log_prob(states.flatten(0, 1))[:, places].unflatten(0, (B, T))
    return {
        "config": {
            "cell": "lstm", "vocab_size": V, "embedding_size": D, "hidden_size": H, "num_layers": 1,
            "cutoffs": cutoffs, "frequency_order": order.tolist()},
        "parameters": tensors(parameters), "tokens": tensor(tokens), "labels": tensor(labels),
        "logits": tensor(scores), "loss": loss.item(),
        "gradients": tensors(dict(zip(parameters, gradients)))}


source = Source(SEED)
write("adaptive_softmax.json", __file__, SEED, {
    "cases": [case(name, source) for name in CASES], "model": model(source)})
