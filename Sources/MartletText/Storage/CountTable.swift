/// Counts by a 64-bit key that is never zero.
///
/// Open addressing with a fixed hash: the order of the keys depends on what was added, and on
/// nothing else, so that sums over all entries give the same bits in every run.
struct CountTable: Sendable {
    private var keys: [UInt64]
    private var values: [Int32]
    private(set) var count = 0

    /// A table without keys.
    init() {
        keys = Array(repeating: 0, count: 1024)
        values = Array(repeating: 0, count: 1024)
    }

    /// The count of `key`: zero where it was never added.
    subscript(key: UInt64) -> Int32 { values[slot(of: key)] }

    /// Adds `amount` to the count of `key`.
    mutating func add(_ amount: Int32, to key: UInt64) {
        let place = slot(of: key)
        if keys[place] == 0 {
            keys[place] = key
            count += 1
        }
        values[place] += amount
        if count * 2 > keys.count { grow() }
    }

    /// Calls `body` with every key and its count.
    func forEach(_ body: (_ key: UInt64, _ count: Int32) -> Void) {
        for place in keys.indices where keys[place] != 0 { body(keys[place], values[place]) }
    }

    private func slot(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 24) & mask
        while keys[place] != 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let (oldKeys, oldValues) = (keys, values)
        keys = Array(repeating: 0, count: oldKeys.count * 2)
        values = Array(repeating: 0, count: oldKeys.count * 2)
        for (key, value) in zip(oldKeys, oldValues) where key != 0 {
            let place = slot(of: key)
            keys[place] = key
            values[place] = value
        }
    }
}
