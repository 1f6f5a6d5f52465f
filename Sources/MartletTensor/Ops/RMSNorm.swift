import CMartletKernels

extension Tensor {
    /// Each row of the innermost dimension over its root mean square, `x / √(mean(x²) + ε) · (weight + offset)`.
    ///
    /// Zhang & Sennrich 2019, "Root Mean Square Layer Normalization".
    ///
    /// - Parameters:
    ///   - weight: `[D]` for an input `[..., D]`, or nil for a factor of 1.
    ///   - epsilon: what is added to the mean of the squares.
    ///   - weightOffset: 1 where the weight is kept as the distance from 1, as Gemma's is; else 0.
    public func rmsNorm(weight: Tensor?, epsilon: Double = 1e-6, weightOffset: Double = 0) -> Tensor
    {
        let (rows, n) = rowsAndWidth
        precondition(
            weight == nil || (weight!.shape == [n] && weight!.dtype == dtype),
            "rmsNorm: \(dtype) \(shape) with a weight \(weight!.dtype) \(weight!.shape)")
        let x = contiguous()
        let gamma = weight?.contiguous()
        let y = Tensor(uninitialized: shape, dtype: dtype)
        let reciprocals = Tensor(uninitialized: [rows], dtype: dtype)
        x.read { from in
            gamma.readIfPresent { gamma in
                kernels.nn.rms_norm(
                    from, gamma, weightOffset, epsilon, y.storage.pointer,
                    reciprocals.storage.pointer, rows, n)
            }
        }
        let constant = (x.detached, gamma?.detached)
        return y.recorded("rmsNorm", from: [x] + (gamma.map { [$0] } ?? [])) { dy, wanted in
            let (x, gamma) = constant
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
            let dGamma =
                wanted.count > 1 && wanted[1] ? Tensor(uninitialized: [n], dtype: x.dtype) : nil
            x.read { x in
                gamma.readIfPresent { gamma in
                    reciprocals.read { reciprocals in
                        dy.read { from in
                            dy.kernels.nn.rms_norm_backward(
                                x, gamma, weightOffset, reciprocals, from, dx.storage.pointer,
                                dGamma?.storage.pointer, rows, n)
                        }
                    }
                }
            }
            return wanted.count > 1 ? [dx, dGamma] : [dx]
        }
    }
}
