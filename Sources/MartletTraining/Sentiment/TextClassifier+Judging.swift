public import MartletData
import MartletModels
import MartletStore
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension TextClassifier {
    /// A few explained answers for the report: the surest right one of each label, and the surest wrong ones.
    func explanations(of examples: [TextExample]) -> [Explanation] {
        let readable = examples.filter { (4...60).contains(tokenizer.encode($0.text).count) }
        let probabilities = probabilities(readable.map(\.text))
        let judged = zip(readable, probabilities).map { example, row in
            let answer = row.indices.max { row[$0] < row[$1] } ?? 0
            return (example: example, answer: answer, certainty: row[answer])
        }.sorted { ($1.certainty, $0.example.text) < ($0.certainty, $1.example.text) }
        var chosen: [TextExample] = []
        for label in labels.indices.prefix(4) {
            chosen += judged.filter { $0.example.label == label && $0.answer == label }.prefix(1)
                .map(
                    \.example)
        }
        chosen += judged.filter { $0.answer != $0.example.label }.prefix(2).map(\.example)
        return chosen.compactMap { trace($0.text, truth: labels[$0.label]) }
    }

    /// The files of a run folder that make up the classifier.
    var files: [(name: String, contents: FileContents)] {
        get throws {
            try ModelFolder.files(of: model) + [
                ("tokenizer.json", .bytes(Array(tokenizer.jsonData)))
            ]
        }
    }
}

/// What a classifier must be better than: the commoner label, and a linear model of n-grams.
public struct Baselines: Sendable {
    private let labels: [String]
    private let majority: MajorityBaseline
    private let nGrams: NGramBaseline

    /// Baselines that know these examples.
    public init(_ training: [TextExample], labels: [String]) {
        self.labels = labels
        majority = MajorityBaseline(training: training, labelCount: labels.count)
        nGrams = NGramBaseline.train(on: training, labelCount: labels.count)
    }

    /// Their figures on other examples.
    public func judge(_ examples: [TextExample]) -> [BaselineScores] {
        let truth = examples.map(\.label)
        let linear = examples.map { example in
            let row = nGrams.predict(example.text)
            return row.indices.max { row[$0] < row[$1] } ?? 0
        }
        return [
            BaselineScores(
                name: "n-grams", description: nGrams.summary,
                metrics: ClassificationMetrics(labels: labels, truth: truth, answers: linear)),
            BaselineScores(
                name: "majority", description: "always \(labels[majority.label])",
                metrics: ClassificationMetrics(
                    labels: labels, truth: truth,
                    answers: truth.map { _ in majority.label })),
        ]
    }
}
