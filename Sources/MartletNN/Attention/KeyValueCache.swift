public import MartletTensor

/// The keys and values that one attention layer has read: what it knows between two steps.
///
/// A value: a copy goes on by itself. Room is doubled as it fills, so a step costs no more than its own keys and values; a
/// copy that is still held costs one copying more. While a gradient is wanted, each step makes new tensors instead.
///
/// Sequences may have read different much: one begins where another has ended (``replace(_:with:_:)``), and the others go on.
public struct KeyValueCache: Sendable {
    /// `[B, room, G, K]`; the first ``count`` positions are filled, of each sequence as many as ``counts`` says.
    private var keys: Tensor
    private var values: Tensor
    /// The positions that are kept, of the sequence with the most.
    public private(set) var count = 0
    /// The positions of each sequence that are kept; nil: of all ``count``.
    public private(set) var counts: [Int]?
    /// How far back queries see; nil: all is kept. What none can see any more is forgotten.
    public var window: Int?

    /// A cache of `batch` sequences that have read nothing.
    public init(
        batch: Int, heads: Int, width: Int, window: Int? = nil, dtype: DType = .float32
    ) {
        keys = Tensor.zeros([batch, 0, heads, width], dtype: dtype)
        values = keys
        self.window = window
    }

    /// A cache of what was read, `[B, S, G, K]` each.
    public init(key: Tensor, value: Tensor, window: Int? = nil) {
        keys = key.contiguous()
        values = value.contiguous()
        count = key.shape[1]
        self.window = window
    }

    /// How many sequences it is of.
    public var batch: Int { keys.shape[0] }
    /// The keys, `[B, S, G, K]`; what follows a sequence's own ``counts`` means nothing.
    public var key: Tensor { keys.slice(axis: 1, 0..<count) }
    /// The values, `[B, S, G, K]`, likewise.
    public var value: Tensor { values.slice(axis: 1, 0..<count) }

    /// Adds the keys and values of further positions, `[B, T, G, K]` each.
    public mutating func append(key: Tensor, value: Tensor) {
        let added = key.shape[1]
        precondition(
            key.shape[0] == batch && key.shape[2] == keys.shape[2],
            "a cache of \(keys.shape) and keys \(key.shape)")
        if let window, count >= 2 * window {
            // The next query sees window - 1 positions behind it.
            let kept = count - (window - 1)..<count
            keys = keys.slice(axis: 1, kept).contiguous()
            values = values.slice(axis: 1, kept).contiguous()
            count = kept.count
        }
        if keys.isTraced || values.isTraced || key.isTraced || value.isTraced {
            precondition(counts == nil, "gradients through sequences that begin at different times")
            keys = Tensor.concatenate([self.key, key], axis: 1)
            values = Tensor.concatenate([self.value, value], axis: 1)
            count += added
            return
        }
        if count + added > keys.shape[1] {
            makeRoom(for: max(2 * keys.shape[1], count + added, 64))
        }
        Self.write(key, to: &keys, at: counts, or: count)
        Self.write(value, to: &values, at: counts, or: count)
        count += added
        counts = counts?.map { $0 + added }
    }

    /// What is not filled is not touched, so that it takes no memory before it is.
    private mutating func makeRoom(for room: Int) {
        guard room > keys.shape[1] else { return }
        let (rows, filled) = (Array(0..<batch), allCounts)
        keys = Self.selected(rows, of: keys, filled: filled, room: room)
        values = Self.selected(rows, of: values, filled: filled, room: room)
    }

    /// Changes how many positions of each sequence are kept.
    private mutating func setCounts(_ wanted: [Int]) {
        count = wanted.max() ?? 0
        counts = wanted.allSatisfy { $0 == count } ? nil : wanted
    }

    private var allCounts: [Int] { counts ?? [Int](repeating: count, count: batch) }

    /// Makes sequence `rows[i]` what sequence `others[i]` of another cache is. Without a ``window``.
    public mutating func replace(_ rows: [Int], with other: KeyValueCache, _ others: [Int]) {
        precondition(
            rows.count == others.count && window == nil && other.window == nil,
            "\(rows.count) sequences for \(others.count)")
        makeRoom(for: other.count)
        let filled = other.allCounts
        Self.copy(others, of: other.keys, filled: filled, to: rows, of: &keys)
        Self.copy(others, of: other.values, filled: filled, to: rows, of: &values)
        var wanted = allCounts
        for (row, from) in zip(rows, others) { wanted[row] = filled[from] }
        setCounts(wanted)
    }

