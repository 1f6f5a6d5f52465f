public import MartletTensor

/// What one pass through a Transformer hands from layer to layer: what was read before, which tokens are real, random numbers.
///
/// ```swift
/// var pass = AttentionPass(length: tokens.shape[1], state: state)
/// for (layer, block) in blocks.enumerated() { x = block(x, layer, &pass) }
/// state = pass.finished
/// ```
public struct AttentionPass: Sendable {
    /// Keys and values of before, to which the layers add; nil: nothing is kept.
    public var state: AttentionState?
    /// Which of all positions, those of before included, are real.
    public var mask: TokenMask
    /// Random numbers for dropout; nil when not training.
    public var random: RandomGenerator?
    /// The positions that are read in this pass.
    public let length: Int
    /// The position of the first of them.
    public let start: Int
    /// Of sequences that have read different much, the position of the first of each; nil: all at ``start``.
    public let starts: [Int]?
    /// Of sequences that lie one after another without padding, the positions of each; nil: they lie side by side.
    public let counts: [Int]?

    /// A pass over `length` further positions.
    public init(
        length: Int, state: AttentionState? = nil, mask: TokenMask = .all,
        dropout random: RandomGenerator? = nil
    ) {
        self.length = length
        self.state = state
        self.mask = mask
        self.random = random
        start = state?.position ?? 0
        starts = state?.positions
        counts = nil
    }

    /// A pass over whole sequences that lie one after another without padding, of so many positions each: tensors of it are
    /// `[T₁ + … + T_B, D]` in place of `[B, T, D]`.
    public init(packed counts: [Int], dropout random: RandomGenerator? = nil) {
        self.counts = counts
        self.random = random
        length = counts.reduce(0, +)
        mask = .all
        start = 0
        starts = nil
    }

    /// The positions of this pass, int32 `[T]`; of sequences one after another of each, `[T₁ + … + T_B]`; of sequences that have
    /// read different much of each, `[B, T]`.
    public var positions: Tensor {
        if let starts {
            return Tensor(
                starts.flatMap { start in (0..<length).map { Int32(start + $0) } },
                shape: [starts.count, length])
        }
        return Tensor(
            (counts ?? [length]).flatMap { count in (0..<count).map { Int32(start + $0) } })
    }

    /// What was read, with this pass, when all layers are done.
    public var finished: AttentionState? {
        var result = state
        result?.position += length
        return result
    }

    /// Attention of a layer to what it has read: of this pass, and of before.
    ///
    /// - Parameters:
    ///   - query: `[B, T, N, K]`, or `[T₁ + … + T_B, N, K]`.
    ///   - key: `[B, T, G, K]`, N a multiple of G, or `[T₁ + … + T_B, G, K]`; kept in the state if there is one.
    ///   - value: of the same shape.
    ///   - rule: what a query may see, and how.
    ///   - distanceBias: added to scores by distance, `[N, S + T − 1]`; see `Tensor.attention`.
    /// - Returns: `[B, T, N · K]`, or `[T₁ + … + T_B, N · K]`.
    public mutating func attend(
        query: Tensor, key: Tensor, value: Tensor, layer: Int, rule: AttentionRule,
        distanceBias: Tensor? = nil
    ) -> Tensor {
        if let counts {
            return rule.attend(
                packedQuery: query, key: key, value: value, queryCounts: counts,
                keyCounts: counts, distanceBias: distanceBias, dropout: &random)
        }
        var (key, value, mask) = (key, value, mask)
        if state != nil {
            state!.caches[layer].append(key: key, value: value)
            (key, value) = (state!.caches[layer].key, state!.caches[layer].value)
            if let counts = state!.caches[layer].counts {
                // A single query of each sequence sees all that the sequence has read.
                precondition(
                    length == 1 && distanceBias == nil,
                    "sequences that begin at different times go on step by step")
                mask = .lengths(counts)
            }
        }
        return rule.attend(
            query: query, key: key, value: value, mask: mask,
            distanceBias: distanceBias, dropout: &random)
    }

    /// Sets elements to 0 with a probability while training.
    public mutating func dropout(_ x: Tensor, _ probability: Double) -> Tensor {
        Dropout(probability)(x, using: &random)
    }
}

