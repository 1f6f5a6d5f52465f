public import MartletData
import MartletModels
import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the training of a series classifier tells while it runs.
public enum SeriesClassifierEvent: Sendable {
    /// The data are read and split.
    case data(SeriesClassifierRecord.DataRecord, labels: [String])
    /// The model is made, or restored after this many epochs and steps.
    case model(parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being tested, beside the baselines.
    case testing
    /// The run folder is complete.
    case finished(SeriesClassifierRecord)
}

/// From labelled series to a trained and tested classifier in a run folder.
///
/// Read, split, scale, build, train, test, save: ``run(isInterrupted:report:)`` has the order.
public struct SeriesClassifierRecipe: Sendable {
    /// The options.
    public var options: SeriesClassifierOptions
    /// The cases to learn from and to choose by: a `.ts`, `.csv` or `.tsv` file.
    public var data: String
    /// The cases to judge by; nil: none.
    public var test: String?
    /// The names of the columns, where the data are tables.
    public var columns: CaseColumns
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: SeriesClassifierOptions, data: String, test: String? = nil,
        columns: CaseColumns = CaseColumns(), folder: String, existing: ExistingRun = .keep,
        version: String
    ) {
        self.options = options
        self.data = data
        self.test = test
        self.columns = columns
        self.folder = folder
        self.existing = existing
        self.version = version
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
        report: @escaping (SeriesClassifierEvent) -> Void = { _ in }
    ) throws -> SeriesClassifierRecord {
        let saved = try RunCheckpoint.saved(
            SeriesRunHeader.self, run: folder, existing, options: options)
        let dataset = try SeriesDataset.read(data, columns: columns, missing: options.missing)
        try saved?.check(data, sha256: dataset.sha256)
        let judging = try test.map {
            try SeriesDataset.read(
                $0, columns: columns, missing: options.missing, labels: dataset.labels,
                channels: dataset.channels)
        }
        let (cases, chosen) = dataset.split(folds: options.folds, fold: options.fold)
        try check(cases, chosen, dataset)
        try RunCheckpoint.prepare(run: folder, existing)
        let scales = SeriesScales(cases)
        let training = TrainingCases(
            cases: cases, means: scales.means, deviations: scales.deviations, options: options)

        var random = options.weightRandom
        let fresh = SeriesClassifier(configuration(dataset, scales), using: &random)
        var record = newRecord(
            dataset, judging, training: cases.count, validation: chosen.count,
            parameters: fresh.parameterCount)
        report(.data(record.data, labels: dataset.labels))
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        let batches = Batcher(
            lengths: cases.map(\.length), batchSize: options.batch, seed: options.seed)
        let plan = plan(stepsPerEpoch: batches.batchCount)
        var trainer = try RunCheckpoint.trainer(
            plan, model: fresh, optimizer: optimizer, resuming: saved, run: folder
        ).trainer
        report(.model(parameters: fresh.parameterCount, resumedAt: saved?.resumption))

        let order = EpochOrder(batches.batches)
        let task = Trainer<SeriesClassifier, AdamW>.Task(
            loss: { model, epoch, step, random in
                training.loss(model, order.batch(epoch, step), &random)
            },
            validate: { model in
                let judged = model.judge(chosen.isEmpty ? cases : chosen)
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
        if !chosen.isEmpty { record.validation = best.metrics(chosen) }
        if let judging { record.test = best.metrics(judging.cases) }
        let judged = judging?.cases ?? chosen
        if !judged.isEmpty {
            // What the network may learn from and choose by, the baselines may know, too: where there is a test, all of it.
            record.baselines = WarpingBaselines(
                judging == nil ? cases : dataset.cases, labels: dataset.labels
            ).judge(judged)
        }
        try CheckpointFolder.write(to: folder, files: try Self.files(best, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }
}
