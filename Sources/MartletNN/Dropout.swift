public import MartletTensor

/// Sets each element to 0 with a probability, and scales the others so that the mean stays.
///
/// Srivastava et al. 2014. There is no training switch: the caller gives random numbers while training
/// and nil otherwise, so that the same call always means the same.
public struct Dropout: Sendable {
    /// The probability of dropping an element, 0 ..< 1.
    public var probability: Double

    /// A layer that drops with the given probability, 0 ..< 1.
    public init(_ probability: Double) {
        precondition(probability >= 0 && probability < 1, "dropout probability \(probability)")
        self.probability = probability
    }

    /// The input with elements dropped; the input itself without random numbers.
    public func callAsFunction(_ input: Tensor, using random: inout RandomGenerator?) -> Tensor {
        guard probability > 0, random != nil else { return input }
        return input.dropout(probability: probability, using: &random!)
    }

    /// What elements of such a shape are multiplied with: 0 or 1/(1 − probability); nil without random numbers.
    func mask(_ shape: Shape, _ dtype: DType, using random: inout RandomGenerator?) -> Tensor? {
        guard probability > 0, random != nil else { return nil }
        return Tensor.ones(shape, dtype: dtype).dropout(probability: probability, using: &random!)
    }
}
