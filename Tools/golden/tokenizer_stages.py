#!/usr/bin/env python3
"""What single stages of Hugging Face tokenizers make of hard texts: those that the families of tokenizer_files.py lack.

usage: tokenizer_stages.py     (needs the packages of Tools/tokenizer_requirements.txt)

Writes Tests/Golden/tokenizers/stages.json: for each pre-tokenizer, as `tokenizer.json` has it, the offsets of the words of each
text (in Unicode scalars, from and to, one after the other; the model is one that knows no word); for each normalizer the texts;
for each decoder the text of lists of pieces. The texts are every third of the hard ones.
"""

import base64
import json
import pathlib
import platform
import tempfile

import sentencepiece
import tokenizers
from sentencepiece import sentencepiece_model_pb2 as protocol
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from tokenizer_texts import HARD

TARGET = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "tokenizers" / "stages.json"
TEXTS = HARD[::3] + ["the-final--countdown-", "--a", "a1b22c333", "ab,cd", "don't (stop) now!"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
PIECES = [
    ["he", "##llo", "wor", "##ld", ".", "do", "not", "n't", "'s", "'", "x"],
    ["<pad>", "h", "h", "<pad>", "h", "e", "|", "l", "l", "<pad>", "l", "o", "|", ".", "|"],
    ["\u2581he", "llo", "\u2581\u2581x", "<0xE4>", "<0xBD>", "<0xA0>", "<0xFF>", "y", "<0x41>"],
    ["he</w>", "l", "lo</w>", "x</w>"],
    ["\u0120a", "\u00c3\u00a9", "\u00e4", "\u00bd", "plain text", "\u4f60"],
    [" a ", "  b  ", "   "],
    ["one"],
]


def state(stage):
    """A stage as tokenizer.json has it."""
    return json.loads(stage.__getstate__())


def all_pre_tokenizers():
    """Pre-tokenizers that no family has."""
    for behavior in BEHAVIORS:
        yield pre_tokenizers.Split("-", behavior)
        yield pre_tokenizers.Split(Regex(r"\d|[aeiou]"), behavior, invert=True)
        yield pre_tokenizers.Punctuation(behavior)
    yield pre_tokenizers.CharDelimiterSplit("a")
    yield pre_tokenizers.UnicodeScripts()
    yield pre_tokenizers.FixedLength(3)
    yield pre_tokenizers.Digits(individual_digits=False)
    yield pre_tokenizers.Metaspace(replacement="_", prepend_scheme="never")
    yield pre_tokenizers.Sequence([pre_tokenizers.UnicodeScripts(), pre_tokenizers.Metaspace(prepend_scheme="first")])
    yield pre_tokenizers.Split(Regex(r"(?i)THE|\p{Han}{2}|(?<=o)\w|\bx\b|^.|[[:punct:]&&[^!]]+$"), "isolated")
    yield pre_tokenizers.Split(Regex(r"\p{Hiragana}+|\p{Katakana}+|\p{Thai}++|\p{Devanagari}*?\s"), "isolated")
    yield pre_tokenizers.Split(Regex(r"\w+|\S|\W"), "isolated")


def character_map():
    """SentencePiece's character map of a few rules: shortened, lengthened, removed, combined."""
    rules = "FF21\t41\nFB01\t66 69\n3000\t20\nAD\t\n65 301\tE9\nA0\t20\n1F600\t3A 29\nE9\t65 301\n"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "rules.tsv").write_text(rules, encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["hello world this is text"] * 50), model_prefix=str(path / "m"), vocab_size=20,
            normalization_rule_tsv=str(path / "rules.tsv"), hard_vocab_limit=False, minloglevel=2,
        )
        model = protocol.ModelProto.FromString((path / "m.model").read_bytes())
    return model.normalizer_spec.precompiled_charsmap


def main():
    """Writes the file."""
    words, normal, decoded = [], [], []
    for stage in all_pre_tokenizers():
        tokenizer = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
        tokenizer.pre_tokenizer = stage
        results = [[place for pair in tokenizer.encode(text).offsets for place in pair] for text in TEXTS]
        words.append({"stage": state(stage), "offsets": results})
    charsmap = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(character_map()).decode()}
    stages = [
        charsmap, state(normalizers.Nmt()), state(normalizers.NFKC()), state(normalizers.NFD()), state(normalizers.NFKD()),
        state(normalizers.Strip(left=True, right=False)), state(normalizers.StripAccents()),
        state(normalizers.BertNormalizer(strip_accents=True, lowercase=False)),
        state(normalizers.Replace(Regex(r"\s+|(?<=l)o"), "_")),
    ]
    for stage in stages:
        tokenizer = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
        whole = json.loads(tokenizer.to_str())
        whole["normalizer"] = stage
        # Characters one by one show where each came from.
        whole["pre_tokenizer"] = {"type": "FixedLength", "length": 1}
        tokenizer = Tokenizer.from_str(json.dumps(whole))
        texts = [tokenizer.normalizer.normalize_str(text) for text in TEXTS]
        results = [[place for pair in tokenizer.encode(text).offsets for place in pair] for text in TEXTS]
        normal.append({"stage": stage, "texts": texts, "offsets": results})
    for stage in [
        decoders.WordPiece(), decoders.WordPiece(prefix="##", cleanup=False), decoders.CTC(),
        decoders.CTC(pad_token="h", word_delimiter_token="l", cleanup=False), decoders.ByteFallback(),
        decoders.Metaspace(), decoders.Metaspace(prepend_scheme="never"), decoders.BPEDecoder(), decoders.ByteLevel(),
        decoders.Fuse(), decoders.Strip(" ", 1, 1), decoders.Replace(Regex("l+"), "L"),
        decoders.Sequence([decoders.ByteFallback(), decoders.Fuse(), decoders.Strip("\u2581", 1, 0)]),
    ]:
        decoded.append({"stage": state(stage), "texts": [stage.decode(pieces) for pieces in PIECES]})
    parts = {
        "script": "Tools/golden/tokenizer_stages.py", "tokenizers": tokenizers.__version__,
        "sentencepiece": sentencepiece.__version__, "python": platform.python_version(), "inputs": TEXTS, "pieces": PIECES,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in parts.items()]
    for key, entries in (("pre_tokenizers", words), ("normalizers", normal), ("decoders", decoded)):
        rows = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
