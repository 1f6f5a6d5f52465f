"""Translates sentences with one Transformer in Martlet, in PyTorch and in CTranslate2, and compares answers, chrF and time.

A run folder of `martlet train seq2seq --model transformer` is read, and the first sources of a file of pairs that it has not learned
from; --int8 is the folder that `martlet quantize` made of it, which is set against CTranslate2's own 8 bits; --bfloat16 has Martlet
and PyTorch round what is multiplied, too. Everybody searches with the same beam, divides by the length, writes no unknown tokens, and
stops when as many answers have ended as the beam is wide.
PyTorch's loop keeps keys and values, has the sources sorted by length in batches, and leaves out those that are done, an eighth of a
batch at a time; CTranslate2 sorts for itself. Martlet's time is that of the whole command, from the start of the program to its last
line; the others' is that of translating alone, without starting, loading and cutting into tokens. All in turns; medians.

usage: check_translation.py RUN PAIRS.tsv [--int8 RUN] [--bfloat16] [--sentences 1000] [--beam 5] [--batch 64] [--rounds 3] [--threads 2]
       [--martlet PATH]

Exit codes: 0; 1 if fewer than 98 of 100 answers in float32 are the same, or chrF in 8 bits is more than 0.3 lower than in float32.
"""

import argparse
import collections
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import types

os.environ.setdefault("CT2_VERBOSE", "-1")
import ctranslate2
import safetensors.torch
import torch

sys.path.append(str(pathlib.Path(__file__).parents[1] / "Benchmarks" / "peers"))
from check_sequence_to_sequence import Side, chrf, padded
from ctranslate2_translate import specification
from sequence_to_sequence import Transformer

# Names of a layer's parts: in a run's file, in PyTorch's model.
PARTS = {
    "self_attn.in_proj_": "own.inputs.", "self_attn.out_proj.": "own.output.", "multihead_attn.in_proj_": "cross.inputs.",
    "multihead_attn.out_proj.": "cross.output.", "linear1.": "up.", "linear2.": "down.", "norm1.": "norms.0.", "norm2.": "norms.1.",
    "norm3.": "norms.2."}


def in_pytorch(options, weights):
    """The model with the weights of a run."""
    model = Transformer(options, read=len(weights["source.weight"]))
    renamed = {}
    for name, tensor in weights.items():
        name = name.replace("encoder.norm.", "read.").replace("decoder.norm.", "written.").replace(".layers.", ".")
        for old, new in PARTS.items():
            name = name.replace(old, new)
        renamed[name] = tensor
    renamed["places"], renamed["output.weight"] = model.places, renamed["target.weight"]
    model.load_state_dict(renamed)
    return model.eval()


def in_ctranslate2(options, weights, folder, kind, unknown):
    """The same for CTranslate2."""
    spec = specification(options, {name: tensor.numpy() for name, tensor in weights.items()})
    for register, table in ((spec.register_source_vocabulary, "source"), (spec.register_target_vocabulary, "target")):
        register([str(token) for token in range(len(weights[table + ".weight"]))])
    boundary = str(len(weights["target.weight"]) - 1)
    spec.config.bos_token = spec.config.eos_token = spec.config.decoder_start_token = boundary
    spec.config.unk_token = str(unknown)
    spec.validate()
    spec.optimize(quantization="int8" if kind == "int8" else None)
    spec.save(folder)
    return ctranslate2.Translator(folder, device="cpu", compute_type=kind, inter_threads=1, intra_threads=options.threads)


