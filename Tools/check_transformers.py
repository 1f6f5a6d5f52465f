"""Reads a folder that Martlet wrote with Hugging Face transformers, and compares what the two compute.

usage: check_transformers.py compare FOLDER --input FILE --expected FILE [--dtype float32|float64] [--tolerance X]
       check_transformers.py embeddings FOLDER --texts FILE --output FILE [--longest N]
       check_transformers.py same REFERENCE FOUND [--tolerance X | --cosine X]

compare: FOLDER has config.json and model.safetensors. The class is the first of config.json's `architectures`, or else the
plain model of its `model_type`. No weight may be missing, left over or of another shape. --input is a safetensors file of
the model's arguments: input_ids, and where there are some attention_mask, token_type_ids, decoder_input_ids, labels; or
tokens and lengths, as `martlet run` takes them. --expected is Martlet's outputs: logits, last_hidden_state, pooler_output,
encoder_last_hidden_state, loss, any of them. Positions of padding are not compared: those where `real` of the input is 0,
or else, where an output has the input's length, attention_mask.

embeddings: writes the reference embeddings of a sentence encoder, one row a line of the text: mean of the last layer over
the tokens, divided by its length; computed in float64, written in float32 with the tokens that they are of.

same: compares the tensor `embeddings` of two files: no number may be farther off than the tolerance, or no row's cosine below
--cosine.

Exit codes: 0 they agree; 1 they do not, or the weights are not the model's; 64 usage; 66 a file cannot be read.
"""

import argparse
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

ARGUMENTS = ("input_ids", "attention_mask", "token_type_ids", "decoder_input_ids", "labels")
BATCH = 32

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


class Unreadable(Exception):
    """A file is missing or is not what it should be."""


def read(function, path):
    try:
        return function(path)
    except Exception as error:  # what safetensors and json raise has no common class
        raise Unreadable(f"{path}: {error}") from error


def model_class(folder):
    """The class that the folder's config names."""
    config = read(lambda path: json.loads(path.read_text(encoding="utf-8")), folder / "config.json")
    names = config.get("architectures") or []
    if not names:
        return transformers.AutoModel
    found = getattr(transformers, names[0], None)
    if found is None:
        raise Unreadable(f"{folder / 'config.json'}: transformers {transformers.__version__} has no {names[0]}")
    return found


def load(folder, dtype):
    """The model and what is wrong with its weights."""
    kind = model_class(folder)
    model, report = read(
        lambda path: kind.from_pretrained(
            path, dtype=dtype, attn_implementation="eager", output_loading_info=True, ignore_mismatched_sizes=True,
            local_files_only=True),
        folder)
    wrong = [f"{key}: {sorted(map(str, report[key]))}" for key in report if key.endswith("keys") and report[key]]
    wrong += [f"{key}: {report[key]}" for key in report if not key.endswith("keys") and report[key]]
    return model.eval(), wrong


def arguments(tensors):
    """What the model is called with."""
    given = {name: tensors[name].long() for name in ARGUMENTS if name in tensors}
    if "input_ids" not in given and "tokens" in tensors:
        given["input_ids"] = tensors["tokens"].long()
    if "lengths" in tensors and "attention_mask" not in given:
        given["attention_mask"] = (
            torch.arange(given["input_ids"].shape[1]) < tensors["lengths"].long()[:, None]).long()
    return given


def counted(name, output, tensors, given):
    """Which positions of an output are compared, as a mask [B, T]; None: all."""
    if output.dim() < 3:
        return None
    decoders = "decoder_input_ids" in given and not name.startswith("encoder")
    masks = [tensors.get("real"), None if decoders else given.get("attention_mask")]
    if name.startswith("encoder"):
        masks.reverse()
    return next((mask.bool() for mask in masks if mask is not None and mask.shape == output.shape[:2]), None)


