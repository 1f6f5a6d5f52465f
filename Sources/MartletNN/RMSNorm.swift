public import MartletTensor

/// Normalisation of the innermost dimension by its root mean square: `y = x / √(mean(x²) + ε) · (weight + offset)`.
///
/// Zhang & Sennrich 2019, "Root Mean Square Layer Normalization". Parameter as in PyTorch's `nn.RMSNorm`: `weight [D]`.
public struct RMSNorm: Module {
    /// The scale, `[size]`.
    public var weight: Tensor
    /// What is added to the mean of the squares.
    public var epsilon: Double
    /// What is added to the weight: 1 where it is kept as the distance from 1, as Gemma's is.
    public let weightOffset: Double

    /// A layer that starts as the plain normalisation.
    public init(size: Int, epsilon: Double = 1e-6, weightOffset: Double = 0) {
        weight = Tensor.full([size], 1 - weightOffset)
        self.epsilon = epsilon
        self.weightOffset = weightOffset
    }

    /// The normalised input, of its shape `[..., size]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.rmsNorm(weight: weight, epsilon: epsilon, weightOffset: weightOffset)
    }

    /// Visits `weight`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
    }
}
