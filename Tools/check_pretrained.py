"""Compares `martlet run` and `martlet translate` with the originals of pretrained networks, on real sentences and words.

usage: check_pretrained.py --martlet PROGRAM --cache FOLDER

FOLDER has what fetch_data.py and convert_pretrained.py leave: g2pm-original, g2pm, textgenrnn-original, textgenrnn,
g2p-en-original, g2p-en; and cmudict. The reference of g2pM and of g2p-en is the package's own code; that of textgenrnn is the Keras layers written out here in float64, from the
HDF5 file itself. Exit codes: 0 all agree to 1e-5 (logits: of the largest one), 1 some do not.
"""

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py
import numpy
from safetensors.numpy import load_file, save_file

from g2p_en_reference import network

TOLERANCE = 1e-5
CHINESE = (
    "然而，他红了20年以后，他竟退出了大家的视线。", "银行行长在行道树下行走。", "他长得很高，头发也长了。",
    "这首音乐让人快乐。", "重庆的重要性不用重复。", "我还没还书，还要还钱。", "他得了第一名，觉得得好好庆祝。",
    "会计说明天会开会。", "种树的人种类很多。", "好学的学生都有好成绩。")
ENGLISH = (
    "The quick brown fox jumps over the lazy dog", "What is the best way to learn", "I", "My friend said that the ",
    "In this house we obey the laws of thermodynam", "Why do people say tha", "TIL that the first man on the moo",
    "Show me a picture of the mountains at sunse", "Scientists have discovered a new species of ", "Can you explain this to m")

NEW_WORDS = ("activationist", "transformer", "swiftly", "martletish", "tokenizers", "zzyx")


def run(martlet, model, inputs):
    with tempfile.TemporaryDirectory() as name:
        given, found = f"{name}/in.safetensors", f"{name}/out.safetensors"
        save_file(inputs, given)
        subprocess.run([martlet, "run", "--model", model, "--input", given, "--output", found], check=True)
        return load_file(found)


def padded(rows):
    """Rows of numbers as tokens [B, T] and lengths [B]."""
    tokens = numpy.zeros((len(rows), max(map(len, rows))), numpy.int64)
    for place, row in enumerate(rows):
        tokens[place, :len(row)] = row
    return {"tokens": tokens, "lengths": numpy.array([len(row) for row in rows], numpy.int64)}


def check_g2pm(martlet, cache):
    spec = importlib.util.spec_from_file_location("g2pM", cache / "g2pm-original" / "g2pM.py")
    package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    original = package.G2pM()
    scores, calls = [], []
    layer, predict = original.fc_layer, original.predict
    original.fc_layer = lambda hidden: scores.append(layer(hidden)) or scores[-1]
    original.predict = lambda ids, places: calls.append((ids[0], places)) or predict(ids, places)
    readings = [original(sentence) for sentence in CHINESE]
    rows, positions = [], []
    for ids, places in calls:
        rows += [ids] * len(places)
        positions += places
    inputs = {**padded(rows), "positions": numpy.array(positions, numpy.int64)}
    found = run(martlet, cache / "g2pm", inputs)["logits"]
    expected = numpy.concatenate(scores)
    labels = json.loads((cache / "g2pm" / "config.json").read_text(encoding="utf-8"))["labels"]
    same = [labels[k] for k in found.argmax(1)] == [original.idx2class[k] for k in expected.argmax(1)]
    # Logits are compared as parts of the largest one, probabilities as they are.
    scale = float(numpy.abs(expected).max())
    apart = float(numpy.abs(found - expected).max())
    chances = float(numpy.abs(softmax(found) - softmax(expected)).max())
    difference = max(apart / scale, chances) if same else float("inf")
    print(CHINESE[1], " ".join(readings[1]))
    print(
        f"g2pM: {len(CHINESE)} sentences, {len(rows)} polyphones, {'the same' if same else 'OTHER'} readings; "
        f"logits up to {scale:.0f} differ by {apart:.1e}, probabilities by {chances:.1e} at most")
    return difference


