"""The networks of g2pM and textgenrnn at a small size with random weights: logits and probabilities, from PyTorch.

The parameters have the names of Martlet's checkpoints. textgenrnn's rows are filled up with zeros on the left, as the
original does.
"""

import torch

from golden import Source, tensor, tensors, write

SEED = 20267
V, D, H, M, C, CONTEXT = 11, 5, 4, 6, 7, 8


def random_lstm(source, prefix, weights, **sizes):
    lstm = torch.nn.LSTM(batch_first=True, **sizes)
    for name, parameter in lstm.named_parameters():
        parameter.data = source.values(*parameter.shape)
        weights[f"{prefix}.{name}"] = parameter
    return lstm


def tagger(source):
    weights = {"embedding.weight": source.values(V, D)}
    lstm = random_lstm(source, "lstm", weights, input_size=D, hidden_size=H, bidirectional=True)
    weights |= {
        "logit_layer.0.weight": source.values(M, 2 * H), "logit_layer.0.bias": source.values(M),
        "logit_layer.2.weight": source.values(C, M), "logit_layer.2.bias": source.values(C)}
    tokens, lengths, positions = source.indices(3, 6, below=V), [6, 1, 4], [2, 0, 3]
    logits = []
    for row, length, place in zip(tokens, lengths, positions):
        h = lstm(weights["embedding.weight"][row[:length]][None])[0][0, place]
        hidden = torch.relu(h @ weights["logit_layer.0.weight"].T + weights["logit_layer.0.bias"])
        logits.append(hidden @ weights["logit_layer.2.weight"].T + weights["logit_layer.2.bias"])
    return {
        "config": {"vocab_size": V, "embedding_size": D, "hidden_size": H, "classifier_size": M, "labels": C},
        "weights": tensors(weights), "tokens": tensor(tokens), "lengths": lengths, "positions": positions,
        "logits": tensor(torch.stack(logits))}


def writer(source):
    weights = {"embedding.weight": source.values(V, D)}
    lstm = random_lstm(source, "rnn", weights, input_size=D, hidden_size=H, num_layers=2)
    width = D + 2 * H
    weights |= {
        "attention.weight": source.values(1, width), "output.weight": source.values(V, width),
        "output.bias": source.values(V)}
    tokens, lengths = source.indices(3, 12, below=V), [12, 1, 5]
    probabilities = []
    for row, length in zip(tokens, lengths):
        text = row[:length][-CONTEXT:]
        text = torch.cat([torch.zeros(CONTEXT - len(text), dtype=text.dtype), text])
        x = weights["embedding.weight"][text][None]
        seen = [x]
        for layer in range(2):
            one = torch.nn.LSTM(x.shape[2], H, batch_first=True)
            one.load_state_dict({f"{n[:-1]}0": p for n, p in lstm.named_parameters() if n.endswith(f"_l{layer}")})
            x = one(x)[0]
            seen.append(x)
        v = torch.cat(seen, 2)
        mean = (torch.softmax(v @ weights["attention.weight"].T, 1) * v).sum(1)
        probabilities.append(torch.softmax(mean @ weights["output.weight"].T + weights["output.bias"], 1)[0])
    return {
        "config": {"vocab_size": V, "embedding_size": D, "hidden_size": H, "num_layers": 2, "context_size": CONTEXT},
        "weights": tensors(weights), "tokens": tensor(tokens), "lengths": lengths,
        "probabilities": tensor(torch.stack(probabilities))}


source = Source(SEED)
write("pretrained.json", __file__, SEED, {"polyphone-tagger": tagger(source), "textgenrnn": writer(source)})
