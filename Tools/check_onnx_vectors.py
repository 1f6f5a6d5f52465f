"""ONNX's test vectors for RNN, LSTM and GRU, each as a model's folder and its input through `martlet run`.

usage: check_onnx_vectors.py MARTLET FOLDER       FOLDER holds test_lstm_defaults and its like

ONNX orders an LSTM's gates i o f c and its peepholes i o f, a GRU's z r h; its time comes first, or with layout 1 the batch.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import numpy_helper
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-5
ORDER = {"LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2], "RNN": [0]}  # PyTorch's gates among ONNX's


def reordered(matrix, kind):
    """Rows gate by gate, in PyTorch's order."""
    gates = numpy.split(matrix, len(ORDER[kind]))
    return numpy.concatenate([gates[place] for place in ORDER[kind]])


def parts(node, inputs):
    """The inputs of the node by ONNX's names."""
    names = ["X", "W", "R", "B", "sequence_lens", "initial_h"] + (["initial_c", "P"] if node.op_type == "LSTM" else [])
    return {name: inputs[given] for name, given in zip(names, node.input) if given}


def folder_of(node, given, root):
    """Writes config.json, model.safetensors and in.safetensors; gives what the outputs are to be compared with."""
    kind = node.op_type
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    known = {"hidden_size", "direction", "linear_before_reset", "layout"}
    if set(attributes) - known:
        raise NotImplementedError(f"attributes {sorted(set(attributes) - known)}")
    direction = attributes.get("direction", b"forward").decode()
    batch_first = attributes.get("layout", 0) == 1
    cells = {"LSTM": "lstm", "RNN": "rnn_tanh", "GRU": "gru" if attributes.get("linear_before_reset") else "gru_reset_first"}
    config = {
        "architecture": "recurrent", "cell": cells[kind], "input_size": given["W"].shape[2],
        "hidden_size": attributes["hidden_size"], "bidirectional": direction == "bidirectional",
        "reversed": direction == "reverse", "peephole": "P" in given,
    }
    weights = {}
    for place in range(given["W"].shape[0]):
        end = "_l0" + ("_reverse" if place else "")
        weights["weight_ih" + end] = reordered(given["W"][place], kind)
        weights["weight_hh" + end] = reordered(given["R"][place], kind)
        rows = given["W"].shape[1]
        bias = given["B"][place] if "B" in given else numpy.zeros(2 * rows, numpy.float32)
        weights["bias_ih" + end] = reordered(bias[:rows], kind)
        weights["bias_hh" + end] = reordered(bias[rows:], kind)
        if "P" in given:
            i, o, f = numpy.split(given["P"][place], 3)
            weights["weight_peephole" + end] = numpy.concatenate([i, f, o])

    def states(value):
        return value if not batch_first else value.swapaxes(0, 1)

    inputs = {"input": given["X"] if batch_first else given["X"].swapaxes(0, 1)}
    if "sequence_lens" in given:
        inputs["lengths"] = given["sequence_lens"].astype(numpy.int32)
    for name, ours in (("initial_h", "h0"), ("initial_c", "c0")):
        if name in given:
            inputs[ours] = states(given[name])
    model = root / "model"
    model.mkdir()
    (model / "config.json").write_text(json.dumps(config))
    contiguous = {name: numpy.ascontiguousarray(value) for name, value in weights.items()}
    save_file(contiguous, model / "model.safetensors")
    save_file({name: numpy.ascontiguousarray(value) for name, value in inputs.items()}, root / "in.safetensors")
    return batch_first


def check(martlet, folder):
    """The largest difference of the vector's outputs."""
    graph = onnx.load(folder / "model.onnx").graph
    (node,) = graph.node

    def tensors(prefix, values):
        found = {}
        for place, value in enumerate(values):
            proto = onnx.TensorProto()
            proto.ParseFromString((folder / "test_data_set_0" / f"{prefix}_{place}.pb").read_bytes())
            found[value.name] = numpy_helper.to_array(proto)
        return found

    given, expected = parts(node, tensors("input", graph.input)), tensors("output", graph.output)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        batch_first = folder_of(node, given, root)
        subprocess.run(
            [martlet, "run", "--model", root / "model", "--input", root / "in.safetensors", "--output", root / "out.safetensors"],
            check=True)
        found = load_file(root / "out.safetensors")
    directions = given["W"].shape[0]
    output = found["output"]  # [B, T, directions · H]
    split = output.reshape(*output.shape[:2], directions, -1)
    ours = {
        "Y": split if batch_first else split.transpose(1, 2, 0, 3),
        "Y_h": found["h_n"].swapaxes(0, 1) if batch_first else found["h_n"],
    }
    if "c_n" in found:
        ours["Y_c"] = found["c_n"].swapaxes(0, 1) if batch_first else found["c_n"]
    largest = 0.0
    for name, given_name in zip(("Y", "Y_h", "Y_c"), node.output):
        if given_name:
            assert ours[name].shape == expected[given_name].shape, (name, ours[name].shape, expected[given_name].shape)
            largest = max(largest, float(numpy.abs(ours[name] - expected[given_name]).max()))
    return largest


def main():
    martlet, root = sys.argv[1], pathlib.Path(sys.argv[2])
    folders = sorted(path for kind in ("rnn", "simple_rnn", "lstm", "gru") for path in root.glob(f"test_{kind}_*"))
    if not folders:
        sys.exit(f"{root}: no test vectors")
    wrong = 0
    for folder in folders:
        difference = check(martlet, folder)
        fits = difference < TOLERANCE
        wrong += not fits
        print(f"{'ok   ' if fits else 'WRONG'} {folder.name}: {difference:.1e}")
    print(f"{len(folders) - wrong} of {len(folders)} vectors within {TOLERANCE}")
    sys.exit(70 if wrong else 0)


main()
