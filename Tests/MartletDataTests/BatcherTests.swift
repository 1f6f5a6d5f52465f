import MartletData
import MartletTensor
import Testing

@Suite struct BatcherTests {
    private func lengths(_ count: Int) -> [Int] {
        var random = RandomGenerator(seed: 31)
        return (0..<count).map { _ in 1 + Int(random.next() % 200) }
    }

    /// How many places the batches take, padding included.
    private func places(_ batches: [[Int]], _ lengths: [Int]) -> Int {
        batches.reduce(0) { sum, batch in
            sum + batch.count * (batch.map { lengths[$0] }.max() ?? 0)
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 399, 400, 401, 1000], [1, 8, 5000])
    func everyExampleIsThereOnce(count: Int, batchSize: Int) {
        let batcher = Batcher(lengths: lengths(count), batchSize: batchSize, seed: 1)
        for epoch in 0..<3 {
            let batches = batcher.batches(epoch: epoch)
            #expect(batches.joined().sorted() == Array(0..<count))
            #expect(batches.count == batcher.batchCount)
            #expect(batches.count { $0.count != batchSize } == (count % batchSize == 0 ? 0 : 1))
            #expect(batches.allSatisfy { (1...batchSize).contains($0.count) })
        }
    }

    @Test func seedAndEpochDecideTheOrder() {
        let lengths = lengths(500)
        func batches(_ seed: UInt64, _ epoch: Int) -> [[Int]] {
            Batcher(lengths: lengths, batchSize: 16, seed: seed).batches(epoch: epoch)
        }
        #expect(batches(1, 0) == batches(1, 0))
        #expect(batches(1, 7) == batches(1, 7))
        #expect(batches(1, 0) != batches(1, 1))
        #expect(batches(1, 0) != batches(2, 0))
    }

    @Test func anEpochDoesNotDependOnThoseBefore() {
        let batcher = Batcher(lengths: lengths(300), batchSize: 8, seed: 3)
        let fifth = batcher.batches(epoch: 5)
        for epoch in 0..<5 { _ = batcher.batches(epoch: epoch) }
        #expect(batcher.batches(epoch: 5) == fifth)
    }

    @Test func epochsMixOtherExamplesTogether() {
        let batcher = Batcher(lengths: lengths(5000), batchSize: 10, seed: 4)
        let first = Set(batcher.batches(epoch: 0).map { Set($0) })
        let second = Set(batcher.batches(epoch: 1).map { Set($0) })
        #expect(first.intersection(second).count < first.count / 10)
    }

    @Test func textsOfLikeLengthShareABatch() {
        let lengths = lengths(6400)
        let batcher = Batcher(lengths: lengths, batchSize: 32, seed: 5)
        let total = lengths.reduce(0, +)
        let batches = batcher.batches(epoch: 0)
        #expect(Double(places(batches, lengths)) < 1.05 * Double(total))
        // The measure can tell: at random, a batch is nearly as long as the longest text.
        let order = batches.joined().shuffled()
        let mixed = stride(from: 0, to: order.count, by: 32).map { Array(order[$0..<$0 + 32]) }
        #expect(Double(places(mixed, lengths)) > 1.5 * Double(total))
    }

    @Test func batchesDoNotComeInOrderOfLength() {
        let lengths = lengths(1600)
        let batches = Batcher(lengths: lengths, batchSize: 32, seed: 6).batches(epoch: 0)
        let longest = batches.map { batch in batch.map { lengths[$0] }.max() ?? 0 }
        #expect(longest != longest.sorted() && longest != longest.sorted(by: >))
    }

    @Test func inOrderGoesByLengthThenByPlace() {
        let batches = Batcher.inOrder(lengths: [5, 1, 3, 1, 5], batchSize: 2)
        #expect(batches == [[1, 3], [2, 0], [4]])
        #expect(Batcher.inOrder(lengths: [], batchSize: 2) == [])
    }
}
