"""What is compared, and the ratio each comparison has to reach."""

import dataclasses
from typing import List, Optional

SHAPE = ["--batch", "32", "--time", "128", "--input", "256", "--hidden", "512", "--mode", "train"]
LENGTHS = ["--lengths", "8:128"]
TEXTS = [
    "--vocabulary", "20000", "--embedding", "128", "--hidden", "128", "--batch", "64",
    "--lengths", "10:200"]
GPT = [
    "--model", "gpt", "--layers", "6", "--width", "384", "--heads", "6", "--context", "256", "--batch", "8",
    "--vocabulary", "65", "--mode", "train"]
PRODUCTS = ("2048x2048x2048", "2048x1536x384", "32x2048x512", "8x2048x512")


@dataclasses.dataclass
class Rival:
    """One way a peer does the same work, and how many times as fast Martlet has to be.

    `script` is a file of peers/, or `martlet`: our own work done otherwise, or `peak` or `onednn`: a C program of peers/; with
    arguments. `tuned` also runs it with MKL's AVX-512 kernels unlocked and the
    allocator told to keep its pages. `avx2` is the target on a machine without AVX-512 where it is another one.
    """

    name: str
    script: List[str]
    target: Optional[float]
    tuned_target: Optional[float] = None
    tuned: bool = True
    avx2: Optional[float] = None


@dataclasses.dataclass
class Case:
    """One piece of work: arguments of `martlet bench`, and the rivals doing the same."""

    name: str
    ours: List[str]
    rivals: List[Rival]
    unit: str = "ms"  # or "MB": the largest memory of the process
    needs: str = ""  # what `martlet info --json` must name of the machine


def recurrent(cell, padded_target, tuned_target):
    """A training step on a full batch."""
    arguments = ["--cell", cell] + SHAPE
    rival = Rival("PyTorch", ["recurrent.py"] + arguments, padded_target, tuned_target, avx2=1.15)
    name = cell.split("_")[0].upper()
    return Case(f"{name} training step", ["recurrent"] + arguments, [rival])


def product(shape):
    """A matrix product; the last rival is the machine itself at its float32 peak."""
    peers = [Rival("OpenBLAS", ["matmul.py", "--library", "openblas", "--shape", shape], 0.95, tuned=False)]
    peers += [
        Rival(label, ["onednn", shape, how], 0.95, tuned=False)
        for label, how in (("oneDNN, its threads", "whole"), ("oneDNN, a slice a thread", "slices"))]
    # It has the second matrix in its own layout before: work that the others do each time.
    packed = Rival("oneDNN, packed before", ["matmul.py", "--library", "onednn", "--shape", shape], None, tuned=False)
    mkl = Rival("PyTorch, MKL", ["matmul.py", "--library", "mkl", "--shape", shape], None)
    peak = Rival("float32 peak", ["peak", shape], 0.85, tuned=False)
    return Case(f"product {shape}", ["matmul", "--shapes", shape], peers + [packed, mkl, peak])


def streaming():
    """One sequence at a time: steps from a kept state, whole sequences, many streams."""
    cases = []
    for cell in ("lstm", "gru"):
        name, one = cell.upper(), ["--cell", cell, "--batch", "1", "--input", "256", "--hidden", "512"]
        cases.append(Case(
            f"{name} step, batch 1", ["recurrent", "--mode", "step"] + one,
            [
                Rival("ONNX Runtime", ["onnx_recurrent.py", "--time", "1"] + one, 1.05, tuned=False),
                Rival("PyTorch's cell", ["recurrent.py", "--mode", "step"] + one, 2.0),
            ]))
        cases.append(Case(
            f"{name}, 512 steps, batch 1", ["recurrent", "--mode", "forward", "--time", "512"] + one,
            [Rival("ONNX Runtime", ["onnx_recurrent.py", "--time", "512"] + one, 1.05, tuned=False)]))
        if cell == "lstm":
            for what, time, mode in (("step", "1", "step"), (", 512 steps", "512", "forward")):
                cases.append(Case(
                    f"{name} int8 {what.removeprefix(', ')}, batch 1",
                    ["recurrent", "--mode", mode, "--time", time, "--type", "int8"] + one,
                    [Rival("ONNX Runtime, int8", ["onnx_recurrent.py", "--int8", "--time", time] + one, 1.5, tuned=False)]))
    many = ["--cell", "lstm", "--mode", "stream", "--streams", "1000", "--input", "128", "--hidden", "128", "--batch", "1"]
    cases.append(Case(
        "LSTM, 1,000 streams, a step each", ["recurrent"] + many,
        [Rival("PyTorch, 1,000 steps", ["recurrent.py"] + many, 20.0)]))
    return cases


