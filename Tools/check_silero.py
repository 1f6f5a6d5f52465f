"""Compares the probabilities of `martlet detect-speech` and `martlet run` with the reference pass, recording by recording.

usage: check_silero.py --martlet PROGRAM --model FOLDER RECORDING...

RECORDINGs are 16-bit, one channel, 16 kHz: .wav, or .raw, which goes in on standard input. The reference is computed in
float64. Exit codes: 0 all agree to 1e-5, 1 some do not.
"""

import argparse
import csv
import pathlib
import subprocess
import sys
import tempfile
import wave

import numpy
import torch
from safetensors.torch import load_file, save_file

import silero_reference

TOLERANCE = 1e-5


def samples_of(path):
    """The samples in -1 ... 1, as float64."""
    if path.suffix == ".raw":
        data = path.read_bytes()
    else:
        with wave.open(str(path)) as recording:
            if (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) != (1, 2, 16000):
                return None
            data = recording.readframes(recording.getnframes())
    return torch.from_numpy(numpy.frombuffer(data[:len(data) // 2 * 2], "<i2").astype(numpy.float64) / 32768)


def detected(options, path, folder):
    """The probabilities that `detect-speech` writes."""
    table = folder / "probabilities.csv"
    command = [options.martlet, "detect-speech", "--model", options.model, "--probabilities", str(table)]
    if path.suffix == ".raw":
        with open(path, "rb") as stream:
            subprocess.run(command, stdin=stream, stdout=subprocess.DEVNULL, check=True)
    else:
        subprocess.run([*command, str(path)], stdout=subprocess.DEVNULL, check=True)
    with open(table, newline="", encoding="ascii") as rows:
        return [float(row["probability"]) for row in csv.DictReader(rows)]


def run(options, samples, folder):
    """The probabilities that `martlet run` gives."""
    given, found = folder / "in.safetensors", folder / "out.safetensors"
    save_file({"input": samples.to(torch.float32).reshape(1, -1)}, str(given))
    command = [options.martlet, "run", "--model", options.model, "--input", str(given), "--output", str(found)]
    subprocess.run(command, check=True)
    return load_file(str(found))["probability"][0].tolist()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("recordings", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    weights = load_file(f"{options.model}/model.safetensors")
    weights = {name: tensor.to(torch.float64) for name, tensor in weights.items()}
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in options.recordings:
            samples = samples_of(path)
            if samples is None:
                print(f"{path.name}: left out: not 16-bit, one channel, 16 kHz")
                continue
            expected, _, _ = silero_reference.probabilities(weights, samples)
            differences = []
            for found in (detected(options, path, folder), run(options, samples, folder)):
                same = len(found) == len(expected)
                differences.append(max(abs(a - b) for a, b in zip(found, expected)) if same else float("inf"))
            first = " ".join(f"{value:.3f}" for value in expected[:14])
            print(f"{path.name}: {len(expected)} chunks, detect-speech {differences[0]:.1e}, run {differences[1]:.1e}; {first}")
            worst = max(worst, *differences)
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if worst <= TOLERANCE else 1


sys.exit(main())
