"""Silero VAD in ONNX Runtime, a chunk of 32 ms at a time or many.

usage: onnx_vad.py --model FILE.onnx [--chunks 1] [--threads 1] [--seconds 2]

FILE is one of the package's: silero_vad_16k_op15.onnx takes one chunk and the state, silero_vad_16k_sequence.onnx takes
many chunks that follow each other. Tools/fetch_silero.sh fetches both.
"""

import argparse

import numpy
import onnxruntime

from timing import measure, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--chunks", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])
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
