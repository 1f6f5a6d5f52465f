public import MartletNN
public import MartletTensor

/// What a decoder that looks at an encoder's states knows between two steps.
///
/// Several sequences that are written, one after another in the batch, may look at one that was read, as in beam search: its
/// keys and values are there once.
public struct EncoderDecoderState: SequenceState {
    /// Keys and values of what was written.
    public var own: AttentionState
    /// Keys and values of the encoder's states, layer by layer: of as many sequences as ``own``, or of a part of as many.
    public var cross: [KeyValueCache]
    /// Which of the encoder's states are of real tokens.
    public var mask: TokenMask

    /// What is told of where the decoder looks.
    var watch = AttentionWatch()

    /// A state of these parts.
    public init(own: AttentionState, cross: [KeyValueCache], mask: TokenMask) {
        self.own = own
        self.cross = cross
        self.mask = mask
    }

    /// What was written, to which more is added: held by nobody else, so that it grows in place.
    mutating func takeOwn() -> AttentionState {
        defer { own = AttentionState([]) }
        return own
    }

    /// Keys and values, `[B, …, N, K]`: of what was written, then of the encoder's states.
    public var tensors: [Tensor] { own.tensors + cross.flatMap { [$0.key, $0.value] } }

    /// A state of other tensors, in the order of ``tensors``; of all sequences, or as many as the mask is of.
    public func with(tensors: [Tensor]) -> EncoderDecoderState {
        let count = own.tensors.count
        let rest = Array(tensors[count...])
        precondition(rest.count == 2 * cross.count, "a state of \(cross.count) layers")
        var result = EncoderDecoderState(
            own: own.with(tensors: Array(tensors[..<count])),
            cross: cross.indices.map {
                KeyValueCache(key: rest[2 * $0], value: rest[2 * $0 + 1])
            }, mask: mask)
        result.watch = watch
        return result
    }
}

/// The weights of attention to the encoder's states, which are computed only where they are wanted.
struct AttentionWatch: Sendable {
    /// Whether they are wanted, of the decoder's last layer.
    var isWanted = false
    /// What was found, `[B, T, S]`: the mean over the heads.
    var weights: Tensor?
}

extension EncoderDecoderState: WritingProgress {
    /// How many sequences that are written look at each one that was read.
    private var rowsPerSource: Int {
        let sources = cross.first?.batch ?? 0
        return sources > 0 ? own.batch / sources : 1
    }

    /// The same of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> EncoderDecoderState {
        var result = self
        result.own = own.selecting(rows)
        result.selectSources(rows.map { $0 / rowsPerSource })
        return result
    }

    /// Makes each sequence what another is, of which it has written the same in the first `shared` steps.
    public mutating func select(_ rows: [Int], shared: [Int]) {
        let sources = rows.map { $0 / rowsPerSource }
        own.select(rows, shared: shared)
        selectSources(sources)
    }

    /// The lengths of what was read.
    private var lengths: [Int] {
        if case .real = mask { preconditionFailure("sources with gaps are read together") }
        return mask.lengths ?? [Int](repeating: cross[0].count, count: cross[0].batch)
    }

    /// Makes sequences that are written, all those of a source, those of a source of another state.
    ///
    /// - Parameters:
    ///   - rows: the sequences, in this state.
    ///   - others: what each becomes, in the other state.
    mutating func replace(
        _ rows: [Int], with other: EncoderDecoderState, _ others: [Int]
    ) {
        let size = rowsPerSource
        let firsts = stride(from: 0, to: rows.count, by: size)
        let places = firsts.map { rows[$0] / size }
        let sources = firsts.map { others[$0] / other.rowsPerSource }
        var known = lengths
        let theirs = other.lengths
        for (place, source) in zip(places, sources) { known[place] = theirs[source] }
        for layer in cross.indices {
            cross[layer].replace(places, with: other.cross[layer], sources)
        }
        mask = .lengths(known)
        own.replace(rows, with: other.own, others)
    }

    /// Makes the sequences that are written look at these ones that were read.
    private mutating func selectSources(_ wanted: [Int]) {
        // Of rows in groups of n, each of one source, the source is kept once.
        var size = 0
        var start = 0
        for place in wanted.indices.dropFirst() where wanted[place] != wanted[place - 1] {
            size = Self.greatestDivisor(size, place - start)
            start = place
        }
        size = Self.greatestDivisor(size, wanted.count - start)
        let sources = stride(from: 0, to: wanted.count, by: max(size, 1)).map { wanted[$0] }
        guard sources != Array(0..<(cross.first?.batch ?? 0)) else { return }
        cross = cross.map { $0.selecting(sources) }
        mask = mask.selecting(sources)
    }

    private static func greatestDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestDivisor(b, a % b)
    }
}

extension AttentionRule {
    /// How much each of the encoder's states counts for queries `[B, T, N, K]`, whose keys are of B sequences or of a part of
    /// as many: `[B, T, S]`.
    func weights(query: Tensor, toMemory key: Tensor, mask: TokenMask) -> Tensor {
        let (rows, time, sources) = (query.shape[0], query.shape[1], key.shape[0])
        let together = query.reshaped(
            [sources, rows / max(sources, 1) * time, query.shape[2], query.shape[3]])
        return weights(query: together, key: key, mask: mask)
            .reshaped([rows, time, key.shape[1]])
    }

    /// Attention of queries `[B, T, N, K]` to the encoder's states, whose keys and values are of B sequences or of a part of
    /// as many, each for so many rows one after another: `[B, T, N · K]`.
    func attend(
        query: Tensor, toMemory key: Tensor, _ value: Tensor, mask: TokenMask,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (rows, time, sources) = (query.shape[0], query.shape[1], key.shape[0])
        guard rows != sources, sources > 0 else {
            return attend(query: query, key: key, value: value, mask: mask, dropout: &random)
        }
        // Queries of all rows that look at the same: nothing depends on their order.
        let together = query.reshaped(
            [sources, rows / sources * time, query.shape[2], query.shape[3]])
        // Tiles of few queries would be mostly empty.
        let isApart = together.shape[1] <= 8 && !isCausal && window == nil
        return attend(
            query: together, key: key, value: value, mask: mask, isApart: isApart,
            dropout: &random
        ).reshaped([rows, time, query.shape[2] * value.shape[3]])
    }
}
