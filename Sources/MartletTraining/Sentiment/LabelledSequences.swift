import MartletData
import MartletModels
import MartletTensor
import MartletText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Texts as token numbers, with their labels.
struct LabelledSequences: Sendable {
    let sequences: [TokenSequence]
    let labels: [Int32]

    /// The number of tokens of each text.
    var lengths: [Int] { sequences.map(\.count) }

    init(_ examples: [TextExample], _ tokenizer: Tokenizer) {
        sequences = examples.map { TokenSequence($0.text, tokenizer) }
        labels = examples.map { Int32($0.label) }
    }

    /// The mean loss of a batch, to be differentiated, and what came of it.
    func loss(
        _ model: SentimentClassifier, _ batch: [Int], labelSmoothing: Double, crop: Double = 0,
        _ random: inout RandomGenerator?
    ) -> (Tensor, BatchOutcome) {
        var outcome = BatchOutcome(examples: batch.count, tokens: 0)
        var correct = 0
        var sum: Tensor?
        let parts = batch.map { sequences[$0].part(crop, &random) }
        let truths = batch.map { labels[$0] }
        for group in PaddingBudget.groups(Array(batch.indices), length: { parts[$0].count }) {
            let tokens = TokenBatch(group.map { parts[$0] })
            let truth = group.map { truths[$0] }
            let scores = model(
                tokens.tokens, nGrams: tokens.nGrams, lengths: tokens.lengths, dropout: &random)
            let loss = scores.softmaxCrossEntropy(
                Tensor(truth), labelSmoothing: labelSmoothing, reduction: .sum)
            sum = sum.map { $0 + loss } ?? loss
            outcome.tokens += tokens.lengths.reduce(0, +)
            let answers = scores.detached.argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
            correct += zip(answers, truth).count { $0 == $1 }
        }
        outcome.correct = correct
        return (sum! / Double(batch.count), outcome)
    }

    /// The mean loss and the share of right answers of a classifier.
    func judge(_ classifier: TextClassifier) -> (loss: Double, accuracy: Double) {
        Self.judge(classifier.probabilities(sequences: sequences), labels)
    }

    /// The mean loss and the share of right answers of probabilities, `[text][label]`.
    static func judge(
        _ probabilities: [[Double]], _ labels: [Int32]
    ) -> (loss: Double, accuracy: Double) {
        var loss = 0.0
        var correct = 0
        for (row, label) in zip(probabilities, labels) {
            loss -= log(max(row[Int(label)], 1e-12))
            if row.indices.max(by: { row[$0] < row[$1] }) == Int(label) { correct += 1 }
        }
        let count = Double(max(1, labels.count))
        return (loss / count, Double(correct) / count)
    }
}

extension TokenSequence {
    /// With the given probability a random part of the text, else all of it.
    ///
    /// The part's length is spread evenly over its logarithm (nearly): parts of 4–8 tokens, 8–16 … are as likely.
    func part(_ probability: Double, _ random: inout RandomGenerator?) -> TokenSequence {
        guard probability > 0, random != nil, count > Self.shortestPart,
            random!.fraction() < probability
        else { return self }
        let halvings = Int.bitWidth - 1 - (count / Self.shortestPart).leadingZeroBitCount
        let most = count >> random!.integer(below: halvings + 1)
        let least = max(Self.shortestPart, most / 2)
        let length = least + random!.integer(below: most - least + 1)
        return slice(random!.integer(below: count - length + 1), length)
    }

    /// The fewest tokens of a part.
    private static var shortestPart: Int { 4 }
}
