import MartletTensor

/// Which pairs form which batch, of so many tokens: it follows from the seed and the epoch alone.
///
/// Pairs whose longer side is of like length share a batch. Lengths are rounded up to steps of at most an eighth; pairs of one
/// rounded length are shuffled, and batches are cut along the row of all rounded lengths, which is the same in every epoch: so
/// every epoch has as many batches. The batches are shuffled, too.
public struct PairBatcher: Sendable {
    /// Keeps these random numbers apart from the others of the same seed.
    private static let stream: UInt64 = 1 << 62

    private let lengths: [Int]
    private let ranges: [Range<Int>]
    private let seed: UInt64

    /// Batches of pairs of the given lengths.
    ///
    /// - Parameters:
    ///   - lengths: the tokens of each pair's longer side.
    ///   - tokens: the most tokens of a batch's side, padding included, unless it is a single pair.
    ///   - pairs: the most pairs of a batch.
    public init(lengths: [Int], tokens: Int, pairs: Int, seed: UInt64) {
        precondition(tokens > 0 && pairs > 0, "PairBatcher: \(tokens) tokens, \(pairs) pairs")
        self.lengths = lengths.map(Self.rounded)
        self.seed = seed
        var ranges: [Range<Int>] = []
        var start = 0
        let sorted = self.lengths.sorted()
        for (place, length) in sorted.enumerated() {
            let count = place - start
            if count == pairs || count > 0 && (count + 1) * length > tokens {
                ranges.append(start..<place)
                start = place
            }
        }
        if start < sorted.count { ranges.append(start..<sorted.count) }
        self.ranges = ranges
    }

    /// A length in steps of at most an eighth, and at least 1.
    static func rounded(_ length: Int) -> Int {
        guard length > 8 else { return max(length, 1) }
        let step = 1 << (Int.bitWidth - 4 - length.leadingZeroBitCount)
        return (length + step - 1) / step * step
    }

    /// The batches of an epoch.
    public var batchCount: Int { ranges.count }

    /// The pairs of each batch of an epoch (counted from 0), every pair once.
    public func batches(epoch: Int) -> [[Int]] {
        var random = RandomGenerator(seed: seed, stream: Self.stream + UInt64(epoch))
        let batches = cut(random.permutation(lengths.count))
        return random.permutation(batches.count).map { batches[$0] }
    }

    /// All pairs, in batches by their length: for judging, where order does not matter.
    public var inOrder: [[Int]] { cut(Array(lengths.indices)) }

    /// Batches of pairs in that order, but for their lengths.
    private func cut(_ order: [Int]) -> [[Int]] {
        let sorted = order.enumerated().sorted {
            (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
        }
        return ranges.map { range in sorted[range].map(\.element) }
    }
}
