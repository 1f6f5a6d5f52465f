"""Recurrent layers in ONNX Runtime, timed: the peer of `martlet bench recurrent --mode step` and `forward`, batch 1.

`--time 1` is one step from a kept state. `--int8` quantises the weights (dynamic quantisation, as ONNX Runtime does it).
"""

import argparse
import os
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from timing import measure, report

GATES = {"lstm": 4, "gru": 3}


def layers(options, source, width):
    """Nodes, weights, inputs and outputs of one layer after the other, with their states in and out; and the result's name."""
    generator = numpy.random.default_rng(0)
    bound = options.hidden ** -0.5
    initialisers, nodes, inputs, outputs = [], [], [], []
    for layer in range(options.layers):
        rows = GATES[options.cell] * options.hidden
        for name, shape in (("w", (1, rows, width)), ("r", (1, rows, options.hidden)), ("b", (1, 2 * rows))):
            values = generator.uniform(-bound, bound, shape).astype(numpy.float32)
            initialisers.append(numpy_helper.from_array(values, f"{name}{layer}"))
        states = [f"h{layer}"] + ([f"c{layer}"] if options.cell == "lstm" else [])
        for state in states:
            shape = [1, options.batch, options.hidden]
            inputs.append(helper.make_tensor_value_info(state, TensorProto.FLOAT, shape))
            outputs.append(helper.make_tensor_value_info(state + "n", TensorProto.FLOAT, shape))
        attributes = {"hidden_size": options.hidden}
        if options.cell == "gru":
            attributes["linear_before_reset"] = 1
        nodes.append(helper.make_node(
            options.cell.upper(), [source, f"w{layer}", f"r{layer}", f"b{layer}", "", *states],
            [f"y{layer}", *(state + "n" for state in states)], **attributes))
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", "axis"], [f"s{layer}"]))
        source, width = f"s{layer}", options.hidden
    initialisers.append(numpy_helper.from_array(numpy.array([1], dtype=numpy.int64), "axis"))
    return nodes, initialisers, inputs, outputs, source


def model(options):
    """The layers alone."""
    nodes, initialisers, inputs, outputs, source = layers(options, "x", options.input)
    inputs.insert(0, helper.make_tensor_value_info(
        "x", TensorProto.FLOAT, [options.time, options.batch, options.input]))
    outputs.append(helper.make_tensor_value_info(source, TensorProto.FLOAT, [options.time, options.batch, options.hidden]))
    return finished(nodes, inputs, outputs, initialisers)


def finished(nodes, inputs, outputs, initialisers):
    """The model of a graph."""
    graph = helper.make_graph(nodes, "recurrent", inputs, outputs, initialisers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    made.ir_version = 8
    return made


def started(made, threads, int8=False):
    """A session of a model."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save(made, path)
        if int8:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            small = os.path.join(folder, "int8.onnx")
            quantize_dynamic(path, small, weight_type=QuantType.QInt8, per_channel=True)
            path = small
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=tuple(GATES), required=True)
    for name, default in (("batch", 1), ("time", 1), ("input", 256), ("hidden", 512), ("layers", 1), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()

    session = started(model(options), options.threads, options.int8)
    generator = numpy.random.default_rng(1)
    feed = {"x": generator.standard_normal((options.time, options.batch, options.input)).astype(numpy.float32)}
    states = [item.name for item in session.get_inputs() if item.name != "x"]
    for state in states:
        feed[state] = numpy.zeros((1, options.batch, options.hidden), numpy.float32)
    names = [item.name for item in session.get_outputs()]

    def call():
        for name, value in zip(names, session.run(names, feed)):
            if name[:-1] in feed and name.endswith("n"):
                feed[name[:-1]] = value

    report(measure(call, options.seconds, warm_up=20), tokensPerSecond=0)


if __name__ == "__main__":
    main()
