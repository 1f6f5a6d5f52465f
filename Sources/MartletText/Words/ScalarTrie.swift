/// Words by their scalars, each with a value, found from a place on one scalar at a time.
struct ScalarTrie: Sendable {
    /// Open addressing with linear probing: node and scalar of an edge plus one; 0 is free.
    private var keys = [UInt64](repeating: 0, count: 64)
    private var targets = [UInt32](repeating: 0, count: 64)
    /// The value of each node; NaN where no word ends.
    private var values: [Double] = [.nan]

    /// The node all words start from.
    static let root: UInt32 = 0

    /// How many nodes there are.
    var count: Int { values.count }

    /// The value of the word that ends at a node; NaN where none does.
    func value(_ node: UInt32) -> Double { values[Int(node)] }

    /// The node that a scalar leads to; nil where no word goes on with it.
    func next(_ node: UInt32, _ scalar: UInt32) -> UInt32? {
        let key = Self.key(node, scalar)
        let mask = keys.count - 1
        var place = Self.hash(key) & mask
        while keys[place] != key {
            if keys[place] == 0 { return nil }
            place = (place + 1) & mask
        }
        return targets[place]
    }

    /// Adds a word, or changes its value.
    mutating func insert(_ word: some Sequence<UInt32>, _ value: Double) {
        var node = Self.root
        for scalar in word {
            if let next = next(node, scalar) {
                node = next
                continue
            }
            values.append(.nan)
            let target = UInt32(values.count - 1)
            add(Self.key(node, scalar), target)
            node = target
        }
        values[Int(node)] = value
    }

    private mutating func add(_ key: UInt64, _ target: UInt32) {
        if values.count * 2 > keys.count {
            let old = zip(keys, targets).filter { $0.0 != 0 }
            keys = Array(repeating: 0, count: keys.count * 2)
            targets = Array(repeating: 0, count: keys.count)
            for (key, target) in old { place(key, target) }
        }
        place(key, target)
    }

    private mutating func place(_ key: UInt64, _ target: UInt32) {
        let mask = keys.count - 1
        var place = Self.hash(key) & mask
        while keys[place] != 0 { place = (place + 1) & mask }
        keys[place] = key
        targets[place] = target
    }

    private static func key(_ node: UInt32, _ scalar: UInt32) -> UInt64 {
        UInt64(node) << 21 | UInt64(scalar) + 1
    }

    private static func hash(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 28)
    }
}
