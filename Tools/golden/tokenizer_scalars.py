#!/usr/bin/env python3
"""What single stages of Hugging Face tokenizers make of every Unicode scalar between an a and a b, as hashes.

usage: tokenizer_scalars.py     (needs the packages of Tools/tokenizer_requirements.txt)

Writes Tests/Golden/tokenizers/scalars.json: for each stage a whole tokenizer.json, and for each block of 4,096 scalars the hash
of the ids of all texts "a…b" in it (64-bit FNV-1a over their count and each id, a byte each; ids are below 257). Blocks that hold
nothing but Han characters, Hangul syllables, private use or nothing are left out.
"""

import json
import pathlib
import platform

import tokenizers

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "tokenizers" / "scalars.json"
BLOCKS = [*range(0, 4), 9, 10, 13, 14, 15, *range(0x10, 0x20), 0x2A, 0x2B, 0x2F, 0x30, 0x32, 0x33, 0xE0]
WORDS = {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "[UNK]": 2}, "unk_token": "[UNK]"}
BYTES = {
    "type": "BPE", "vocab": {**{f"<0x{byte:02X}>": byte for byte in range(256)}, "<unk>": 256}, "merges": [],
    "byte_fallback": True, "unk_token": "<unk>", "fuse_unk": False, "dropout": None,
    "continuing_subword_prefix": None, "end_of_word_suffix": None, "ignore_merges": False}
CLEAN = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True}
CLASSES = [r"\p{L}", r"\p{N}", r"\p{M}", r"\p{P}", r"\p{S}", r"\p{Z}", r"\p{C}", r"\p{Lu}", r"\s", r"\w", r"\d", "[[:punct:]]"]


def tokenizer(normalizer=None, pre_tokenizer=None, model=None):
    """A tokenizer.json of one stage."""
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": model or WORDS}


def stages():
    """Those that ask for the class of a scalar, or map it."""
    yield "BertPreTokenizer", tokenizer(pre_tokenizer={"type": "BertPreTokenizer"})
    yield "Punctuation", tokenizer(pre_tokenizer={"type": "Punctuation", "behavior": "Isolated"})
    yield "Digits", tokenizer(pre_tokenizer={"type": "Digits", "individual_digits": True})
    yield "Whitespace", tokenizer(pre_tokenizer={"type": "Whitespace"})
    yield "WhitespaceSplit", tokenizer(pre_tokenizer={"type": "WhitespaceSplit"})
    for kind in ("StripAccents", "Lowercase", "NFKC", "NFD"):
        yield kind, tokenizer({"type": kind}, model=BYTES)
    yield "BERT, lower case", tokenizer({**CLEAN, "strip_accents": None, "lowercase": True}, model=BYTES)
    yield "BERT, either case", tokenizer({**CLEAN, "strip_accents": False, "lowercase": False}, model=BYTES)
    for pattern in CLASSES:
        yield pattern, tokenizer(pre_tokenizer={
            "type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False})


def fnv(hashed, number):
    """One step of 64-bit FNV-1a, of a number instead of a byte."""
    return (hashed ^ number) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF


def main():
    """Writes the file."""
    rows = []
    for name, content in stages():
        reference = tokenizers.Tokenizer.from_str(json.dumps(content))
        hashes = []
        for block in BLOCKS:
            texts = [f"a{chr(v)}b" for v in range(block << 12, (block + 1) << 12) if not 0xD800 <= v < 0xE000]
            hashed = 0xCBF29CE484222325
            for encoding in reference.encode_batch_fast(texts, add_special_tokens=False):
                hashed = fnv(hashed, len(encoding.ids))
                for number in encoding.ids:
                    hashed = fnv(hashed, number)
            hashes.append(f"{hashed:016x}")
        rows.append({"stage": name, "tokenizer": content, "hashes": hashes})
    head = {
        "script": "Tools/golden/tokenizer_scalars.py", "tokenizers": tokenizers.__version__,
        "python": platform.python_version(), "blocks": BLOCKS}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines.append('"stages": [\n' + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
