"""A recurrent language model writing in ONNX Runtime, timed: the peer of `martlet bench language-model --mode generate`.

One graph: Gather, the recurrent layers, MatMul and Add, Softmax. A repetition is `--time` tokens, each drawn from the
probabilities after the one before, with the states handed back.
"""

import argparse

import numpy
from onnx import TensorProto, helper, numpy_helper

from onnx_recurrent import GATES, finished, layers, started
from timing import measure, report


def model(options):
    """From a token and the states to the next token's probabilities and the states."""
    nodes, initialisers, inputs, outputs, source = layers(options, "x", options.embedding)
    generator = numpy.random.default_rng(1)
    shapes = {
        "embedding": (options.vocabulary, options.embedding), "weight": (options.hidden, options.vocabulary),
        "bias": (options.vocabulary,)}
    for name, shape in shapes.items():
        values = generator.uniform(-0.05, 0.05, shape).astype(numpy.float32)
        initialisers.append(numpy_helper.from_array(values, name))
    nodes.insert(0, helper.make_node("Gather", ["embedding", "token"], ["x"]))
    nodes += [
        helper.make_node("MatMul", [source, "weight"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=-1)]
    inputs.insert(0, helper.make_tensor_value_info("token", TensorProto.INT64, [1, 1]))
    outputs.insert(0, helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 1, options.vocabulary]))
    return finished(nodes, inputs, outputs, initialisers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cell", choices=tuple(GATES), default="lstm")
    for name, default in (
            ("vocabulary", 100), ("embedding", 512), ("hidden", 512), ("layers", 2), ("time", 128), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--mode", choices=("generate",), default="generate")
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    options.batch = 1

    session = started(model(options), options.threads)
    names = [item.name for item in session.get_outputs()]
    token = numpy.zeros((1, 1), numpy.int64)
    feed = {"token": token}
    for item in session.get_inputs()[1:]:
        feed[item.name] = numpy.zeros((1, 1, options.hidden), numpy.float32)
    random = numpy.random.default_rng(2)

    def generate():
        for _ in range(options.time):
            probabilities, *states = session.run(names, feed)
            for name, value in zip(names[1:], states):
                feed[name[:-1]] = value
            sums = numpy.cumsum(probabilities[0, 0])
            token[0, 0] = numpy.searchsorted(sums[:-1], random.random() * sums[-1], side="right")

    result = measure(generate, options.seconds)
    report(result, tokensPerSecond=options.time / result["median"] * 1e3)


main()
