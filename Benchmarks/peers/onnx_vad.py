"""Silero VAD in ONNX Runtime, a chunk of 32 ms at a time or many.

usage: onnx_vad.py --graph op15|sequence [--chunks 1] [--threads 1] [--seconds 2]

The graphs are the package's own: op15 takes one chunk and the state, sequence takes chunks that follow each other. They
are fetched into the cache where they are not there yet.
"""

import argparse
import contextlib
import pathlib
import sys

import numpy
import onnxruntime

from timing import measure, report

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tools"))
import fetch_data  # noqa: E402


def graph(name):
    """The path of one of the package's files."""
    with contextlib.redirect_stdout(sys.stderr):
        code = fetch_data.main(["silero-vad-onnx"])
    if code != 0:
        sys.exit(code)
    return str(fetch_data.cache() / "silero-vad-onnx" / f"silero_vad_16k_{name}.onnx")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--graph", choices=("op15", "sequence"), required=True)
    parser.add_argument("--chunks", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph(options.graph), settings, providers=["CPUExecutionProvider"])
    generator = numpy.random.default_rng(0)
    samples = generator.uniform(-0.1, 0.1, (options.chunks, 576)).astype(numpy.float32)
    names = {value.name for value in session.get_inputs()}
    if "h" in names:
        state = numpy.zeros((1, 1, 128), numpy.float32)
        feed = {"input": samples, "h": state, "c": state}
    else:
        feed = {"input": samples, "state": numpy.zeros((2, 1, 128), numpy.float32), "sr": numpy.array(16000)}
    report(measure(lambda: session.run(None, feed), options.seconds), chunks=options.chunks)


main()
