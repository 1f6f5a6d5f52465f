"""Recurrent forecasters: the same network in PyTorch, and quantiles of the distributions that it speaks of.

`forecaster.json`: for each head, weights, windows, the numbers r, the mean loss of the values that are there, and its
gradients by every weight. `distribution_quantiles.json`: points x of a distribution with the probability below them: of
Student's t from Simpson's rule over PyTorch's density, of a negative binomial from the sum of PyTorch's probabilities.
"""

import statistics

import torch
import torch.nn.functional as F
from torch.distributions import NegativeBinomial, Normal, StudentT

from golden import Source, tensor, tensors, write

SEED = 20267
EPSILON = 1e-4


def network(weights, cell, sizes, steps, series, origins):
    """r [B, O, K, P] as the model's opening comment has it."""
    past, lags = sizes["past"], sizes["lags"]
    x = steps
    if "embedding.weight" in weights:
        vectors = weights["embedding.weight"][series].unsqueeze(1).expand(-1, steps.shape[1], -1)
        x = torch.cat([steps, vectors], 2)
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](
        x.shape[2], weights["encoder.weight_hh_l0"].shape[1], batch_first=True)
    names = {name: weights["encoder." + name] for name, _ in layer.named_parameters()}
    output = torch.func.functional_call(layer, names, (x,))[0]
    future = steps[:, :, past:] @ weights["future.weight"].T
    K = weights["horizon.weight"].shape[0]
    rows = []
    for origin in origins:
        state = output[:, origin] @ weights["context.weight"].T + weights["context.bias"]
        ahead = slice(origin + 1, origin + 1 + K)
        z = F.silu(state.unsqueeze(1) + weights["horizon.weight"] + future[:, ahead])
        z = z + F.silu(z @ weights["mix.weight"].T + weights["mix.bias"])
        r = z @ weights["head.weight"].T + weights["head.bias"]
        values = steps[:, ahead, sizes["lag_place"]:sizes["lag_place"] + lags]
        season, share = weights["highway.weight"][:, :lags], weights["highway.weight"][:, lags]
        now = steps[:, origin, sizes["lag_place"]:sizes["lag_place"] + lags] @ season.T
        location = (values * season).sum(2) + share * (steps[:, origin, :1] - now)
        location = location.unsqueeze(2)
        rows.append(torch.cat([r[..., :1] + location, r[..., 1:]], 2))
    return torch.stack(rows, 1)


def losses(head, r, observed, levels, scale):
    """−log p, or the quantile loss."""
    if head == "quantile":
        middle = min(range(len(levels)), key=lambda i: abs(levels[i] - 0.5))
        gaps = F.softplus(r[..., 1:])
        quantiles = []
        for i in range(len(levels)):
            between = gaps[..., min(i, middle):max(i, middle)].sum(-1)
            quantiles.append(r[..., 0] + (between if i > middle else -between))
        miss = observed.unsqueeze(-1) - torch.stack(quantiles, -1)
        level = torch.tensor(levels)
        return torch.maximum(level * miss, (level - 1) * miss).sum(-1)
    if head == "negative-binomial":
        mean = F.softplus(r[..., 0]) * scale + EPSILON
        dispersion = F.softplus(r[..., 1]) + EPSILON
        given = NegativeBinomial(
            1 / dispersion, logits=torch.log(mean * dispersion), validate_args=False)
    elif head == "student-t":
        given = StudentT(2 + F.softplus(r[..., 2]), r[..., 0], F.softplus(r[..., 1]) + EPSILON,
                         validate_args=False)
    else:
        given = Normal(r[..., 0], F.softplus(r[..., 1]) + EPSILON, validate_args=False)
    return -given.log_prob(observed)