def beam_search(model, sources, width, boundary, unknown, longest):
    """The best answer to each source of a batch, as `BeamSearch` has it with what is likeliest for its length."""
    known = model.start(padded(sources), torch.tensor([len(source) for source in sources]))
    present, tokens, sums = list(range(len(sources))), torch.full((len(sources),), boundary), torch.zeros(len(sources), 1)
    written = torch.empty(len(sources), 1, 0, dtype=torch.long)
    best, ended = [(-math.inf, [])] * len(sources), [0] * len(sources)
    for step in range(longest + 1):
        scores, known = model.step(tokens, known, step)
        scores = torch.log_softmax(scores.float(), 1)
        scores[:, unknown] = -math.inf
        vocabulary = scores.shape[1]
        totals, places = (sums.reshape(-1, 1) + scores).view(len(present), -1).topk(2 * width, 1)
        parents, following = places // vocabulary, places % vocabulary
        ends = following == boundary
        done = [ended[source] >= width for source in present]
        for row, place in ends[:, :width].nonzero().tolist():
            score = totals[row, place].item() / (step + 1)
            if done[row]:
                continue
            ended[present[row]] += 1
            if score > best[present[row]][0]:
                best[present[row]] = score, written[row, parents[row, place]].tolist()
        if step == longest:
            for row, source in enumerate(present):
                if not ended[source]:
                    best[source] = 0, written[row, 0].tolist()
            break
        stay = [row for row, source in enumerate(present) if ended[source] < width]
        leaving = 8 * (len(present) - len(stay)) >= len(present)
        if not stay:
            break
        kept = torch.tensor(stay if leaving else range(len(present)))
        sums, chosen = totals[kept].masked_fill(ends[kept], -math.inf).topk(width, 1)
        parents, following = parents[kept].gather(1, chosen), following[kept].gather(1, chosen)
        written = torch.cat([written[kept].gather(1, parents[:, :, None].expand(-1, -1, step)), following[:, :, None]], 2)
        rows = kept[:, None] * (1 if step == 0 else width) + parents
        known, tokens = model.select(known, rows.flatten(), step == 0 or leaving), following.flatten()
        present = [present[row] for row in kept.tolist()]
    return [answer for _, answer in best]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("pairs", type=pathlib.Path)
    parser.add_argument("--int8", type=pathlib.Path)
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--martlet", default=".build/release/martlet")
    for name, default in (("sentences", 1000), ("beam", 5), ("batch", 64), ("rounds", 3), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=default)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)

    config, record = (json.loads((given.run / name).read_text()) for name in ("config.json", "training.json"))
    if config.get("share_embeddings") or not config["tie_word_embeddings"] or not config["norm_first"]:
        sys.exit(f"{given.run}: expected a Transformer with norms first, tied scores, and vectors for each side")
    sides = [Side(given.run / f"{side}_tokenizer.json") for side in ("source", "target")]
    pairs = [line.split("\t") for line in given.pairs.read_text(encoding="utf-8").splitlines()][:given.sentences]
    sources, longest = [sides[0].encode(source) for source, _ in pairs], 2 * record["longest_answer"]
    boundary, references = sides[1].count - 1, [target for _, target in pairs]
    options = types.SimpleNamespace(
        vocabulary=config["vocab_size"], hidden=config["d_model"], heads=config["nhead"], layers=config["num_encoder_layers"],
        threads=given.threads)
    weights = safetensors.torch.load_file(given.run / "model.safetensors")

    folders = [tempfile.TemporaryDirectory() for _ in range(3)]
    lines = pathlib.Path(folders[2].name, "sources.txt")
    lines.write_text("".join(source + "\n" for source, _ in pairs), encoding="utf-8")

    def martlet(run, kind="float32"):
        command = [given.martlet, "translate", "--model", str(run), "--type", kind, "--beam", str(given.beam), "--input", str(lines)]
        environment = dict(os.environ, MARTLET_THREADS=str(given.threads))
        result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        return result.stdout.splitlines()

    def pytorch(model):
        answers, order = [None] * len(sources), sorted(range(len(sources)), key=lambda row: -len(sources[row]))
        with torch.inference_mode():
            for start in range(0, len(order), given.batch):
                rows = order[start:start + given.batch]
                found = beam_search(model, [sources[row] for row in rows], given.beam, boundary, sides[1].unknown, longest)
                for row, answer in zip(rows, found):
                    answers[row] = sides[1].decode(answer)
        return answers

    def ctranslate2_(translator):
        results = translator.translate_batch(
            [[str(token) for token in source] for source in sources], max_batch_size=given.batch, beam_size=given.beam,
            max_decoding_length=longest, disable_unk=True)
        return [sides[1].decode([int(token) for token in result.hypotheses[0]]) for result in results]

    everybody = {
        "Martlet": (martlet, given.run),
        "PyTorch": (pytorch, in_pytorch(options, weights)),
        "CTranslate2": (ctranslate2_, in_ctranslate2(options, weights, folders[0].name, "float32", sides[1].unknown))}
    if given.bfloat16:
        everybody["Martlet, bfloat16"] = (lambda run: martlet(run, "bfloat16"), given.run)
        everybody["PyTorch, bfloat16"] = (pytorch, in_pytorch(options, weights).bfloat16())
    if given.int8:
        everybody["Martlet, int8"] = (martlet, given.int8)
        everybody["CTranslate2, int8"] = (ctranslate2_, in_ctranslate2(options, weights, folders[1].name, "int8", sides[1].unknown))
    times, answers = collections.defaultdict(list), {}
    for _ in range(given.rounds):
        for name, (translate, model) in everybody.items():
            start = time.perf_counter()
            answers[name] = translate(model)
            times[name].append(time.perf_counter() - start)

    medians = {name: statistics.median(found) for name, found in times.items()}
    scores = {name: chrf(given.martlet, found, references) for name, found in answers.items()}
    print(f"{len(sources)} sentences, beam {given.beam}, {given.threads} threads, medians of {given.rounds} rounds in turns")
    for name, seconds in medians.items():
        rival = ", ".join(["Martlet", *name.split(", ")[1:]])
        same = statistics.mean(a == b for a, b in zip(answers[name], answers["Martlet"]))
        print(f"{name:18} {seconds:7.2f} s, {seconds / medians[rival]:5.2f} of {rival}'s; chrF {scores[name]:.2f}, {100 * same:.1f} % of "
              "Martlet's answers")
        if "," not in name and same < 0.98:
            sys.exit(f"{name} gives other answers")
    if given.int8 and scores["Martlet, int8"] < scores["Martlet"] - 0.3:
        sys.exit("8 bits cost more than 0.3 of chrF")


if __name__ == "__main__":
    main()
