import CMartletKernels

/// The function of the gate in ``Tensor/gated(_:gate:up:)``, or before a linear layer.
public enum GatedActivation: String, Sendable, Hashable, CaseIterable, Codable {
    /// x · sigmoid(x): SwiGLU.
    case silu
    /// x Φ(x): GEGLU.
    case gelu
    /// x Φ(x), approximated by the hyperbolic tangent: GEGLU as Gemma has it.
    case geluTanh
    /// The larger of x and 0: ReGLU.
    case relu
    /// The logistic function: GLU (Dauphin et al. 2017).
    case sigmoid

    var operation: mk_unary_op {
        switch self {
        case .silu: MK_SILU
        case .gelu: MK_GELU
        case .geluTanh: MK_GELU_TANH
        case .relu: MK_RELU
        case .sigmoid: MK_SIGMOID
        }
    }
}

extension Tensor {
    /// The function of each element of a contiguous tensor, not recorded.
    func activated(_ activation: GatedActivation) -> Tensor {
        let y = Tensor(uninitialized: shape, dtype: dtype)
        read { from in
            y.write { to in kernels.elementwise.unary(activation.operation, from, to, count) }
        }
        return y
    }

    /// The gradient of the receiver, a contiguous tensor, where `y` is ``activated(_:)`` of it.
    ///
    /// - Parameter dy: the gradient of y, contiguous; the result takes its place, so nobody else may need it.
    func activationGradient(
        _ activation: GatedActivation, _ y: Tensor, inPlaceOf dy: Tensor
    ) -> Tensor {
        read { x in
            y.read { y in
                dy.write { place in
                    kernels.elementwise.unary_backward(
                        activation.operation, x, y, place, place, count)
                }
            }
        }
        return dy
    }

    /// activation(gate) · up, element by element (Shazeer 2020, "GLU Variants Improve Transformer").
    ///
    /// One pass over memory, and one back; what the activation gives is not kept.
    ///
    /// - Parameters:
    ///   - gate: what the activation is applied to.
    ///   - up: of the gate's shape.
    public static func gated(_ activation: GatedActivation, gate: Tensor, up: Tensor) -> Tensor {
        precondition(
            gate.shape == up.shape && gate.dtype == up.dtype,
            "gated: a gate \(gate.dtype) \(gate.shape) with \(up.dtype) \(up.shape)")
        let (gate, up) = (gate.contiguous(), up.contiguous())
        let operation = activation.operation
        let y = Tensor(uninitialized: gate.shape, dtype: gate.dtype)
        gate.read { gatePointer in
            up.read { up in
                gate.kernels.elementwise.gated(
                    operation, gatePointer, up, y.storage.pointer, gate.count)
            }
        }
        let constant = (gate.detached, up.detached)
        return y.recorded("gated", from: [gate, up]) { dy, _ in
            let (gate, up) = constant
            let dy = dy.contiguous()
            let dGate = Tensor(uninitialized: gate.shape, dtype: gate.dtype)
            let dUp = Tensor(uninitialized: gate.shape, dtype: gate.dtype)
            gate.read { gatePointer in
                up.read { up in
                    dy.read { from in
                        gate.kernels.elementwise.gated_backward(
                            operation, gatePointer, up, from, dGate.storage.pointer,
                            dUp.storage.pointer, gate.count)
                    }
                }
            }
            return [dGate, dUp]
        }
    }
}
