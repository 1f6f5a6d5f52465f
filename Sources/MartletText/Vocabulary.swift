/// The tokens a model knows, numbered: padding is 0, the unknown token 1, the rest by frequency.
public struct Vocabulary: Sendable, Equatable {
    /// The number of the padding token.
    public static let paddingID: Int32 = 0
    /// The number of the token that stands for all others.
    public static let unknownID: Int32 = 1
    /// The text of the padding token.
    public static let paddingToken = "<pad>"
    /// The text of the unknown token.
    public static let unknownToken = "<unk>"

    let table: ByteStringTable
    /// How often each token was seen; zero for the two special ones.
    let counts: [Int]

    /// The tokens of a sequence that occur often enough, the frequent first.
    ///
    /// The order is by falling count, then by the text's UTF-8, so equal input gives an equal
    /// vocabulary. `maximumSize` includes the padding and the unknown token.
    public init(
        counting tokens: some Sequence<String>, minimumCount: Int = 1, maximumSize: Int = 30_000
    ) {
        var counter = TokenCounter()
        for token in tokens {
            var token = token
            token.withUTF8 { counter.add($0) }
        }
        self.init(counter, minimumCount: minimumCount, maximumSize: maximumSize)
    }

    init(_ counter: TokenCounter, minimumCount: Int, maximumSize: Int) {
        precondition(
            maximumSize >= 2,
            "Vocabulary: maximumSize \(maximumSize) has no room for the padding and unknown tokens")
        let special = [Self.paddingToken, Self.unknownToken].map { Array($0.utf8) }
        let kept = (0..<counter.table.count)
            .filter {
                counter.counts[$0] >= minimumCount && !special.contains(Array(counter.table[$0]))
            }
            .sorted { left, right in
                if counter.counts[left] != counter.counts[right] {
                    return counter.counts[left] > counter.counts[right]
                }
                return counter.table[left].lexicographicallyPrecedes(counter.table[right])
            }
            .prefix(maximumSize - 2)
        var table = ByteStringTable(capacity: kept.count + 2)
        for name in special { name.withUnsafeBufferPointer { _ = table.insert($0) } }
        for index in kept { counter.table[index].withUnsafeBufferPointer { _ = table.insert($0) } }
        self.table = table
        self.counts = [0, 0] + kept.map { counter.counts[$0] }
    }

    init(table: ByteStringTable, counts: [Int]) {
        self.table = table
        self.counts = counts
    }

    /// How many tokens there are, with the two special ones.
    public var count: Int { table.count }

    /// The tokens in the order of their numbers.
    public var tokens: [String] { (0..<count).map(table.text) }

    /// The number of `token`; ``unknownID`` where it is not known.
    public func id(of token: String) -> Int32 {
        var token = token
        return token.withUTF8 { id(of: $0) }
    }

    func id(of token: UnsafeBufferPointer<UInt8>) -> Int32 {
        table.find(token).map(Int32.init(truncatingIfNeeded:)) ?? Self.unknownID
    }

    /// The token numbered `id`, which must be in `0..<count`.
    public func token(_ id: Int32) -> String {
        precondition(
            id >= 0 && id < Int32(count), "Vocabulary: token \(id) is not in 0..<\(count)")
        return table.text(Int(id))
    }

    /// Whether `token` is known.
    public func contains(_ token: String) -> Bool {
        var token = token
        return token.withUTF8 { table.find($0) != nil }
    }
}

/// Counts tokens by their bytes.
struct TokenCounter {
    private(set) var table = ByteStringTable()
    private(set) var counts: [Int] = []

    /// Counts one occurrence of `token`.
    mutating func add(_ token: UnsafeBufferPointer<UInt8>) {
        let (index, isNew) = table.insert(token)
        if isNew { counts.append(0) }
        counts[index] += 1
    }
}
