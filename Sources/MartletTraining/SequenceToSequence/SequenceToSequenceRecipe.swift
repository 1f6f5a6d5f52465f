import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

/// What the training of a model that reads one sequence and writes another tells while it runs.
public enum SequenceToSequenceEvent: Sendable {
    /// The pairs are read and cut into tokens.
    case data(SequenceToSequenceRecord.DataRecord)
    /// The model is made, or restored after this many epochs and steps; the tokenizers are told in a word.
    case model(
        source: String, target: String, vocabularies: (source: Int, target: Int), parameters: Int,
        resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// What the model of an epoch makes of some validation texts.
    case samples(epoch: Int, [SequenceToSequenceRecord.Sample])
    /// The best model is being tested.
    case testing
    /// The run folder is complete.
    case finished(SequenceToSequenceRecord)
}

/// From pairs of texts to a trained, tested model that makes one of the other, in a run folder.
///
/// In training the model reads what the pairs have written before each token (teacher forcing); what it writes by itself is
/// measured after every epoch. ``run(isInterrupted:report:)`` has the order of the work.
public struct SequenceToSequenceRecipe: Sendable {
    /// The options.
    public var options: SequenceToSequenceOptions
    /// Where the pairs are read from.
    public var data: SequenceToSequenceData
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// The most validation sources that are answered after an epoch; the test has all.
    static let judgedSources = 500

    /// A recipe of the given options.
    public init(
        options: SequenceToSequenceOptions, data: SequenceToSequenceData, folder: String,
        existing: ExistingRun = .keep, version: String
    ) {
        self.options = options
        self.data = data
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    struct Header: RunHeader {
        var options: SequenceToSequenceOptions
        var data: SequenceToSequenceData
        var dataSHA256: String
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, data, progress
            case dataSHA256 = "data_sha256"
        }
    }

