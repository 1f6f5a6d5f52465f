public import MartletNN
public import MartletTensor

/// A decoder of Hugging Face's: its scores are products of its features with the token vectors, or with weights of their own.
public protocol HuggingFaceDecoder: CausalLanguageModel, HuggingFaceModel
where State == AttentionState {
    /// The token vectors.
    var tokens: Embedding { get }
    /// What the features are compared with, `[V, D]`; nil: the token vectors.
    var outputWeight: Tensor? { get }
}

extension HuggingFaceDecoder {
    /// The number of tokens V.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// The longest sequence; nil: any.
    public var contextLength: Int? { configuration.contextLength }
    /// The output's weights where they are the token vectors.
    public var sharedNames: Set<String> { outputWeight == nil ? ["lm_head.weight"] : [] }

    /// The scores of the token after each, `[B, T, V]`.
    public func scores(of features: Tensor) -> Tensor {
        features.linear(weight: outputWeight ?? tokens.weight)
    }

    /// The mean cross-entropy of the tokens that really come next.
    public func loss(of features: Tensor, next: Tensor) -> Tensor {
        features.linearCrossEntropy(weight: outputWeight ?? tokens.weight, labels: next)
    }
}
