public import MartletTensor

/// How a recurrent decoder looks at the states of an encoder.
public enum DecoderAttentionKind: String, Codable, Sendable, CaseIterable {
    /// Additive: a small network compares a state with each of the encoder's (Bahdanau et al. 2015).
    case bahdanau
    /// Multiplicative: a product compares them, "general" in the paper (Luong et al. 2015).
    case luong
}

/// The states of an encoder, made ready to be attended to.
public struct AttendedStates: Sendable {
    /// The states h, `[B, S, E]`.
    public var states: Tensor
    /// What queries are compared with: U h of additive attention, `[B, S, A]`; nil: the states themselves.
    public var keys: Tensor?
    /// Which of them are of real tokens; the others are never attended to.
    public var mask: TokenMask
    /// The same as bool `[B, S]`; nil: all are.
    public let real: Tensor?

    init(states: Tensor, keys: Tensor?, mask: TokenMask) {
        self.states = states
        self.keys = keys
        self.mask = mask
        real = mask.flags(width: states.shape[1])
    }

    /// Those of some sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> AttendedStates {
        AttendedStates(
            states: states.selectingRows(rows), keys: keys?.selectingRows(rows),
            mask: mask.selecting(rows))
    }
}

/// Attention of a recurrent decoder's states s to the states h of an encoder.
///
/// ```text
/// e_j = vᵀ tanh(W s + U h_j)              bahdanau
/// e_j = vᵀ tanh(W s + U h_j + w Σ α_j)    bahdanau with coverage: Σ α_j of the queries before (See et al. 2017)
/// e_j = sᵀ Wᵀ h_j                         luong
/// α = softmax(e) over real tokens;   c = Σ_j α_j h_j
/// ```
///
/// A sequence without any real token gets weights and a context of zero.
///
/// Weights: `query.weight` W, `[A, H]` or `[E, H]`; of bahdanau also `key.weight` U, `[A, E]`, and `score.weight` v, `[1, A]`;
/// with coverage `coverage.weight` w, `[A, 1]`.
public struct DecoderAttention: Module {
    /// How states are compared.
    public let kind: DecoderAttentionKind
    /// From a state of the decoder.
    public var query: Linear
    /// From a state of the encoder; only additive.
    public var key: Linear?
    /// From the sum of both to a score; only additive.
    public var score: Linear?
    /// From how much of a state was looked at before; only additive, and on request.
    public var coverage: Linear?

    /// Attention with random weights.
    ///
    /// - Parameters:
    ///   - querySize: the width H of the decoder's states.
    ///   - stateSize: the width E of the encoder's.
    ///   - size: the width A in which additive attention compares them.
    ///   - covering: whether it knows how much it looked at each before; only additive attention can.
    public init(
        _ kind: DecoderAttentionKind, querySize: Int, stateSize: Int, size: Int,
        covering: Bool = false, using random: inout RandomGenerator
    ) {
        precondition(!covering || kind == .bahdanau, "coverage of attention that is not additive")
        func linear(_ inputs: Int, _ outputs: Int) -> Linear {
            Linear(inputSize: inputs, outputSize: outputs, bias: false, using: &random)
        }
        self.kind = kind
        switch kind {
        case .bahdanau:
            query = linear(querySize, size)
            key = linear(stateSize, size)
            score = linear(size, 1)
            if covering { coverage = linear(1, size) }
        case .luong:
            query = linear(querySize, stateSize)
        }
    }

    /// Changes the matrices; what makes scores is none.
    package mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
        change(&query)
        if key != nil { change(&key!) }
    }

    /// Visits `query.weight` and, where they are, `key.weight`, `score.weight` and `coverage.weight`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try query.forEachParameter(in: "query", visit)
        try key.forEachParameter(in: "key", visit)
        try score.forEachParameter(in: "score", visit)
        try coverage.forEachParameter(in: "coverage", visit)
    }

    /// The states of an encoder, `[B, S, E]`, made ready: what is the same for all queries is computed once.
    public func attending(to states: Tensor, mask: TokenMask = .all) -> AttendedStates {
        AttendedStates(states: states, keys: key?(states), mask: mask)
    }

    /// How much each state counts for each query, `[B, T, S]`: of a row, the weights sum to 1 over the real tokens.
    public func weights(_ queries: Tensor, _ memory: AttendedStates) -> Tensor {
        if kind == .bahdanau { return looking(queries, memory).weights }
        let scores = query(queries).matmul(memory.states.transposed())
        return scores.softmax(where: memory.real?.expandingDimension(at: 1))
    }

    /// The contexts c, `[B, T, E]`, of queries `[B, T, H]`, with the weights α that they are made with, `[B, T, S]`.
    ///
    /// - Parameter covered: the sums of the weights before each query, `[B, T, S]`, where there is a ``coverage``.
    public func looking(
        _ queries: Tensor, _ memory: AttendedStates, covered: Tensor? = nil
    ) -> (context: Tensor, weights: Tensor) {
        guard kind == .bahdanau, let score, let keys = memory.keys else {
            let weights = weights(queries, memory)
            return (weights.matmul(memory.states), weights)
        }
        return Tensor.additiveAttention(
            query: query(queries), key: keys, score: score.weight.reshaped([-1]),
            value: memory.states, real: memory.real,
            coverage: coverage.flatMap { coverage in
                covered.map {
                    AttentionCoverage(sums: $0, weight: coverage.weight.reshaped([-1]))
                }
            })
    }

    /// The contexts c, `[B, T, E]`, of queries `[B, T, H]`.
    ///
    /// Never holds all weights of multiplicative attention.
    public func callAsFunction(_ queries: Tensor, _ memory: AttendedStates) -> Tensor {
        if kind == .bahdanau { return looking(queries, memory).context }
        let (B, T) = (queries.shape[0], queries.shape[1])
        let (S, E) = (memory.states.shape[1], memory.states.shape[2])
        let values = memory.states.reshaped([B, S, 1, E])
        return Tensor.attention(
            query: query(queries).reshaped([B, T, 1, E]), key: values, value: values,
            mask: AttentionMask(lengths: memory.mask.lengths), scale: 1,
            visible: memory.mask.visible(queries: T)
        ).reshaped([B, T, E])
    }
}
