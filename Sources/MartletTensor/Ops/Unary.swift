import CMartletKernels

extension Tensor {
    /// f(x) element by element; the gradient is f'(x) · dy, from x or y as the kernel needs.
    private func unary(_ name: StaticString, _ operation: mk_unary_op) -> Tensor {
        let x = contiguous()
        let y = Tensor(uninitialized: shape, dtype: dtype)
        x.read { from in y.write { to in kernels.elementwise.unary(operation, from, to, count) } }
        let constant = (x.detached, y)
        return y.recorded(name, from: x) { dy in
            let (x, y) = constant
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: dy.shape, dtype: dy.dtype)
            x.read { x in
                y.read { y in
                    dy.read { from in
                        dx.write { to in
                            dy.kernels.elementwise.unary_backward(
                                operation, x, y, from, to, dy.count)
                        }
                    }
                }
            }
            return dx
        }
    }

    /// −x.
    public static prefix func - (x: Tensor) -> Tensor { x.unary("negate", MK_NEGATE) }
    /// eˣ.
    public func exp() -> Tensor { unary("exp", MK_EXP) }
    /// The natural logarithm.
    public func log() -> Tensor { unary("log", MK_LOG) }
    /// The square root.
    public func squareRoot() -> Tensor { unary("squareRoot", MK_SQRT) }
    /// 1 / √x.
    public func reciprocalSquareRoot() -> Tensor { unary("reciprocalSquareRoot", MK_RSQRT) }
    /// |x|; the gradient at 0 is 0.
    public func absolute() -> Tensor { unary("absolute", MK_ABS) }
    /// The hyperbolic tangent.
    public func tanh() -> Tensor { unary("tanh", MK_TANH) }
    /// The logistic function, 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor { unary("sigmoid", MK_SIGMOID) }
    /// The larger of x and 0.
    public func relu() -> Tensor { unary("relu", MK_RELU) }
    /// x².
    public func squared() -> Tensor { unary("squared", MK_SQUARE) }
    /// 1 / x.
    public func reciprocal() -> Tensor { unary("reciprocal", MK_RECIPROCAL) }
    /// The sine, x in radians.
    public func sin() -> Tensor { unary("sin", MK_SIN) }
    /// The cosine, x in radians.
    public func cos() -> Tensor { unary("cos", MK_COS) }
    /// The Gauss error function.
    public func erf() -> Tensor { unary("erf", MK_ERF) }
    /// x Φ(x), with the error function (Hendrycks & Gimpel 2016).
    public func gelu() -> Tensor { unary("gelu", MK_GELU) }
    /// x Φ(x), approximated by the hyperbolic tangent (Hendrycks & Gimpel 2016).
    public func geluTanh() -> Tensor { unary("geluTanh", MK_GELU_TANH) }
    /// x · sigmoid(x) (Elfwing et al. 2018).
    public func silu() -> Tensor { unary("silu", MK_SILU) }
    /// log(1 + eˣ).
    public func softplus() -> Tensor { unary("softplus", MK_SOFTPLUS) }
    /// log(sigmoid(x)).
    public func logSigmoid() -> Tensor { unary("logSigmoid", MK_LOG_SIGMOID) }

    /// x within the given range; the gradient is 0 outside.
    public func clamped(to range: ClosedRange<Double>) -> Tensor {
        let x = contiguous()
        let y = Tensor(uninitialized: shape, dtype: dtype)
        x.read { from in
            y.write { to in
                kernels.elementwise.clamp(from, range.lowerBound, range.upperBound, to, count)
            }
        }
        let constant = x.detached
        return y.recorded("clamped", from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: dy.shape, dtype: dy.dtype)
            constant.read { x in
                dy.read { from in
                    dx.write { to in
                        dy.kernels.elementwise.clamp_backward(
                            x, range.lowerBound, range.upperBound, from, to, dy.count)
                    }
                }
            }
            return dx
        }
    }
}
