"""What PyTorch's side of the comparisons of whole trainings shares: Martlet's split, schedule, averaged weights and random numbers."""

import math

import numpy as np
import torch


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


class Generator:
    """`RandomGenerator`: Philox4x32-10 (Salmon et al. 2011), of a seed and a stream."""

    def __init__(self, seed, stream):
        words = self.blocks(seed, stream, 1)[0]
        self.key, self.counter = int(words[0]) << 32 | int(words[1]), 0

    @staticmethod
    def blocks(key, counter, count):
        """[count, 4] words of 32 bits."""
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        counters = np.arange(counter, counter + count, dtype=np.uint64)
        words = [counters & low, counters >> high, np.zeros_like(counters), np.zeros_like(counters)]
        keys = [key & 0xFFFFFFFF, key >> 32]
        for _ in range(10):
            first, third = np.uint64(0xD2511F53) * words[0], np.uint64(0xCD9E8D57) * words[2]
            words = [
                (third >> high) ^ words[1] ^ np.uint64(keys[0]), third & low,
                (first >> high) ^ words[3] ^ np.uint64(keys[1]), first & low]
            keys = [(keys[0] + 0x9E3779B9) & 0xFFFFFFFF, (keys[1] + 0xBB67AE85) & 0xFFFFFFFF]
        return np.stack(words, axis=1)

    def bernoulli(self, shape, probability):
        """`bernoulli(_:probability:)`."""
        count = math.prod(shape)
        blocks = -(-count // 4)
        words = self.blocks(self.key, self.counter, blocks).reshape(-1)[:count]
        self.counter += blocks
        return torch.from_numpy((words < np.uint64(int(probability * 2 ** 32))).reshape(shape))

    def permutation(self, count):
        """`permutation(_:)`."""
        words = self.blocks(self.key, self.counter, (count + 1) // 2).reshape(-1, 2)
        self.counter += (2 * count + 3) // 4
        row = list(range(count))
        for last, (high, low) in zip(range(count, 1, -1), words.tolist()):
            other = (high << 32 | low) * last >> 64
            row[last - 1], row[other] = row[other], row[last - 1]
        return row
