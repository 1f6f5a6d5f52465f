"""A recurrent forecaster in PyTorch, timed: the peer of `martlet bench forecaster`.

One training step on windows of a series: the recurrent layer reads them, from `--origins` of the steps `--horizon` values are
forecast at once (three quantiles that do not cross), the quantile loss, backward, clipping, AdamW. What is known of a future
step is turned by its matrix once for the whole window and then gathered, as Martlet does it.
"""

import argparse

import torch
import torch.nn.functional as F

from timing import measure, report

PAST, CALENDAR, LAGS = 2, 16, 4
LEVELS = (0.1, 0.5, 0.9)


class Forecaster(torch.nn.Module):
    def __init__(self, options):
        super().__init__()
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}.get(options.cell, torch.nn.RNN)
        more = {"nonlinearity": options.cell[4:]} if kind is torch.nn.RNN else {}
        ahead = CALENDAR + 2 * LAGS
        self.encoder = kind(PAST + ahead, options.hidden, batch_first=True, **more)
        self.context = torch.nn.Linear(options.hidden, options.head_size)
        self.future = torch.nn.Linear(ahead, options.head_size, bias=False)
        self.horizon = torch.nn.Parameter(torch.randn(options.horizon, options.head_size) * 0.1)
        self.mix = torch.nn.Linear(options.head_size, options.head_size)
        self.head = torch.nn.Linear(options.head_size, len(LEVELS))
        self.highway = torch.nn.Parameter(torch.full((options.horizon, LAGS + 1), 1 / LAGS))
        with torch.no_grad():
            self.highway[:, LAGS] = 0

    def forward(self, steps, origins, places):
        states = self.encoder(steps[:, :int(origins[-1]) + 1])[0][:, origins]
        z = self.context(states).unsqueeze(2) + self.horizon
        z = F.silu(z + self.future(steps[:, :, PAST:])[:, places])
        r = self.head(z + F.silu(self.mix(z)))
        lags = steps[:, :, PAST + CALENDAR:PAST + CALENDAR + LAGS]
        season, share = self.highway[:, :LAGS], self.highway[:, LAGS]
        now = (lags[:, origins].unsqueeze(2) * season).sum(3)
        location = (lags[:, places] * season).sum(3) + (steps[:, origins, :1] - now) * share
        middle = r[..., 0] + location
        gaps = F.softplus(r[..., 1:])
        return torch.stack([middle - gaps[..., 0], middle, middle + gaps[..., 1]], -1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=("lstm", "gru", "rnn_tanh", "rnn_relu"), default="gru")
    for name, default in (
            ("hidden", 64), ("head-size", 64), ("batch", 16), ("context", 96), ("horizon", 48), ("origins", 32)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = Forecaster(options)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    length = 2 * options.context + options.horizon
    steps = torch.randn(options.batch, length, PAST + CALENDAR + 2 * LAGS)
    origins = torch.tensor(
        [options.context - 1 + place * options.context // options.origins for place in range(options.origins)])
    places = origins.unsqueeze(1) + 1 + torch.arange(options.horizon)
    observed = torch.randn(options.batch, length)[:, places].unsqueeze(-1)
    levels = torch.tensor(LEVELS)

    def train():
        optimiser.zero_grad()
        miss = observed - model(steps, origins, places)
        torch.maximum(levels * miss, (levels - 1) * miss).sum(-1).mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    result = measure(train, options.seconds)
    report(result, tokensPerSecond=options.batch * options.origins * options.horizon / result["median"] * 1e3)


main()
