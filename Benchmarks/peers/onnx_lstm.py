"""ONNX Runtime from a cold start: loads one LSTM layer and runs one sequence through it.

usage: onnx_lstm.py MODEL.onnx          makes the model first where it does not exist
"""

import os
import sys

INPUT, HIDDEN, TIME = 128, 128, 16


def make(path):
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    generator = numpy.random.default_rng(0)

    def weight(name, *shape):
        values = generator.uniform(-0.1, 0.1, shape).astype(numpy.float32)
        return numpy_helper.from_array(values, name)

    graph = helper.make_graph(
        [helper.make_node("LSTM", ["x", "w", "r", "b"], ["y"], hidden_size=HIDDEN)],
        "lstm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [TIME, 1, INPUT])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [TIME, 1, 1, HIDDEN])],
        [weight("w", 1, 4 * HIDDEN, INPUT), weight("r", 1, 4 * HIDDEN, HIDDEN), weight("b", 1, 8 * HIDDEN)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    onnx.save(model, path)


def main():
    path = sys.argv[1]
    if not os.path.exists(path):
        make(path)
        return
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    session.run(None, {"x": numpy.zeros((TIME, 1, INPUT), numpy.float32)})


main()
