public import MartletTensor

/// The keys and values that one attention layer has read: what it knows between two steps.
///
/// A value: a copy goes on by itself. Room is doubled as it fills, so a step costs no more than its own keys and values; a
/// copy that is still held costs one copying more. While a gradient is wanted, each step makes new tensors instead.
public struct KeyValueCache: Sendable {
    /// `[B, room, G, K]`; the first ``count`` positions are filled.
    private var keys: Tensor
    private var values: Tensor
    /// The positions that are kept.
    public private(set) var count = 0
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
    /// The keys, `[B, S, G, K]`.
    public var key: Tensor { keys.slice(axis: 1, 0..<count) }
    /// The values, `[B, S, G, K]`.
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
            keys = Tensor.concatenate([self.key, key], axis: 1)
            values = Tensor.concatenate([self.value, value], axis: 1)
            count += added
            return
        }
        let room = keys.shape[1]
        if count + added > room {
            let more = max(2 * room, count + added, 64) - room
            keys = keys.padded(axis: 1, after: more)
            values = values.padded(axis: 1, after: more)
        }
        Self.write(key, to: &keys, at: count)
        Self.write(value, to: &values, at: count)
        count += added
    }

    /// The keys and values of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> KeyValueCache {
        var result = self
        if keys.isTraced || values.isTraced {
            (result.keys, result.values) = (key.selectingRows(rows), value.selectingRows(rows))
        } else {
            result.keys = selected(rows, of: keys)
            result.values = selected(rows, of: values)
        }
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
        Self.copy(rows, shared, in: &keys, filled: count)
        Self.copy(rows, shared, in: &values, filled: count)
    }

    /// Rows with as much room; only what is filled is copied.
    private func selected(_ rows: [Int], of all: Tensor) -> Tensor {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let room = all.shape[1] * row
        let shape: Shape = [rows.count, all.shape[1], all.shape[2], all.shape[3]]
        return all.withUnsafeBytes { source in
            Tensor(shape: shape, dtype: all.dtype) { target in
                for (place, from) in rows.enumerated() where count > 0 {
                    target.copy(
                        from: source, at: from * room, to: place * room, count: count * row)
                }
            }
        }
    }

    private static func copy(
        _ rows: [Int], _ shared: [Int], in all: inout Tensor, filled: Int
    ) {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let room = all.shape[1] * row
        all.mutateBytes { bytes in
            for (place, from) in rows.enumerated() where from != place && shared[place] < filled {
                let start = shared[place] * row
                bytes.copy(
                    from: UnsafeRawBufferPointer(bytes), at: from * room + start,
                    to: place * room + start, count: filled * row - start)
            }
        }
    }

    private static func write(_ part: Tensor, to all: inout Tensor, at place: Int) {
        let row = all.shape[2] * all.shape[3] * all.dtype.byteCount
        let (room, added) = (all.shape[1], part.shape[1])
        part.withUnsafeBytes { source in
            all.mutateBytes { target in
                for b in 0..<part.shape[0] where added > 0 {
                    target.copy(
                        from: source, at: b * added * row, to: (b * room + place) * row,
                        count: added * row)
                }
            }
        }
    }
}

/// What a Transformer knows between two steps: the keys and values of all its layers, and how much it has read.
public struct AttentionState: SequenceState {
    /// One for each layer.
    public var caches: [KeyValueCache]
    /// How many positions were read, whether they are still kept or not.
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
        let parts = caches.enumerated().map { layer, cache in
            KeyValueCache(
                key: tensors[2 * layer], value: tensors[2 * layer + 1], window: cache.window)
        }
        return AttentionState(parts, position: position)
    }
}

extension AttentionState {
    /// The same of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> AttentionState {
        AttentionState(caches.map { $0.selecting(rows) }, position: position)
    }

    /// Makes each sequence what another is, of which it has the first `shared` positions already; see
    /// ``KeyValueCache/select(_:shared:)``.
    public mutating func select(_ rows: [Int], shared: [Int]) {
        for layer in caches.indices { caches[layer].select(rows, shared: shared) }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes that do not overlap with where they go.
    fileprivate func copy(from source: UnsafeRawBufferPointer, at: Int, to: Int, count: Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[to..<to + count]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: source[at..<at + count]))
    }
}
