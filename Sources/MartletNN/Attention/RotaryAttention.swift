public import MartletTensor

/// Attention of Llama and its kin: queries of N heads, keys and values of G, turned by position (Su et al. 2021).
///
/// ```text
/// q, k, v = x W_qᵀ, x W_kᵀ, x W_vᵀ          [B, T, N, K], [B, T, G, K] twice; q and k normalised where there are norms
/// output  = attention(turn(q), turn(k), v) W_oᵀ                                                     [B, T, D]
/// ```
///
/// Parameters as Hugging Face has them: `q_proj`, `k_proj`, `v_proj`, `o_proj`, `q_norm`, `k_norm`.
public struct RotaryAttention: Module {
    /// To queries `[N · K, D]`, keys and values `[G · K, D]`, and back `[D, N · K]`.
    public var query, key, value, output: Linear
    /// Of each head's query and key; nil: none.
    public var queryNorm, keyNorm: RMSNorm?
    /// The number of heads N of queries, and G of keys and values.
    public let heads, keyHeads: Int
    /// What a query sees, and how.
    public var rule: AttentionRule

    /// A layer with normal random weights.
    ///
    /// - Parameters:
    ///   - size: the width D.
    ///   - headWidth: the width K of a head.
    ///   - bias: whether queries, keys and values have offsets.
    ///   - outputBias: whether the output has.
    ///   - headNorm: what normalises each head's query and key; nil: nothing does.
    public init(
        size: Int, heads: Int, keyHeads: Int, headWidth: Int, bias: Bool, outputBias: Bool,
        headNorm: RMSNorm?, rule: AttentionRule, deviation: Double,
        using random: inout RandomGenerator
    ) {
        let (D, N, G) = (size, heads * headWidth, keyHeads * headWidth)
        query = Linear(D, N, bias: bias, deviation: deviation, using: &random)
        key = Linear(D, G, bias: bias, deviation: deviation, using: &random)
        value = Linear(D, G, bias: bias, deviation: deviation, using: &random)
        output = Linear(N, D, bias: outputBias, deviation: deviation, using: &random)
        (queryNorm, keyNorm) = (headNorm, headNorm)
        (self.heads, self.keyHeads) = (heads, keyHeads)
        self.rule = rule
    }

    /// The output, `[B, T, D]`.
    ///
    /// - Parameters:
    ///   - layer: its place in the pass.
    ///   - turn: turns queries and keys by their positions.
    public func callAsFunction(
        _ x: Tensor, layer: Int, _ turn: (Tensor) -> Tensor, _ pass: inout AttentionPass
    ) -> Tensor {
        var q = query(x).splitIntoHeads(heads)  // [B, T, N, K]
        var k = key(x).splitIntoHeads(keyHeads)  // [B, T, G, K]
        let v = value(x).splitIntoHeads(keyHeads)
        if let queryNorm, let keyNorm { (q, k) = (queryNorm(q), keyNorm(k)) }
        return output(
            pass.attend(query: turn(q), key: turn(k), value: v, layer: layer, rule: rule))
    }

    /// Visits the parameters by Hugging Face's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try query.forEachParameter(in: "q_proj", visit)
        try key.forEachParameter(in: "k_proj", visit)
        try value.forEachParameter(in: "v_proj", visit)
        try output.forEachParameter(in: "o_proj", visit)
        try queryNorm.forEachParameter(in: "q_norm", visit)
        try keyNorm.forEachParameter(in: "k_norm", visit)
    }
}
