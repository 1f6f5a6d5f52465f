public import MartletData
import MartletModels
import MartletStore

/// How good an image classifier is on labelled images, beside simple methods.
public struct ImageEvaluation: Codable, Sendable {
    /// The data.
    public var data: String
    /// The part of them that was used.
    public var part: EvaluationPart
    /// The classifier's figures.
    public var model: ClassificationMetrics
    /// The figures of the baselines on the same images; empty if they would know them.
    public var baselines: [BaselineScores]
    /// What there is to know about the baselines, if anything.
    public var note: String?

    /// Judges the classifier of a run folder on a folder of images, of which `auto` takes those to judge by.
    ///
    /// - Throws: `DataError`, `StoreError`, `ModelError` or ``TrainingError``.
    public static func run(
        model folder: String, data: String, part: EvaluationPart = .auto
    ) throws -> ImageEvaluation {
        let model = try ModelFolder.load(ImageClassifier.self, from: folder)
        let dataset = try ImageDataset.read(data, labels: model.configuration.labels)
        try model.check(dataset.test, data)
        let (training, validation) = dataset.split()
        let used = part == .auto ? .test : part
        let images: LabelledImages
        switch used {
        case .auto, .test: images = dataset.test
        case .training: images = training
        case .validation: images = validation
        case .all:
            throw TrainingError.doesNotFit(
                "\(data): --split is all, but images to learn from and to judge by lie in files of their own; use --split training, validation or test"
            )
        }
        let isOwn = ImageClassifierRecord.read(from: folder)?.data.sha256 == dataset.sha256
        let note =
            !isOwn
            ? "no baselines: these are not the data that the model was trained on"
            : used == .training ? "no baselines: these are images that they would know" : nil
        return ImageEvaluation(
            data: data, part: used, model: model.metrics(images),
            baselines: note == nil
                ? ImageBaselines(training, labels: dataset.labels).judge(images) : [],
            note: note)
    }
}

/// What an image classifier says of one image.
public struct ImagePrediction: Codable, Sendable, Equatable {
    /// Which image of the file, from 0.
    public var place: Int
    /// The most probable label.
    public var label: String
    /// Its probability.
    public var probability: Double
    /// The probability of each label.
    public var probabilities: [String: Double]

    /// The answers to all images of a file (IDX, `[count, height, width]`).
    ///
    /// - Throws: `DataError`, `StoreError` or `ModelError`.
    public static func of(_ data: String, model folder: String) throws -> [ImagePrediction] {
        let model = try ModelFolder.load(ImageClassifier.self, from: folder)
        let images = try LabelledImages.read(data)
        try model.check(images, data)
        let labels = model.configuration.labels
        return model.probabilities(of: images).enumerated().map { place, row in
            let answer = row.indices.max { row[$0] < row[$1] } ?? 0
            return ImagePrediction(
                place: place, label: labels[answer], probability: row[answer],
                probabilities: Dictionary(uniqueKeysWithValues: zip(labels, row)))
        }
    }
}

extension ImageClassifier {
    /// Refuses images of another size than the model's.
    fileprivate func check(_ images: LabelledImages, _ path: String) throws {
        let size = (configuration.height, configuration.width)
        guard (images.height, images.width) == size else {
            throw ModelError(
                "\(path): images are \(images.height) × \(images.width): the model knows \(size.0) × \(size.1)"
            )
        }
    }
}
