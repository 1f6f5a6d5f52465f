/// Pairs of pieces, numbered in the order of their arrival, with how often each stands in the words.
struct PairTable {
    /// The pair's left and right piece, in the high and the low half.
    private(set) var keys: [UInt64] = []
    /// How often each pair stands in the words.
    var counts: [Int] = []
    /// The first and last of the places found since a pair was queued last, as nodes of ``PlaceLists``; -1: none.
    var places: [(first: Int32, last: Int32)] = []
    /// Open addressing with linear probing: a pair's number plus one; 0 is free.
    private var slots = [UInt32](repeating: 0, count: 1 << 12)

    /// The key of a pair.
    static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
        UInt64(left) << 32 | UInt64(right)
    }

    /// The number of a pair, which is added where it is new.
    mutating func index(of key: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: Self.hash(key)) & mask
        while slots[place] != 0 {
            let index = Int(slots[place]) - 1
            if keys[index] == key { return index }
            place = (place + 1) & mask
        }
        keys.append(key)
        counts.append(0)
        places.append((-1, -1))
        slots[place] = UInt32(keys.count)
        if keys.count * 2 > slots.count { grow() }
        return keys.count - 1
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, key) in keys.enumerated() {
            var place = Int(truncatingIfNeeded: Self.hash(key)) & mask
            while slots[place] != 0 { place = (place + 1) & mask }
            slots[place] = UInt32(index + 1)
        }
    }

    private static func hash(_ key: UInt64) -> UInt64 {
        let product = key &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 32
    }
}

/// Lists of words, as chains through one array.
struct PlaceLists {
    private var words: [UInt32] = []
    private var nexts: [Int32] = []
    /// The first node that is in no list.
    private var free: Int32 = -1

    /// The word of a node.
    func word(_ node: Int32) -> UInt32 { words[Int(node)] }

    /// The node after a node; -1 at the end.
    func next(_ node: Int32) -> Int32 { nexts[Int(node)] }

    /// Appends `word` to a list, unless it is its last one.
    mutating func append(_ word: UInt32, to list: inout (first: Int32, last: Int32)) {
        if list.last >= 0, words[Int(list.last)] == word { return }
        let node: Int32
        if free >= 0 {
            node = free
            free = nexts[Int(node)]
            words[Int(node)] = word
            nexts[Int(node)] = -1
        } else {
            node = Int32(words.count)
            words.append(word)
            nexts.append(-1)
        }
        if list.last >= 0 { nexts[Int(list.last)] = node } else { list.first = node }
        list.last = node
    }

    /// Gives the nodes of a list back.
    mutating func release(first: Int32, last: Int32) {
        nexts[Int(last)] = free
        free = first
    }
}
