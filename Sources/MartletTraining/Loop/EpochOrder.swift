import MartletData

/// The batches of the epoch under way.
final class EpochOrder {
    private let batches: Batcher
    private var epoch = -1
    private var order: [[Int]] = []

    init(_ batches: Batcher) {
        self.batches = batches
    }

    /// The examples of a step.
    func batch(_ epoch: Int, _ step: Int) -> [Int] {
        if epoch != self.epoch {
            order = batches.batches(epoch: epoch)
            self.epoch = epoch
        }
        return order[step]
    }
}
