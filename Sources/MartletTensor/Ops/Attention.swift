import CMartletKernels

/// What a query may see.
///
/// Query i of T stands at the position i + S − T, key j at j: the last query beside the last key.
public struct AttentionMask: Sendable, Equatable {
    /// Whether a query sees only keys up to its own position.
    public var isCausal: Bool
    /// A query sees only keys less than this many positions away; nil: all. At least 1.
    public var window: Int?
    /// How many keys of each sequence are real, `[B]`, each 0 … S; nil: all.
    ///
    /// Keys from there on are hidden and never read. Positions are those of the padded tensors.
    public var lengths: [Int]?

    /// A mask of these parts.
    public init(isCausal: Bool = false, window: Int? = nil, lengths: [Int]? = nil) {
        self.isCausal = isCausal
        self.window = window
        self.lengths = lengths
    }

    /// Every query sees every key.
    public static let all = AttentionMask()
    /// A query sees the keys up to its own position.
    public static let causal = AttentionMask(isCausal: true)
}

/// Dropout of attention's weights, in training (Vaswani et al. 2017): each is 0 with a probability, else divided by
/// 1 − probability.
public struct AttentionDropout: Sendable {
    /// The probability, 0 ..< 1.
    public var probability: Double
    /// Where its random numbers come from.
    public var random: RandomGenerator

    /// Dropout with numbers that are split off a generator.
    public init(probability: Double, using random: inout RandomGenerator) {
        precondition(probability >= 0 && probability < 1, "dropout probability \(probability)")
        self.probability = probability
        self.random = random.split()
    }
}

extension Tensor {
    /// softmax(scale · q kᵀ + bias) v for each head (Vaswani et al. 2017), without ever holding all scores (Dao et al. 2022).
    ///
    /// Any of query, key and value may be a view: they are read where they lie if their innermost numbers are contiguous.
    /// A query that sees nothing gives zeros.
    ///
    /// - Parameters:
    ///   - query: `[B, T, N, K]`.
    ///   - key: `[B, S, G, K]`; N is a multiple of G, and query head n reads head n / (N / G) (Ainslie et al. 2023).
    ///   - value: `[B, S, G, V]`.
    ///   - scale: nil: 1 / √K.
    ///   - distanceBias: `[N, S + T − 1]`: entry j − (i + S − T) + S − 1 is added to the score of query i and key j (ALiBi,
    ///     T5). It has a gradient.
    ///   - visible: bool, `[B or 1, N or 1, T, S]`: hides more keys than the mask does. No gradient.
    ///   - logitCap: c holds scores within ± c by c · tanh(score / c), before the bias (Gemma 2); nil: none.
    ///   - dropout: nil when not training.
    ///   - isApart: whether each query is worked on by itself, with the bits of a sequence that has it alone: for a few that are not
    ///     of one sequence, and read the same. Without a causal mask, a window and a distance bias.
    /// - Returns: `[B, T, N, V]`.
    public static func attention(
        query: Tensor, key: Tensor, value: Tensor, mask: AttentionMask = .all, scale: Double? = nil,
        distanceBias: Tensor? = nil, visible: Tensor? = nil, logitCap: Double? = nil,
        dropout: AttentionDropout? = nil, isApart: Bool = false
    ) -> Tensor {
        let operands = "\(query.shape), key \(key.shape), value \(value.shape)"
        precondition(
            query.rank == 4 && key.rank == 4 && value.rank == 4, "attention: query \(operands)")
        let (B, T, S) = (query.shape[0], query.shape[1], key.shape[1])
        precondition(
            key.shape[0] == B && value.shape[0] == B && value.shape[1] == S,
            "attention: query \(operands): batches or keys differ")
        precondition(
            !isApart || !mask.isCausal && mask.window == nil && distanceBias == nil,
            "attention: queries apart have no positions")
        var attention = Attention(
            query: query, key: key, value: value, queries: T, keys: S, counts: nil, mask: mask,
            scale: scale, distanceBias: distanceBias, visible: visible, logitCap: logitCap,
            dropout: dropout)
        attention.isApart = isApart
        return attention.run()
    }

