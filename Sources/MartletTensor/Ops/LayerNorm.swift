import CMartletKernels

extension Tensor {
    /// Each row of the innermost dimension with mean 0 and variance 1, times `weight`, plus `bias` (Ba et al. 2016).
    public func layerNorm(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5)
        -> Tensor
    {
        let (rows, n) = rowsAndWidth
        for part in [weight, bias] {
            precondition(
                part == nil || part!.shape == [n],
                "layerNorm: \(shape) with parameters \(part!.shape)")
        }
        let x = contiguous()
        let (gamma, beta) = (weight?.contiguous(), bias?.contiguous())
        let y = Tensor(uninitialized: shape, dtype: dtype)
        let means = Tensor(uninitialized: [rows], dtype: dtype)
        let reciprocals = Tensor(uninitialized: [rows], dtype: dtype)
        x.read { from in
            gamma.readIfPresent { gamma in
                beta.readIfPresent { beta in
                    kernels.nn.layer_norm(
                        from, gamma, beta, epsilon, y.storage.pointer, means.storage.pointer,
                        reciprocals.storage.pointer, rows, n)
                }
            }
        }
        let constant = (x.detached, gamma?.detached)
        let hasBias = beta != nil
        let inputs = [x] + (gamma.map { [$0] } ?? []) + (beta.map { [$0] } ?? [])
        return y.recorded("layerNorm", from: inputs) { dy, wanted in
            let (x, gamma) = constant
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
            let dGamma =
                gamma != nil && wanted[1] ? Tensor(uninitialized: [n], dtype: x.dtype) : nil
            let dBeta =
                hasBias && wanted.last! ? Tensor(uninitialized: [n], dtype: x.dtype) : nil
            x.read { xPointer in
                gamma.readIfPresent { gamma in
                    means.read { means in
                        reciprocals.read { reciprocals in
                            dy.read { from in
                                dy.kernels.nn.layer_norm_backward(
                                    xPointer, gamma, means, reciprocals, from, dx.storage.pointer,
                                    dGamma?.storage.pointer, dBeta?.storage.pointer, rows, n)
                            }
                        }
                    }
                }
            }
            return [dx] + (gamma == nil ? [] : [dGamma]) + (hasBias ? [dBeta] : [])
        }
    }
}

extension Optional<Tensor> {
    /// Calls `body` with the first element of a contiguous tensor, or with nil.
    func readIfPresent<Result>(_ body: (UnsafeRawPointer?) -> Result) -> Result {
        guard let tensor = self else { return body(nil) }
        return tensor.read { body($0) }
    }
}
