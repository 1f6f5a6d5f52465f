import MartletModels
import MartletTensor

/// What a model writes.
struct WrittenAnswer {
    /// What it wrote, without the boundary at its end.
    var tokens: [Int32] = []
    /// How much each token that was read counted, for each that was written and the boundary; empty if the model does not tell.
    var attention: [[Float]] = []
}

extension PairLearner {
    /// What the model writes for each source.
    ///
    /// - Parameters:
    ///   - boundary: the token that it begins after, and ends with.
    ///   - longest: the most tokens that it may write.
    ///   - tellsAttention: whether weights are kept.
    func answers(
        to sources: [[Int32]], boundary: Int32, longest: Int, tellsAttention: Bool = false
    ) -> [WrittenAnswer] {
        let model = prepared(.float32)
        var answers = [WrittenAnswer](repeating: WrittenAnswer(), count: sources.count)
        let order = sources.indices.sorted { (sources[$0].count, $0) < (sources[$1].count, $1) }
        for start in stride(from: 0, to: order.count, by: 64) {
            let rows = Array(order[start..<min(start + 64, order.count)])
            let (source, mask) = PairBatch.read(rows.map { sources[$0] })
            var progress = model.begin(reading: source, mask: mask)
            var last = [Int32](repeating: boundary, count: rows.count)
            var isDone = [Bool](repeating: false, count: rows.count)
            for _ in 0...longest where isDone.contains(false) {
                let (scores, attention) = model.step(
                    Tensor(last), &progress, tellsAttention: tellsAttention)
                last = scores.argmax(axis: 1).scalars(as: Int32.self)
                let weights = attention?.scalars(as: Float.self)
                for (place, row) in rows.enumerated() where !isDone[place] {
                    if let weights {
                        let begin = place * source.shape[1]
                        answers[row].attention.append(
                            Array(weights[begin..<begin + sources[row].count]))
                    }
                    isDone[place] = last[place] == boundary
                    if !isDone[place] { answers[row].tokens.append(last[place]) }
                }
            }
        }
        return answers
    }
}
