public import MartletData
import MartletModels
import MartletStore
import MartletTensor

/// What the training of a forecaster tells while it runs.
public enum ForecasterEvent: Sendable {
    /// The series are read.
    case data(ForecasterRecord.DataRecord)
    /// The model is made, or restored after this many epochs and steps.
    case model(horizon: Int, context: Int, lags: [Int], parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being judged.
    case testing
    /// The run folder is complete.
    case finished(ForecasterRecord)
}

/// From series to a trained, judged forecaster in a run folder.
///
/// Of each series the last steps are kept back: ``ForecasterOptions/test`` to judge by, those before to choose the epoch by;
/// scales come from the rest. ``run(isInterrupted:report:)`` has the order of the work.
public struct ForecasterRecipe: Sendable {
    /// The options.
    public var options: ForecasterOptions
    /// The file.
    public var data: String
    /// Which columns are what.
    public var columns: SeriesColumns
    /// What to do about gaps and uneven spans.
    public var rules: SeriesRules
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: ForecasterOptions, data: String, columns: SeriesColumns,
        rules: SeriesRules = SeriesRules(), folder: String, existing: ExistingRun = .keep,
        version: String
    ) {
        self.options = options
        self.data = data
        self.columns = columns
        self.rules = rules
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    struct Header: RunHeader {
        var options: ForecasterOptions
        var dataPath: String
        var columns: SeriesColumns
        var rules: SeriesRules
        var dataSHA256: String
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, columns, rules, progress
            case dataPath = "data_path"
            case dataSHA256 = "data_sha256"
        }
    }

    /// The options and the data of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (
        options: ForecasterOptions, data: String, columns: SeriesColumns, rules: SeriesRules
    ) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPath, header.columns, header.rules)
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
        report: @escaping (ForecasterEvent) -> Void = { _ in }
    ) throws -> ForecasterRecord {
        let saved = try RunCheckpoint.saved(
            Header.self, run: folder, existing, options: options)
        let table = try SeriesTable.read(data, columns: columns, rules: rules)
        try saved?.check(table.source, sha256: table.sha256)
        let plan = try ForecasterPlan(table, options)
        try RunCheckpoint.prepare(run: folder, existing)
        report(.data(dataRecord(table, plan)))

        var random = options.weightRandom
        let numbers = table.series.enumerated().map {
            SeriesNumbers($1, plan.configuration, place: $0)
        }
        let fresh = Forecaster(plan.configuration, using: &random)
            .beginning(with: numbers, ends: plan.ends.map(\.training))
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        let windows = ForecastWindows(
            numbers, ends: plan.ends.map(\.training), plan.configuration, context: plan.context,
            origins: options.origins, batch: options.batch, seed: options.seed,
            levelNoise: options.levelNoise)
        var length = options.plan(
            of: Trainer<Forecaster, AdamW>.self, stepsPerEpoch: ForecasterOptions.stepsPerEpoch,
            judgedBy: plan.choosesEpoch ? .loss : .last)
        length.share = .coverage
        var trainer = try RunCheckpoint.trainer(
            length, model: fresh, optimizer: optimizer, resuming: saved, run: folder
        ).trainer
        report(
            .model(
                horizon: plan.horizon, context: plan.context, lags: plan.configuration.lags,
                parameters: fresh.parameterCount, resumedAt: saved?.resumption))

        var record = newRecord(dataRecord(table, plan), plan, parameters: fresh.parameterCount)
        let task = Trainer<Forecaster, AdamW>.Task(
            loss: { model, epoch, step, random in
                let batch = windows.batch(
                    at: epoch * ForecasterOptions.stepsPerEpoch + step)
                let (loss, count) = model.loss(
                    batch.steps, series: batch.series, origins: batch.origins,
                    targets: batch.targets, scales: batch.scales, dropout: &random)
                return (loss, BatchOutcome(examples: count, tokens: count))
            },
            validate: { model in
                let scores = validation(model, numbers, plan)
                return (scores.loss, scores.coverage)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, record, table)
            })
        let best = try trainer.run(task: task, isInterrupted: isInterrupted) {
            report(.training($0))
        }

        report(.testing)
        record.take(trainer.snapshot.progress)
        if plan.choosesEpoch { record.validation = validation(best, numbers, plan) }
        record.test = test(best, numbers, plan)
        record.examples = Self.examples(best, numbers, table, plan)
        try CheckpointFolder.write(to: folder, files: try Self.files(best, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }
}
