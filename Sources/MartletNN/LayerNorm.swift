public import MartletTensor

/// Normalisation of the innermost dimension: `y = (x − mean) / √(variance + ε) · weight + bias`.
///
/// Ba, Kiros & Hinton 2016, "Layer Normalization". Parameters as in PyTorch: `weight [D]`, `bias [D]`.
public struct LayerNorm: Module {
    /// The scale, `[size]`, or nil for 1.
    public var weight: Tensor?
    /// The offset, `[size]`, or nil for 0.
    public var bias: Tensor?
    /// What is added to the variance.
    public var epsilon: Double

    /// A layer that starts as the plain normalisation.
    public init(size: Int, epsilon: Double = 1e-5, affine: Bool = true) {
        weight = affine ? Tensor.ones([size]) : nil
        bias = affine ? Tensor.zeros([size]) : nil
        self.epsilon = epsilon
    }

    /// The normalised input, of its shape `[..., size]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
    }

    /// Visits `weight` and `bias`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try weight.visit("weight", visit)
        try bias.visit("bias", visit)
    }
}
