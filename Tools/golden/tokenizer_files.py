#!/usr/bin/env python3
"""Tokenizers of every family, trained small, and what Hugging Face tokenizers make of hard texts with them.

usage: tokenizer_files.py     (needs the packages of Tools/tokenizer_requirements.txt)

Writes into Tests/Golden/tokenizers: texts.json, the texts; NAME.tokenizer.json, a tokenizer; NAME.cases.json: for each text
its ids, offsets (in Unicode scalars, from and to, one after the other) and what decoding gives; pairs, truncation and
padding with all that an encoding has.
"""

import json
import pathlib
import platform
import sys

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tokenizer_texts import HARD, corpus

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden" / "tokenizers"
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = (
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
GPT4O = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTIONS + "?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTIONS + "?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SIZE = 500
FIXED = {"length": 20, "pad_id": 3, "pad_type_id": 1, "pad_token": "<pad>"}
LEFT = {"pad_to_multiple_of": 8, "direction": "left"}
LIMITS = [
    ({"max_length": 12}, None, [HARD[-1]]),
    ({"max_length": 12}, FIXED, [HARD[-1], HARD[5]]),
    ({"max_length": 12}, None, [HARD[3], HARD[-1]]),
    ({"max_length": 9, "stride": 3}, LEFT, [HARD[-1]]),
    ({"max_length": 13, "stride": 2, "direction": "left"}, FIXED, [HARD[-1]]),
    ({"max_length": 13, "stride": 1, "direction": "left"}, None, [HARD[-1], HARD[3]]),
    ({"max_length": 30, "strategy": "only_first"}, None, [HARD[-1], HARD[3]]),
    ({"max_length": 36, "strategy": "only_second", "stride": 1}, LEFT, [HARD[3], HARD[-1]]),
    ({"max_length": 100}, FIXED, [HARD[3]]),
]
SPECIAL = ["<s>", "</s>", "<unk>", "<pad>", "<mask>", "<|endoftext|>"]
ADDED = [
    AddedToken("<mask>", lstrip=True, rstrip=True, special=True, normalized=False),
    AddedToken("extra", single_word=True, normalized=True),
    AddedToken("Word", normalized=True),
]


def byte_level(name, pre, normalizer=None, post=None, **options):
    """A byte-level BPE with added tokens."""
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_tokens(ADDED)
    if post:
        tokenizer.post_processor = post
    return name, tokenizer


def split(pattern, behavior="isolated", invert=False):
    """A split by an expression, then bytes."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior, invert),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def template(single, pair):
    """A template with <s> and </s>."""
    return processors.TemplateProcessing(single=single, pair=pair, special_tokens=[("<s>", 0), ("</s>", 1)])


def sentence_piece_bpe(name, normalizer, pre, decoder, special=SPECIAL, **options):
    """A BPE of characters with byte fallback."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True, **options))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    lines = [line for line in corpus() if line.isascii()]
    training = Tokenizer(models.BPE(unk_token="<unk>"))
    training.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=SIZE, special_tokens=special, show_progress=False)
    training.train_from_iterator(lines, trainer)
    state, trained = json.loads(tokenizer.to_str()), json.loads(training.to_str())
    vocab = trained["model"]["vocab"]
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    state["model"].update(vocab=vocab, merges=trained["model"]["merges"])
    state["added_tokens"] = trained["added_tokens"]
    return name, Tokenizer.from_str(json.dumps(state))


def unigram(name, normalizer, pre, decoder, byte_fallback=False):
    """A unigram model."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoder
    trainer = trainers.UnigramTrainer(
        vocab_size=SIZE, special_tokens=["<pad>", "<unk>", "<s>", "</s>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    state = json.loads(tokenizer.to_str())
    if byte_fallback:
        keep = [entry for entry in state["model"]["vocab"] if len(entry[0]) < 4 or entry[0].isascii()]
        keep = [entry for entry in keep if len(entry[0]) > 1 or entry[0].isascii() or entry[0] == "\u2581"]
        state["model"]["vocab"] = keep + [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
        state["model"]["byte_fallback"] = True
    state["post_processor"] = json.loads(template("$A </s>", "$A </s> $B </s>").__getstate__())
    state["post_processor"]["special_tokens"] = {"</s>": {"id": "</s>", "ids": [3], "tokens": ["</s>"]}}
    return name, Tokenizer.from_str(json.dumps(state))


def word_piece(name, lowercase, **normalizer):
    """BERT's tokenizer."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase, **normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    if lowercase:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    else:
        tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return name, tokenizer


def clip_like():
    """A BPE with word ends, in lower case."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    pattern = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "removed", True)])
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=SPECIAL, end_of_word_suffix="</w>", show_progress=False, limit_alphabet=150
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return "bpe-word-ends", tokenizer


def continuing():
    """A BPE with a prefix inside words."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=SPECIAL, continuing_subword_prefix="##", show_progress=False, limit_alphabet=100
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return "bpe-prefix", tokenizer


