"""Cross-entropy, binary cross-entropy on logits and mean squared error: values and gradients.

The gradients are those of the loss with respect to `input`.
"""

import torch
import torch.nn.functional as F

from golden import Source, tensor, write

SEED = 20263


def case(name, function, given, target, **options):
    given = given.clone().requires_grad_()
    loss = function(given, target, **options)
    loss.backward()
    return {
        "name": name,
        "options": options,
        "input": tensor(given),
        "target": tensor(target),
        "loss": loss.item(),
        "gradient": tensor(given.grad),
    }


def main():
    source = Source(SEED)
    cases = []
    for reduction in ("mean", "sum"):
        logits = source.values(6, 4, bound=4)
        target = source.indices(6, below=4)
        some_ignored = target.clone()
        some_ignored[1] = some_ignored[4] = -100
        for label_smoothing in (0.0, 0.1):
            cases.append(case(
                "cross_entropy", F.cross_entropy, logits, target,
                reduction=reduction, label_smoothing=label_smoothing, ignore_index=-100))
            cases.append(case(
                "cross_entropy", F.cross_entropy, logits, some_ignored,
                reduction=reduction, label_smoothing=label_smoothing, ignore_index=-100))
        # Class 0 as padding, as language models and taggers use it.
        padded = source.indices(6, below=3) + 1
        padded[0] = padded[5] = 0
        cases.append(case(
            "cross_entropy", F.cross_entropy, logits, padded,
            reduction=reduction, label_smoothing=0.0, ignore_index=0))
        # Logits far apart: the exponentials overflow unless the largest is taken off first.
        far = torch.tensor([[1000.0, 0.0, -1000.0], [-500.0, 250.0, 0.0]])
        cases.append(case(
            "cross_entropy", F.cross_entropy, far, torch.tensor([2, 1]),
            reduction=reduction, label_smoothing=0.0, ignore_index=-100))

        logits = torch.cat([source.values(7, bound=4), torch.tensor([200.0, -200.0])])
        binary = source.indices(9, below=2).to(torch.float64)
        cases.append(case(
            "binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, logits, binary,
            reduction=reduction))
        soft = source.indices(9, below=65).to(torch.float64) / 64
        cases.append(case(
            "binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, logits, soft,
            reduction=reduction))

        cases.append(case(
            "mse", F.mse_loss, source.values(3, 4), source.values(3, 4), reduction=reduction))
    write("losses.json", __file__, SEED, {"cases": cases})


main()