def softmax(logits):
    """Probabilities of logits `[B, C]`, in float64."""
    shares = numpy.exp(logits.astype(numpy.float64) - logits.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def keras_probabilities(weights, tokens):
    """textgenrnn's layers in float64: `tokens [B, 40]` to probabilities."""
    x = weights("embedding", "embeddings")[tokens]
    seen = [x]
    for name in ("rnn_1", "rnn_2"):
        kernel, recurrent, bias = (weights(name, part) for part in ("kernel", "recurrent_kernel", "bias"))
        units = recurrent.shape[0]
        h = c = numpy.zeros((len(tokens), units))
        states = []
        for step in range(x.shape[1]):
            sums = []
            for gate in range(4):
                columns = slice(gate * units, (gate + 1) * units)
                # cuDNN keeps the memory of a matrix [units, inputs], whatever shape Keras gives it.
                matrix = kernel[:, columns].ravel().reshape(units, -1)
                state_matrix = recurrent[:, columns].ravel().reshape(units, units)
                sums.append(
                    x[:, step] @ matrix.T + h @ state_matrix.T + bias[:4 * units][columns] + bias[4 * units:][columns])
            i, f, g, o = sums
            c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
            h = sigmoid(o) * numpy.tanh(c)
            states.append(h)
        x = numpy.stack(states, 1)
        seen.append(x)
    x = numpy.concatenate(seen, 2)
    scores = (x @ weights("attention", "attention_W"))[:, :, 0]
    share = numpy.exp(scores - scores.max(1, keepdims=True))
    share /= share.sum(1, keepdims=True) + 1e-7  # Keras' epsilon
    logits = (x * share[:, :, None]).sum(1) @ weights("output", "kernel") + weights("output", "bias")
    return softmax(logits)


def check_textgenrnn(martlet, cache):
    folder = cache / "textgenrnn-original"
    vocabulary = json.loads((folder / "textgenrnn_vocab.json").read_text(encoding="utf-8"))
    arrays = {}
    with h5py.File(folder / "textgenrnn_weights.hdf5", "r") as file:
        def keep(name, item):
            if isinstance(item, h5py.Dataset):
                parts = [part for part in name.split("/") if part != "model_weights"]
                arrays[parts[0], parts[-1].split(":")[0]] = item[()].astype(numpy.float64)

        file.visititems(keep)
    rows = [[vocabulary["<s>"]] + [vocabulary.get(c, 0) for c in text] for text in ENGLISH]
    tokens = numpy.array([[0] * (40 - len(row[-40:])) + row[-40:] for row in rows])
    expected = keras_probabilities(lambda layer, name: arrays[layer, name], tokens)
    found = run(martlet, cache / "textgenrnn", padded(rows))["probabilities"]
    difference = float(numpy.abs(found - expected).max())
    names = {number: character for character, number in vocabulary.items()}
    for text, shares in zip(ENGLISH, found):
        best = shares.argsort()[::-1][:3]
        print(f"{text!r} then " + ", ".join(f"{names.get(k, '')!r} {shares[k]:.3f}" for k in best))
    # A wrong layout of the weights would agree with itself, but not write English.
    text = "The most interesting thing about this is that the people of the world are not the same as they were before"
    ids = [vocabulary["<s>"]] + [vocabulary[c] for c in text]
    shares = run(martlet, cache / "textgenrnn", padded([ids[:k] for k in range(1, len(ids))]))["probabilities"]
    bits = -float(numpy.log2(shares[numpy.arange(len(text)), ids[1:]]).mean())
    print(f"textgenrnn: {len(rows)} texts, probabilities differ by {difference:.1e} at most; English at {bits:.2f} bits a character")
    return difference if bits < 3 else float("inf")


def check_g2p_en(martlet, cache):
    """Every 40th word of CMUdict, and some that it does not have, as `martlet translate` and as the package write them."""
    original = network(cache / "g2p-en-original")
    lines = (cache / "cmudict" / "pairs.tsv").read_text(encoding="ascii").splitlines()
    words = [line.split("\t")[0].replace(" ", "") for line in lines[::40]]
    words = list(NEW_WORDS) + [word for word in words if word.isalpha()]
    command = [martlet, "translate", "--model", str(cache / "g2p-en"), "--beam", "1", "--length", "20"]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        file.write("".join(word + "\n" for word in words))
        file.flush()
        result = subprocess.run([*command, "--input", file.name], check=True, capture_output=True, text=True)
    found = result.stdout.splitlines()
    expected = [" ".join(original.predict(word)) for word in words]
    others = [trio for trio in zip(words, found, expected) if trio[1] != trio[2]]
    for word, phonemes in list(zip(words, found))[:len(NEW_WORDS)]:
        print(f"{word}: {phonemes}")
    for word, ours, theirs in others[:5]:
        print(f"{word}: {ours}, expected {theirs}")
    print(f"g2p-en: {len(words)} words, {len(words) - len(others)} written as the package writes them")
    return 0.0 if not others and len(found) == len(words) else float("inf")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--cache", required=True, type=pathlib.Path)
    options = parser.parse_args()
    checks = (check_g2pm, check_textgenrnn, check_g2p_en)
    worst = max(check(options.martlet, options.cache) for check in checks)
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return 0 if worst <= TOLERANCE else 1


sys.exit(main())
