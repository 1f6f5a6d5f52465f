/// Which two pieces are joined to which, and how early: a flat hash table of pairs.
///
/// A slot is sixteen bytes: the two numbers, then the rank and the number of the joined piece. It never changes once it
/// is built.
final class MergeTable: @unchecked Sendable {
    /// The pairs in the order of their ranks, the left number in the upper half.
    let pairs: ContiguousArray<UInt64>
    private let keys: UnsafeMutablePointer<UInt64>
    private let mask: Int
    private static let free = UInt64.max

    /// What no merge has: a rank after all others.
    static let none = UInt64.max

    fileprivate init(pairs: ContiguousArray<UInt64>, results: ContiguousArray<Int32>) {
        self.pairs = pairs
        var size = 16
        while size < pairs.count * 2 { size *= 2 }
        mask = size - 1
        keys = .allocate(capacity: size * 2)
        keys.update(repeating: Self.free, count: size * 2)
        for (rank, pair) in pairs.enumerated() {
            var place = Self.slot(of: pair) & mask
            while keys[place * 2] != Self.free, keys[place * 2] != pair {
                place = (place + 1) & mask
            }
            keys[place * 2] = pair
            // The later of two equal pairs counts.
            keys[place * 2 + 1] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: results[rank]))
        }
    }

    deinit { keys.deallocate() }

    @inline(__always)
    private static func slot(of pair: UInt64) -> Int {
        let product = (pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product >> 32)
    }

    /// The rank (upper half) and the joined piece (lower half) of a pair; ``none`` where it is not joined.
    @inline(__always)
    func find(_ left: Int32, _ right: Int32) -> UInt64 {
        let pair = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        var place = Self.slot(of: pair) & mask
        while true {
            let key = keys[place * 2]
            if key == pair { return keys[place * 2 + 1] }
            if key == Self.free { return Self.none }
            place = (place + 1) & mask
        }
    }

    /// Collects merges.
    struct Builder {
        private let table: PieceTable
        private let prefixCount: Int
        private var pairs: ContiguousArray<UInt64> = []
        private var results: ContiguousArray<Int32> = []
        private var joined: ContiguousArray<UInt8> = []

        /// A builder of merges of the pieces in `table`.
        init(table: PieceTable, options: BytePairModel.Options, capacity: Int = 0) {
            self.table = table
            prefixCount = options.continuingPrefix?.utf8.count ?? 0
            pairs.reserveCapacity(capacity)
            results.reserveCapacity(capacity)
        }

        /// Adds the next merge, of two pieces by their bytes.
        ///
        /// Throws ``PipelineError/invalid(part:reason:)`` where one of them, or what they give, is no piece.
        mutating func add(
            _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
        ) throws {
            try add(try number(left), try number(right))
        }

        /// Adds the next merge, of two pieces by their numbers.
        ///
        /// Throws ``PipelineError/invalid(part:reason:)`` where one of them, or what they give, is no piece.
        mutating func add(_ left: Int32, _ right: Int32) throws {
            guard table.has(left), table.has(right) else {
                throw failure("(\(left), \(right)) is not a pair of pieces")
            }
            let (first, second) = (table.bytes(of: left), table.bytes(of: right))
            guard second.count >= prefixCount else {
                throw failure("\"\(text(second))\" is shorter than the prefix of continuing pieces")
            }
            joined.removeAll(keepingCapacity: true)
            joined.append(contentsOf: first)
            joined.append(contentsOf: UnsafeBufferPointer(rebasing: second[prefixCount...]))
            pairs.append(
                UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
            let result = joined.withUnsafeBufferPointer { find($0) }
            guard result >= 0 else {
                pairs.removeLast()
                throw failure(
                    "\"\(text(first))\" and \"\(text(second))\" give "
                        + "\"\(String(decoding: joined.prefix(64), as: UTF8.self))\", which is no piece"
                )
            }
            results.append(result)
        }

        /// Adds as the next merges all pairs of pieces that give piece `id`, by rising numbers of the left one.
        ///
        /// `isPart`: whether a piece may be joined to others.
        mutating func addPairs(giving id: Int32, where isPart: (Int32) -> Bool) {
            let bytes = table.bytes(of: id)
            guard bytes.count > 1, let base = bytes.baseAddress else { return }
            var found: [(left: Int32, right: Int32)] = []
            for split in 1..<bytes.count where bytes[split] & 0xC0 != 0x80 {
                let left = table.find(base, split)
                guard left >= 0, isPart(left) else { continue }
                let right = table.find(base + split, bytes.count - split)
                if right >= 0, isPart(right) { found.append((left, right)) }
            }
            found.sort { $0.left != $1.left ? $0.left < $1.left : $0.right < $1.right }
            for (left, right) in found {
                pairs.append(
                    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
                results.append(id)
            }
        }

        private func find(_ piece: UnsafeBufferPointer<UInt8>) -> Int32 {
            guard let base = piece.baseAddress else { return -1 }
            return table.find(base, piece.count)
        }

        private func number(_ piece: UnsafeBufferPointer<UInt8>) throws -> Int32 {
            let id = find(piece)
            guard id >= 0 else { throw failure("\"\(text(piece))\" is no piece") }
            return id
        }

        private func text(_ piece: UnsafeBufferPointer<UInt8>) -> String {
            String(decoding: piece.prefix(64), as: UTF8.self)
        }

        private func failure(_ reason: String) -> PipelineError {
            .invalid(part: "model.merges[\(pairs.count)]", reason: reason)
        }

        /// The table.
        func finish() -> MergeTable { MergeTable(pairs: pairs, results: results) }
    }
}
