import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

/// What the training of a language model tells while it runs.
public enum LanguageModelEvent: Sendable {
    /// The text is read and cut into tokens.
    case data(LanguageModelRecord.DataRecord)
    /// The model is made, or restored after this many epochs and steps; the tokenizer is told in a word.
    case model(
        tokenizer: String, vocabulary: Int, parameters: Int,
        resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// What the model of an epoch writes.
    case sample(epoch: Int, String)
    /// The best model is being tested, beside counted n-grams.
    case testing
    /// The run folder is complete.
    case finished(LanguageModelRecord)
}

/// From running text to a trained, tested language model in a run folder.
///
/// The text is read as some pieces side by side, window by window; the states of a window go on into the next, gradients
/// do not (truncated back-propagation). ``run(isInterrupted:report:)`` has the order of the work.
public struct LanguageModelRecipe: Sendable {
    /// The options.
    public var options: LanguageModelOptions
    /// The text: files, or folders of `.txt` files.
    public var data: [String]
    /// Labelled texts, as a classifier learns from: of these only the training part is read, after the rest, a text a line,
    /// so that the classifier's validation and test texts stay unseen.
    public var labelled: String?
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: LanguageModelOptions, data: [String], labelled: String? = nil, folder: String,
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
        var options: LanguageModelOptions
        var dataPaths: [String]
        var labelled: String?
        var dataSHA256: String
        /// Of a given tokenizer.
        var tokenizerSHA256: String?
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, progress, labelled
            case tokenizerSHA256 = "tokenizer_sha256"
            case dataPaths = "data_paths"
            case dataSHA256 = "data_sha256"
        }
    }

    /// The options and the text of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: LanguageModelOptions, data: [String], labelled: String?) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPaths, header.labelled)
    }

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`, and of subwords `PipelineError` and
    ///   `TokenizerTrainingError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (LanguageModelEvent) -> Void = { _ in }
    ) throws -> LanguageModelRecord {
        let saved = try RunCheckpoint.saved(
            Header.self, run: folder, existing, options: options)
        let corpus = try TextCorpus.read(data, labelled: labelled)
        try saved?.check(corpus.source, sha256: corpus.sha256)
        let parts = corpus.parts()
        let tokenizer = try tokenizer(for: parts.training)
        try check(saved, tokenizer)
        let training = try tokenizer.encode(parts.training)
        let validation = try tokenizer.encode(parts.validation)
        let test = try tokenizer.encode(parts.test)
        try Self.check(corpus, training, validation, test)
        try RunCheckpoint.prepare(run: folder, existing)
        let dataRecord = LanguageModelRecord.DataRecord(
            paths: data + (labelled.map { [$0] } ?? []), sha256: corpus.sha256,
            training: training.count,
            validation: validation.count, test: test.count)
        report(.data(dataRecord))

        var random = options.weightRandom
        let fresh = LanguageModel(try configuration(tokenizer, training), using: &random)
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        let lanes = TokenLanes(training, lanes: options.batch, window: options.window)
        let reversed = fresh.backward.map { _ in
            TokenLanes(training.reversed(), lanes: options.batch, window: options.window)
        }
        let plan = options.plan(
            of: Trainer<LanguageModel, AdamW>.self, stepsPerEpoch: lanes.windowCount,
            judgedBy: .loss)
        var (trainer, restored) = try RunCheckpoint.trainer(
            plan, model: fresh, optimizer: optimizer, resuming: saved, run: folder)
        let carried = CarriedState(like: fresh, lanes: lanes.lanes)
        if saved != nil { try carried.restore(restored, run: folder) }
        report(
            .model(
                tokenizer: tokenizer.kindName, vocabulary: tokenizer.count,
                parameters: fresh.parameterCount,
                resumedAt: saved?.resumption))

        var record = newRecord(dataRecord, tokenizer, parameters: fresh.parameterCount)
        var written = ""
        let task = Trainer<LanguageModel, AdamW>.Task(
            loss: { model, _, step, random in
                let (tokens, next, guesses) = lanes.window(at: step)
                let (loss, after) = model.loss(
                    tokens, next: next, from: step == 0 ? nil : carried.forward, dropout: &random)
                carried.forward = after.detached
                let outcome = BatchOutcome(examples: guesses, tokens: guesses)
                guard let reversed else { return (loss, outcome) }
                let (end, before, _) = reversed.window(at: step)
                let (second, afterwards) = model.loss(
                    end, next: before, from: step == 0 ? nil : carried.backward, isBackward: true,
                    dropout: &random)
                carried.backward = afterwards.detached
                return ((loss + second) * 0.5, outcome)
            },
            validate: { model in
                written = try sample(of: model, tokenizer, length: 60, stream: 0)
                let scores = model.scores(
                    on: validation, lanes: options.batch, window: options.window, characters: 0)
                return (scores.loss, scores.accuracy)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, carried, tokenizer, record, corpus)
            })
        let best = try trainer.run(task: task, isInterrupted: isInterrupted) { event in
            report(.training(event))
            if case .epoch(let figures, _) = event {
                report(.sample(epoch: figures.epoch, written))
            }
        }

        report(.testing)
        record.take(trainer.snapshot.progress)
        record.test = best.scores(
            on: test, characters: parts.test.count, unknown: tokenizer.unknownID)
        record.baseline = Self.baseline(
            options.unit, training, test, tokenizer, characters: parts.test.count)
        record.samples = try (0..<2).map {
            try sample(of: best, tokenizer, length: 300, stream: $0)
        }
        try CheckpointFolder.write(to: folder, files: try Self.files(best, tokenizer, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }
}
