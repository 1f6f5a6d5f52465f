"""Makes a Martlet folder of a pretrained recurrent network: model.safetensors, config.json, vocabulary.json; of g2p-en
source_tokenizer.json and target_tokenizer.json instead.

usage: convert_pretrained.py g2pm|textgenrnn|g2p-en ORIGINAL_FOLDER OUT_FOLDER

ORIGINAL_FOLDER is what fetch_data.py leaves (g2pm-original, textgenrnn-original, g2p-en-original). OUT_FOLDER must not
exist. textgenrnn needs h5py. Exit codes: 0 written, 64 usage, 65 the original is not what was expected, 69 h5py is missing.
"""

import json
import pathlib
import pickle
import shutil
import sys
import tempfile

import numpy
from safetensors.numpy import save_file

from g2p_en_reference import network


class Refused(Exception):
    """A file of the original is not what it should be."""


class ArraysOnly(pickle.Unpickler):
    """Reads numpy arrays and plain containers; nothing else is ever called."""

    ALLOWED = {
        ("numpy", "ndarray"), ("numpy", "dtype"), ("collections", "OrderedDict"),
        ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
    }

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise Refused(f"the pickle asks for {module}.{name}: only arrays and plain containers are read")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def unpickled(path):
    try:
        with open(path, "rb") as stream:
            return ArraysOnly(stream).load()
    except (OSError, EOFError, pickle.UnpicklingError) as error:
        raise Refused(f"{path}: {error}") from error


def shaped(name, value, shape):
    """The array as contiguous float32, if it has that shape."""
    value = numpy.ascontiguousarray(value, dtype=numpy.float32)
    if value.shape != shape:
        raise Refused(f"{name} is {list(value.shape)}: expected {list(shape)}")
    return value


def g2pm(folder):
    """The tensors under the package's names; the readings stand in config.json, the characters in the vocabulary."""
    weights = unpickled(folder / "np_ckpt.pkl")
    characters = unpickled(folder / "char2idx.pkl")
    classes = unpickled(folder / "class2idx.pkl")
    V, D = weights["embedding.weight"].shape
    H, C = weights["lstm.weight_hh_l0"].shape[1], len(classes)
    M = weights["logit_layer.0.weight"].shape[0]
    shapes = {"embedding.weight": (V, D)}
    for end in ("_l0", "_l0_reverse"):
        shapes.update({
            f"lstm.weight_ih{end}": (4 * H, D), f"lstm.weight_hh{end}": (4 * H, H),
            f"lstm.bias_ih{end}": (4 * H,), f"lstm.bias_hh{end}": (4 * H,)})
    shapes.update({
        "logit_layer.0.weight": (M, 2 * H), "logit_layer.0.bias": (M,),
        "logit_layer.2.weight": (C, M), "logit_layer.2.bias": (C,)})
    if set(shapes) != set(weights):
        raise Refused(f"np_ckpt.pkl has {sorted(weights)}: expected {sorted(shapes)}")
    tensors = {name: shaped(name, weights[name], shape) for name, shape in shapes.items()}
    config = {
        "architecture": "polyphone-tagger", "vocab_size": V, "embedding_size": D, "hidden_size": H,
        "classifier_size": M, "labels": [name for name, _ in sorted(classes.items(), key=lambda item: item[1])]}
    return tensors, config, {"vocabulary.json": {name: int(number) for name, number in characters.items()}}


def textgenrnn(folder):
    """Keras' CuDNNLSTM layout in PyTorch's.

    Both order the gates i f c o. A gate's input kernel [in, H] holds, row by row, the matrix [H, in]; its recurrent
    kernel is already [out, in]; the bias is that of the input and, behind it, that of the state.
    """
    try:
        import h5py
    except ImportError as error:
        raise ModuleNotFoundError("h5py is missing: pip install h5py") from error
    vocabulary = json.loads((folder / "textgenrnn_vocab.json").read_text(encoding="utf-8"))
    found = {}
    with h5py.File(folder / "textgenrnn_weights.hdf5", "r") as file:
        root = file["model_weights"] if "model_weights" in file else file

        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                found[(name.split("/")[0], name.split("/")[-1].split(":")[0])] = item[()]

        root.visititems(visit)
    def get(layer, name):
        if (layer, name) not in found:
            raise Refused(f"textgenrnn_weights.hdf5 has no {layer}/{name}; there are {sorted(found)}")
        return found[layer, name]
    table = get("embedding", "embeddings")
    V, D = table.shape
    H = get("rnn_1", "recurrent_kernel").shape[0]
    tensors = {"embedding.weight": shaped("embedding", table, (V, D))}
    for layer, width in ((0, D), (1, H)):
        name = f"rnn_{layer + 1}"
        kernel = shaped(f"{name}/kernel", get(name, "kernel"), (width, 4 * H))
        recurrent = shaped(f"{name}/recurrent_kernel", get(name, "recurrent_kernel"), (H, 4 * H))
        bias = shaped(f"{name}/bias", get(name, "bias"), (8 * H,))
        gates = [gate.reshape(H, width) for gate in numpy.split(kernel, 4, axis=1)]
        tensors[f"rnn.weight_ih_l{layer}"] = numpy.concatenate(gates)
        tensors[f"rnn.weight_hh_l{layer}"] = numpy.concatenate(numpy.split(recurrent, 4, axis=1))
        tensors[f"rnn.bias_ih_l{layer}"], tensors[f"rnn.bias_hh_l{layer}"] = numpy.split(bias, 2)
    width = D + 2 * H
    tensors["attention.weight"] = shaped("attention", get("attention", "attention_W"), (width, 1)).T
    tensors["output.weight"] = shaped("output/kernel", get("output", "kernel"), (width, V)).T
    tensors["output.bias"] = shaped("output/bias", get("output", "bias"), (V,))
    config = {
        "architecture": "textgenrnn", "vocab_size": V, "embedding_size": D, "hidden_size": H, "num_layers": 2,
        "context_size": 40}
    return tensors, config, {"vocabulary.json": vocabulary}


