"""Encoding and decoding a text by Hugging Face tokenizers: the peer of `martlet bench tokenizer`."""

import argparse
import os


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--mode", choices=("lines", "whole", "batch", "decode", "load"), default="lines")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true" if options.mode == "batch" else "false"

    from timing import measure, report
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(options.tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    with open(options.data, encoding="utf-8", newline="") as file:
        text = file.read()
    lines = [line for line in text.split("\n") if line]
    ids = tokenizer.encode(text).ids
    calls = {
        "lines": lambda: [tokenizer.encode(line) for line in lines],
        "whole": lambda: tokenizer.encode(text),
        # Without offsets, as ours: the fastest that the library has.
        "batch": lambda: tokenizer.encode_batch_fast(lines),
        "decode": lambda: tokenizer.decode(ids),
        "load": lambda: Tokenizer.from_file(options.tokenizer),
    }
    result = measure(calls[options.mode], options.seconds, warm_up=1, at_least=3)
    report(result, megabytesPerSecond=len(text.encode()) / 1e3 / result["median"], tokens=len(ids))


main()