def compare(options):
    dtype = getattr(torch, options.dtype)
    torch.set_default_dtype(dtype)
    model, wrong = load(options.folder, dtype)
    print(f"{options.folder}: {type(model).__name__}, {sum(p.numel() for p in model.parameters()):,} parameters")
    for line in wrong:
        print(f"not the model's weights: {line}", file=sys.stderr)
    tensors, expected = read(load_file, options.input), read(load_file, options.expected)
    given = arguments(tensors)
    with torch.no_grad():
        outputs = model(**given)
    worst, compared = 0.0, 0
    for name, mine in sorted(expected.items()):
        theirs = outputs.get(name)
        if theirs is None:
            print(f"{name}: not an output of the model ({', '.join(outputs.keys())})")
            worst = float("inf")
            continue
        compared += 1
        theirs, mine = theirs.double(), mine.double().reshape(theirs.shape if mine.numel() == theirs.numel() else mine.shape)
        if theirs.shape != mine.shape:
            print(f"{name}: {list(mine.shape)}, the reference {list(theirs.shape)}")
            worst = float("inf")
            continue
        mask = counted(name, theirs, tensors, given)
        if mask is not None:
            theirs, mine = theirs[mask], mine[mask]
        apart, size = float((theirs - mine).abs().max()), float(theirs.abs().max())
        apart = apart if apart == apart else float("inf")
        print(f"{name}: {list(theirs.shape)}, up to {size:.3g}, differs by {apart:.1e} at most")
        worst = max(worst, apart / max(1.0, size))
    print(f"largest difference {worst:.1e} (of the largest value, where that is above 1), allowed {options.tolerance:.0e}")
    return 0 if compared and not wrong and worst <= options.tolerance else 1


def embeddings(options):
    torch.set_default_dtype(torch.float64)
    model, wrong = load(options.folder, torch.float64)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    tokenizer = read(lambda path: Tokenizer.from_file(str(path)), options.folder / "tokenizer.json")
    tokenizer.enable_truncation(options.longest)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    lines = read(lambda path: path.read_text(encoding="utf-8").splitlines(), options.texts)
    encoded = tokenizer.encode_batch(lines)
    ids = torch.tensor([line.ids for line in encoded])
    mask = torch.tensor([line.attention_mask for line in encoded])
    rows = []
    with torch.no_grad():
        for part, real in zip(ids.split(BATCH), mask.split(BATCH)):
            states = model(input_ids=part, attention_mask=real).last_hidden_state
            mean = (states * real[..., None]).sum(1) / real.sum(1, keepdim=True)
            rows.append(torch.nn.functional.normalize(mean))
    found = torch.cat(rows)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    save_file({
        "embeddings": found.float(), "input_ids": ids.int(), "attention_mask": mask.int(),
        "lengths": mask.sum(1).int()}, str(options.output))
    near = found @ found.T - 2 * torch.eye(len(found))
    first, second = divmod(int(near.argmax()), len(lines))
    print(f"{options.output}: {list(found.shape)}, {int(mask.sum()):,} tokens; nearest ({float(near.max()):.2f}):")
    print(f"  {lines[first]}\n  {lines[second]}")
    return 0


def same(options):
    first, second = (read(load_file, path)["embeddings"].double() for path in (options.reference, options.found))
    if first.shape != second.shape:
        print(f"embeddings: {list(second.shape)}, the reference {list(first.shape)}")
        return 1
    apart = float((first - second).abs().max())
    cosine = float(torch.nn.functional.cosine_similarity(first, second).min())
    allowed = f"allowed {options.tolerance:.0e}" if options.cosine is None else f"wanted {options.cosine}"
    print(f"embeddings: {list(first.shape)}, differ by {apart:.1e} at most (cosine at least {cosine:.9f}), {allowed}")
    return 0 if (apart <= options.tolerance if options.cosine is None else cosine >= options.cosine) else 1


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("compare")
    one.add_argument("folder", type=pathlib.Path)
    one.add_argument("--input", type=pathlib.Path, required=True)
    one.add_argument("--expected", type=pathlib.Path, required=True)
    one.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    one.add_argument("--tolerance", type=float, default=1e-4)
    other = commands.add_parser("embeddings")
    other.add_argument("folder", type=pathlib.Path)
    other.add_argument("--texts", type=pathlib.Path, required=True)
    other.add_argument("--output", type=pathlib.Path, required=True)
    other.add_argument("--longest", type=int, default=256)
    third = commands.add_parser("same")
    third.add_argument("reference", type=pathlib.Path)
    third.add_argument("found", type=pathlib.Path)
    third.add_argument("--tolerance", type=float, default=1e-5)
    third.add_argument("--cosine", type=float)
    options = parser.parse_args()
    try:
        return {"compare": compare, "embeddings": embeddings, "same": same}[options.command](options)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 66


if __name__ == "__main__":
    sys.exit(main())
