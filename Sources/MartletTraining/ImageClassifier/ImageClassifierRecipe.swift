import MartletData
import MartletModels
import MartletStore
import MartletTensor

/// What the training of an image classifier tells while it runs.
public enum ImageClassifierEvent: Sendable {
    /// The data are read and split.
    case data(ImageClassifierRecord.DataRecord, labels: [String])
    /// The model is made, or restored after this many epochs and steps.
    case model(parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being tested, beside the baselines.
    case testing
    /// The run folder is complete.
    case finished(ImageClassifierRecord)
}

/// From labelled images to a trained and tested classifier in a run folder.
///
/// Read, split, scale, build, train, test, save: ``run(isInterrupted:report:)`` has the order.
public struct ImageClassifierRecipe: Sendable {
    /// The options.
    public var options: ImageClassifierOptions
    /// The images: a folder as ``ImageDataset`` reads it.
    public var data: String
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: ImageClassifierOptions, data: String, folder: String,
        existing: ExistingRun = .keep, version: String
    ) {
        self.options = options
        self.data = data
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    typealias Header = PathRunHeader<ImageClassifierOptions>

    /// The options and the data of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: ImageClassifierOptions, data: String) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPath)
    }

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (ImageClassifierEvent) -> Void = { _ in }
    ) throws -> ImageClassifierRecord {
        let saved = try RunCheckpoint.saved(Header.self, run: folder, existing, options: options)
        let dataset = try ImageDataset.read(data)
        try saved?.check(data, sha256: dataset.sha256)
        let (training, validation) = dataset.split()
        try check(dataset, training, validation)
        let configuration = configuration(dataset, training)
        if let problem = configuration.problem {
            throw TrainingError.doesNotFit("\(data): \(problem)")
        }
        try RunCheckpoint.prepare(run: folder, existing)
        var random = options.weightRandom
        let fresh = ImageClassifier(configuration, using: &random)
        var record = ImageClassifierRecord(
            version: version, task: "image-classifier", options: options, labels: dataset.labels,
            data: .init(
                path: data, sha256: dataset.sha256, height: training.height,
                width: training.width, training: training.count, validation: validation.count,
                test: dataset.test.count),
            parameters: fresh.parameterCount, machine: .current)
        report(.data(record.data, labels: dataset.labels))

        let batches = Batcher(
            lengths: [Int](repeating: 1, count: training.count), batchSize: options.batch,
            seed: options.seed)
        let plan = options.plan(
            of: Trainer<ImageClassifier, AdamW>.self, stepsPerEpoch: batches.batchCount,
            judgedBy: .accuracy)
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        var trainer = try RunCheckpoint.trainer(
            plan, model: fresh, optimizer: optimizer, resuming: saved, run: folder
        ).trainer
        report(.model(parameters: fresh.parameterCount, resumedAt: saved?.resumption))

        let order = EpochOrder(batches.batches)
        let task = Trainer<ImageClassifier, AdamW>.Task(
            loss: { model, epoch, step, random in
                training.loss(model, order.batch(epoch, step), options, &random)
            },
            validate: { model in
                let judged = model.judge(validation)
                return (judged.loss, judged.accuracy)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, record)
            })
        let best = try trainer.run(task: task, isInterrupted: isInterrupted) {
            report(.training($0))
        }

        report(.testing)
        record.take(trainer.snapshot.progress)
        record.test = best.metrics(dataset.test)
        record.baselines = ImageBaselines(training, labels: dataset.labels).judge(dataset.test)
        try CheckpointFolder.write(to: folder, files: try Self.files(best, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }

    /// Refuses data with nothing to choose by or to tell apart.
    private func check(
        _ dataset: ImageDataset, _ training: LabelledImages, _ validation: LabelledImages
    ) throws {
        if validation.count == 0 || dataset.test.count == 0 {
            throw TrainingError.tooLittleData(
                "\(data) has \(dataset.training.count) images to learn from and \(dataset.test.count) to judge by: expected at least \(ImageDataset.validationStep) and 1"
            )
        }
        if Set(training.labels).count < 2 {
            throw TrainingError.tooLittleData(
                "\(data): all images to learn from have the label \(dataset.labels[training.labels[0]]); give images of at least two"
            )
        }
    }

    /// The model's sizes and scale.
    private func configuration(
        _ dataset: ImageDataset, _ training: LabelledImages
    ) -> ImageClassifier.Configuration {
        let scale = training.scale
        let isSmall = min(training.height, training.width) < 16
        return ImageClassifier.Configuration(
            height: training.height, width: training.width, channels: options.channels,
            kernelSize: options.kernel ?? (isSmall ? 3 : 5), hiddenSize: options.hidden,
            dropout: options.dropout, mean: scale.mean, deviation: scale.deviation,
            labels: dataset.labels)
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    private func save(
        _ snapshot: Snapshot<ImageClassifier, AdamW>, _ record: ImageClassifierRecord
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(to: folder, files: try Self.files(snapshot.best, record))
        }
        let header = Header(
            options: options, dataPath: data, dataSHA256: record.data.sha256, progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    private static func files(
        _ model: ImageClassifier, _ record: ImageClassifierRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(ImageClassifierPage.html(record))),
        ]
    }
}
