import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletText

/// What the training of a Transformer on plain text tells while it runs.
public enum PretrainingEvent: Sendable {
    /// The text is read and cut into tokens.
    case data(LanguageModelRecord.DataRecord)
    /// The model is made, or restored after this many rounds and steps.
    case model(vocabulary: Int, parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news; a round from one evaluation to the next is an epoch there.
    case training(TrainingEvent)
    /// What the model of a round makes of text.
    case sample(round: Int, String)
    /// The best model is being tested.
    case testing
    /// The run folder is complete.
    case finished(PretrainingRecord)
}

/// From plain text to a trained, tested Transformer in a run folder, which Hugging Face reads, too.
///
/// The tokens of the whole text lie in `tokens.safetensors`, which is mapped, not read. Windows are drawn from them in an
/// order that follows from the seed; ``run(isInterrupted:report:)`` has the order of the work.
public struct PretrainingRecipe: Sendable {
    /// The options.
    public var options: PretrainingOptions
    /// The text: files, or folders of `.txt` files.
    public var data: [String]
    /// Labelled texts, as a classifier learns from, of which only the training part is read, after the rest.
    public var labelled: String?
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// The most windows that are judged between two rounds; the test has all.
    static let judgedWindows = 256

    /// A recipe of the given options.
    public init(
        options: PretrainingOptions, data: [String], labelled: String? = nil, folder: String,
        existing: ExistingRun = .keep, version: String
    ) {
        self.options = options
        self.data = data
        self.labelled = labelled
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    struct Header: RunHeader {
        var options: PretrainingOptions
        var dataPaths: [String]
        var labelled: String?
        var dataSHA256: String
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, progress, labelled
            case dataPaths = "data_paths"
            case dataSHA256 = "data_sha256"
        }
    }

