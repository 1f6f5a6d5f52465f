import CMartletKernels

extension Tensor {
    /// One product of matrices [m, k] and [k, n], plus a bias [n]: views allowed, not recorded.
    ///
    /// A right matrix whose rows are contiguous and as long as whole vectors is read where it lies.
    package static func product(_ a: Tensor, _ b: Tensor, bias: Tensor? = nil) -> Tensor {
        let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
        let result = Tensor(uninitialized: [m, n], dtype: a.dtype)
        let (aStrides, bStrides) = (a.strides, b.strides)
        let bias = bias?.contiguous()
        a.readView { aPointer in
            b.readView { bPointer in
                result.write { c in
                    withExtendedLifetime(bias?.storage) {
                        let biasPointer = bias.map {
                            UnsafeRawPointer($0.storage.pointer + $0.offset * $0.dtype.byteCount)
                        }
                        a.kernels.matmul.gemm(
                            m, n, k, aPointer, aStrides[0], aStrides[1], bPointer, bStrides[0],
                            bStrides[1], c, n, 0, biasPointer)
                    }
                }
            }
        }
        return result
    }

    /// The matrix product of the two innermost dimensions: `[..., M, K] · [..., K, N]` is `[..., M, N]`.
    ///
    /// Outer dimensions broadcast. A product's row has the same bits alone as among others.
    public func matmul(_ other: Tensor) -> Tensor {
        precondition(
            rank >= 2 && other.rank >= 2 && dtype == other.dtype,
            "matmul: \(dtype) \(shape) x \(other.dtype) \(other.shape)")
        precondition(
            shape[-1] == other.shape[-2],
            "matmul: \(shape) x \(other.shape): inner sizes \(shape[-1]) and \(other.shape[-2]) differ"
        )
        let result: Tensor
        if rank == 2 && other.rank == 2 {
            result = Tensor.product(self, other)
        } else if other.rank == 2 {
            let rows = contiguous().detached.reinterpreted(as: [
                count / Swift.max(shape[-1], 1), shape[-1],
            ])
            result = Tensor.product(rows, other).reinterpreted(
                as: shape.replacing(rank - 1, with: other.shape[1]))
        } else {
            result = batchedProduct(other)
        }
        let constant = (detached, other.detached)
        return result.recorded("matmul", from: [self, other]) { dy, wanted in
            let (a, b) = constant
            return [
                wanted[0] ? dy.matmul(b.transposed()).summed(to: a.shape) : nil,
                wanted[1] ? a.weightGradient(dy, like: b) : nil,
            ]
        }
    }

    /// The gradient of b in `self · b`: one product over all rows if b is a single matrix.
    private func weightGradient(_ dy: Tensor, like b: Tensor) -> Tensor {
        if b.rank == 2 {
            let a = contiguous().reinterpreted(as: [count / Swift.max(shape[-1], 1), shape[-1]])
            let d = dy.contiguous().reinterpreted(as: [a.shape[0], dy.shape[-1]])
            return Tensor.product(a.transposed(), d)
        }
        return transposed().matmul(dy).summed(to: b.shape)
    }

    private func batchedProduct(_ other: Tensor) -> Tensor {
        let (m, k, n) = (shape[-2], shape[-1], other.shape[-1])
        let outer = Shape.broadcast(
            Shape(shape.dropLast(2)), Shape(other.shape.dropLast(2)), "matmul")
        let a = detached.broadcast(to: Shape(Array(outer) + [m, k])).contiguous()
        let b = other.detached.broadcast(to: Shape(Array(outer) + [k, n])).contiguous()
        let result = Tensor(uninitialized: Shape(Array(outer) + [m, n]), dtype: dtype)
        let size = dtype.byteCount
        a.read { a in
            b.read { b in
                result.write { c in
                    for index in 0..<outer.elementCount {
                        kernels.matmul.gemm(
                            m, n, k, a + index * m * k * size, k, 1, b + index * k * n * size, n, 1,
                            c + index * m * n * size, n, 0, nil)
                    }
                }
            }
        }
        return result
    }

