#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a model could write for a source.
public struct BeamHypothesis: Sendable, Equatable {
    /// What is written: with what it had to begin with, without the beginning and the end.
    public var tokens: [Int32]
    /// The logarithm of its probability, the end included: by the model's own probabilities, whatever was suppressed.
    public var logProbability: Double
    /// What hypotheses are ordered by: the logarithm, divided as the ``LengthPenalty`` says.
    public var score: Double
    /// Whether it ends. If not it was cut at the longest length, or nothing was allowed to follow.
    public var isComplete: Bool
    /// How much each token that was read counted for each one that is written, `[tokens][source]`; nil if the model does not
    /// tell.
    public var attention: [[Float]]?

    /// A hypothesis of these parts.
    public init(
        tokens: [Int32], logProbability: Double, score: Double, isComplete: Bool,
        attention: [[Float]]? = nil
    ) {
        self.tokens = tokens
        self.logProbability = logProbability
        self.score = score
        self.isComplete = isComplete
        self.attention = attention
    }
}

/// How hypotheses of different lengths are compared.
///
/// Longer ones are less likely, as each token costs some probability. The length is that of the tokens, and one more if a
/// hypothesis ends.
public enum LengthPenalty: Sendable, Equatable {
    /// By their probability alone.
    case none
    /// The logarithm of the probability by lengthᵉ; of e = 1, the mean of the tokens.
    case length(exponent: Double = 1)
    /// The logarithm of the probability by ((5 + length) / 6)^α (Wu et al. 2016).
    case wu(alpha: Double = 0.6)

    /// What a logarithm of a probability is divided by.
    ///
    /// - Parameter length: at least 1.
    public func divisor(length: Int) -> Double {
        switch self {
        case .none: 1
        case .length(let exponent): pow(Double(length), exponent)
        case .wu(let alpha): pow((5 + Double(length)) / 6, alpha)
        }
    }
}