    /// The options and the text of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: PretrainingOptions, data: [String], labelled: String?) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPaths, header.labelled)
    }

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`, `PipelineError`, `TokenizerTrainingError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (PretrainingEvent) -> Void = { _ in }
    ) throws -> PretrainingRecord {
        let saved = try RunCheckpoint.saved(Header.self, run: folder, existing, options: options)
        let corpus = try TextCorpus.read(data, labelled: labelled)
        try saved?.check(corpus.source, sha256: corpus.sha256)
        let text = try PretrainingText.tokens(
            of: corpus, options, run: folder, canReuse: saved != nil)
        let work = Work(recipe: self, corpus: corpus, text: text, saved: saved)
        switch options.task {
        case .gpt:
            switch options.decoder {
            case .gpt2:
                return try work.run(
                    CausalObjective<GPT2>(
                        configuration: options.gpt2(vocabulary: text.tokenizer.count),
                        context: options.context, tokenizer: text.tokenizer), isInterrupted,
                    report)
            case .llama, .qwen2:
                return try work.run(
                    CausalObjective<Llama>(
                        configuration: options.llama(vocabulary: text.tokenizer.count),
                        context: options.context, tokenizer: text.tokenizer), isInterrupted,
                    report)
            }
        case .bert:
            return try work.run(
                try MaskedObjective(
                    configuration: options.bert(vocabulary: text.tokenizer.count),
                    context: options.context, share: options.maskedShare,
                    tokenizer: try text.pipeline()), isInterrupted, report)
        case .t5:
            return try work.run(
                try SpanObjective(
                    configuration: options.t5(vocabulary: text.tokenizer.count),
                    context: options.context, share: options.maskedShare,
                    spanLength: options.spanLength, tokenizer: try text.pipeline()),
                isInterrupted, report)
        }
    }

    /// What is the same for all objectives.
    struct Work {
        let recipe: PretrainingRecipe
        let corpus: TextCorpus
        let text: PretrainingText
        let saved: Header?

        private var options: PretrainingOptions { recipe.options }
        private var dataRecord: LanguageModelRecord.DataRecord {
            text.record(of: recipe.data + (recipe.labelled.map { [$0] } ?? []), corpus)
        }

        func run<Objective: PretrainingObjective>(
            _ objective: Objective, _ isInterrupted: () -> Bool,
            _ report: @escaping (PretrainingEvent) -> Void
        ) throws -> PretrainingRecord {
            let (length, overlap) = objective.window
            try self.text.check(window: length, source: corpus.source)
            try RunCheckpoint.prepare(run: recipe.folder, recipe.existing)
            let text = try self.text.mapped(corpus, run: recipe.folder)
            report(.data(dataRecord))
            var random = options.weightRandom
            let fresh = objective.network(using: &random)
            let optimizer = AdamW(
                learningRate: options.learningRate, betas: (0.9, 0.95),
                weightDecay: options.weightDecay, decaysVectors: false)
            let plan = options.trainingPlan(of: Trainer<Objective.Network, AdamW>.self)
            var (trainer, _) = try RunCheckpoint.trainer(
                plan, model: fresh, optimizer: optimizer, resuming: saved, run: recipe.folder)
            report(
                .model(
                    vocabulary: text.tokenizer.count, parameters: fresh.parameterCount,
                    resumedAt: saved?.resumption))

            var record = PretrainingRecord(
                version: recipe.version, task: options.task, options: options,
                data: dataRecord, vocabulary: text.tokenizer.count,
                parameters: fresh.parameterCount, machine: .current)
            var windows = TokenWindows(
                text.training, length: length, overlap: overlap, seed: options.seed)
            let judged = TokenWindows(
                text.validation, length: length, overlap: overlap, seed: options.seed
            ).inOrder(limit: PretrainingRecipe.judgedWindows)
            var written = ""
            let batch = options.batch
            let task = Trainer<Objective.Network, AdamW>.Task(
                loss: { model, round, part, random in
                    let place = round * plan.stepsPerEpoch * plan.accumulation + part
                    var choices = RandomGenerator(
                        seed: options.seed, stream: 1 << 61 + UInt64(place))
                    let rows = windows.windows(from: place * batch, count: batch)
                    let (loss, guesses) = objective.loss(
                        model, rows, choices: &choices, dropout: &random)
                    return (loss, BatchOutcome(examples: guesses, tokens: batch * length))
                },
                validate: { model in
                    var random = options.random(ofSample: 0)
                    written = try objective.sample(model, on: judged, length: 60, using: &random)
                    let sums = objective.scores(model, judged, batch: batch)
                    return (sums.loss, sums.accuracy)
                },
                save: { snapshot in
                    record.take(snapshot.progress)
                    try save(snapshot, record)
                })
            let best = try trainer.run(task: task, isInterrupted: isInterrupted) { event in
                report(.training(event))
                if case .epoch(let figures, _) = event {
                    report(.sample(round: figures.epoch, written))
                }
            }

            report(.testing)
            record.take(trainer.snapshot.progress)
            let test = TokenWindows(text.test, length: length, overlap: overlap, seed: 0)
                .inOrder()
            let sums = objective.scores(best, test, batch: batch)
            record.test = .init(
                guesses: sums.count, loss: sums.loss, accuracy: sums.accuracy,
                bitsPerCharacter: options.task == .gpt
                    ? text.bitsPerCharacter(loss: sums.loss, guesses: sums.count) : nil)
            if options.task == .gpt { record.baseline = text.baseline() }
            record.samples = try (0..<2).map { stream in
                var random = options.random(ofSample: UInt64(stream))
                return try objective.sample(
                    best, on: Array(test.dropFirst(stream)), length: 200, using: &random)
            }
            try CheckpointFolder.write(
                to: recipe.folder, files: try files(best, record))
            try CheckpointFolder.remove(RunCheckpoint.folder(of: recipe.folder))
            try CheckpointFolder.remove(PretrainingText.folder(of: recipe.folder))
            report(.finished(record))
            return record
        }

        /// Writes the checkpoint, and after the best round so far also the model, so that it can be used at once.
        private func save<M: HuggingFaceModel>(
            _ snapshot: Snapshot<M, AdamW>, _ record: PretrainingRecord
        ) throws {
            let progress = snapshot.progress
            if progress.step == 0, progress.bestEpoch == progress.epoch {
                try CheckpointFolder.write(
                    to: recipe.folder, files: try files(snapshot.best, record))
            }
            let header = Header(
                options: options, dataPaths: recipe.data, labelled: recipe.labelled,
                dataSHA256: corpus.sha256,
                progress: progress)
            try RunCheckpoint.save(snapshot, header: header, run: recipe.folder)
        }

        /// The files of a run folder.
        private func files<M: HuggingFaceModel>(
            _ model: M, _ record: PretrainingRecord
        ) throws -> [(name: String, contents: FileContents)] {
            try ModelFolder.files(of: model) + [
                ("tokenizer.json", .bytes(text.tokenizer.json)),
                ("training.json", .bytes(try record.jsonData)),
                ("report.html", .text(PretrainingPage.html(record))),
            ]
        }
    }
}
