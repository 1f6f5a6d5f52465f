public import MartletData
public import MartletModels
import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Series side by side, the shorter ones padded with zeros.
struct SeriesBatch {
    /// The values, float32 `[B, T, D]`.
    let input: Tensor
    /// The steps of each.
    let lengths: [Int]

    /// A batch of series, each `[T, D]`.
    init(_ series: [(values: [Double], length: Int)], channels: Int) {
        let longest = series.reduce(1) { max($0, $1.length) }
        var values = [Float](repeating: 0, count: series.count * longest * channels)
        for (row, item) in series.enumerated() {
            for (place, value) in item.values.enumerated() {
                values[row * longest * channels + place] = Float(value)
            }
        }
        input = Tensor(values, shape: [series.count, longest, channels])
        lengths = series.map(\.length)
    }
}

/// The cases to learn from.
struct TrainingCases: Sendable {
    let cases: [SeriesCase]
    let means: [Double]
    let deviations: [Double]
    let options: SeriesClassifierOptions

    /// The mean loss of a batch over all members, to be differentiated, and what came of it.
    ///
    /// Each member sees the cases changed in its own way.
    func loss(
        _ model: SeriesClassifier, _ batch: [Int], _ random: inout RandomGenerator?
    ) -> (Tensor, BatchOutcome) {
        let truth = batch.map { Int32(cases[$0].label) }
        var outcome = BatchOutcome(
            correct: 0, examples: batch.count * model.members.count, tokens: 0)
        var sum: Tensor?
        for member in model.members.indices {
            let changed = batch.map {
                options.augmentation.applied(
                    to: cases[$0], means: means, deviations: deviations, &random)
            }
            let series = SeriesBatch(changed, channels: means.count)
            let scores = model.scores(
                member: member, series.input, lengths: series.lengths, dropout: &random)
            let loss = scores.softmaxCrossEntropy(
                Tensor(truth), labelSmoothing: options.labelSmoothing, reduction: .mean)
            sum = sum.map { $0 + loss } ?? loss
            outcome.tokens += series.lengths.reduce(0, +)
            let answers = scores.detached.argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
            outcome.correct! += zip(answers, truth).count { $0 == $1 }
        }
        return (sum! / Double(model.members.count), outcome)
    }
}

extension SeriesClassifier {
    /// The probability of each label for each case, `[case][label]`; it does not depend on the other cases.
    public func probabilities(of cases: [SeriesCase]) -> [[Double]] {
        var result = [[Double]](repeating: [], count: cases.count)
        let width = configuration.labels.count
        for batch in Batcher.inOrder(lengths: cases.map(\.length), batchSize: 32) {
            let series = SeriesBatch(
                batch.map { (cases[$0].values, cases[$0].length) },
                channels: configuration.channels.count)
            let values = probabilities(series.input, lengths: series.lengths)
                .scalars(as: Float.self).map(Double.init)
            for (row, place) in batch.enumerated() {
                result[place] = Array(values[row * width..<(row + 1) * width])
            }
        }
        return result
    }

    /// The figures of the answers to cases whose labels are places in the model's.
    public func metrics(_ cases: [SeriesCase]) -> ClassificationMetrics {
        let answers = probabilities(of: cases).map { row in
            row.indices.max { row[$0] < row[$1] } ?? 0
        }
        return ClassificationMetrics(
            labels: configuration.labels, truth: cases.map(\.label), answers: answers)
    }

    /// The mean loss and the share of right answers.
    func judge(_ cases: [SeriesCase]) -> (loss: Double, accuracy: Double) {
        var (loss, correct) = (0.0, 0)
        for (row, item) in zip(probabilities(of: cases), cases) {
            loss -= log(max(row[item.label], 1e-12))
            if row.indices.max(by: { row[$0] < row[$1] }) == item.label { correct += 1 }
        }
        let count = Double(max(1, cases.count))
        return (loss / count, Double(correct) / count)
    }
}
