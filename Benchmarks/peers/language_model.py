"""A recurrent language model in PyTorch, timed: the peer of `martlet bench language-model`.

`--mode train` is one step of truncated back-propagation: forward, cross-entropy, backward, clipping, SGD, from the state of
the step before. `generate` writes `--time` tokens, each drawn by torch.multinomial from the scores after the one before;
`--no-onednn` does so without oneDNN's LSTM, which lays out all its weights anew in each call. `--type bfloat16` is PyTorch's
autocast.
"""

import argparse

import torch

from timing import measure, report


class LanguageModel(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(options.cell, torch.nn.RNN)
        more = {"nonlinearity": options.cell[4:]} if kind is torch.nn.RNN else {}
        width = options.embedding if options.tied else options.hidden
        self.embedding = torch.nn.Embedding(options.vocabulary, options.embedding)
        self.rnn = kind(options.embedding, options.hidden, options.layers, batch_first=True, **more)
        self.projection = None
        if width != options.hidden:
            self.projection = torch.nn.Linear(options.hidden, width, bias=False)
        self.output = torch.nn.Linear(width, options.vocabulary)
        if options.tied:
            torch.nn.init.normal_(self.embedding.weight, std=0.1)
            self.output.weight = self.embedding.weight

    def forward(self, tokens, state):
        output, state = self.rnn(self.embedding(tokens), state)
        if self.projection is not None:
            output = self.projection(output)
        return self.output(output), state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn_tanh", "rnn_relu"), default="lstm")
    for name, default in (
            ("vocabulary", 100), ("embedding", 512), ("hidden", 512), ("layers", 2), ("batch", 32), ("time", 128)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--tied", action="store_true")
    parser.add_argument("--mode", choices=("train", "generate"), default="train")
    parser.add_argument("--no-onednn", action="store_true")
    parser.add_argument("--type", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.no_onednn:
        torch.backends.mkldnn.set_flags(False)
    model = LanguageModel(options)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3)
    tokens = torch.randint(options.vocabulary, (options.batch, options.time))
    following = torch.randint(options.vocabulary, (options.batch, options.time))
    state = None

    def detached(state):
        return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()

    def train():
        nonlocal state
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.type == "bfloat16"):
            scores, after = model(tokens, state)
            loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), following.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state = detached(after)

    token = torch.zeros(1, 1, dtype=torch.long)

    def generate():
        nonlocal state, token
        for _ in range(options.time):
            scores, state = model(token, state)
            token = torch.multinomial(torch.softmax(scores[:, -1], dim=-1), 1)

    if options.mode == "train":
        result, count = measure(train, options.seconds), options.batch * options.time
    else:
        with torch.inference_mode():
            result, count = measure(generate, options.seconds), options.time
    report(result, tokensPerSecond=count / result["median"] * 1e3)


main()
