/// Distinct byte strings, numbered in the order of their arrival, found by their exact bytes.
///
/// The strings lie end to end in one array, so that tens of thousands load without an allocation
/// each, and two spellings of one character stay two (`String` would call them equal).
struct ByteStringTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Open addressing with linear probing; -1 is a free slot; the size is a power of two.
    private var slots: [Int32]

    /// A table without strings, with room for `capacity`.
    init(capacity: Int = 0) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        ends.reserveCapacity(capacity)
    }

    /// How many strings there are.
    var count: Int { ends.count }

    /// The bytes of string `index`.
    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// String `index` as text.
    func text(_ index: Int) -> String { String(decoding: self[index], as: UTF8.self) }

    /// The number of the string with these bytes; nil where there is none.
    func find(_ string: UnsafeBufferPointer<UInt8>) -> Int? {
        let found = slots[slot(of: string)]
        return found < 0 ? nil : Int(found)
    }

    /// The number of the string with these bytes, which is added where there is none.
    mutating func insert(_ string: UnsafeBufferPointer<UInt8>) -> (index: Int, isNew: Bool) {
        let place = slot(of: string)
        if slots[place] >= 0 { return (Int(slots[place]), false) }
        slots[place] = Int32(count)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        if count * 2 > slots.count { grow() }
        return (count - 1, true)
    }

    private func slot(of string: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: Self.hash(string)) & mask
        while slots[place] >= 0, !equals(Int(slots[place]), string) { place = (place + 1) & mask }
        return place
    }

    private func equals(_ index: Int, _ string: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = index == 0 ? 0 : ends[index - 1]
        guard ends[index] - start == string.count else { return false }
        for offset in 0..<string.count where bytes[start + offset] != string[offset] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for index in 0..<count {
            var place = self[index].withUnsafeBufferPointer {
                Int(truncatingIfNeeded: Self.hash($0)) & mask
            }
            while slots[place] >= 0 { place = (place + 1) & mask }
            slots[place] = Int32(index)
        }
    }

    /// FNV-1a, with its high bits folded into the low ones.
    private static func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in string { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash ^ (hash >> 32)
    }
}

extension ByteStringTable: Equatable {
    /// Two tables are equal when they hold the same strings under the same numbers.
    static func == (left: ByteStringTable, right: ByteStringTable) -> Bool {
        left.ends == right.ends && left.bytes == right.bytes
    }
}
