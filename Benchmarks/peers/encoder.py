"""An encoder of MiniLM's shape in ONNX Runtime or OpenVINO, timed: peers of `martlet bench transformer --model bert`.

The network is the one of transformer.py, exported to ONNX. `--type int8` is ONNX Runtime's dynamic quantisation, with a scale for each
tensor of weights, or with `--per-channel` for each of its columns; `bfloat16` is OpenVINO's hint.
"""

import argparse
import os
import tempfile
import warnings

import numpy
import torch

from timing import measure, report
from transformer import Network, lengths_of


def exported(options, folder, inputs):
    """The path of the network as ONNX, for any batch and length."""
    path = os.path.join(folder, "encoder.onnx")
    names = ["ids", "mask"][:len(inputs)]
    axes = {"ids": {0: "batch", 1: "time"}, "mask": {0: "batch", 3: "time"}, "states": {0: "batch", 1: "time"}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Network(options).eval(), tuple(inputs), path, input_names=names, output_names=["states"], opset_version=17,
            dynamic_axes={name: axes[name] for name in [*names, "states"]}, dynamo=False)
    return path


def onnx_runtime(options, path):
    """A call of ONNX Runtime."""
    import onnxruntime

    if options.type == "int8":
        import logging

        from onnxruntime.quantization import QuantType, quantize_dynamic

        logging.disable(logging.WARNING)
        quantize_dynamic(path, path + ".int8", weight_type=QuantType.QInt8, per_channel=options.per_channel)
        path += ".int8"
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    return lambda feed: session.run(None, feed)


def openvino(options, path):
    """A call of OpenVINO."""
    import openvino as vino

    if options.type == "int8":
        raise SystemExit("OpenVINO quantises with samples of the data only: expected float32 or bfloat16")
    core = vino.Core()
    hint = {"float32": "f32", "bfloat16": "bf16"}[options.type]
    compiled = core.compile_model(core.read_model(path), "CPU", {
        "INFERENCE_NUM_THREADS": options.threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": hint})
    request = compiled.create_infer_request()
    return request.infer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("onnxruntime", "openvino"), required=True)
    parser.add_argument("--model", choices=("bert",), default="bert")
    for name, default in (
            ("layers", 6), ("width", 384), ("heads", 12), ("context", 128), ("batch", 1), ("vocabulary", 30522)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--lengths")
    parser.add_argument("--mode", choices=("forward",), default="forward")
    parser.add_argument("--type", choices=("float32", "bfloat16", "int8"), default="float32")
    parser.add_argument("--per-channel", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    mask = lengths_of(options)
    inputs = [torch.randint(options.vocabulary, (options.batch, options.context))]
    if mask is not None:
        inputs.append(mask)
    feed = {name: tensor.numpy() for name, tensor in zip(("ids", "mask"), inputs)}
    with tempfile.TemporaryDirectory() as folder:
        path = exported(options, folder, inputs)
        call = {"onnxruntime": onnx_runtime, "openvino": openvino}[options.engine](options, path)
        result = measure(lambda: call(feed), options.seconds)
    count = int(mask.sum()) if mask is not None else options.batch * options.context
    report(result, tokensPerSecond=count / result["median"] * 1e3)


main()
