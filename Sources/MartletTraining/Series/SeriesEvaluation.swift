public import MartletData
import MartletModels
import MartletStore

/// How good a series classifier is on labelled series, beside the nearest neighbour by time warping.
public struct SeriesEvaluation: Codable, Sendable {
    /// The data.
    public var data: String
    /// The part of them that was used.
    public var part: EvaluationPart
    /// The classifier's figures.
    public var model: ClassificationMetrics
    /// The figures of the baselines on the same cases; empty if what they must know is gone.
    public var baselines: [BaselineScores]
    /// What there is to know about the part or the baselines, if anything.
    public var note: String?

    /// Judges the classifier of a run folder.
    ///
    /// Of the file that it was trained on, `auto` takes the cases that were kept back; of another file, all cases.
    ///
    /// - Throws: `DataError`, `StoreError`, `ModelError` or ``TrainingError``.
    public static func run(
        model folder: String, data: String, part: EvaluationPart = .auto
    ) throws -> SeriesEvaluation {
        let model = try ModelFolder.load(SeriesClassifier.self, from: folder)
        let record = SeriesClassifierRecord.read(from: folder)
        let (labels, channels) = (model.configuration.labels, model.configuration.channels)
        func read(_ path: String) throws -> SeriesDataset {
            try SeriesDataset.read(
                path, columns: record?.data.columns ?? CaseColumns(),
                missing: record?.options.missing ?? .refuse, labels: labels, channels: channels)
        }
        let dataset = try read(data)
        let isOwn = record?.data.sha256 == dataset.sha256
        let folds = record?.options.folds ?? 0
        let used = part == .auto ? (isOwn && folds > 0 ? .validation : .all) : part
        var cases = dataset.cases
        var known: [SeriesCase]?
        if used != .all {
            guard isOwn, folds > 0, used != .test else {
                throw TrainingError.tooLittleData(
                    used == .test
                        ? "\(data): has no test part; give the test file with --data"
                        : "\(data): --split \(used.rawValue) is for the file that the model was trained on, with cases kept back; use --split all"
                )
            }
            let parts = dataset.split(folds: folds, fold: record?.options.fold ?? 0)
            cases = used == .training ? parts.training : parts.validation
            known = used == .validation ? parts.training : nil
        } else if !isOwn, let record, let source = try? read(record.data.path),
            source.sha256 == record.data.sha256
        {
            known = source.cases
        }
        let note =
            known != nil
            ? nil
            : isOwn
                ? "no baselines: these are cases that they would know"
                : "no baselines: the training file is not there any more"
        return SeriesEvaluation(
            data: data, part: used, model: model.metrics(cases),
            baselines: known.map { WarpingBaselines($0, labels: labels).judge(cases) } ?? [],
            note: note)
    }
}

/// What a series classifier says of one series.
public struct SeriesPrediction: Codable, Sendable, Equatable {
    /// The line of the file on which the case begins.
    public var line: Int
    /// The most probable label.
    public var label: String
    /// Its probability.
    public var probability: Double
    /// The probability of each label.
    public var probabilities: [String: Double]

    /// The answers to all cases of a file; labels that it has are not looked at.
    ///
    /// - Throws: `DataError`, `StoreError` or `ModelError`.
    public static func of(_ data: String, model folder: String) throws -> [SeriesPrediction] {
        let model = try ModelFolder.load(SeriesClassifier.self, from: folder)
        let record = SeriesClassifierRecord.read(from: folder)
        let labels = model.configuration.labels
        let cases = try SeriesDataset.unlabelled(
            data, columns: record?.data.columns ?? CaseColumns(),
            missing: record?.options.missing ?? .refuse, channels: model.configuration.channels)
        return zip(cases, model.probabilities(of: cases)).map { item, row in
            let answer = row.indices.max { row[$0] < row[$1] } ?? 0
            return SeriesPrediction(
                line: item.line, label: labels[answer], probability: row[answer],
                probabilities: Dictionary(uniqueKeysWithValues: zip(labels, row)))
        }
    }
}
