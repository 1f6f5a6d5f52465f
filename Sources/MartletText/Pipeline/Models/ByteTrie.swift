/// Pieces by their bytes, one after the other: all pieces that a text begins with are found in one walk.
///
/// An edge is one slot of a hash table: node and byte to node. It never changes once it is built.
final class ByteTrie: @unchecked Sendable {
    /// The piece that ends at each node; -1 where none does.
    private let pieces: ContiguousArray<Int32>
    /// The key (node · 256 + byte) in the upper half, the child in the lower; 0 is a free slot (nothing leads to the root).
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int
    private let first: ContiguousArray<UInt32>

    /// The most nodes there may be.
    static let largestNode = 1 << 24 - 1

    /// The trie of all pieces of `table`.
    ///
    /// Throws ``PipelineError/unsupported(part:reason:)`` where they are larger than any known vocabulary.
    convenience init(_ table: PieceTable) throws {
        var total = 1
        for id in 0..<Int32(table.idLimit) where table.has(id) {
            total += table.bytes(of: id).count
        }
        var builder = Builder(totalCount: total)
        for id in 0..<Int32(table.idLimit) where table.has(id) {
            try builder.add(table.bytes(of: id), id: id, part: "model.vocab")
        }
        self.init(builder)
    }

    /// The trie of texts, by their numbers; of equal texts the last counts.
    ///
    /// Throws ``PipelineError/unsupported(part:reason:)`` where they are larger than any known vocabulary.
    convenience init(_ texts: [(text: [UInt8], id: Int32)], part: String) throws {
        var builder = Builder(totalCount: texts.reduce(1) { $0 + $1.text.count })
        for (text, id) in texts {
            try text.withUnsafeBufferPointer { try builder.add($0, id: id, part: part) }
        }
        self.init(builder)
    }

    private init(_ builder: consuming Builder) {
        pieces = builder.pieces
        first = builder.first
        mask = builder.mask
        slots = builder.take()
    }

    /// Puts texts in; frees its memory unless it was taken.
    private struct Builder: ~Copyable {
        var pieces: ContiguousArray<Int32> = [-1]
        var first = ContiguousArray<UInt32>(repeating: 0, count: 256)
        let mask: Int
        private var slots: UnsafeMutablePointer<UInt64>?

        init(totalCount: Int) {
            var size = 16
            while size < min(totalCount, ByteTrie.largestNode) * 2 { size *= 2 }
            mask = size - 1
            slots = .allocate(capacity: size)
            slots!.update(repeating: 0, count: size)
        }

        deinit { slots?.deallocate() }

        mutating func take() -> UnsafeMutablePointer<UInt64> {
            defer { slots = nil }
            return slots!
        }

        mutating func add(
            _ text: UnsafeBufferPointer<UInt8>, id: Int32, part: String
        ) throws(PipelineError) {
            let slots = slots!
            var node: UInt32 = 0
            for byte in text {
                let key = UInt64(node) << 8 | UInt64(byte)
                var place = ByteTrie.slot(of: key) & mask
                while slots[place] != 0, slots[place] >> 32 != key { place = (place + 1) & mask }
                if slots[place] == 0 {
                    guard pieces.count < ByteTrie.largestNode else {
                        throw .unsupported(
                            part: part,
                            reason: "more than \(ByteTrie.largestNode) bytes of pieces")
                    }
                    slots[place] = key << 32 | UInt64(pieces.count)
                    if node == 0 { first[Int(byte)] = UInt32(pieces.count) }
                    pieces.append(-1)
                }
                node = UInt32(truncatingIfNeeded: slots[place])
            }
            pieces[Int(node)] = id
        }
    }

    /// How many nodes there are, with the root.
    var nodeCount: Int { pieces.count }

    /// An edge from a node to the one after one more byte.
    struct Edge {
        var parent: UInt32
        var byte: UInt8
        var child: UInt32
        /// How many bytes lead to the child.
        var depth: UInt32
    }

    /// All edges; children have larger numbers than their parents.
    func edges() -> [Edge] {
        var edges: [Edge] = []
        edges.reserveCapacity(nodeCount)
        for place in 0...mask where slots[place] != 0 {
            let key = slots[place] >> 32
            edges.append(
                Edge(
                    parent: UInt32(key >> 8), byte: UInt8(key & 0xFF),
                    child: UInt32(truncatingIfNeeded: slots[place]), depth: 0))
        }
        edges.sort { $0.child < $1.child }
        var depths = [UInt32](repeating: 0, count: nodeCount)
        for index in edges.indices {
            edges[index].depth = depths[Int(edges[index].parent)] + 1
            depths[Int(edges[index].child)] = edges[index].depth
        }
        return edges
    }

    deinit { slots.deallocate() }

    @inline(__always)
    fileprivate static func slot(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    /// The node after the first byte; 0 where no piece begins with it.
    @inline(__always)
    func start(_ byte: UInt8) -> UInt32 { first[Int(byte)] }

    /// The node after one more byte; 0 where no piece goes on so.
    @inline(__always)
    func next(_ node: UInt32, _ byte: UInt8) -> UInt32 {
        let key = UInt64(node) << 8 | UInt64(byte)
        var place = Self.slot(of: key) & mask
        while true {
            let slot = slots[place]
            if slot >> 32 == key, slot != 0 { return UInt32(truncatingIfNeeded: slot) }
            if slot == 0 { return 0 }
            place = (place + 1) & mask
        }
    }

    /// The piece that ends at `node`; -1 where none does.
    @inline(__always)
    func piece(_ node: UInt32) -> Int32 { pieces[Int(node)] }
}
