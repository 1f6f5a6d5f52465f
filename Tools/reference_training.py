"""What PyTorch's side of the comparisons of whole trainings shares: Martlet's split, schedule and averaged weights."""

import math


def parts(text):
    """The three parts of `TextCorpus`: cut at the begin of a line near 90 % and 95 % of the bytes."""
    data = text.encode()

    def cut(place):
        for distance in range(min(4096, len(data) // 40) + 1):
            for start in (place + distance, place - distance):
                if 0 < start < len(data) and data[start - 1] == 0x0A:
                    return start
        while 0 < place < len(data) and data[place] & 0xC0 == 0x80:
            place -= 1
        return place

    first = cut(len(data) * 90 // 100)
    second = max(first, cut(len(data) * 95 // 100))
    return [data[a:b].decode() for a, b in ((0, first), (first, second), (second, len(data)))]


def warmed_cosine(step, warm_up, total, final=0.0):
    """`Schedule`: the factor of the highest rate, which rises over some steps and falls along half a cosine."""
    if step < warm_up:
        return step / max(1, warm_up)
    done = min(1, (step - warm_up) / max(1, total - warm_up))
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))


class WeightAverage:
    """`WeightAverage`: a running mean of a model's weights, of every eighth step; without a decay the weights themselves."""

    def __init__(self, model, decay):
        self.decay = decay
        self.weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def update(self, model, step):
        if not self.decay or step % 8:
            return
        kept = min(self.decay ** 8, (1 + step / 8) / (10 + step / 8))
        for name, tensor in model.state_dict().items():
            self.weights[name].mul_(kept).add_(tensor, alpha=1 - kept)

    def of(self, model):
        """What is judged."""
        return self.weights if self.decay else model.state_dict()