def in_bfloat16():
    """Training steps whose products are of bfloat16, where the machine has them."""
    lstm = ["--cell", "lstm", "--type", "bfloat16"] + SHAPE
    gpt = GPT + ["--type", "bfloat16"]
    return [
        Case("LSTM training step, bfloat16", ["recurrent"] + lstm,
             [Rival("PyTorch, autocast", ["recurrent.py"] + lstm, 1.2)], needs="bfloat16"),
        Case("GPT training step, bfloat16", ["transformer"] + gpt, [
            Rival("PyTorch, autocast", ["transformer.py"] + gpt, 1.25, 1.0),
            Rival("PyTorch, autocast, compiled", ["transformer.py", "--compile"] + gpt, 1.25, 1.0),
        ], needs="bfloat16"),
    ]


def memory():
    """The largest memory of a training process: PyTorch's with its interpreter, ours with nothing."""
    shape = ["--cell", "lstm", "--batch", "32", "--time", "1024", "--input", "256", "--hidden", "512", "--mode", "train"]
    peer = ["recurrent.py"] + shape
    return [
        Case("LSTM training, 1,024 steps", ["recurrent"] + shape, [Rival("PyTorch", peer, 1 / 0.8, tuned=False)], "MB"),
        Case("the same, checkpointed", ["recurrent", "--checkpointed"] + shape,
             [Rival("PyTorch", peer, 1 / 0.35, tuned=False)], "MB"),
    ]


def deeper():
    """Two layers."""
    cases = []
    for cell, padded, packed in (("lstm", (1.3, 1.0), (4.5, 3.0)), ("gru", (2.2, 1.6), (4.0, 2.4))):
        arguments = ["--cell", cell, "--layers", "2"] + SHAPE
        cases.append(Case(
            f"{cell.upper()} training step, 2 layers", ["recurrent"] + arguments,
            [Rival("PyTorch", ["recurrent.py"] + arguments, *padded, avx2=1.15)]))
        cases.append(Case(
            f"{cell.upper()} training step, 2 layers, lengths 8-128", ["recurrent"] + arguments + LENGTHS,
            [Rival("packed", ["recurrent.py"] + arguments + LENGTHS, *packed)]))
    return cases


def language_models():
    """Training steps of a character and a word model, and the writing of 32 tokens."""
    characters = ["--vocabulary", "100", "--embedding", "512", "--hidden", "512", "--layers", "2"]
    train = characters + ["--batch", "32", "--time", "128", "--mode", "train"]
    words = [
        "--vocabulary", "30000", "--tied", "--embedding", "512", "--hidden", "512", "--layers", "2", "--batch", "32",
        "--time", "35", "--mode", "train"]
    write = characters + ["--time", "32", "--mode", "generate"]
    half = ["--type", "bfloat16"]
    ours, peer, onnx = "language-model", "language_model.py", "onnx_language_model.py"
    return [
        Case("language model training step, characters", [ours] + train, [Rival("PyTorch", [peer] + train, 1 / 0.6)]),
        Case(
            "language model training step, 30,000 words, tied", [ours] + words,
            [Rival("PyTorch", [peer] + words, 1.5, 1.0)]),
        Case(
            "language model training step, characters, bfloat16", [ours] + train + half,
            [
                Rival("PyTorch, float32", [peer] + train, 1 / 0.6),
                Rival("PyTorch, autocast", [peer] + train + half, None),
            ], needs="bfloat16"),
        Case(
            "language model training step, 30,000 words, tied, bfloat16", [ours] + words + half,
            [
                Rival("PyTorch, float32", [peer] + words, 1.5, 1.0),
                Rival("PyTorch, autocast", [peer] + words + half, None),
            ], needs="bfloat16"),
        Case(
            "language model memory, 30,000 words, tied", [ours] + words,
            [Rival("PyTorch", [peer] + words, 1 / 0.6, tuned=False)], "MB"),
        Case(
            "language model writing", [ours] + write,
            [
                Rival("PyTorch's loop", [peer] + write, 3.0),
                Rival("PyTorch's loop, oneDNN off", [peer, "--no-onednn"] + write, 3.0),
                Rival("ONNX Runtime", [onnx] + write, 1.2, tuned=False),
            ]),
        Case(
            "language model writing, int8", [ours, "--type", "int8"] + write,
            [Rival("our float32", ["martlet", ours] + write, 2.0, tuned=False)]),
    ]


