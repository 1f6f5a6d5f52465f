"""Negative log-likelihoods and quantile losses of observed values: the losses, and the gradients of their weighted sum.

The densities and their gradients are those of `torch.distributions`; a negative binomial of mean m and dispersion d is
`NegativeBinomial(total_count=1/d, logits=log(d m))`. The gradients are those of Σ weight · loss by each parameter.
"""

import torch
from torch.distributions import NegativeBinomial, Normal, StudentT

from golden import Source, tensor, tensors, write

SEED = 20266


def case(name, source, observed, loss, parameters, **more):
    parameters = {key: value.clone().requires_grad_() for key, value in parameters.items()}
    losses = loss(observed, **parameters)
    weights = source.values(*losses.shape)
    (losses * weights).sum().backward()
    return {
        "name": name,
        "observed": tensor(observed),
        "weights": tensor(weights),
        "parameters": tensors(parameters),
        "losses": tensor(losses),
        "gradients": tensors({key: value.grad for key, value in parameters.items()}),
        **more,
    }


def gaussian(y, mean, deviation):
    return -Normal(mean, deviation, validate_args=False).log_prob(y)


def student_t(y, location, scale, degrees):
    return -StudentT(degrees, location, scale, validate_args=False).log_prob(y)


def negative_binomial(y, mean, dispersion):
    return -NegativeBinomial(
        1 / dispersion, logits=torch.log(dispersion * mean), validate_args=False).log_prob(y)


def main():
    source = Source(SEED)

    def positive(*shape, bound):
        return source.values(*shape, bound=bound).abs() + 1 / 64

    # Usual values, values far out in the tail, and parameters close to their limits.
    usual = source.values(4, 5, bound=3)
    far = torch.tensor([1000.0, -1000.0, 40.0, 0.0, 0.015625])
    cases = [
        case("gaussian", source, usual, gaussian,
             {"mean": source.values(4, 5), "deviation": positive(4, 5, bound=2)}),
        case("gaussian", source, far, gaussian,
             {"mean": source.values(5), "deviation": positive(5, bound=2)}),
        case("student_t", source, usual, student_t,
             {"location": source.values(4, 5), "scale": positive(4, 5, bound=2),
              "degrees": positive(4, 5, bound=8)}),
        case("student_t", source, far, student_t,
             {"location": source.values(5), "scale": positive(5, bound=2),
              "degrees": torch.tensor([0.5, 2.0, 30.0, 1000.0, 0.015625])}),
        case("negative_binomial", source, source.indices(4, 5, below=12).to(torch.float64), negative_binomial,
             {"mean": positive(4, 5, bound=9), "dispersion": positive(4, 5, bound=2)}),
        case("negative_binomial", source, torch.tensor([0.0, 1000.0, 3.0, 250.0, 1.0]), negative_binomial,
             {"mean": torch.tensor([0.015625, 200.0, 900.0, 249.5, 1.0]),
              "dispersion": torch.tensor([2.0, 0.5, 8.0, 0.015625, 0.0009765625])}),
    ]
    levels = [0.1, 0.5, 0.9, 0.975]

    def pinball(y, quantiles):
        miss = y.unsqueeze(-1) - quantiles
        level = torch.tensor(levels)
        return torch.maximum(level * miss, (level - 1) * miss).sum(-1)

    quantiles = source.values(4, 5, 4, bound=3)
    quantiles[0, 0, 1] = usual[0, 0]
    cases.append(case("pinball", source, usual, pinball, {"quantiles": quantiles}, levels=levels))
    write("likelihoods.json", __file__, SEED, {"cases": cases})


main()
