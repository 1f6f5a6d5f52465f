/// Words by their scalars, each with a value, found from a place on one scalar at a time.
struct ScalarTrie: Sendable {
    /// The node that each edge leads to.
    private var edges = CountTable()
    /// The value of each node; NaN where no word ends.
    private var values: [Double] = [.nan]

    /// The node all words start from.
    static let root: Int32 = 0

    /// Whether there are no words.
    var isEmpty: Bool { values.count == 1 }

    /// The value of the word that ends at a node; NaN where none does.
    func value(_ node: Int32) -> Double { values[Int(node)] }

    /// The node that a scalar leads to; nil where no word goes on with it.
    func next(_ node: Int32, _ scalar: UInt32) -> Int32? {
        let target = edges[Self.key(node, scalar)]
        // No edge leads to the root.
        return target == Self.root ? nil : target
    }

    /// Adds a word that is not empty, or changes its value.
    mutating func insert(_ word: some Sequence<UInt32>, _ value: Double) {
        var node = Self.root
        for scalar in word {
            if let next = next(node, scalar) {
                node = next
                continue
            }
            let target = Int32(values.count)
            values.append(.nan)
            edges.add(target, to: Self.key(node, scalar))
            node = target
        }
        values[Int(node)] = value
    }

    /// An edge's key: node and scalar, never 0.
    private static func key(_ node: Int32, _ scalar: UInt32) -> UInt64 {
        UInt64(node) << 21 | UInt64(scalar) + 1
    }
}
