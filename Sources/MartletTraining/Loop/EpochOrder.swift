/// The batches of the epoch under way.
final class EpochOrder {
    private let batches: (_ epoch: Int) -> [[Int]]
    private var epoch = -1
    private var order: [[Int]] = []

    /// The order of what gives the batches of an epoch, counted from 0.
    init(_ batches: @escaping (_ epoch: Int) -> [[Int]]) {
        self.batches = batches
    }

    /// The examples of a step.
    func batch(_ epoch: Int, _ step: Int) -> [Int] {
        if epoch != self.epoch {
            order = batches(epoch)
            self.epoch = epoch
        }
        return order[step]
    }
}
