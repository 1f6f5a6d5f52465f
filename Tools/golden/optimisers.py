"""Optimisers, gradient clipping and learning-rate schedules, step by step.

The gradients of each step are given, so that a wrong update shows at the step where it happens.
"""

import math

import torch

from golden import Source, tensors, write

SEED = 20264
STEPS = 8
SHAPES = {"weight": (3, 2), "bias": (4,)}
OPTIMISERS = [
    ("sgd", torch.optim.SGD, {"lr": 0.1}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.1}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    ("adam", torch.optim.Adam, {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8}),
    ("adam", torch.optim.Adam,
     {"lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.1}),
    ("adamw", torch.optim.AdamW,
     {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1}),
]


def optimiser_case(name, kind, options, start, gradients):
    parameters = {key: value.clone().requires_grad_() for key, value in start.items()}
    optimiser = kind(parameters.values(), **options)
    after = []
    for gradient in gradients:
        for key, parameter in parameters.items():
            parameter.grad = gradient[key].clone()
        optimiser.step()
        after.append(tensors(parameters))
    return {"name": name, "options": options, "parameters_after_step": after}


def clipping_cases(source):
    cases = []
    given = {key: source.values(*shape, bound=3) for key, shape in SHAPES.items()}
    # The second limit is above the norm: nothing may change.
    for limit in (1.0, 100.0):
        parameters = [torch.nn.Parameter(torch.zeros_like(value)) for value in given.values()]
        for parameter, gradient in zip(parameters, given.values()):
            parameter.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, limit)
        clipped = {key: parameter.grad for key, parameter in zip(given, parameters)}
        cases.append({
            "name": "norm", "limit": limit, "gradients": tensors(given), "norm": norm.item(),
            "clipped": tensors(clipped)})
    parameters = [torch.nn.Parameter(torch.zeros_like(value)) for value in given.values()]
    for parameter, gradient in zip(parameters, given.values()):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_value_(parameters, 0.5)
    clipped = {key: parameter.grad for key, parameter in zip(given, parameters)}
    cases.append({
        "name": "value", "limit": 0.5, "gradients": tensors(given), "clipped": tensors(clipped)})
    return cases


def warm_up(step, steps):
    return step / max(1, steps)


def constant(step, warm, total):
    return warm_up(step, warm) if step < warm else 1.0


def linear(step, warm, total):
    if step < warm:
        return warm_up(step, warm)
    return max(0.0, (total - step) / max(1, total - warm))


def cosine(step, warm, total):
    if step < warm:
        return warm_up(step, warm)
    progress = (step - warm) / max(1, total - warm)
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * progress)))


def schedule_cases():
    """Factors of the learning rate at steps 0, 1, ..., as PyTorch's LambdaLR applies them.

    The same curves as Hugging Face's constant, linear and cosine schedules with warm-up, written out here.
    """
    cases = []
    for name, factor in (("constant", constant), ("linear", linear), ("cosine", cosine)):
        for warm in (0, 4):
            total, rate = 20, 0.5
            optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimiser, lambda step: factor(step, warm, total))
            rates = []
            for _ in range(total + 1):
                rates.append(optimiser.param_groups[0]["lr"])
                optimiser.step()
                schedule.step()
            cases.append({
                "name": name, "warmup_steps": warm, "total_steps": total, "learning_rate": rate,
                "rates": rates})
    return cases


def main():
    source = Source(SEED)
    start = {key: source.values(*shape) for key, shape in SHAPES.items()}
    gradients = [
        {key: source.values(*shape) for key, shape in SHAPES.items()} for _ in range(STEPS)]
    # A parameter without signal: the second moment stays zero, so only epsilon divides.
    for gradient in gradients:
        gradient["bias"][3] = 0.0
    write("optimisers.json", __file__, SEED, {
        "parameters": tensors(start),
        "gradients": [tensors(gradient) for gradient in gradients],
        "optimisers": [
            optimiser_case(name, kind, options, start, gradients)
            for name, kind, options in OPTIMISERS],
        "clipping": clipping_cases(source),
        "schedules": schedule_cases(),
    })


main()