    /// `x Wᵀ + b` of the innermost dimension: `[..., in]` with `weight [out, in]` is `[..., out]`.
    ///
    /// - Parameter isTransposed: whether `weight` is `[in, out]`, and the result `x W + b`.
    public func linear(
        weight: Tensor, bias: Tensor? = nil, isTransposed: Bool = false
    ) -> Tensor {
        precondition(
            rank >= 1 && weight.rank == 2 && shape[-1] == weight.shape[isTransposed ? 0 : 1]
                && dtype == weight.dtype,
            "linear: \(dtype) \(shape) with a weight \(weight.dtype) \(weight.shape)\(isTransposed ? ", transposed" : "")"
        )
        let size = weight.shape[isTransposed ? 1 : 0]
        precondition(
            bias == nil || bias!.shape == [size],
            "linear: a bias \(bias!.shape) with a weight \(weight.shape)")
        let x = contiguous()
        let rows = x.detached.reinterpreted(as: [x.shape.dropLast().reduce(1, *), shape[-1]])
        let w = isTransposed ? weight.detached : weight.detached.transposed()  // [in, out]
        let result = Tensor.product(rows, w, bias: bias?.detached)
            .reinterpreted(as: shape.replacing(rank - 1, with: size))
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        return result.recorded("linear", from: inputs) { dy, wanted in
            var gradients = Tensor.linearGradients(
                dy, rows, w, isTransposed: isTransposed, wanted)
            gradients[0] = gradients[0]?.reinterpreted(as: x.shape)
            return gradients
        }
    }

    /// The gradients of x, W and b in `x W + b`, of rows `[rows, in]` and W `[in, out]`; that of x is `[rows, in]`, too.
    private static func linearGradients(
        _ dy: Tensor, _ rows: Tensor, _ w: Tensor, isTransposed: Bool, _ wanted: [Bool]
    ) -> [Tensor?] {
        let d = dy.contiguous().reinterpreted(as: [rows.shape[0], w.shape[1]])
        let dx = wanted[0] ? Tensor.product(d, w.transposed()) : nil
        let (left, right) = isTransposed ? (rows, d) : (d, rows)
        let dw = wanted[1] ? Tensor.product(left.transposed(), right) : nil
        if wanted.count == 2 { return [dx, dw] }
        return [dx, dw, wanted[2] ? d.sum(axis: 0) : nil]
    }

    /// `f(x) Wᵀ + b`: an activation and a linear layer as one operation.
    ///
    /// Of the two, only x is kept for the gradient: f(x), which is as large, is computed again for it.
    ///
    /// - Parameter isTransposed: whether `weight` is `[in, out]`, and the result `f(x) W + b`.
    public func linear(
        after activation: GatedActivation, weight: Tensor, bias: Tensor? = nil,
        isTransposed: Bool = false
    ) -> Tensor {
        let x = contiguous()
        let constant = x.detached
        let result = constant.activated(activation).linear(
            weight: weight.detached, bias: bias?.detached, isTransposed: isTransposed)
        let w = isTransposed ? weight.detached : weight.detached.transposed()  // [in, out]
        let inputs = [x, weight] + (bias.map { [$0] } ?? [])
        return result.recorded("linearAfterActivation", from: inputs) { dy, wanted in
            let y = constant.activated(activation)
            let rows = y.reinterpreted(as: [
                y.shape.dropLast().reduce(1, *), y.shape[-1],
            ])
            var gradients = Tensor.linearGradients(
                dy, rows, w, isTransposed: isTransposed, wanted)
            gradients[0] = gradients[0].map {
                constant.activationGradient(
                    activation, y, inPlaceOf: $0.reinterpreted(as: constant.shape))
            }
            return gradients
        }
    }
}
