import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
public import MartletText

/// What the training of a language model tells while it runs.
public enum LanguageModelEvent: Sendable {
    /// The text is read and cut into tokens.
    case data(LanguageModelRecord.DataRecord)
    /// The model is made, or restored after this many epochs and steps.
    case model(
        tokenizer: TokenizerKind, vocabulary: Int, parameters: Int,
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
    ) throws -> (options: LanguageModelOptions, data: [String], labelled: String?) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPaths, header.labelled)
    }

    /// The stream of the seed's random numbers that weights begin with; dropout has those from 0 on, one a step.
    private static let weightStream: UInt64 = 1 << 63

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (LanguageModelEvent) -> Void = { _ in }
    ) throws -> LanguageModelRecord {
        let saved = try savedHeader()
        let corpus = try readCorpus()
        if let saved, saved.dataSHA256 != corpus.sha256 {
            throw TrainingError.cannotResume(
                "\(corpus.source) is not the text that the run was begun with (SHA-256 \(corpus.sha256.prefix(12))…, then \(saved.dataSHA256.prefix(12))…); give the same text, or train anew into another --out"
            )
        }
        let parts = corpus.parts()
        let tokenizer = Tokenizer.train(
            onRunningText: parts.training, unit: options.unit, minimumCount: options.minimumCount,
            maximumSize: options.vocabulary)
        let training = tokenizer.encode(runningText: parts.training)
        let validation = tokenizer.encode(runningText: parts.validation)
        let test = tokenizer.encode(runningText: parts.test)
        try Self.check(corpus, tokenizer, training, validation, test)
        try CheckpointFolder.prepare(folder)
        if existing == .replace { try CheckpointFolder.remove(RunCheckpoint.folder(of: folder)) }
        let dataRecord = LanguageModelRecord.DataRecord(
            paths: data + (labelled.map { [$0] } ?? []), sha256: corpus.sha256,
            training: training.count,
            validation: validation.count, test: test.count)
        report(.data(dataRecord))

        var random = RandomGenerator(seed: options.seed, stream: Self.weightStream)
        let fresh = LanguageModel(configuration(tokenizer), using: &random)
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        let lanes = TokenLanes(training, lanes: options.batch, window: options.window)
        let plan = plan(stepsPerEpoch: lanes.windowCount)
        var trainer = Trainer(plan: plan, model: fresh, optimizer: optimizer)
        let carried = CarriedState(like: fresh.rnn.zeroState(batch: lanes.lanes))
        if let saved {
            let restored = try RunCheckpoint.snapshot(
                run: folder, progress: saved.progress, averaging: plan.averaging, model: fresh,
                optimizer: optimizer)
            trainer = Trainer(plan: plan, resuming: restored.snapshot)
            try carried.restore(restored.carried, run: folder)
        }
        report(
            .model(
                tokenizer: tokenizer.kind, vocabulary: tokenizer.vocabulary.count,
                parameters: fresh.parameterCount,
                resumedAt: saved.map { .init(epoch: $0.progress.epoch, step: $0.progress.step) }))

        var record = newRecord(dataRecord, tokenizer, parameters: fresh.parameterCount)
        var latest = fresh
        let task = Trainer<LanguageModel, AdamW>.Task(
            loss: { model, _, step, random in
                let (tokens, next, guesses) = lanes.window(at: step)
                let (loss, after) = model.loss(
                    tokens, next: next, from: step == 0 ? nil : carried.state, dropout: &random)
                carried.state = after.detached
                return (loss, BatchOutcome(correct: 0, examples: guesses, tokens: guesses))
            },
            validate: { model in
                latest = model
                let scores = model.scores(
                    on: validation, lanes: options.batch, window: options.window, characters: 0)
                return (scores.loss, scores.accuracy)
            },
            save: { snapshot in
                record.epochs = snapshot.progress.history.map(LanguageModelRecord.Epoch.init)
                record.bestEpoch = snapshot.progress.bestEpoch
                try save(snapshot, carried, tokenizer, record, corpus)
            })
        let best = try trainer.run(task: task, isInterrupted: isInterrupted) { event in
            report(.training(event))
            if case .epoch(let figures, _) = event {
                report(
                    .sample(
                        epoch: figures.epoch,
                        sample(of: latest, tokenizer, length: 60, stream: 0)))
            }
        }

        report(.testing)
        record.epochs = trainer.snapshot.progress.history.map(LanguageModelRecord.Epoch.init)
        record.bestEpoch = trainer.snapshot.progress.bestEpoch
        record.test = best.scores(on: test, characters: parts.test.count)
        record.baseline = Self.baseline(
            options.unit, training, test, tokenizer, characters: parts.test.count)
        record.samples = (0..<2).map { sample(of: best, tokenizer, length: 300, stream: $0) }
        try CheckpointFolder.write(to: folder, files: try Self.files(best, tokenizer, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }

    // MARK: Parts

    private func readCorpus() throws -> TextCorpus {
        guard let labelled else { return try TextCorpus.read(data) }
        let texts = try TextDataset.read(labelled).split().training.map {
            $0.text.replacing("\n", with: " ")
        }
        let running = data.isEmpty ? "" : try TextCorpus.read(data).text
        return TextCorpus(
            source: (data + [labelled]).joined(separator: " "),
            text: running + texts.joined(separator: "\n") + "\n")
    }

    /// The saved run to go on with, if any; refuses to touch one that is to be kept, or had other options.
    private func savedHeader() throws -> Header? {
        switch existing {
        case .keep:
            if RunCheckpoint.isRun(folder) { throw TrainingError.runExists(folder) }
            return nil
        case .replace:
            return nil
        case .resume:
            let saved = try RunCheckpoint.header(Header.self, run: folder)
            if let difference = options.difference(from: saved.options) {
                throw TrainingError.cannotResume(
                    "\(difference); leave these flags out, or train anew into another --out")
            }
            return saved
        }
    }

    /// Refuses text too short to learn from, or with nothing to tell apart.
    private static func check(
        _ corpus: TextCorpus, _ tokenizer: Tokenizer, _ training: [Int32], _ validation: [Int32],
        _ test: [Int32]
    ) throws {
        guard training.count > 1, validation.count > 1, test.count > 1 else {
            throw TrainingError.tooLittleData(
                "\(corpus.source) has \(training.count + validation.count + test.count) tokens: a twentieth of them must make a test of at least two; give at least some hundred, better hundreds of thousands"
            )
        }
        guard Set(training).count > 1 else {
            throw TrainingError.tooLittleData(
                "\(corpus.source): the text to learn from is one token again and again; give text with at least two, or a smaller --minimum-count"
            )
        }
    }

    private func configuration(_ tokenizer: Tokenizer) -> LanguageModel.Configuration {
        LanguageModel.Configuration(
            cell: options.cell, vocabularySize: tokenizer.vocabulary.count,
            embeddingSize: options.embedding, hiddenSize: options.hidden, layers: options.layers,
            isTied: options.isTied, dropout: options.dropout,
            weightDropout: options.weightDropout)
    }

    private func plan(stepsPerEpoch: Int) -> Trainer<LanguageModel, AdamW>.Plan {
        let epochs = options.epochs(stepsPerEpoch: stepsPerEpoch)
        let steps = epochs * stepsPerEpoch
        return Trainer.Plan(
            epochs: epochs, stepsPerEpoch: stepsPerEpoch,
            schedule: Schedule(
                .cosine, warmUpSteps: min(options.warmUp, steps / 10), totalSteps: steps),
            learningRate: options.learningRate, gradientNorm: options.clip,
            averaging: options.averaging > 0 ? options.averaging : nil,
            patience: options.patience ?? max(3, epochs / 4), seed: options.seed, judgedBy: .loss)
    }

    private func newRecord(
        _ data: LanguageModelRecord.DataRecord, _ tokenizer: Tokenizer, parameters: Int
    ) -> LanguageModelRecord {
        let machine = Machine.current
        return LanguageModelRecord(
            version: version, options: options, data: data,
            vocabulary: tokenizer.vocabulary.count, parameters: parameters,
            machine: RunRecord.MachineRecord(
                cpu: machine.cpuName, instructionSet: machine.instructionSet,
                threads: machine.threads))
    }

    /// Counted n-grams: five characters, or three words.
    private static func baseline(
        _ unit: TextUnit, _ training: [Int32], _ test: [Int32], _ tokenizer: Tokenizer,
        characters: Int
    ) -> LanguageModelRecord.Baseline {
        let order = unit == .character ? 5 : 3
        let counted = NGramLanguageModel(
            training, order: order, vocabularySize: tokenizer.vocabulary.count)
        let scores = LanguageModelScores(
            tokens: test.count - 1, characters: characters, loss: counted.loss(test), accuracy: 0,
            unknown: 0)
        return LanguageModelRecord.Baseline(
            description:
                "Counted n-grams of up to \(order) \(unit.rawValue)s (Witten-Bell)",
            loss: scores.loss, bitsPerCharacter: scores.bitsPerCharacter)
    }

    /// What a model writes; the same random numbers each time, so that the models of two epochs can be compared.
    private func sample(
        of model: LanguageModel, _ tokenizer: Tokenizer, length: Int, stream: UInt64
    ) -> String {
        var generator = TextGenerator(tokenizer: tokenizer, model: model)
        var random = RandomGenerator(seed: options.seed, stream: Self.weightStream + 1 + stream)
        return (0..<length).map { _ in
            generator.next(Sampler(temperature: 0.8), using: &random)
        }.joined()
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    private func save(
        _ snapshot: Snapshot<LanguageModel, AdamW>, _ carried: CarriedState,
        _ tokenizer: Tokenizer, _ record: LanguageModelRecord, _ corpus: TextCorpus
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(
                to: folder, files: try Self.files(snapshot.best, tokenizer, record))
        }
        let header = Header(
            options: options, dataPaths: data, labelled: labelled, dataSHA256: corpus.sha256,
            progress: progress)
        try RunCheckpoint.save(
            snapshot, header: header, carried: carried.state.tensors, run: folder)
    }

    /// The files of a run folder.
    private static func files(
        _ model: LanguageModel, _ tokenizer: Tokenizer, _ record: LanguageModelRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("tokenizer.json", .bytes(Array(tokenizer.jsonData))),
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(LanguageModelPage.html(record))),
        ]
    }
}

/// The state that a window hands to the next.
private final class CarriedState {
    var state: RecurrentState

    init(like zero: RecurrentState) { state = zero }

    func restore(_ tensors: [Tensor], run: String) throws {
        let known = state.tensors
        guard known.count == tensors.count,
            zip(known, tensors).allSatisfy({ $0.shape == $1.shape && $0.dtype == $1.dtype })
        else {
            throw TrainingError.cannotResume(
                "\(RunCheckpoint.folder(of: run))/state.safetensors carries \(tensors.map(\.shape)): expected \(known.map(\.shape)); train anew with --overwrite"
            )
        }
        state = state.with(tensors: tensors)
    }
}
