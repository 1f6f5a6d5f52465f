/// The pieces of a vocabulary: their bytes by number, and their number by bytes.
///
/// All bytes lie end to end; the hash table keeps the upper half of the hash beside the number, so that a piece that is
/// not there rarely costs a look at any bytes. It never changes once it is built. ``ByteStringTable`` is for strings that come
/// one by one and are numbered so; here the file gives the numbers, with gaps, and inner loops look words up.
final class PieceTable: @unchecked Sendable {
    /// The largest number a piece may have.
    static let largestID = 1 << 24 - 1

    /// How many pieces there are.
    let count: Int
    /// One more than the largest number.
    let idLimit: Int
    private let bytes: UnsafeMutablePointer<UInt8>
    private let starts: UnsafeMutablePointer<UInt32>
    /// By number; -1 where there is no piece of that number.
    private let lengths: UnsafeMutablePointer<Int32>
    /// The upper half of the hash, and the number plus one; 0 is a free slot.
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int

    /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice, unless it may.
    fileprivate init(_ builder: borrowing Builder) throws(PipelineError) {
        let total = builder.bytes.count
        count = builder.distinct
        idLimit = builder.lengths.count
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: total + 8)
        bytes.initialize(repeating: 0, count: total + 8)
        builder.bytes.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { bytes.update(from: base, count: total) }
        }
        self.bytes = bytes
        starts = .allocate(capacity: idLimit + 1)
        lengths = .allocate(capacity: idLimit + 1)
        for id in 0..<idLimit {
            starts[id] = builder.starts[id]
            lengths[id] = builder.lengths[id]
        }
        var size = 16
        while size < idLimit * 2 { size *= 2 }
        mask = size - 1
        slots = .allocate(capacity: size)
        slots.update(repeating: 0, count: size)
        var repeated: (first: Int, second: Int)?
        // Later pieces win where one occurs twice, so they go in first.
        for id in stride(from: idLimit - 1, through: 0, by: -1) where lengths[id] >= 0 {
            let (piece, length) = (bytes + Int(starts[id]), Int(lengths[id]))
            let key = hash(piece, length)
            var place = Int(truncatingIfNeeded: key) & mask
            var isNew = true
            while slots[place] != 0 {
                if slots[place] >> 32 == key >> 32 {
                    let other = Int(slots[place] & 0xFFFF_FFFF) - 1
                    if Int(lengths[other]) == length,
                        equal(bytes + Int(starts[other]), piece, length)
                    {
                        repeated = repeated ?? (id, other)
                        isNew = false
                        break
                    }
                }
                place = (place + 1) & mask
            }
            if isNew { slots[place] = (key >> 32) << 32 | UInt64(id + 1) }
        }
        if let (first, second) = repeated, !builder.isRepeatable {
            let piece = UnsafeBufferPointer(
                start: UnsafePointer(bytes + Int(starts[first])), count: Int(lengths[first]))
            throw .invalid(
                part: "model.vocab",
                reason: "\"\(Builder.text(piece))\" occurs twice, as \(first) and \(second)")
        }
    }

    deinit {
        bytes.deallocate()
        starts.deallocate()
        lengths.deallocate()
        slots.deallocate()
    }

    /// A table whose piece number `i` is `pieces[i]`.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice.
    convenience init(_ pieces: [String]) throws {
        var builder = Builder(capacity: pieces.count)
        for (index, piece) in pieces.enumerated() {
            var piece = piece
            try piece.withUTF8 { try builder.add($0, id: index) }
        }
        try self.init(builder)
    }

    /// The number of the piece of these bytes; -1 where there is none.
    @inline(__always)
    func find(_ piece: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
        find(piece, length, hash: hash(piece, length))
    }

    /// The number of the piece of these bytes, whose hash is `key`; -1 where there is none.
    @inline(__always)
    func find(_ piece: UnsafePointer<UInt8>, _ length: Int, hash key: UInt64) -> Int32 {
        var place = Int(truncatingIfNeeded: key) & mask
        while true {
            let slot = slots[place]
            if slot == 0 { return -1 }
            if slot >> 32 == key >> 32 {
                let id = Int(slot & 0xFFFF_FFFF) - 1
                if Int(lengths[id]) == length, equal(bytes + Int(starts[id]), piece, length) {
                    return Int32(truncatingIfNeeded: id)
                }
            }
            place = (place + 1) & mask
        }
    }

    /// The number of `piece`; nil where it is not one.
    func id(of piece: String) -> Int32? {
        var piece = piece
        return piece.withUTF8 { buffer in
            guard let base = buffer.baseAddress, buffer.count > 0 else {
                var nothing: UInt8 = 0
                let id = find(&nothing, 0)
                return id < 0 ? nil : id
            }
            let id = find(base, buffer.count)
            return id < 0 ? nil : id
        }
    }

    /// Whether there is a piece numbered `id`.
    @inline(__always)
    func has(_ id: Int32) -> Bool { id >= 0 && Int(id) < idLimit && lengths[Int(id)] >= 0 }

    /// The bytes of piece `id`, which must be one, for as long as the table lives.
    @inline(__always)
    func bytes(of id: Int32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            start: bytes + Int(starts[Int(id)]), count: Int(lengths[Int(id)]))
    }

    /// Piece `id` as text; nil where there is none.
    func piece(_ id: Int32) -> String? {
        has(id) ? String(decoding: bytes(of: id), as: UTF8.self) : nil
    }

    /// Collects pieces.
    struct Builder: ~Copyable {
        fileprivate var bytes: ContiguousArray<UInt8> = []
        fileprivate var starts: ContiguousArray<UInt32> = []
        fileprivate var lengths: ContiguousArray<Int32> = []
        fileprivate var distinct = 0
        fileprivate let isRepeatable: Bool

        /// A builder with room for `capacity` pieces; `isRepeatable`: whether a piece may have several numbers.
        init(capacity: Int, isRepeatable: Bool = false) {
            self.isRepeatable = isRepeatable
            bytes.reserveCapacity(capacity * 8)
            starts.reserveCapacity(capacity)
            lengths.reserveCapacity(capacity)
        }

        /// How many pieces were added.
        var count: Int { distinct }

        /// Adds a piece.
        ///
        /// Throws ``PipelineError/invalid(part:reason:)`` where the number is taken or too large.
        mutating func add(_ piece: UnsafeBufferPointer<UInt8>, id: Int) throws(PipelineError) {
            guard id >= 0, id <= PieceTable.largestID else {
                throw PipelineError.invalid(
                    part: "model.vocab",
                    reason: "id \(id) of \"\(Self.text(piece))\" is not "
                        + "in 0...\(PieceTable.largestID)")
            }
            while lengths.count <= id {
                lengths.append(-1)
                starts.append(0)
            }
            guard lengths[id] < 0 else {
                let other = bytes[Int(starts[id])..<Int(starts[id]) + Int(lengths[id])]
                throw PipelineError.invalid(
                    part: "model.vocab",
                    reason:
                        "id \(id) is given to both \"\(String(decoding: other, as: UTF8.self))\""
                        + " and \"\(Self.text(piece))\"")
            }
            starts[id] = UInt32(bytes.count)
            lengths[id] = Int32(piece.count)
            bytes.append(contentsOf: piece)
            distinct += 1
        }

        fileprivate static func text(_ piece: UnsafeBufferPointer<UInt8>) -> String {
            String(decoding: piece.prefix(64), as: UTF8.self)
        }

        /// The table.
        ///
        /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice, unless it may.
        consuming func finish() throws(PipelineError) -> PieceTable { try PieceTable(self) }
    }
}
