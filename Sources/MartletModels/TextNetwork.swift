public import MartletNN
public import MartletTensor

/// What reads the vectors of a text in a ``SentimentClassifier``.
public enum TextArchitecture: String, Codable, Sendable, CaseIterable {
    /// Recurrent layers, in one or both directions.
    case recurrent
    /// Convolutions over a few tokens, of which the strongest answers count (Kim 2014, "Convolutional Neural Networks for
    /// Sentence Classification").
    case cnn
    /// Blocks of attention (Vaswani et al. 2017), to all tokens or only to those before.
    case transformer
    /// Nothing: the vectors are summed, in no order (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification").
    case bag
}

/// Convolutions of several sizes side by side over a text's vectors.
///
/// ```text
/// c_t^k = W^k [x_{t − ⌊k/2⌋} … x_{t − ⌊k/2⌋ + k − 1}] + b^k        for each size k; x is 0 outside of the text
/// ```
///
/// Weights: `0.weight [F, D, k]`, `0.bias [F]`, … in the order of the sizes, as of a `nn.ModuleList` of `nn.Conv1d`.
public struct TextConvolutions: Module {
    /// One for each size.
    public var layers: [Conv1D]

    /// Convolutions with random weights.
    ///
    /// - Parameters:
    ///   - inputSize: the width D of a vector.
    ///   - maps: the results F of each size.
    ///   - kernelSizes: the tokens that each looks at.
    public init(
        inputSize: Int, maps: Int, kernelSizes: [Int], using random: inout RandomGenerator
    ) {
        layers = kernelSizes.map { size in
            Conv1D(
                inputSize: inputSize, outputSize: maps, kernelSize: size, padding: size / 2,
                using: &random)
        }
    }

    /// The results of all sizes together.
    public var outputSize: Int { layers.reduce(0) { $0 + $1.weight.shape[0] } }

    /// The results at each token, `[B, T, sizes · F]`, of `[B, T, D]` with T ≥ 1.
    ///
    /// - Parameter lengths: the tokens of each text; what stands beyond is taken as 0.
    public func callAsFunction(_ x: Tensor, lengths: [Int]) -> Tensor {
        let (B, T) = (x.shape[0], x.shape[1])
        let isReal = lengths.flatMap { length in (0..<T).map { $0 < length ? Float(1) : 0 } }
        let mask = Tensor(isReal, shape: [B, T, 1]).cast(to: x.dtype)
        let channels = (x * mask).transposed(1, 2)
        // An even size gives one result more: of a window that begins behind the text.
        let parts = layers.map { $0(channels).slice(axis: 2, 0..<T) }
        return Tensor.concatenate(parts, axis: 1).transposed(1, 2)
    }

    /// Visits the parameters.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        for place in layers.indices {
            try layers[place].forEachParameter(in: "\(place)", visit)
        }
    }
}
