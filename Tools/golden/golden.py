"""What the golden scripts share: exact random inputs, and one compact JSON layout.

Inputs and parameters are multiples of 1/64: exact in float32 and in float64, and short as text. A test can
therefore run in either type on the very same numbers. Results are computed in float64 and written with 12
significant digits.
"""

import json
import pathlib
import platform

import numpy

try:
    import torch
except ImportError:  # the scripts about series have an environment of their own, without it
    torch = None

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden"

if torch:
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)


class Source:
    """Seeded random tensors whose values are multiples of 1/64."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def values(self, *shape, bound=1.0):
        """A float64 tensor, uniform over the multiples of 1/64 in [-bound, bound]."""
        top = round(bound * 64)
        whole = torch.randint(-top, top + 1, shape, generator=self.generator)
        return whole.to(torch.float64) / 64

    def indices(self, *shape, below):
        """An int64 tensor, uniform in [0, below)."""
        return torch.randint(0, below, shape, generator=self.generator)


def hashed(number, count, bound):
    """`count` multiples of bound / 2^15 in [-bound, bound), from integers alone: `hashedTensor` in MartletTestSupport."""
    h = (numpy.arange(count, dtype=numpy.uint32) + numpy.uint32(number * 32436224 & 0xFFFFFFFF)) * numpy.uint32(2654435761)
    h ^= h >> numpy.uint32(15)
    h *= numpy.uint32(2246822519)
    h ^= h >> numpy.uint32(13)
    return torch.from_numpy(((h >> numpy.uint32(16)).astype(numpy.float64) - 32768) / 32768 * bound)


def tensor(value):
    """A tensor as JSON: its shape and its values in row-major order."""
    value = value.detach()
    values = value.reshape(-1).tolist()
    if value.is_floating_point():
        values = [float(f"{x:.12g}") for x in values]
    return {"shape": list(value.shape), "values": values}


def tensors(named):
    """A mapping of names to tensors as JSON."""
    return {name: tensor(value) for name, value in named.items()}


def _text(value, indent):
    """JSON with one line for each tensor, written out or hashed, and each list of plain values."""
    inner = "\n" + " " * (indent + 1)
    if isinstance(value, dict) and value and not ({"shape", "values"} == set(value) or {"shape", "number"} <= set(value)):
        parts = [json.dumps(k) + ": " + _text(v, indent + 1) for k, v in value.items()]
        return "{" + inner + ("," + inner).join(parts) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        parts = [_text(v, indent + 1) for v in value]
        return "[" + inner + ("," + inner).join(parts) + "\n" + " " * indent + "]"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def write(name, script, seed, body, dtype="float64", versions=None):
    """Writes Tests/Golden/NAME with where its numbers come from, then `body`; `versions` are those of other references."""
    head = {
        "script": "Tools/golden/" + pathlib.Path(script).name,
        **(versions or {"torch": torch.__version__}),
        "python": platform.python_version(),
        "seed": seed,
        "dtype": dtype,
    }
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text({**head, **body}, 0) + "\n", encoding="utf-8")
    print(f"{path.relative_to(FOLDER.parents[1])}: {path.stat().st_size / 1000:.1f} kB")
