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
    init(_ table: PieceTable) throws {
        var total = 1
        for id in 0..<Int32(table.idLimit) where table.has(id) {
            total += table.bytes(of: id).count
        }
        var size = 16
        while size < min(total, Self.largestNode) * 2 { size *= 2 }
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: size)
        slots.update(repeating: 0, count: size)
        self.slots = slots
        mask = size - 1
        var pieces: ContiguousArray<Int32> = [-1]
        var first = ContiguousArray<UInt32>(repeating: 0, count: 256)
        for id in 0..<Int32(table.idLimit) where table.has(id) {
            var node: UInt32 = 0
            for byte in table.bytes(of: id) {
                let key = UInt64(node) << 8 | UInt64(byte)
                var place = Self.slot(of: key) & mask
                while slots[place] != 0, slots[place] >> 32 != key { place = (place + 1) & mask }
                if slots[place] == 0 {
                    guard pieces.count < Self.largestNode else {
                        slots.deallocate()
                        throw PipelineError.unsupported(
                            part: "model.vocab",
                            reason: "a vocabulary whose pieces are more than "
                                + "\(Self.largestNode) bytes together")
                    }
                    slots[place] = key << 32 | UInt64(pieces.count)
                    if node == 0 { first[Int(byte)] = UInt32(pieces.count) }
                    pieces.append(-1)
                }
                node = UInt32(truncatingIfNeeded: slots[place])
            }
            pieces[Int(node)] = id
        }
        self.pieces = pieces
        self.first = first
    }

    deinit { slots.deallocate() }

    @inline(__always)
    private static func slot(of key: UInt64) -> Int {
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
