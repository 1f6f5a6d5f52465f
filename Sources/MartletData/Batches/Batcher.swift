import MartletTensor

/// Which examples form which batch: it follows from the seed and the epoch alone.
///
/// Texts of like length share a batch, so that a recurrent step serves many of them: the examples are shuffled, cut
/// into chunks of fifty batches, sorted by length within a chunk, cut into batches, and the batches are shuffled.
public struct Batcher: Sendable {
    private static let chunk = 50
    /// Keeps these random numbers apart from the others of the same seed.
    private static let stream: UInt64 = 1 << 62

    private let lengths: [Int]
    private let batchSize: Int
    private let seed: UInt64

    /// Batches of `batchSize` examples of the given lengths.
    public init(lengths: [Int], batchSize: Int, seed: UInt64) {
        precondition(batchSize > 0, "Batcher: batchSize \(batchSize)")
        self.lengths = lengths
        self.batchSize = batchSize
        self.seed = seed
    }

    /// The batches of an epoch; the last one that is cut may be smaller.
    public var batchCount: Int { (lengths.count + batchSize - 1) / batchSize }

    /// The examples of each batch of an epoch (counted from 0), every example once.
    public func batches(epoch: Int) -> [[Int]] {
        var random = RandomGenerator(seed: seed, stream: Self.stream + UInt64(epoch))
        let order = random.permutation(lengths.count)
        var batches: [[Int]] = []
        for start in stride(from: 0, to: order.count, by: Self.chunk * batchSize) {
            let end = min(start + Self.chunk * batchSize, order.count)
            batches += Self.cut(order[start..<end].sorted(by: isBefore), batchSize)
        }
        return random.permutation(batches.count).map { batches[$0] }
    }

    /// All examples by their length, in batches: for judging, where order does not matter.
    public static func inOrder(lengths: [Int], batchSize: Int) -> [[Int]] {
        let batcher = Batcher(lengths: lengths, batchSize: batchSize, seed: 0)
        return cut(lengths.indices.sorted(by: batcher.isBefore), batchSize)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (lengths[left], left) < (lengths[right], right)
    }

    private static func cut(_ order: [Int], _ size: Int) -> [[Int]] {
        stride(from: 0, to: order.count, by: size).map {
            Array(order[$0..<min($0 + size, order.count)])
        }
    }
}