def example(head, cell, levels, source):
    B, T, H, M, K, E, V = 2, 7, 4, 5, 3, 2, 3
    # One covariate, two of the calendar, one known, two lags: target, missing, covariate, missing, then 2 + 1 + 2 + 2.
    sizes = {"past": 4, "lags": 2, "lag_place": 7}
    D = 11
    width = {"gaussian": 2, "negative-binomial": 2, "student-t": 3, "quantile": len(levels)}[head]
    G = {"lstm": 4, "gru": 3}[cell]
    shapes = {
        "embedding.weight": (V, E),
        "encoder.weight_ih_l0": (G * H, D + E), "encoder.weight_hh_l0": (G * H, H),
        "encoder.bias_ih_l0": (G * H,), "encoder.bias_hh_l0": (G * H,),
        "context.weight": (M, H), "context.bias": (M,), "future.weight": (M, D - sizes["past"]),
        "horizon.weight": (K, M), "mix.weight": (M, M), "mix.bias": (M,),
        "head.weight": (width, M), "head.bias": (width,), "highway.weight": (K, sizes["lags"] + 1),
    }
    weights = {name: source.values(*shape).requires_grad_() for name, shape in shapes.items()}
    steps = source.values(B, T, D, bound=2)
    series = source.indices(B, below=V)
    origins = [1, 3]
    scales = source.values(B, bound=2).abs() + 0.5
    counts = head == "negative-binomial"
    targets = source.indices(B, T, below=9).to(torch.float64) if counts else source.values(B, T, bound=3)
    there = torch.ones(B, T, dtype=torch.bool)
    there[0, 3] = there[1, 6] = False
    r = network(weights, cell, sizes, steps, series, origins)
    observed = torch.stack([targets[:, o + 1:o + 1 + K] for o in origins], 1)
    mask = torch.stack([there[:, o + 1:o + 1 + K] for o in origins], 1)
    values = losses(head, r, observed, levels, scales.reshape(B, 1, 1))
    loss = (values * mask).sum() / mask.sum()
    loss.backward()
    return {
        "head": head, "cell": cell, "levels": levels, "horizon": K, "hidden": H, "head_size": M,
        "embedding": E, "series_count": V, "origins": origins, "series": tensor(series),
        "steps": tensor(steps), "targets": tensor(targets), "missing": tensor((~there).to(torch.int64)),
        "scales": tensor(scales), "weights": tensors(weights), "r": tensor(r),
        "loss": loss.item(), "gradients": tensors({name: w.grad for name, w in weights.items()}),
    }


def student_t_below(x, degrees):
    """The probability below x > 0: a half, and the density's integral from 0."""
    grid = torch.linspace(0, x, 200_001)
    density = StudentT(torch.tensor(degrees)).log_prob(grid).exp()
    weights = torch.full_like(grid, 2.0)
    weights[1::2] = 4
    weights[0] = weights[-1] = 1
    return 0.5 + ((density * weights).sum() * x / 200_000 / 3).item()


def quantile_cases():
    cases = []
    for x in (-6.0, -2.5, -0.5, 0.0, 0.25, 1.0, 3.0):
        cases.append({"name": "normal", "x": x, "below": statistics.NormalDist().cdf(x)})
    for degrees in (1.0, 2.125, 5.0, 30.0, 400.0):
        for x in (0.0625, 0.75, 2.0, 4.0):
            cases.append({"name": "student_t", "x": x, "degrees": degrees, "below": student_t_below(x, degrees)})
    for mean, dispersion in ((0.25, 2.0), (5.0, 0.5), (40.0, 0.0625), (300.0, 1.5)):
        r = torch.tensor(1 / dispersion)
        given = NegativeBinomial(r, logits=torch.log(torch.tensor(mean * dispersion)))
        below = given.log_prob(torch.arange(0.0, 2000.0)).exp().cumsum(0)
        for x in (0, 1, 4, 37, 350):
            if below[x] < 1 - 1e-9:
                cases.append({"name": "negative_binomial", "x": x, "mean": mean,
                              "dispersion": dispersion, "below": below[x].item()})
    return cases


def main():
    source = Source(SEED)
    cases = [
        example("gaussian", "gru", [0.5], source),
        example("student-t", "lstm", [0.1, 0.9], source),
        example("negative-binomial", "gru", [0.5], source),
        example("quantile", "gru", [0.1, 0.5, 0.8, 0.95], source),
        example("quantile", "lstm", [0.25], source),
    ]
    write("forecaster.json", __file__, SEED, {"cases": cases})
    write("distribution_quantiles.json", __file__, SEED, {"cases": quantile_cases()})


main()
