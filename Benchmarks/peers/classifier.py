"""A training step of a BiLSTM text classifier in PyTorch: the peer of `martlet bench classifier`.

Embedding, LSTM in both directions, the two final states, linear to two classes; cross-entropy and Adam.
"""

import argparse

import torch
from torch.nn.utils.rnn import pack_padded_sequence

from timing import measure, report, spread_lengths


class Classifier(torch.nn.Module):
    def __init__(self, vocabulary, embedding, hidden):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, embedding, padding_idx=0)
        self.rnn = torch.nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.output = torch.nn.Linear(2 * hidden, 2)

    def forward(self, tokens, lengths):
        """Packed by the lengths, or, with None, padding and all."""
        steps = self.embedding(tokens)
        if lengths is not None:
            steps = pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
        _, (hidden, _) = self.rnn(steps)
        return self.output(torch.cat([hidden[0], hidden[1]], dim=1))


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("vocabulary", 20000), ("embedding", 128), ("hidden", 128), ("batch", 64)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--lengths", default="10:200")
    parser.add_argument("--padded", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    lengths = torch.tensor(spread_lengths(options.lengths, options.batch))
    longest = int(lengths.max())
    tokens = torch.randint(1, options.vocabulary, (options.batch, longest))
    tokens[torch.arange(longest)[None, :] >= lengths[:, None]] = 0
    labels = torch.randint(2, (options.batch,))
    model = Classifier(options.vocabulary, options.embedding, options.hidden)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)

    def train():
        optimiser.zero_grad()
        logits = model(tokens, None if options.padded else lengths)
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimiser.step()

    result = measure(train, options.seconds)
    report(result, tokensPerSecond=int(lengths.sum()) / result["median"] * 1e3)


main()
