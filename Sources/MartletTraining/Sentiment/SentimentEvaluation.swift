public import MartletData
import MartletModels
import MartletStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which part of the data a classifier is judged on.
public enum EvaluationPart: String, Codable, Sendable, CaseIterable {
    /// The test tenth of the data that it was trained on, everything of other data.
    case auto
    /// Everything.
    case all
    /// The part that it learned from.
    case training
    /// The tenth that chose the best epoch.
    case validation
    /// The tenth that nothing has seen.
    case test
}

/// How good a classifier is on labelled texts, beside simple baselines.
public struct SentimentEvaluation: Codable, Sendable {
    /// The data.
    public var data: String
    /// The part of them that was used.
    public var part: EvaluationPart
    /// The classifier's figures; of several, those of the mean of their probabilities.
    public var model: ClassificationMetrics
    /// Of several classifiers, what each is right about alone, by its folder, in their order.
    public var members: [Member]?
    /// The figures of the baselines on the same texts; empty if what they must learn from is gone.
    public var baselines: [BaselineScores]
    /// What there is to know about the baselines, if anything.
    public var note: String?

    /// One of several classifiers.
    public struct Member: Codable, Sendable {
        /// Its folder.
        public var folder: String
        /// The share of its right answers.
        public var accuracy: Double
    }

    /// Judges the classifier of a run folder, or the mean of several.
    ///
    /// If one of several was trained on the data, the part that is used is the same as if all were.
    ///
    /// - Throws: `DataError`, `StoreError`, `ModelError`, `TokenizerError` or `PipelineError`.
    public static func run(
        models folders: [String], data: String, columns: TextColumns = TextColumns(),
        part: EvaluationPart = .auto
    ) throws -> SentimentEvaluation {
        let ensemble = try ClassifierEnsemble(contentsOf: folders)
        let dataset = try TextDataset.read(data, columns: columns, labels: ensemble.labels)
        let records = ensemble.members.compactMap(\.trainedOn)
        let own = records.first { $0.sha256 == dataset.sha256 } ?? records.first
        let isOwn = own?.sha256 == dataset.sha256
        let used = part == .auto ? (isOwn ? .test : .all) : part
        let split = dataset.split()
        let examples =
            switch used {
            case .auto, .all: dataset.examples
            case .training: split.training
            case .validation: split.validation
            case .test: split.test
            }
        guard !examples.isEmpty else {
            throw TrainingError.tooLittleData(
                "\(data): the \(used.rawValue) part of \(dataset.examples.count) texts is empty; use --split all"
            )
        }
        let (training, note) = trainingPart(
            of: own, isOwn ? split : nil, labels: ensemble.labels)
        let opinions = try ensemble.opinions(of: examples.map(\.text))
        func metrics(_ probabilities: [[Double]]) -> ClassificationMetrics {
            ClassificationMetrics(
                labels: ensemble.labels, truth: examples.map(\.label),
                answers: probabilities.map(\.likeliest))
        }
        let members = zip(folders, opinions).map {
            Member(folder: $0, accuracy: metrics($1).accuracy)
        }
        return SentimentEvaluation(
            data: data, part: used, model: metrics(ClassifierEnsemble.mean(opinions)),
            members: members.count > 1 ? members : nil,
            baselines: training.map {
                Baselines($0, labels: ensemble.labels).judge(examples)
            } ?? [],
            note: note)
    }

    /// What the baselines may learn from.
    private static func trainingPart(
        of record: RunRecord.DataRecord?, _ own: DataSplit?, labels: [String]
    ) -> ([TextExample]?, note: String?) {
        if let own { return (own.training, nil) }
        guard let record else {
            return (nil, "no baselines: the model's folder has no training.json")
        }
        guard
            let dataset = try? TextDataset.read(
                record.path, columns: record.columns, labels: labels),
            dataset.sha256 == record.sha256
        else {
            return (
                nil, "no baselines: the training data (\(record.path)) are not there any more"
            )
        }
        return (dataset.split().training, nil)
    }
}