    /// The keys and values of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> KeyValueCache {
        var result = self
        if keys.isTraced || values.isTraced {
            (result.keys, result.values) = (key.selectingRows(rows), value.selectingRows(rows))
        } else {
            let filled = allCounts
            result.keys = Self.selected(rows, of: keys, filled: filled)
            result.values = Self.selected(rows, of: values, filled: filled)
        }
        if let counts { result.setCounts(rows.map { counts[$0] }) }
        return result
    }

    /// Makes each sequence what another is, of which it has the first `shared` positions already.
    ///
    /// In place where those that are named stay what they are; then only what differs is copied.
    public mutating func select(_ rows: [Int], shared: [Int]) {
        let isInPlace =
            rows.count == batch && window == nil && !keys.isTraced && !values.isTraced
            && rows.allSatisfy { rows[$0] == $0 }
        guard isInPlace else {
            self = selecting(rows)
            return
        }
        let filled = allCounts
        Self.copy(rows, shared, in: &keys, filled: filled)
        Self.copy(rows, shared, in: &values, filled: filled)
        if counts != nil { setCounts(rows.map { filled[$0] }) }
    }

    /// Some rows with room for so many positions, or as many as before; only what is filled is copied.
    private static func selected(
        _ rows: [Int], of all: Tensor, filled: [Int], room: Int? = nil
    ) -> Tensor {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let shape: Shape = [rows.count, room ?? all.shape[1], all.shape[2], all.shape[3]]
        let (from, to) = (all.shape[1] * row, shape[1] * row)
        return all.withUnsafeBytes { source in
            // Of many sequences few are long: what none has filled takes no memory.
            Tensor(shape: shape, dtype: all.dtype, isSparse: rows.count > 1) { target in
                for (place, other) in rows.enumerated() where filled[other] > 0 {
                    target.copy(
                        from: source, at: other * from, to: place * to, count: filled[other] * row)
                }
            }
        }
    }

    private static func copy(
        _ rows: [Int], _ shared: [Int], in all: inout Tensor, filled: [Int]
    ) {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let room = all.shape[1] * row
        all.mutateBytes { bytes in
            for (place, from) in rows.enumerated()
            where from != place && shared[place] < filled[from] {
                let start = shared[place] * row
                bytes.copy(
                    from: UnsafeRawBufferPointer(bytes), at: from * room + start,
                    to: place * room + start, count: filled[from] * row - start)
            }
        }
    }

    private static func copy(
        _ others: [Int], of source: Tensor, filled: [Int], to rows: [Int], of all: inout Tensor
    ) {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let (from, to) = (source.shape[1] * row, all.shape[1] * row)
        source.withUnsafeBytes { source in
            all.mutateBytes { target in
                for (place, other) in zip(rows, others) where filled[other] > 0 {
                    target.copy(
                        from: source, at: other * from, to: place * to, count: filled[other] * row)
                }
            }
        }
    }

    /// Writes one step or more of each sequence behind what it has.
    private static func write(
        _ part: Tensor, to all: inout Tensor, at counts: [Int]?, or count: Int
    ) {
        let byteCount = all.dtype.byteCount
        let row = all.shape[2] * all.shape[3] * byteCount
        let (room, added) = (all.shape[1], part.shape[1])
        // Of keys and values that lie beside queries, each position by itself.
        let isWhole = part.strides[3] == 1 && part.strides[2] == part.shape[3]
        let part = isWhole ? part : part.contiguous()
        let (batchStride, timeStride) = (part.strides[0], part.strides[1])
        part.withUnsafeElements { source in
            all.mutateBytes { target in
                guard let target = target.baseAddress else { return }
                for b in 0..<part.shape[0] {
                    let place = b * room + (counts?[b] ?? count)
                    for t in 0..<added {
                        (target + (place + t) * row).copyMemory(
                            from: source
                                + (b * batchStride + t * timeStride) * byteCount,
                            byteCount: row)
                    }
                }
            }
        }
    }
}

/// What a Transformer knows between two steps: the keys and values of all its layers, and how much it has read.
public struct AttentionState: SequenceState {
    /// One for each layer.
    public var caches: [KeyValueCache]
    /// How many positions were read, whether they are still kept or not; of the sequence that has read the most.
    public var position: Int

    /// A state of these parts.
    public init(_ caches: [KeyValueCache], position: Int = 0) {
        self.caches = caches
        self.position = position
    }

    /// How many sequences it is of.
    public var batch: Int { caches.first?.batch ?? 0 }

    /// Keys and values, `[B, S, G, K]`, layer by layer.
    public var tensors: [Tensor] { caches.flatMap { [$0.key, $0.value] } }

    /// A state of other tensors, in the order of ``tensors``.
    public func with(tensors: [Tensor]) -> AttentionState {
        precondition(tensors.count == 2 * caches.count, "a state of \(caches.count) layers")
        precondition(positions == nil, "tensors for sequences that began at different times")
        let parts = caches.enumerated().map { layer, cache in
            KeyValueCache(
                key: tensors[2 * layer], value: tensors[2 * layer + 1], window: cache.window)
        }
        return AttentionState(parts, position: position)
    }
}

extension AttentionState {
    /// How many positions each sequence has read, where they differ; nil: all as many as ``position`` says.
    public var positions: [Int]? { caches.first?.counts }

    /// The same of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> AttentionState {
        var result = AttentionState(caches.map { $0.selecting(rows) }, position: position)
        if positions != nil { result.position = result.caches[0].count }
        return result
    }

    /// Makes some of the sequences what those of another state are; see ``KeyValueCache/replace(_:with:_:)``.
    public mutating func replace(_ rows: [Int], with other: AttentionState, _ others: [Int]) {
        for layer in caches.indices {
            caches[layer].replace(rows, with: other.caches[layer], others)
        }
        position = caches.first?.count ?? 0
    }

    /// Makes each sequence what another is, of which it has the first `shared` positions already; see
    /// ``KeyValueCache/select(_:shared:)``.
    public mutating func select(_ rows: [Int], shared: [Int]) {
        let isEven = positions == nil
        for layer in caches.indices { caches[layer].select(rows, shared: shared) }
        if !isEven { position = caches[0].count }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes that do not overlap with where they go.
    fileprivate func copy(from source: UnsafeRawBufferPointer, at: Int, to: Int, count: Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[to..<to + count]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[at..<at + count]))
    }
}
