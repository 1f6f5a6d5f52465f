import CMartletKernels

extension Shape {
    /// The shape around one dimension, as [outer, n, inner].
    func split(around axis: Int) -> (outer: Int, n: Int, inner: Int) {
        (self[0..<axis].reduce(1, *), self[axis], self[(axis + 1)...].reduce(1, *))
    }
}

extension Tensor {
    private func reduced(_ operation: mk_reduce_op, scale: Double, axis: Int, keepingRank: Bool)
        -> Tensor
    {
        let x = contiguous()
        let (outer, n, inner) = shape.split(around: axis)
        let small = keepingRank ? shape.replacing(axis, with: 1) : shape.removing(at: axis)
        let y = Tensor(uninitialized: small, dtype: dtype)
        x.read { from in
            y.write { to in kernels.reduce.reduce(operation, scale, from, to, outer, n, inner) }
        }
        return y
    }

    /// The sum over one dimension.
    public func sum(axis: Int, keepingRank: Bool = false) -> Tensor {
        let axis = shape.axis(axis)
        let full = shape
        return reduced(MK_REDUCE_SUM, scale: 1, axis: axis, keepingRank: keepingRank)
            .recorded("sum", from: self) { dy in
                (keepingRank ? dy : dy.expandingDimension(at: axis)).broadcast(to: full)
            }
    }

    /// The mean over one dimension, which must not be empty.
    public func mean(axis: Int, keepingRank: Bool = false) -> Tensor {
        let n = shape[axis]
        precondition(n > 0, "mean over an empty dimension: \(shape), axis \(axis)")
        return sum(axis: axis, keepingRank: keepingRank) * (1 / Double(n))
    }

    /// The sum of all elements, a scalar.
    public func sum() -> Tensor { reshaped([count]).sum(axis: 0) }

    /// The mean of all elements, a scalar.
    public func mean() -> Tensor { reshaped([count]).mean(axis: 0) }

    /// The mean squared distance from the mean over one dimension.
    public func variance(axis: Int, keepingRank: Bool = false) -> Tensor {
        (self - mean(axis: axis, keepingRank: true)).squared().mean(
            axis: axis, keepingRank: keepingRank)
    }

    private func extreme(
        _ name: StaticString, _ operation: mk_reduce_op, _ axis: Int, _ keepingRank: Bool
    ) -> Tensor {
        let axis = shape.axis(axis)
        precondition(shape[axis] > 0, "\(name) over an empty dimension: \(shape), axis \(axis)")
        let x = contiguous()
        let y = x.reduced(operation, scale: 1, axis: axis, keepingRank: keepingRank)
        let constant = (x.detached, y)
        return y.recorded(name, from: x) { dy in
            let (x, y) = constant
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
            let (outer, n, inner) = x.shape.split(around: axis)
            x.read { x in
                y.read { y in
                    dy.read { from in
                        dx.write { to in
                            dy.kernels.reduce.extreme_backward(x, y, from, to, outer, n, inner)
                        }
                    }
                }
            }
            return dx
        }
    }

    /// The largest element over one dimension; equal ones share the gradient.
    public func max(axis: Int, keepingRank: Bool = false) -> Tensor {
        extreme("max", MK_REDUCE_MAX, axis, keepingRank)
    }

    /// The smallest element over one dimension; equal ones share the gradient.
    public func min(axis: Int, keepingRank: Bool = false) -> Tensor {
        extreme("min", MK_REDUCE_MIN, axis, keepingRank)
    }

    /// The first position of the largest element over one dimension, int32.
    public func argmax(axis: Int) -> Tensor {
        let axis = shape.axis(axis)
        precondition(shape[axis] > 0, "argmax over an empty dimension: \(shape), axis \(axis)")
        let x = contiguous()
        let (outer, n, inner) = shape.split(around: axis)
        let y = Tensor(uninitialized: shape.removing(at: axis), dtype: .int32)
        x.read { from in
            y.write { to in
                kernels.reduce.arg_extreme(
                    0, from, to.assumingMemoryBound(to: Int32.self), outer, n, inner)
            }
        }
        return y
    }

    /// The sum of all squares, computed in double precision.
    public var sumOfSquares: Double {
        let x = contiguous()
        return x.read { kernels.reduce.sum_of_squares($0, count) }
    }
}
