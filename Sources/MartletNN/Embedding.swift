public import MartletTensor

/// A table that turns token numbers into vectors.
///
/// Parameter as in PyTorch's `nn.Embedding`: `weight [V, D]`.
public struct Embedding: Module {
    /// The vectors, `[vocabularySize, size]`.
    public var weight: Tensor
    /// The token whose vector is zero and is never trained.
    public var paddingIndex: Int?

    /// A table of normal random vectors of the given deviation; PyTorch's initialisation has 1.
    public init(
        vocabularySize: Int, size: Int, paddingIndex: Int? = nil, deviation: Double = 1,
        using random: inout RandomGenerator
    ) {
        weight = random.normal([vocabularySize, size], standardDeviation: deviation)
        self.paddingIndex = paddingIndex
        guard let row = paddingIndex, !random.isPlaceholder else { return }
        precondition(
            row >= 0 && row < vocabularySize, "padding index \(row) of \(vocabularySize) tokens")
        weight.mutateBytes { bytes in
            let width = size * MemoryLayout<Float>.size
            for index in row * width..<(row + 1) * width { bytes[index] = 0 }
        }
    }

    /// A table of the given vectors.
    public init(weight: Tensor, paddingIndex: Int? = nil) {
        self.weight = weight
        self.paddingIndex = paddingIndex
    }

    /// The vectors, `[..., size]`, of int32 tokens `[...]`, each in 0 ..< vocabularySize.
    public func callAsFunction(_ tokens: Tensor) -> Tensor {
        weight.embedding(tokens, paddingIndex: paddingIndex)
    }

    /// Visits `weight`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
    }
}