    /// The options and the pairs of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: SequenceToSequenceOptions, data: SequenceToSequenceData) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.data)
    }

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`, `PipelineError`, and of subwords
    ///   `TokenizerTrainingError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (SequenceToSequenceEvent) -> Void = { _ in }
    ) throws -> SequenceToSequenceRecord {
        let saved = try RunCheckpoint.saved(Header.self, run: folder, existing, options: options)
        let (split, sha256, duplicates) = try readPairs()
        try saved?.check(data.paths.joined(separator: " "), sha256: sha256)
        let parts = try PairParts(split, options, from: data.paths)
        try RunCheckpoint.prepare(run: folder, existing)
        let record = SequenceToSequenceRecord.DataRecord(
            source: data, sha256: sha256, duplicates: duplicates, skipped: parts.skipped,
            training: parts.training.count, validation: parts.validation.count,
            test: parts.test.count)
        report(.data(record))
        let work = Work(recipe: self, parts: parts, data: record, saved: saved)
        switch options.model {
        case .lstm, .gru:
            return try work.run(
                RecurrentSequenceToSequence.self, options.recurrent(parts), isInterrupted, report)
        case .transformer:
            return try work.run(
                Transformer.self, options.transformer(parts), isInterrupted, report)
        }
    }

    /// What is the same for all networks.
    struct Work {
        let recipe: SequenceToSequenceRecipe
        let parts: PairParts
        let data: SequenceToSequenceRecord.DataRecord
        let saved: Header?

        private var options: SequenceToSequenceOptions { recipe.options }

        func run<Network: PairLearner>(
            _ type: Network.Type, _ configuration: Network.Configuration,
            _ isInterrupted: () -> Bool, _ report: @escaping (SequenceToSequenceEvent) -> Void
        ) throws -> SequenceToSequenceRecord {
            var random = options.weightRandom
            let fresh = Network(configuration, using: &random)
            let batcher = options.batcher(parts.training)
            let order = EpochOrder(batcher.batches)
            let plan = options.scoredPlan(
                of: Trainer<Network, AdamW>.self, stepsPerEpoch: batcher.batchCount)
            var (trainer, _) = try RunCheckpoint.trainer(
                plan, model: fresh, optimizer: options.optimizer, resuming: saved,
                run: recipe.folder)
            report(
                .model(
                    source: parts.source.tokenizer.kindName,
                    target: parts.target.tokenizer.kindName,
                    vocabularies: (parts.source.count, parts.target.count),
                    parameters: fresh.parameterCount, resumedAt: saved?.resumption))

            var record = newRecord(parameters: fresh.parameterCount)
            let validation = options.batcher(parts.validation).inOrder
            let judged = JudgedSources(
                parts.validation, limit: SequenceToSequenceRecipe.judgedSources)
            var written: [SequenceToSequenceRecord.Sample] = []
            let task = Trainer<Network, AdamW>.Task(
                loss: { model, epoch, step, random in
                    let batch = parts.training.batch(order.batch(epoch, step))
                    let done =
                        Double(epoch * plan.stepsPerEpoch + step)
                        / Double(max(plan.epochs * plan.stepsPerEpoch - 1, 1))
                    let loss = model.loss(
                        on: batch, labelSmoothing: options.labelSmoothing,
                        ownShare: options.scheduledSampling * done, dropout: &random)
                    return (
                        loss, BatchOutcome(examples: batch.written, tokens: batch.tokens)
                    )
                },
                validate: { model in
                    let answers = try parts.answers(of: model, to: judged)
                    let score = options.judgedBy.score(of: try judged.parallel(answers))
                    written = try parts.samples(of: model, judged, rows: [0, 1, 2], answers)
                    return (model.loss(on: parts.validation, validation), score.value / 100)
                },
                save: { snapshot in
                    record.take(snapshot.progress)
                    try save(snapshot, record)
                })
            let best = try trainer.run(task: task, isInterrupted: isInterrupted) { event in
                report(.training(event))
                if case .epoch(let figures, _) = event {
                    report(.samples(epoch: figures.epoch, written))
                }
            }

            report(.testing)
            record.take(trainer.snapshot.progress)
            (record.test, record.samples) = try test(best)
            try CheckpointFolder.write(to: recipe.folder, files: try files(best, record))
            try CheckpointFolder.remove(RunCheckpoint.folder(of: recipe.folder))
            report(.finished(record))
            return record
        }

        private func newRecord(parameters: Int) -> SequenceToSequenceRecord {
            SequenceToSequenceRecord(
                version: recipe.version, options: options, data: data,
                sourceVocabulary: parts.source.count, vocabulary: parts.target.count,
                longestAnswer: parts.longestAnswer, parameters: parameters, machine: .current)
        }

        /// The figures of the test, and some of its texts: the first right ones, and the first mistakes.
        private func test(
            _ model: some PairLearner
        ) throws -> (SequenceToSequenceRecord.Scores, [SequenceToSequenceRecord.Sample]) {
            let judged = JudgedSources(parts.test)
            let answers = try parts.answers(of: model, to: judged, beam: options.beam ?? 1)
            let metrics = options.judgedBy.testMetrics
            let parallel = try judged.parallel(answers)
            let chosen = [options.judgedBy] + metrics.filter { $0 != options.judgedBy }
            let groups = try judged.groups(atMost: 4).map { rows in
                let part = judged.selecting(rows)
                let texts = try part.parallel(rows.map { answers[$0] })
                let lengths = part.sequences.map { $0.count - 1 }
                return SequenceToSequenceRecord.LengthGroup(
                    shortest: lengths.min() ?? 0, longest: lengths.max() ?? 0, sources: rows.count,
                    scores: chosen.map { $0.score(of: texts) })
            }
            let scores = SequenceToSequenceRecord.Scores(
                sources: judged.texts.count,
                loss: model.loss(on: parts.test, options.batcher(parts.test).inOrder),
                scores: chosen.map { $0.score(of: parallel) }, lengths: groups,
                mistakes: try parts.mistakes(answers, judged))
            let isRight = zip(answers, judged.references).map { $1.contains($0) }
            let rows =
                answers.indices.filter { isRight[$0] }.prefix(4)
                + answers.indices.filter { !isRight[$0] }.prefix(6)
            let samples = try parts.samples(
                of: model, judged, rows: Array(rows), answers, beam: options.beam ?? 1)
            return (scores, samples)
        }

        /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
        private func save<Network: PairLearner>(
            _ snapshot: Snapshot<Network, AdamW>, _ record: SequenceToSequenceRecord
        ) throws {
            let progress = snapshot.progress
            if progress.step == 0, progress.bestEpoch == progress.epoch {
                try CheckpointFolder.write(
                    to: recipe.folder, files: try files(snapshot.best, record))
            }
            let header = Header(
                options: options, data: recipe.data, dataSHA256: data.sha256, progress: progress)
            try RunCheckpoint.save(snapshot, header: header, run: recipe.folder)
        }

        /// The files of a run folder.
        private func files(
            _ model: some PairLearner, _ record: SequenceToSequenceRecord
        ) throws -> [(name: String, contents: FileContents)] {
            try ModelFolder.files(of: model) + [
                ("source_tokenizer.json", .bytes(parts.source.tokenizer.json)),
                ("target_tokenizer.json", .bytes(parts.target.tokenizer.json)),
                ("training.json", .bytes(try record.jsonData)),
                ("report.html", .text(SequenceToSequencePage.html(record))),
            ]
        }
    }
}
