import CMartletKernels

extension Tensor {
    /// Rows and their length, for operations on the innermost dimension.
    var rowsAndWidth: (rows: Int, width: Int) { (shape.dropLast().reduce(1, *), shape[-1]) }

    private func softmax(_ name: StaticString, logarithm: Int32) -> Tensor {
        let x = contiguous()
        let (rows, n) = rowsAndWidth
        let y = Tensor(uninitialized: shape, dtype: dtype)
        x.read { from in y.write { to in kernels.nn.softmax(logarithm, from, to, rows, n) } }
        return y.recorded(name, from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: dy.shape, dtype: dy.dtype)
            y.read { y in
                dy.read { from in
                    dx.write { to in dy.kernels.nn.softmax_backward(logarithm, y, from, to, rows, n)
                    }
                }
            }
            return dx
        }
    }

    /// eˣ over the sum of eˣ, along the innermost dimension.
    public func softmax() -> Tensor { softmax("softmax", logarithm: 0) }

    /// The logarithm of ``softmax()``, without loss of small probabilities.
    public func logSoftmax() -> Tensor { softmax("logSoftmax", logarithm: 1) }

    /// The logarithm of the sum of eˣ along the innermost dimension, which disappears.
    public func logSumExp() -> Tensor {
        let x = contiguous()
        let (rows, n) = rowsAndWidth
        let y = Tensor(uninitialized: Shape(shape.dropLast()), dtype: dtype)
        x.read { from in y.write { to in kernels.nn.log_sum_exp(from, to, rows, n) } }
        let constant = x.detached
        return y.recorded("logSumExp", from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: constant.shape, dtype: constant.dtype)
            constant.read { x in
                y.read { y in
                    dy.read { from in
                        dx.write { to in dy.kernels.nn.log_sum_exp_backward(x, y, from, to, rows, n)
                        }
                    }
                }
            }
            return dx
        }
    }
}
