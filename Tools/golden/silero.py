"""Silero VAD: probabilities of the true architecture with made weights; and speech segments of made probabilities.

The checkpoint cannot be in the repository. So both sides make the same small weights and the same waveform from integers:
`hashed` is `hashedTensor` in MartletTestSupport. The segments are those of the package's own function, which is
taken out of the package for the moment (its SHA-256 is checked).
"""

import pathlib
import random
import sys
import tempfile
import zipfile

import numpy
import torch

from golden import hashed, tensor, write

TOOLS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOOLS))

import fetch_data  # noqa: E402
import silero_reference  # noqa: E402

SEED = 20266
SAMPLES = 9000  # 17 chunks and a part of one
BOUNDS = {
    "stft_conv": 1 / 8, "conv1": 1 / 4, "conv2": 1 / 8, "conv3": 1 / 8, "conv4": 1 / 8, "lstm_cell": 1 / 4,
    "final_conv": 1}


def waveform(count):
    """Noise that comes and goes: in turns of 1,500 samples a 32nd, an 8th and a half of the whole scale."""
    scale = torch.tensor([1 / 32, 1 / 8, 1 / 2])[(torch.arange(count) // 1500) % 3]
    return hashed(1000, count, 1.0) * scale


def model():
    weights, described = {}, {}
    for number, (name, shape) in enumerate(silero_reference.shapes().items()):
        bound = BOUNDS[name.split(".")[0]]
        count = int(numpy.prod(shape))
        weights[name] = hashed(number, count, bound).reshape(shape)
        described[name] = {"number": number, "bound": bound}
    found, h, c = silero_reference.probabilities(weights, waveform(SAMPLES))
    write("silero_vad.json", __file__, SEED, {
        "weights": described, "samples": SAMPLES,
        "probability": tensor(torch.tensor(found)), "h_n": tensor(h), "c_n": tensor(c)})


def package_function():
    """The package's `get_speech_timestamps_from_probs`."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = fetch_data.download(fetch_data.DATASETS["silero-vad"], pathlib.Path(folder))
        with zipfile.ZipFile(wheel) as package:
            source = package.read("silero_vad/utils_vad.py")
    names = {}
    exec(compile(source, "utils_vad.py", "exec"), names)  # pylint: disable=exec-used
    return names["get_speech_timestamps_from_probs"]


def made_probabilities(chance, count):
    """Stretches of speech and silence with wavering in between: odd multiples of 1/128, never a threshold."""
    values, level = [], 0.1
    while len(values) < count:
        level = chance.choice((0.05, 0.2, 0.42, 0.6, 0.95))
        for _ in range(chance.choice((1, 2, 3, 5, 9, 20, 40))):
            wavering = min(1, max(0, level + chance.uniform(-0.12, 0.12)))
            values.append((2 * int(wavering * 63) + 1) / 128)
    return values[:count]


def segments():
    function = package_function()
    chance = random.Random(SEED)
    defaults = {"threshold": 0.5, "minimum_speech": 250, "minimum_silence": 100, "padding": 30, "maximum_speech": None}
    changes = [
        {}, {"threshold": 0.3}, {"threshold": 0.05}, {"threshold": 0.8, "padding": 0}, {"minimum_silence": 0},
        {"minimum_silence": 0, "padding": 100}, {"minimum_speech": 0, "padding": 400}, {"minimum_silence": 600},
        {"minimum_speech": 1000}, {"maximum_speech": 1}, {"maximum_speech": 2.5, "minimum_silence": 300},
        {"maximum_speech": 0.7, "minimum_silence": 1000, "padding": 200}, {"maximum_speech": 3, "minimum_silence": 2000},
        {"minimum_speech": 0, "minimum_silence": 0, "padding": 150, "maximum_speech": 1.5},
    ]
    cases = []
    for turn, change in enumerate(changes * 3):
        options = {**defaults, **change}
        values = made_probabilities(chance, chance.choice((4, 150, 250, 300)) if turn else 0)
        length = max(0, len(values) * 512 - chance.choice((0, 0, 1, 300, 511)))
        found = function(
            values, 16000, threshold=options["threshold"], min_speech_duration_ms=options["minimum_speech"],
            max_speech_duration_s=options["maximum_speech"] or float("inf"),
            min_silence_duration_ms=options["minimum_silence"], speech_pad_ms=options["padding"],
            audio_length_samples=length)
        cases.append({
            "options": options, "probabilities": values, "length": length,
            "starts": [int(part["start"]) for part in found], "ends": [int(part["end"]) for part in found]})
    write("silero_segments.json", __file__, SEED, {"package": "silero-vad 6.2.3", "cases": cases})


model()
segments()
