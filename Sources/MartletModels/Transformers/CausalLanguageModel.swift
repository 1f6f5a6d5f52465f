public import MartletNN
public import MartletTensor

/// A language model that reads from left to right: of each token, which one comes next.
public protocol CausalLanguageModel: Model {
    /// What it knows between two steps.
    associatedtype State: SequenceState

    /// The number of tokens V.
    var vocabularySize: Int { get }
    /// The longest sequence that can be read; nil: any.
    var contextLength: Int? { get }
    /// What it knows before anything is read, of `batch` sequences.
    func emptyState(batch: Int) -> State

    /// What the scores are products of.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`, each 0 ..< V.
    ///   - mask: which tokens are real, of all that were read.
    ///   - state: what was read before, to which this is added; nil: nothing was, and nothing is kept.
    ///   - random: random numbers for dropout; nil when not training.
    /// - Returns: `[B, T, D]`.
    func features(
        _ tokens: Tensor, mask: TokenMask, state: inout State?,
        dropout random: inout RandomGenerator?
    ) -> Tensor

    /// The scores of the token after each, before the softmax, `[B, T, V]`, of ``features(_:mask:state:dropout:)``.
    func scores(of features: Tensor) -> Tensor

    /// The mean cross-entropy, in nats, of the tokens that really come next; −100 where it does not count.
    func loss(of features: Tensor, next: Tensor) -> Tensor
}

extension CausalLanguageModel {
    /// The mean cross-entropy of the tokens that really come next, without ever holding the scores of all rows.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`.
    ///   - next: int32 `[B, T]`: the token after each; −100 where it does not count.
    public func loss(
        _ tokens: Tensor, next: Tensor, mask: TokenMask = .all,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        var state: State?
        return loss(
            of: features(tokens, mask: mask, state: &state, dropout: &random), next: next)
    }

    /// The scores of the token after each, before the softmax, `[B, T, V]`.
    public func callAsFunction(_ tokens: Tensor, mask: TokenMask = .all) -> Tensor {
        var (state, none): (State?, RandomGenerator?) = (nil, nil)
        return scores(of: features(tokens, mask: mask, state: &state, dropout: &none))
    }

    /// The scores of the token after each, with what was read before, to which this is added.
    public func callAsFunction(_ tokens: Tensor, state: inout State?) -> Tensor {
        var none: RandomGenerator?
        return scores(of: features(tokens, mask: .all, state: &state, dropout: &none))
    }

    /// Scores of named tensors: `input_ids [B, T]` (int32 or int64) and, if given, `attention_mask [B, T]` give
    /// `logits [B, T, V]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, a token outside of the
    ///   vocabulary, or a sequence longer than the context.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "input_ids", below: vocabularySize, shape: [nil, nil])
        let mask = try reader.takeMask(like: tokens, context: contextLength)
        try reader.finish()
        return ["logits": self(tokens, mask: mask)]
    }
}

extension InputReader {
    /// The `attention_mask` of tokens, if there is one; refuses sequences longer than the context.
    mutating func takeMask(
        like tokens: Tensor, context: Int?, name: String = "attention_mask",
        of tokensName: String = "input_ids"
    ) throws -> TokenMask {
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        if let context, T > context {
            throw ModelError(
                "input tensor \"\(tokensName)\" has sequences of \(T) tokens: this model reads at most \(context) (max_position_embeddings); cut them, or give them in parts"
            )
        }
        return try takeMask(name, [B, T]).map(TokenMask.init) ?? .all
    }
}
