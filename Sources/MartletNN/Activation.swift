public import MartletTensor

/// A function of each element, by the name that Hugging Face's `config.json` has for it.
public enum Activation: String, Codable, Sendable, CaseIterable {
    /// The larger of x and 0.
    case relu
    /// x Φ(x) (Hendrycks & Gimpel 2016).
    case gelu
    /// GPT-2's approximation of it, by tanh.
    case geluNew = "gelu_new"
    /// The same approximation, by another name.
    case geluTanh = "gelu_pytorch_tanh"
    /// x σ(x) (Elfwing et al. 2017).
    case silu
    /// The same function, by another name.
    case swish
    /// The hyperbolic tangent.
    case tanh

    /// The function of each element.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .relu: x.relu()
        case .gelu: x.gelu()
        case .geluNew, .geluTanh: x.geluTanh()
        case .silu, .swish: x.silu()
        case .tanh: x.tanh()
        }
    }

    /// The same function by the name that fused operations have for it; nil where there is none.
    package var fused: GatedActivation? {
        switch self {
        case .relu: .relu
        case .gelu: .gelu
        case .geluNew, .geluTanh: .geluTanh
        case .silu, .swish: .silu
        case .tanh: nil
        }
    }

    /// The function of each element of `gate`, times that of `up` (Shazeer 2020, "GLU Variants Improve Transformer").
    public func gating(_ gate: Tensor, _ up: Tensor) -> Tensor {
        fused.map { .gated($0, gate: gate, up: up) } ?? self(gate) * up
    }

    /// `f(x) Wᵀ + b`, or `f(x) W + b`: the function, and a linear layer, of which only x is kept for the gradient.
    public func linear(
        _ x: Tensor, weight: Tensor, bias: Tensor?, isTransposed: Bool = false
    ) -> Tensor {
        guard let fused else {
            return self(x).linear(weight: weight, bias: bias, isTransposed: isTransposed)
        }
        return x.linear(after: fused, weight: weight, bias: bias, isTransposed: isTransposed)
    }
}

extension Linear {
    /// The layer's output of `activation(x)`, of which only x is kept for the gradient.
    public func callAsFunction(_ x: Tensor, after activation: Activation) -> Tensor {
        if packing != nil || scale != nil { return self(activation(x)) }
        return activation.linear(x, weight: weight, bias: bias)
    }
}
