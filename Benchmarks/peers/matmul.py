"""A float32 matrix product [M, K] x [K, N] by one library: the peers of `martlet bench matmul`.

`--library openblas` is NumPy's, `mkl` PyTorch's ordinary product, `onednn` PyTorch's oneDNN product with the second
matrix already in oneDNN's layout, as for a layer's weight. oneDNN's plain product is onednn.c.
"""

import argparse

from timing import measure, report


def openblas(rows, columns, inner, _):
    import numpy

    generator = numpy.random.default_rng(0)
    left = generator.standard_normal((rows, inner), dtype=numpy.float32)
    right = generator.standard_normal((inner, columns), dtype=numpy.float32)
    out = numpy.empty((rows, columns), dtype=numpy.float32)
    return lambda: numpy.matmul(left, right, out=out)


def mkl(rows, columns, inner, threads):
    import torch

    torch.set_num_threads(threads)
    left, right, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
    return lambda: torch.mm(left, right, out=out)


def onednn(rows, columns, inner, threads):
    import torch

    torch.set_num_threads(threads)
    left = torch.randn(rows, inner)
    right = torch.randn(columns, inner)
    packed = torch.ops.mkldnn._reorder_linear_weight(right, rows)
    return lambda: torch.ops.mkldnn._linear_pointwise(left, packed, None, "none", [], "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", choices=("openblas", "mkl", "onednn"), required=True)
    parser.add_argument("--shape", required=True, help="MxNxK")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1)
    options = parser.parse_args()
    rows, columns, inner = (int(part) for part in options.shape.split("x"))
    prepare = {"openblas": openblas, "mkl": mkl, "onednn": onednn}[options.library]
    result = measure(
        prepare(rows, columns, inner, options.threads), options.seconds, warm_up=10, at_least=20)
    report(result, gigaflopsPerSecond=2e-6 * rows * columns * inner / result["median"])


main()
