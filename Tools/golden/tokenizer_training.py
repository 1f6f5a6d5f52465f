"""Golden values: what Hugging Face's trainers learn from made words.

Every case trains on the same words (a count says how often each is repeated), which have pairs of equal frequency,
pieces that several merges make, runs of one letter, and characters outside ASCII. WordPieceTrainer numbers the pieces
`##a`, `##b`, ... in an order that changes from run to run; the case names all of them as special tokens, so that their
order is fixed: special tokens, alphabet, `##` pieces by their characters.

UnigramTrainer, too, depends on the order of a hash table in its last digits: of it only figures are kept, with four
digits, how many pieces a word has and how likely it is.
"""

import json
import math
import pathlib
import platform
import random

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SEED = 6
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Golden"


def made_words():
    """Words of syllables, which make ties, with counts of 1 to 40."""
    source = random.Random(SEED)
    syllables = ["a", "ab", "ba", "abc", "bc", "c", "aa", "aaa", "x", "xyz", "é", "ü", "词", "中文", "文", "ing", "in"]
    counts = {}
    for _ in range(400):
        word = "".join(source.choice(syllables) for _ in range(source.randint(1, 5)))
        counts[word] = counts.get(word, 0) + source.randint(1, 40)
    return sorted(counts.items())


def train(words, model, trainer, *pre):
    """The pieces by their numbers, and the merges, after training."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), *pre])
    tokenizer.train_from_iterator([" ".join([word] * count) for word, count in words], trainer)
    saved = json.loads(tokenizer.to_str())["model"]
    pieces = [piece for piece, _ in sorted(saved["vocab"].items(), key=lambda entry: entry[1])]
    return {"pieces": pieces, "merges": saved.get("merges", [])}


def unigram(words, size):
    """The pieces with their scores, how many of them the words have, and the words' mean log-probability."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator([" ".join([word] * count) for word, count in words], trainer)
    scores = dict(json.loads(tokenizer.to_str())["model"]["vocab"][1:])
    total = sum(count for _, count in words)
    pieces = sum(count * len(tokenizer.encode(word).ids) for word, count in words)
    log_sum = 0.0
    for word, count in words:
        forward = [1.0] + [0.0] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(end):
                if word[start:end] in scores:
                    forward[end] += forward[start] * math.exp(scores[word[start:end]])
        log_sum += count * math.log(forward[-1])
    return {"size": size, "pieces_per_word": round(pieces / total, 4), "log_probability": round(log_sum / total, 4)}


def main():
    words = made_words()
    alphabet = sorted({character for word, _ in words for character in word})
    inside = sorted({character for word, _ in words for character in word[1:]})
    byte_pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    quiet = {"show_progress": False}
    cases = []

    def case(name, options, model, trainer, *pre):
        cases.append({"name": name, "options": options, **train(words, model, trainer, *pre)})

    for size in (300, 420, 5000):
        case("bytes", {"size": size}, models.BPE(),
             trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **quiet),
             byte_level)
    case("bytes", {"size": 5000, "minimum_frequency": 30, "special": ["<s>", "ab", "a"]}, models.BPE(),
         trainers.BpeTrainer(vocab_size=5000, min_frequency=30, special_tokens=["<s>", "ab", "a"],
                             initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **quiet), byte_level)
    for longest in (None, 4, 7):
        options = {} if longest is None else {"max_token_length": longest}
        case("characters", {"size": 400, **options}, models.BPE(),
             trainers.BpeTrainer(vocab_size=400, **options, **quiet))
    case("characters", {"size": 5000, "alphabet_limit": 8, "special": ["<unk>", *byte_pieces]}, models.BPE(),
         trainers.BpeTrainer(vocab_size=5000, limit_alphabet=8, special_tokens=["<unk>", *byte_pieces], **quiet))
    fixed = ["[UNK]", *alphabet, *("##" + character for character in inside)]
    for size in (60, 300):
        case("wordpiece", {"size": size}, models.WordPiece(unk_token="[UNK]"),
             trainers.WordPieceTrainer(vocab_size=size, special_tokens=fixed, **quiet))
    head = {
        "script": "Tools/golden/" + pathlib.Path(__file__).name,
        "tokenizers": tokenizers.__version__,
        "python": platform.python_version(),
        "seed": SEED,
    }
    path = FOLDER / "tokenizer_training.json"
    lines = [json.dumps(key) + ": " + json.dumps(value, ensure_ascii=False) for key, value in head.items()]
    lines.append('"words": ' + json.dumps(words, ensure_ascii=False, separators=(",", ":")))
    shown = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in cases)
    lines.append('"unigram": ' + json.dumps([unigram(words, size) for size in (60, 150)]))
    lines.append('"cases": [\n' + ",\n".join(shown) + "\n]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{path.relative_to(FOLDER.parents[1])}: {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
