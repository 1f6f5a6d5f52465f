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

/// What answers texts with labels.
protocol LabelledTextJudge {
    /// The labels, in the order of their numbers.
    var labels: [String] { get }
    /// The figures of the answers to examples whose labels are places in ``labels``.
    func metrics(_ examples: [TextExample]) throws -> ClassificationMetrics
}

/// How good a classifier is on labelled texts, beside simple baselines.
public struct SentimentEvaluation: Codable, Sendable {
    /// The data.
    public var data: String
    /// The part of them that was used.
    public var part: EvaluationPart
    /// The classifier's figures.
    public var model: ClassificationMetrics
    /// The figures of the baselines on the same texts; empty if what they must learn from is gone.
    public var baselines: [BaselineScores]
    /// What there is to know about the baselines, if anything.
    public var note: String?

    /// Judges the classifier of a run folder.
    ///
    /// - Throws: `DataError`, `StoreError`, `ModelError`, `TokenizerError` or `PipelineError`.
    public static func run(
        model folder: String, data: String, columns: TextColumns = TextColumns(),
        part: EvaluationPart = .auto
    ) throws -> SentimentEvaluation {
        let isEncoder = BERT.Configuration.modelTypes.contains(
            try ModelFolder.architecture(of: folder))
        let classifier: any LabelledTextJudge =
            isEncoder
            ? try EncoderClassifier(contentsOf: folder) : try TextClassifier(contentsOf: folder)
        let dataset = try TextDataset.read(data, columns: columns, labels: classifier.labels)
        let own =
            isEncoder
            ? EncoderClassifierRecord.read(from: folder)?.data
            : RunRecord.read(from: folder)?.data
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
            of: own, isOwn ? split : nil, labels: classifier.labels)
        return SentimentEvaluation(
            data: data, part: used, model: try classifier.metrics(examples),
            baselines: training.map {
                Baselines($0, labels: classifier.labels).judge(examples)
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
