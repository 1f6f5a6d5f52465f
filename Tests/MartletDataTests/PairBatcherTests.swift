import MartletData
import MartletTensor
import Testing

/// Batches of pairs by their tokens.
@Suite struct PairBatcherTests {
    private func lengths(_ count: Int, below limit: Int = 60) -> [Int] {
        var random = RandomGenerator(seed: 31)
        return (0..<count).map { _ in 1 + random.integer(below: limit) }
    }

    @Test(arguments: [0, 1, 7, 400, 1000], [1, 64, 300, 100_000])
    func everyPairIsThereOnceAndNoBatchIsTooLarge(count: Int, tokens: Int) {
        let lengths = lengths(count)
        let batcher = PairBatcher(lengths: lengths, tokens: tokens, pairs: 20, seed: 1)
        for epoch in 0..<3 {
            let batches = batcher.batches(epoch: epoch)
            #expect(batches.joined().sorted() == Array(0..<count))
            #expect(batches.count == batcher.batchCount)
            for batch in batches {
                let longest = batch.map { lengths[$0] }.max() ?? 0
                #expect(!batch.isEmpty && batch.count <= 20)
                #expect(batch.count == 1 || batch.count * longest <= tokens)
            }
        }
        #expect(batcher.inOrder.joined().sorted() == Array(0..<count))
    }

    @Test func seedAndEpochDecideTheOrder() {
        func batches(_ seed: UInt64, _ epoch: Int) -> [[Int]] {
            PairBatcher(lengths: lengths(500), tokens: 200, pairs: 16, seed: seed)
                .batches(epoch: epoch)
        }
        #expect(batches(1, 7) == batches(1, 7))
        #expect(batches(1, 0) != batches(1, 1))
        #expect(batches(1, 0) != batches(2, 0))
    }

    @Test func epochsMixOtherPairsAndPadLittle() {
        let lengths = lengths(5000, below: 200)
        let batcher = PairBatcher(lengths: lengths, tokens: 2000, pairs: 1000, seed: 4)
        let batches = batcher.batches(epoch: 0)
        let others = Set(batcher.batches(epoch: 1).map { Set($0) })
        #expect(others.intersection(batches.map { Set($0) }).count < others.count / 10)
        let places = batches.reduce(0) { sum, batch in
            sum + batch.count * (batch.map { lengths[$0] }.max() ?? 0)
        }
        #expect(Double(places) < 1.1 * Double(lengths.reduce(0, +)))
    }
}