/// What queries may see, and how scores are made.
public struct AttentionRule: Sendable, Equatable {
    /// Whether a position sees only itself and those before.
    public var isCausal = false
    /// How far it sees, its own position included; nil: without limit.
    public var window: Int?
    /// What products of queries and keys are multiplied with; nil: 1 / √K.
    public var scale: Double?
    /// The largest score, kept so by cap · tanh(score / cap); nil: none.
    public var logitCap: Double?
    /// The probability of dropping a weight while training.
    public var dropout = 0.0

    /// A rule.
    public init(
        isCausal: Bool = false, window: Int? = nil, scale: Double? = nil, logitCap: Double? = nil,
        dropout: Double = 0
    ) {
        self.isCausal = isCausal
        self.window = window
        self.scale = scale
        self.logitCap = logitCap
        self.dropout = dropout
    }

    /// Attention of queries `[B, T, N, K]` to keys and values `[B, S, G, K]`: `[B, T, N · K]`.
    ///
    /// - Parameter isApart: whether each query is worked on by itself; see `Tensor.attention`.
    public func attend(
        query: Tensor, key: Tensor, value: Tensor, mask: TokenMask = .all,
        distanceBias: Tensor? = nil, isApart: Bool = false, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (B, T, N) = (query.shape[0], query.shape[1], query.shape[2])
        return Tensor.attention(
            query: query, key: key, value: value,
            mask: AttentionMask(isCausal: isCausal, window: window, lengths: mask.lengths),
            scale: scale, distanceBias: distanceBias, visible: mask.visible(queries: T),
            logitCap: logitCap, dropout: attentionDropout(using: &random), isApart: isApart
        ).reshaped([B, T, N * value.shape[3]])
    }

    /// Attention of queries `[T₁ + … + T_B, N, K]` to keys and values `[S₁ + … + S_B, G, K]` of sequences that lie one after
    /// another: `[T₁ + … + T_B, N · K]`.
    public func attend(
        packedQuery query: Tensor, key: Tensor, value: Tensor, queryCounts: [Int],
        keyCounts: [Int], distanceBias: Tensor? = nil, dropout random: inout RandomGenerator?
    ) -> Tensor {
        Tensor.attention(
            packedQuery: query, key: key, value: value, queryCounts: queryCounts,
            keyCounts: keyCounts, mask: AttentionMask(isCausal: isCausal, window: window),
            scale: scale, distanceBias: distanceBias, logitCap: logitCap,
            dropout: attentionDropout(using: &random)
        ).reshaped([query.shape[0], query.shape[1] * value.shape[2]])
    }
}

extension AttentionRule {
    /// How much each key counts for each query, `[B, T, S]`: the mean over the heads, with no dropout. Of a row, the weights sum
    /// to 1 over the keys that are real, or to 0 where none is.
    ///
    /// To look at, of queries `[B, T, N, K]` and keys `[B, S, N, K]`, by a rule that lets them see all.
    public func weights(query: Tensor, key: Tensor, mask: TokenMask = .all) -> Tensor {
        precondition(
            !isCausal && window == nil && logitCap == nil && query.shape[2] == key.shape[2],
            "weights of attention: \(self), query \(query.shape), key \(key.shape)")
        let scores = query.permuted([0, 2, 1, 3]).matmul(key.permuted([0, 2, 3, 1]))
        let scale = scale ?? 1 / Double(query.shape[3]).squareRoot()
        let real = mask.flags(width: key.shape[1])
            .map { $0.reshaped([$0.shape[0], 1, 1, $0.shape[1]]) }
        return (scores * scale).softmax(where: real).mean(axis: 1)
    }

    /// Dropout of weights; nil when not training.
    public func attentionDropout(using random: inout RandomGenerator?) -> AttentionDropout? {
        guard dropout > 0, random != nil else { return nil }
        return AttentionDropout(probability: dropout, using: &random!)
    }
}

extension Tensor {
    /// The softmax of the innermost dimension over what is real, as bool that broadcasts; nil: all. What is not is 0, in rows
    /// without anything real, too.
    func softmax(where real: Tensor?) -> Tensor {
        guard let real else { return softmax() }
        let (hidden, none) = (Tensor.full([], -1e30, dtype: dtype), Tensor.zeros([], dtype: dtype))
        // The second time for rows that have nothing real at all.
        return real.select(real.select(self, hidden).softmax(), none)
    }

    /// `[…, N · K]` as `[…, N, K]`.
    public func splitIntoHeads(_ heads: Int) -> Tensor {
        reshaped(Array(shape.dropLast()) + [heads, shape[-1] / heads])
    }
}