def transformers():
    """A training step of a small GPT, its memory, and forward passes of an encoder of MiniLM's size."""
    gpt = GPT
    encoder = ["--model", "bert", "--layers", "6", "--width", "384", "--heads", "12", "--vocabulary", "30522",
               "--mode", "forward"]
    ours, peer = "transformer", "transformer.py"
    cases = [
        Case("GPT training step", [ours] + gpt, [
            Rival("PyTorch", [peer] + gpt, 2.2, 1.1, avx2=1.15),
            Rival("PyTorch, compiled", [peer, "--compile"] + gpt, 2.2, 1.1, avx2=1.15),
        ]),
        Case("GPT training memory", [ours] + gpt, [Rival("PyTorch", [peer] + gpt, 1 / 0.6, tuned=False)], "MB"),
    ]
    served, openvino = ["encoder.py", "--engine", "onnxruntime"], ["encoder.py", "--engine", "openvino"]
    for batch in ("1", "32"):
        shape = encoder + ["--batch", batch, "--context", "128"]
        name = f"encoder, {batch} x 128 tokens"
        cases.append(Case(name, [ours] + shape, [
            Rival("PyTorch", [peer] + shape, 1.15),
            Rival("ONNX Runtime", served + shape, 1.15, tuned=False),
            Rival("OpenVINO", openvino + shape, 1.15, tuned=False)]))
        bfloat16, int8 = shape + ["--type", "bfloat16"], shape + ["--type", "int8"]
        cases.append(Case(name + ", bfloat16", [ours] + bfloat16, [
            Rival("PyTorch, autocast", [peer] + bfloat16, 1.15),
            Rival("OpenVINO", openvino + bfloat16, 1.15, tuned=False)], needs="bfloat16"))
        cases.append(Case(name + ", int8", [ours] + int8, [
            Rival("ONNX Runtime, a scale a tensor", served + int8, 1.15, tuned=False),
            Rival("ONNX Runtime, a scale a column", served + int8 + ["--per-channel"], 1.15, tuned=False)]))
    mixed = encoder + ["--batch", "32", "--lengths", "8:128"]
    cases.append(Case("encoder, 32 sequences of 8-128 tokens", [ours] + mixed, [
        Rival("PyTorch", [peer] + mixed, 2.0), Rival("ONNX Runtime", served + mixed, 2.0, tuned=False),
        Rival("OpenVINO", openvino + mixed, 2.0, tuned=False)]))
    return cases


def attention():
    """Attention alone: a long sequence, and the shape of a GPT's step and of an encoder's."""
    cases = []
    for name, shape in (
            ("4,096 steps, causal", ["--heads", "6", "--time", "4096", "--causal"]),
            ("4,096 steps", ["--heads", "6", "--time", "4096"]),
            ("8 x 256 steps, causal", ["--batch", "8", "--heads", "6", "--time", "256", "--causal"]),
            ("32 x 128 steps, narrow heads", ["--batch", "32", "--heads", "12", "--time", "128", "--head-width", "32"])):
        for mode in ("train", "forward"):
            arguments = shape + ["--mode", mode]
            target = 2.0 if mode == "train" and "4096" in shape else None
            cases.append(Case(
                f"attention {mode}, {name}", ["attention"] + arguments,
                [Rival("PyTorch", ["attention.py"] + arguments, target)]))
    return cases


def sequence_to_sequence():
    """Training steps on a batch of 128 pairs of 20 to 28 tokens, as batches by tokens have them, and beam search of 5."""
    ours, peer = "seq2seq", "sequence_to_sequence.py"
    sizes = ["--vocabulary", "8000", "--hidden", "256", "--lengths", "20:28"]
    luong = ["--model", "lstm", "--attention", "luong"] + sizes
    bahdanau = ["--model", "lstm", "--attention", "bahdanau"] + sizes
    transformer = ["--model", "transformer", "--layers", "3", "--heads", "4"] + sizes
    half = ["--type", "bfloat16"]
    train, write = ["--batch", "128", "--mode", "train"], [
        "--batch", "64", "--beam", "5", "--sentences", "256", "--mode", "translate"]
    cases = []
    for name, network in (("LSTM, Luong", luong), ("LSTM, Bahdanau", bahdanau)):
        cases.append(Case(f"seq2seq training step, {name}", [ours] + network + train, [
            Rival("packed", [peer] + network + train, 2.0, 1.2),
            # Its encoder reads the padding, too, which is less work for PyTorch, and gives other states.
            Rival("padded", [peer, "--padded"] + network + train, 2.0),
        ]))
    cases.append(Case(
        "seq2seq training step, Transformer", [ours] + transformer + train,
        [Rival("PyTorch", [peer] + transformer + train, 2.0, 1.2)]))
    for name, network in (("LSTM, Luong", luong), ("Transformer", transformer)):
        cases.append(Case(
            f"seq2seq training step, {name}, bfloat16", [ours] + network + train + half,
            [
                Rival("PyTorch, float32", [peer] + network + train, 2.0, 1.2),
                Rival("PyTorch, autocast", [peer] + network + train + half, None),
            ], needs="bfloat16"))
    for name, network in (("LSTM, Luong", luong), ("LSTM, Bahdanau", bahdanau), ("Transformer", transformer)):
        rivals = [Rival("PyTorch's loop", [peer] + network + write, 5.0)]
        if network is transformer:
            rivals.append(Rival("CTranslate2", ["ctranslate2_translate.py"] + network + write, 1.1, tuned=False))
        cases.append(Case(f"seq2seq beam 5, {name}", [ours] + network + write, rivals))
    small = ["--type", "int8"]
    cases.append(Case(
        "seq2seq beam 5, Transformer, int8", [ours] + transformer + write + small,
        [Rival("CTranslate2's int8", ["ctranslate2_translate.py"] + transformer + write + small, 1.1, tuned=False)]))
    return cases


