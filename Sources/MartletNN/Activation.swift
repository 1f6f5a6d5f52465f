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

    /// The function of each element of `gate`, times that of `up` (Shazeer 2020, "GLU Variants Improve Transformer").
    public func gating(_ gate: Tensor, _ up: Tensor) -> Tensor {
        switch self {
        case .relu: .gated(.relu, gate: gate, up: up)
        case .gelu: .gated(.gelu, gate: gate, up: up)
        case .geluNew, .geluTanh: .gated(.geluTanh, gate: gate, up: up)
        case .silu, .swish: .gated(.silu, gate: gate, up: up)
        case .tanh: gate.tanh() * up
        }
    }
}
