/// Counts distinct byte strings, compactly: their bytes lie end to end, and a string costs 16 bytes and two slots more.
///
/// One thread at a time uses a table.
final class WordCountTable: @unchecked Sendable {
    private var bytes: UnsafeMutablePointer<UInt8>
    private var byteCapacity: Int
    private(set) var ends: [Int] = []
    private(set) var counts: [Int] = []
    /// Open addressing with linear probing: the high half of the hash, and the string's number plus one; 0 is free.
    private var slots: [UInt64]

    init() {
        byteCapacity = 1 << 16
        bytes = .allocate(capacity: byteCapacity)
        slots = Array(repeating: 0, count: 1 << 12)
    }

    deinit { bytes.deallocate() }

    /// How many strings there are.
    var count: Int { ends.count }

    /// The bytes of string `index`, until the table changes.
    subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
        let start = index == 0 ? 0 : ends[index - 1]
        return UnsafeBufferPointer(start: bytes + start, count: ends[index] - start)
    }

    /// Adds `amount` to the count of `string`.
    func add(_ string: UnsafeBufferPointer<UInt8>, _ amount: Int = 1) {
        guard let start = string.baseAddress, !string.isEmpty else { return }
        let key = hash(start, string.count)
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: key) & mask
        while slots[place] != 0 {
            if slots[place] >> 32 == key >> 32 {
                let index = Int(slots[place] & 0xFFFF_FFFF) - 1
                let begin = index == 0 ? 0 : ends[index - 1]
                if ends[index] - begin == string.count,
                    equal(bytes + begin, start, string.count)
                {
                    counts[index] += amount
                    return
                }
            }
            place = (place + 1) & mask
        }
        append(start, string.count)
        counts.append(amount)
        precondition(count < Int(UInt32.max), "WordCountTable: more than 2^32 different words")
        slots[place] = key & ~0xFFFF_FFFF | UInt64(count)
        if count * 2 > slots.count { grow() }
    }

    /// Adds all counts of another table.
    func add(_ other: WordCountTable) {
        for index in 0..<other.count { add(other[index], other.counts[index]) }
    }

    private func append(_ start: UnsafePointer<UInt8>, _ length: Int) {
        let used = ends.last ?? 0
        if used + length > byteCapacity {
            byteCapacity = max(byteCapacity * 3 / 2, used + length)
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
            larger.update(from: bytes, count: used)
            bytes.deallocate()
            bytes = larger
        }
        (bytes + used).update(from: start, count: length)
        ends.append(used + length)
    }

    private func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for index in 0..<count {
            let string = self[index]
            let key = hash(string.baseAddress!, string.count)
            var place = Int(truncatingIfNeeded: key) & mask
            while slots[place] != 0 { place = (place + 1) & mask }
            slots[place] = key & ~0xFFFF_FFFF | UInt64(index + 1)
        }
    }
}