def word_level(tokens, split, normalizer=None):
    """Hugging Face's tokenizer.json of whole pieces, numbered in their order."""
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
        "pre_tokenizer": split, "post_processor": None, "decoder": None,
        "model": {
            "type": "WordLevel", "vocab": {token: place for place, token in enumerate(tokens)},
            "unk_token": "<unk>"}}


def g2p_en(folder):
    """The encoder and decoder under our names, with one token where a sequence begins and ends, the last of each side.

    Of what is read it is `</s>`; what is written begins after `<s>` and ends with `</s>`: its vector is that of the one, its
    score that of the other.
    """
    original = network(folder)
    letters, phonemes, weights = original.graphemes, original.phonemes, original.variables
    D, H = weights["enc_emb"].shape[1], weights["enc_w_hh"].shape[1]
    if (letters[:3], phonemes[:4]) != (["<pad>", "<unk>", "</s>"], ["<pad>", "<unk>", "<s>", "</s>"]):
        raise Refused(f"the tokens begin with {letters[:3]} and {phonemes[:4]}")
    read = [0, 1] + list(range(3, len(letters))) + [2]
    vectors = [0, 1, *range(4, len(phonemes)), 2]
    scores = [0, 1, *range(4, len(phonemes)), 3]
    tensors = {
        "source.weight": shaped("enc_emb", weights["enc_emb"], (len(letters), D))[read],
        "target.weight": shaped("dec_emb", weights["dec_emb"], (len(phonemes), D))[vectors],
        "output.weight": shaped("fc_w", weights["fc_w"], (len(phonemes), H))[scores],
        "output.bias": shaped("fc_b", weights["fc_b"], (len(phonemes),))[scores]}
    for side, name in (("enc", "encoder"), ("dec", "decoder")):
        for part, ours, shape in (
                ("w_ih", "weight_ih", (3 * H, D)), ("w_hh", "weight_hh", (3 * H, H)), ("b_ih", "bias_ih", (3 * H,)),
                ("b_hh", "bias_hh", (3 * H,))):
            tensors[f"{name}.{ours}_l0"] = shaped(f"{side}_{part}", weights[f"{side}_{part}"], shape)
    last = len(scores) - 1
    config = {
        "architecture": "recurrent-sequence-to-sequence", "cell": "gru", "source_vocab_size": len(read),
        "vocab_size": len(scores), "embedding_size": D, "hidden_size": H, "attention_size": H, "num_encoder_layers": 1,
        "num_decoder_layers": 1, "bidirectional": False, "tie_word_embeddings": False, "dropout": 0,
        "decoder_start_token_id": last, "eos_token_id": last}
    each = {"type": "Split", "pattern": {"Regex": "[\\s\\S]"}, "behavior": "Isolated", "invert": False}
    return tensors, config, {
        "source_tokenizer.json": word_level([letters[place] for place in read[:-1]], each, {"type": "Lowercase"}),
        "target_tokenizer.json": word_level([phonemes[place] for place in scores[:-1]], {"type": "WhitespaceSplit"})}


def main():
    kinds = {"g2pm": g2pm, "textgenrnn": textgenrnn, "g2p-en": g2p_en}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        print(__doc__.strip(), file=sys.stderr)
        return 64
    source, target = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    try:
        tensors, config, tables = kinds[sys.argv[1]](source)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            whole = pathlib.Path(name) / "whole"
            whole.mkdir()
            save_file({k: numpy.ascontiguousarray(v) for k, v in tensors.items()}, whole / "model.safetensors")
            for file, value in {"config.json": config, **tables}.items():
                (whole / file).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            for file in ("LICENSE", "PKG-INFO"):
                if (source / file).exists():
                    shutil.copy(source / file, whole / file)
            whole.rename(target)
    except (Refused, KeyError, OSError, ValueError) as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 65
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return 69
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
