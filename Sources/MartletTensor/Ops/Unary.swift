import CMartletKernels

extension Tensor {
    /// What an operation's gradient is computed from.
    private enum Kept { case input, result, neither }

    /// f(x) element by element; the gradient is f'(x) · dy, from x or y as the kernel needs.
    private func unary(_ name: StaticString, _ operation: mk_unary_op, keeping kept: Kept) -> Tensor
    {
        let x = contiguous()
        let y = Tensor(uninitialized: shape, dtype: dtype)
        x.read { from in y.write { to in kernels.elementwise.unary(operation, from, to, count) } }
        let keptX: Tensor? = kept == .input ? x.detached : nil
        let keptY: Tensor? = kept == .result ? y : nil
        return y.recorded(name, from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: dy.shape, dtype: dy.dtype)
            keptX.readIfPresent { x in
                keptY.readIfPresent { y in
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
    public static prefix func - (x: Tensor) -> Tensor {
        x.unary("negate", MK_NEGATE, keeping: .neither)
    }
    /// eˣ.
    public func exp() -> Tensor { unary("exp", MK_EXP, keeping: .result) }
    /// The natural logarithm.
    public func log() -> Tensor { unary("log", MK_LOG, keeping: .input) }
    /// The square root.
    public func squareRoot() -> Tensor { unary("squareRoot", MK_SQRT, keeping: .result) }
    /// 1 / √x.
    public func reciprocalSquareRoot() -> Tensor {
        unary("reciprocalSquareRoot", MK_RSQRT, keeping: .result)
    }
    /// |x|; the gradient at 0 is 0.
    public func absolute() -> Tensor { unary("absolute", MK_ABS, keeping: .input) }
    /// The hyperbolic tangent.
    public func tanh() -> Tensor { unary("tanh", MK_TANH, keeping: .result) }
    /// The logistic function, 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor { unary("sigmoid", MK_SIGMOID, keeping: .result) }
    /// The larger of x and 0.
    public func relu() -> Tensor { unary("relu", MK_RELU, keeping: .result) }
    /// x².
    public func squared() -> Tensor { unary("squared", MK_SQUARE, keeping: .input) }
    /// 1 / x.
    public func reciprocal() -> Tensor { unary("reciprocal", MK_RECIPROCAL, keeping: .result) }
    /// The sine, x in radians.
    public func sin() -> Tensor { unary("sin", MK_SIN, keeping: .input) }
    /// The cosine, x in radians.
    public func cos() -> Tensor { unary("cos", MK_COS, keeping: .input) }
    /// The Gauss error function.
    public func erf() -> Tensor { unary("erf", MK_ERF, keeping: .input) }
    /// x Φ(x), with the error function (Hendrycks & Gimpel 2016).
    public func gelu() -> Tensor { unary("gelu", MK_GELU, keeping: .input) }
    /// x Φ(x), approximated by the hyperbolic tangent (Hendrycks & Gimpel 2016).
    public func geluTanh() -> Tensor { unary("geluTanh", MK_GELU_TANH, keeping: .input) }
    /// x · sigmoid(x) (Elfwing et al. 2018).
    public func silu() -> Tensor { unary("silu", MK_SILU, keeping: .input) }
    /// log(1 + eˣ).
    public func softplus() -> Tensor { unary("softplus", MK_SOFTPLUS, keeping: .input) }
    /// log(sigmoid(x)).
    public func logSigmoid() -> Tensor { unary("logSigmoid", MK_LOG_SIGMOID, keeping: .input) }

    /// log(1 + x), exact for small x too.
    public func logOnePlus() -> Tensor { unary("logOnePlus", MK_LOG1P, keeping: .input) }
    /// eˣ − 1, exact for small x too.
    public func expMinusOne() -> Tensor { unary("expMinusOne", MK_EXPM1, keeping: .result) }
    /// −1, 0 or 1; the gradient is 0.
    public func sign() -> Tensor { unary("sign", MK_SIGN, keeping: .neither) }
    /// The largest whole number that is not above x; the gradient is 0.
    public func roundedDown() -> Tensor { unary("roundedDown", MK_FLOOR, keeping: .neither) }
    /// The smallest whole number that is not below x; the gradient is 0.
    public func roundedUp() -> Tensor { unary("roundedUp", MK_CEIL, keeping: .neither) }
    /// The nearest whole number, of two the even one; the gradient is 0.
    public func rounded() -> Tensor { unary("rounded", MK_ROUND, keeping: .neither) }

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