def word_level():
    """Whole words."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(False), pre_tokenizers.Punctuation("contiguous")]
    )
    trainer = trainers.WordLevelTrainer(vocab_size=SIZE, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return "word-level", tokenizer


def families():
    """All tokenizers."""
    yield byte_level(
        "gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), post=processors.ByteLevel(trim_offsets=True)
    )
    yield byte_level(
        "roberta",
        pre_tokenizers.ByteLevel(add_prefix_space=True),
        post=processors.RobertaProcessing(("</s>", 1), ("<s>", 0), trim_offsets=True, add_prefix_space=True),
    )
    yield byte_level(
        "llama3",
        split(LLAMA3),
        post=processors.Sequence([processors.ByteLevel(trim_offsets=False), template("<s> $A", "<s> $A <s> $B:1")]),
        ignore_merges=True,
    )
    yield byte_level("qwen2", split(QWEN2), normalizer=normalizers.NFC(), post=processors.ByteLevel(trim_offsets=False))
    yield byte_level("gpt4o", split(GPT4O))
    yield byte_level(
        "smollm",
        pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
    )
    yield byte_level(
        "bloom", split(r" ?[^(\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"), normalizer=normalizers.NFKD()
    )
    yield sentence_piece_bpe(
        "llama2",
        normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]),
        None,
        decoders.Sequence(
            [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        ),
    )
    yield sentence_piece_bpe(
        "gemma",
        normalizers.Replace(" ", "\u2581"),
        pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]),
    )
    yield sentence_piece_bpe(
        "metaspace-first", None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False), decoders.Metaspace()
    )
    yield unigram(
        "unigram",
        normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]),
        pre_tokenizers.Metaspace(),
        decoders.Metaspace(),
    )
    yield unigram(
        "unigram-bytes",
        normalizers.Lowercase(),
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
        decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(), decoders.Fuse()]),
        byte_fallback=True,
    )
    yield word_piece("bert-uncased", True)
    yield word_piece("bert-cased", False, strip_accents=False)
    yield clip_like()
    yield continuing()
    yield word_level()


def case(tokenizer, *texts):
    """All that an encoding of a text, or two, has."""
    encoding = tokenizer.encode(*texts)
    result = {
        "texts": texts,
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "offsets": [place for pair in encoding.offsets for place in pair],
        "words": encoding.word_ids,
        "types": encoding.type_ids,
        "sequences": encoding.sequence_ids,
        "special": encoding.special_tokens_mask,
        "attention": encoding.attention_mask,
    }
    if encoding.overflowing:
        result["overflowing"] = [part.ids for part in encoding.overflowing]
    return result


def alone(tokenizer, text):
    """Numbers, offsets and decoded text of one text."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    return {
        "ids": encoding.ids,
        "offsets": [place for pair in encoding.offsets for place in pair],
        "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=False),
        "skipped": tokenizer.decode(encoding.ids, skip_special_tokens=True),
    }


def limited(tokenizer):
    """Texts cut and filled."""
    result = []
    for setting, padding, texts in LIMITS:
        tokenizer.no_padding()
        tokenizer.enable_truncation(**setting)
        if padding:
            tokenizer.enable_padding(**padding)
        state = json.loads(tokenizer.to_str())
        try:
            entry = case(tokenizer, *texts)
        except BaseException as error:  # pylint: disable=broad-except
            # Too little is left of the text that must lose tokens, or the stride is too long: both refuse.
            if isinstance(error, KeyboardInterrupt):
                raise
            entry = {"texts": texts, "refused": True}
        result.append({"truncation": state["truncation"], "padding": state["padding"], **entry})
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return result


def cases(tokenizer):
    """All texts alone, some in pairs, and some cut and filled."""
    pairs = [case(tokenizer, HARD[3], HARD[5]), case(tokenizer, HARD[18], ""), case(tokenizer, "", HARD[4])]
    pairs += [case(tokenizer, text) for text in (HARD[4], HARD[6], HARD[22], HARD[41], HARD[43], HARD[44], HARD[45])]
    return {
        "alone": [alone(tokenizer, text) for text in HARD],
        "whole": pairs,
        "limited": limited(tokenizer),
    }


def write(name, tokenizer):
    """Both files of one tokenizer."""
    head = {
        "script": "Tools/golden/tokenizer_files.py",
        "tokenizers": tokenizers.__version__,
        "python": platform.python_version(),
    }
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    for key, entries in cases(tokenizer).items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.cases.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    texts = ",\n".join(json.dumps(text) for text in HARD)
    (FOLDER / "texts.json").write_text(f'{{"texts": [\n{texts}\n]}}\n', encoding="utf-8")
    (FOLDER / f"{name}.tokenizer.json").write_text(tokenizer.to_str() + "\n", encoding="utf-8")
    print(name, tokenizer.get_vocab_size())


if __name__ == "__main__":
    for entry in families():
        if len(sys.argv) < 2 or entry[0] in sys.argv[1:]:
            write(*entry)