    /// Attention over sequences that lie one after another without padding, of which each sees itself alone.
    ///
    /// The results are those of one sequence at a time, bit for bit.
    ///
    /// - Parameters:
    ///   - packedQuery: `[T₁ + … + T_B, N, K]`.
    ///   - key: `[S₁ + … + S_B, G, K]`.
    ///   - value: `[S₁ + … + S_B, G, V]`.
    ///   - queryCounts: T of each sequence.
    ///   - keyCounts: S of each sequence; nil: the same.
    ///   - distanceBias: `[N, S + T − 1]` with the largest S and T; distance d stands at entry d + S − 1.
    /// - Returns: `[T₁ + … + T_B, N, V]`.
    public static func attention(
        packedQuery query: Tensor, key: Tensor, value: Tensor, queryCounts: [Int],
        keyCounts: [Int]? = nil, mask: AttentionMask = .all, scale: Double? = nil,
        distanceBias: Tensor? = nil, logitCap: Double? = nil, dropout: AttentionDropout? = nil
    ) -> Tensor {
        let operands = "\(query.shape), key \(key.shape), value \(value.shape)"
        precondition(
            query.rank == 3 && key.rank == 3 && value.rank == 3, "attention: packed \(operands)")
        let keyCounts = keyCounts ?? queryCounts
        precondition(
            queryCounts.count == keyCounts.count
                && (queryCounts + keyCounts).allSatisfy { $0 >= 0 }
                && queryCounts.reduce(0, +) == query.shape[0]
                && keyCounts.reduce(0, +) == key.shape[0] && value.shape[0] == key.shape[0],
            "attention: packed \(operands): \(queryCounts) queries, \(keyCounts) keys")
        return Attention(
            query: query, key: key, value: value, queries: queryCounts.max() ?? 0,
            keys: keyCounts.max() ?? 0, counts: (queryCounts, keyCounts), mask: mask, scale: scale,
            distanceBias: distanceBias, visible: nil, logitCap: logitCap, dropout: dropout
        ).run()
    }
}

/// One attention with everything it reads.
private struct Attention: Sendable {
    var query: Tensor
    var key: Tensor
    var value: Tensor
    var distanceBias: Tensor?
    var visible: Tensor?
    /// The most queries and keys of a sequence, and those of each if they are packed.
    var queries: Int
    var keys: Int
    var queryCounts: [Int32]?
    var keyCounts: [Int32]?
    var mask: AttentionMask
    var lengths: [Int32]?
    var scale: Double
    var logitCap: Double
    var probability: Double
    var randomKey: UInt64 = 0
    var randomCounter: UInt64 = 0
    var isApart = false

    private var batch: Int { queryCounts?.count ?? query.shape[0] }
    private var heads: Int { query.shape[-2] }
    private var groups: Int { key.shape[-2] }

    init(
        query: Tensor, key: Tensor, value: Tensor, queries: Int, keys: Int,
        counts: (queries: [Int], keys: [Int])?, mask: AttentionMask, scale: Double?,
        distanceBias: Tensor?, visible: Tensor?, logitCap: Double?, dropout: AttentionDropout?
    ) {
        self.query = query.withContiguousRows()
        self.key = key.withContiguousRows()
        self.value = value.withContiguousRows()
        self.distanceBias = distanceBias?.contiguous()
        (self.queries, self.keys) = (queries, keys)
        queryCounts = counts?.queries.map(Int32.init)
        keyCounts = counts?.keys.map(Int32.init)
        self.mask = mask
        lengths = mask.lengths?.map(Int32.init)
        self.scale = scale ?? 1 / Double(query.shape[-1]).squareRoot()
        self.logitCap = logitCap ?? 0
        probability = dropout?.probability ?? 0
        if let dropout, probability > 0 {
            var random = dropout.random
            let rows = query.shape.dropLast().reduce(1, *)
            (randomKey, randomCounter) = random.takeBlocks(rows * ((keys + 3) / 4))
        }
        self.visible = visible?.detached
        check()
    }

    private func check() {
        let operands = "query \(query.shape), key \(key.shape), value \(value.shape)"
        let (N, G) = (heads, groups)
        precondition(
            query.dtype == key.dtype && query.dtype == value.dtype,
            "attention: \(operands): \(query.dtype), \(key.dtype), \(value.dtype)")
        precondition(
            query.shape[-1] == key.shape[-1] && query.shape[-1] > 0 && value.shape[-2] == G
                && (G > 0 ? N % G == 0 : N == 0),
            "attention: \(operands): widths or heads differ")
        precondition(
            mask.window == nil || mask.window! > 0, "attention: a window of \(mask.window ?? 0)")
        if let lengths = mask.lengths {
            let all = keyCounts?.map(Int.init) ?? Array(repeating: keys, count: batch)
            precondition(
                lengths.count == batch && zip(lengths, all).allSatisfy { $0 >= 0 && $0 <= $1 },
                "attention: lengths \(lengths) for \(operands)")
        }
        precondition(logitCap >= 0, "attention: a logit cap of \(logitCap)")
        if let distanceBias {
            precondition(
                distanceBias.shape == [N, Swift.max(keys + queries - 1, 0)]
                    && distanceBias.dtype == query.dtype,
                "attention: a distance bias \(distanceBias.dtype) \(distanceBias.shape) for \(operands)"
            )
        }
        if let visible {
            precondition(
                visible.dtype == .bool && visible.rank == 4
                    && (visible.shape[0] == batch || visible.shape[0] == 1)
                    && (visible.shape[1] == N || visible.shape[1] == 1)
                    && visible.shape[2] == queries && visible.shape[3] == keys,
                "attention: visible \(visible.dtype) \(visible.shape) for \(operands)")
        }
    }