def forecasters():
    """A training step of the forecaster of half-hourly electricity."""
    step = ["--hidden", "64", "--head-size", "64", "--batch", "16", "--context", "96", "--horizon", "48"]
    return [Case("forecaster training step", ["forecaster"] + step, [Rival("PyTorch", ["forecaster.py"] + step, 2.0)])]


def tokenizers():
    """Real tokenizers on English and Chinese; `make tokenizers` fetches them and the texts into the cache."""
    cases = []
    texts = {"English": "{cache}/en-bible/bible.txt", "Chinese": "{cache}/zh-news/news.txt"}
    work = [("smollm2", language, mode, target) for language in texts
            for mode, target in (("lines", 4.0), ("whole", 4.0), ("batch", 4.0), ("decode", 2.0))]
    work += [("minilm", "English", "lines", 4.0), ("minilm", "English", "decode", 2.0),
             ("smollm2", "English", "load", 2.0), ("qwen2", "English", "load", 2.0),
             ("gemma", "English", "load", 2.0)]
    for name, language, mode, target in work:
        arguments = [
            "--tokenizer", f"{{cache}}/tokenizer-files/{name}/tokenizer.json", "--data", texts[language], "--mode", mode]
        cases.append(Case(
            f"tokenizer {name}, {language}, {mode}", ["tokenizer"] + arguments,
            [Rival("Hugging Face", ["tokenizer.py"] + arguments, target, tuned=False)]))
    for kind, size in (("bpe", "16000"), ("unigram", "8000")):
        arguments = ["--type", kind, "--size", size, "--data", *texts.values()]
        rivals = [Rival("Hugging Face", ["tokenizer_training.py"] + arguments, 1.0, tuned=False)]
        for unit, what in (("ms", ""), ("MB", ", memory")):
            cases.append(Case(
                f"tokenizer training, {kind}, {size} pieces{what}", ["tokenizer-training"] + arguments, rivals, unit))
    return cases


def speech(chunks, graphs):
    """The speech detector on chunks of 32 ms that follow each other."""
    count = ["--chunks", str(chunks)]
    rivals = [
        Rival(f"ONNX Runtime, {graph}", ["onnx_vad.py", "--graph", graph] + count, 1.5, tuned=False)
        for graph in graphs]
    return Case(f"speech detection, {chunks} x 32 ms", ["vad"] + count, rivals)


CASES = [
    recurrent("lstm", 1.4, 1.0),
    Case(
        "LSTM training step, lengths 8-128",
        ["recurrent", "--cell", "lstm"] + SHAPE + LENGTHS,
        [
            Rival("packed", ["recurrent.py", "--cell", "lstm"] + SHAPE + LENGTHS, 4.5, 3.0),
            Rival("padded", ["recurrent.py", "--cell", "lstm"] + SHAPE + LENGTHS + ["--padded"], 2.2, 1.5),
        ]),
    recurrent("gru", 2.2, 1.6),
    recurrent("rnn_tanh", 2.0, 1.5),
    Case(
        "GRU training step, lengths 8-128",
        ["recurrent", "--cell", "gru"] + SHAPE + LENGTHS,
        [Rival("packed", ["recurrent.py", "--cell", "gru"] + SHAPE + LENGTHS, 3.5, 2.6)]),
    Case(
        "BiLSTM classifier training step, lengths 10-200",
        ["classifier"] + TEXTS,
        [
            Rival("packed", ["classifier.py"] + TEXTS, 4.0),
            Rival("padded", ["classifier.py"] + TEXTS + ["--padded"], 1.4, 1.0, avx2=1.15),
        ]),
    speech(1, ("op15", "sequence")),
    speech(64, ("sequence",)),
] + streaming() + deeper() + language_models() + transformers() + attention() + in_bfloat16() + sequence_to_sequence() + forecasters() + tokenizers() + memory() + [product(shape) for shape in PRODUCTS]