    /// Calls `body` with the operation as C sees it.
    private func withArguments<Result>(_ body: (UnsafePointer<mk_attention>) -> Result) -> Result {
        func call(
            _ queryCounts: UnsafePointer<Int32>?, _ keyCounts: UnsafePointer<Int32>?,
            _ lengths: UnsafePointer<Int32>?
        ) -> Result {
            var a = mk_attention()
            (a.batch, a.queries, a.keys) = (batch, queries, keys)
            (a.heads, a.groups) = (heads, groups)
            (a.key_width, a.value_width) = (query.shape[-1], value.shape[-1])
            (a.query_counts, a.key_counts) = (queryCounts, keyCounts)
            (a.q, a.k, a.v) = (pointer(query), pointer(key), pointer(value))
            (a.q_batch, a.q_time, a.q_head) = query.rowStrides
            (a.k_batch, a.k_time, a.k_head) = key.rowStrides
            (a.v_batch, a.v_time, a.v_head) = value.rowStrides
            a.causal = mask.isCausal ? 1 : 0
            a.apart = isApart ? 1 : 0
            a.window = mask.window ?? -1
            a.lengths = lengths
            (a.scale, a.cap) = (scale, logitCap)
            a.bias = distanceBias.map { pointer($0) }
            if let visible {
                a.visible = pointer(visible).assumingMemoryBound(to: UInt8.self)
                let strides = visible.strides(broadcastTo: [batch, heads, queries, keys])
                (a.visible_batch, a.visible_head) = (strides[0], strides[1])
                (a.visible_query, a.visible_key) = (strides[2], strides[3])
            }
            (a.dropout, a.key, a.counter) = (probability, randomKey, randomCounter)
            return withUnsafePointer(to: &a) { body($0) }
        }
        func read(_ list: [Int32]?, _ body: (UnsafePointer<Int32>?) -> Result) -> Result {
            guard let list else { return body(nil) }
            return list.withUnsafeBufferPointer { body($0.baseAddress) }
        }
        return withExtendedLifetime((query, key, value, distanceBias, visible)) {
            read(queryCounts) { queryCounts in
                read(keyCounts) { keyCounts in
                    read(lengths) { lengths in call(queryCounts, keyCounts, lengths) }
                }
            }
        }
    }

    private func pointer(_ tensor: Tensor) -> UnsafeRawPointer {
        UnsafeRawPointer(tensor.storage.pointer + tensor.offset * tensor.dtype.byteCount)
    }

    func run() -> Tensor {
        let shape = query.shape.replacing(query.rank - 1, with: value.shape[-1])
        let inputs = [query, key, value] + (distanceBias.map { [$0] } ?? [])
        let isTraced = Tape.current != nil && inputs.contains { !$0.trace.isNone }
        let kernels = query.kernels.attention
        let y = Tensor(uninitialized: shape, dtype: query.dtype)
        let sums =
            isTraced ? Tensor(uninitialized: Shape(shape.dropLast()), dtype: query.dtype) : nil
        if y.count > 0 {
            withArguments { kernels.forward($0, y.storage.pointer, sums?.storage.pointer) }
        }
        guard let sums else { return y }
        var constant = self
        (constant.query, constant.key, constant.value) = (
            query.detached, key.detached, value.detached
        )
        constant.distanceBias = distanceBias?.detached
        let attention = constant
        return y.recorded("attention", from: inputs) { dy, _ in attention.backward(y, sums, dy) }
    }

    private func backward(_ y: Tensor, _ sums: Tensor, _ dy: Tensor) -> [Tensor?] {
        let inputs = [query, key, value] + (distanceBias.map { [$0] } ?? [])
        guard y.count > 0 else { return inputs.map { .zeros($0.shape, dtype: $0.dtype) } }
        let found = inputs.map { Tensor(uninitialized: $0.shape, dtype: $0.dtype) }
        let dy = dy.contiguous()
        withArguments { arguments in
            withExtendedLifetime((y, sums, dy, found)) {
                query.kernels.attention.backward(
                    arguments, y.storage.pointer, sums.storage.pointer, pointer(dy),
                    found[0].storage.pointer, found[1].storage.pointer, found[2].storage.pointer,
                    found.count > 3 ? found[3].storage.pointer : nil)
            }
        }
        return found
    }
}

extension Tensor {
    /// Itself if its innermost numbers lie one after another, else a contiguous copy.
    fileprivate func withContiguousRows() -> Tensor {
        strides[-1] == 1 || shape[-1] <= 1 ? self : contiguous()
    }

    /// The strides of sequences, steps and heads of `[B, T, N, K]` or `[T, N, K]`.
    fileprivate var rowStrides: (Int, Int, Int) {
        let strides = strides
        return (rank == 4 ? strides[0] : 0, strides[-3], strides[-2])
    }
}
