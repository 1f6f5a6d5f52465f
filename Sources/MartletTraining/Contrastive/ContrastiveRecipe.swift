import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

/// What the fine-tuning of a sentence encoder tells while it runs.
public enum ContrastiveEvent: Sendable {
    /// The pairs are read, split and cut into tokens.
    case data(ContrastiveRecord.DataRecord, cut: Int, longest: Int)
    /// What the encoder finds before it learns.
    case before(RetrievalScores)
    /// The model is made, or restored after this many epochs and steps.
    case model(vocabulary: Int, parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being tested.
    case testing
    /// The run folder is complete.
    case finished(ContrastiveRecord)
}

/// From a pretrained encoder and pairs of texts that belong together to an encoder that finds one by the other (Reimers &
/// Gurevych 2019), in a run folder that `martlet embed` and Hugging Face read.
///
/// In a batch each pair has the targets of all others as counter-examples (``MartletTensor/Tensor/contrastiveLoss(_:temperature:same:isSymmetric:)``);
/// vectors are the means of the tokens', 1 long.
public struct ContrastiveRecipe: Sendable {
    /// The options.
    public var options: ContrastiveOptions
    /// The pairs: as `PairCorpus` reads them.
    public var data: String
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: ContrastiveOptions, data: String, folder: String, existing: ExistingRun = .keep,
        version: String
    ) {
        self.options = options
        self.data = data
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    typealias Header = PathRunHeader<ContrastiveOptions>

    /// The options and the data of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: ContrastiveOptions, data: String) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPath)
    }

    /// Runs the recipe.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true saves a checkpoint and ends the run.
    ///   - report: told what happens.
    /// - Returns: what `training.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`, `PipelineError`.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (ContrastiveEvent) -> Void = { _ in }
    ) throws -> ContrastiveRecord {
        let saved = try RunCheckpoint.saved(Header.self, run: folder, existing, options: options)
        let fresh = try begin()
        let corpus = try PairCorpus.read(data)
        try saved?.check(data, sha256: corpus.sha256)
        let split = corpus.split(seed: options.seed)
        guard !split.validation.isEmpty, split.training.count >= 2 else {
            throw TrainingError.tooLittleData(
                "\(data) has \(corpus.pairs.count) pairs: a tenth of the sources must make a test of at least one; give at least 10, better thousands"
            )
        }
        let training = try EncodedPairs(split.training, fresh)
        let validation = try EncodedPairs(split.validation, fresh)
        let test = try EncodedPairs(split.test, fresh)
        let cut = training.cut + validation.cut + test.cut
        try RunCheckpoint.prepare(run: folder, existing)
        let dataRecord = ContrastiveRecord.DataRecord(
            path: data, sha256: corpus.sha256, training: split.training.count,
            validation: split.validation.count, test: split.test.count,
            duplicates: corpus.duplicates)
        report(.data(dataRecord, cut: cut, longest: fresh.longest))
        let before = test.scores(fresh, temperature: options.temperature)
        report(.before(before))

        let batches = Batcher(
            lengths: training.lengths, batchSize: options.batch, seed: options.seed)
        let plan = options.plan(
            of: Trainer<BERT, AdamW>.self, stepsPerEpoch: batches.batchCount, judgedBy: .accuracy)
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay,
            decaysVectors: false)
        var trainer = try RunCheckpoint.trainer(
            plan, model: fresh.model, optimizer: optimizer, resuming: saved, run: folder
        ).trainer
        report(
            .model(
                vocabulary: fresh.tokenizer.idLimit, parameters: fresh.model.parameterCount,
                resumedAt: saved?.resumption))

        var record = ContrastiveRecord(
            version: version, task: "encoder-contrastive", options: options, data: dataRecord,
            longest: fresh.longest, cut: cut, parameters: fresh.model.parameterCount,
            machine: .current, before: before)
        func encoder(_ model: BERT) -> SentenceEncoder {
            var encoder = fresh
            encoder.model = model
            return encoder
        }
        let order = EpochOrder(batches.batches)
        let task = Trainer<BERT, AdamW>.Task(
            loss: { model, epoch, step, random in
                training.loss(
                    encoder(model), order.batch(epoch, step), temperature: options.temperature,
                    &random)
            },
            validate: { model in
                let scores = validation.scores(encoder(model), temperature: options.temperature)
                return (scores.loss, scores.accuracy)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, encoder(snapshot.best), record)
            })
        let best = encoder(
            try trainer.run(task: task, isInterrupted: isInterrupted) { report(.training($0)) })

        report(.testing)
        record.take(trainer.snapshot.progress)
        record.test = test.scores(best, temperature: options.temperature)
        try CheckpointFolder.write(to: folder, files: try files(best, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }

    /// The encoder to begin with, without a head.
    private func begin() throws -> SentenceEncoder {
        var result = try SentenceEncoder.toTrain(options.encoder)
        guard result.pooling == .mean else {
            throw TrainingError.doesNotFit(
                "\(options.encoder): takes the \(result.pooling.rawValue) token for the text (1_Pooling/config.json): expected the mean of all"
            )
        }
        var random = options.weightRandom
        result.model = result.model.with(head: .none, hasPooler: false, using: &random)
        result.longest = min(result.longest, options.longest ?? result.longest)
        return result
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    private func save(
        _ snapshot: Snapshot<BERT, AdamW>, _ best: SentenceEncoder, _ record: ContrastiveRecord
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(to: folder, files: try files(best, record))
        }
        let header = Header(
            options: options, dataPath: data, dataSHA256: record.data.sha256, progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    private func files(
        _ encoder: SentenceEncoder, _ record: ContrastiveRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: encoder.model) + [
            ("tokenizer.json", .bytes(encoder.tokenizer.json())),
            ("training.json", .bytes(try record.jsonData)),
        ]
    }
}

/// Pairs of texts as tokens, each different text once.
private struct EncodedPairs: Sendable {
    /// The different questions and the different targets.
    let questions, targets: [[Int32]]
    /// Of each pair the places of both.
    let pairs: [(question: Int, target: Int)]
    /// How many texts had more tokens than are read.
    let cut: Int

    init(_ texts: [TextPair], _ encoder: SentenceEncoder) throws {
        func numbers(_ texts: [String]) -> (different: [String], places: [Int]) {
            var known: [String: Int] = [:]
            var different: [String] = []
            let places = texts.map { text -> Int in
                if let place = known[text] { return place }
                known[text] = different.count
                different.append(text)
                return different.count - 1
            }
            return (different, places)
        }
        let (sources, answers) = (numbers(texts.map(\.source)), numbers(texts.map(\.target)))
        let first = try encoder.tokens(of: sources.different, truncates: true)
        let second = try encoder.tokens(of: answers.different, truncates: true)
        (questions, targets) = (first.tokens, second.tokens)
        pairs = zip(sources.places, answers.places).map { ($0, $1) }
        cut = first.cut + second.cut
    }

    /// The tokens of each pair.
    var lengths: [Int] { pairs.map { questions[$0.question].count + targets[$0.target].count } }

    /// The loss of a batch, to be differentiated, and what came of it.
    func loss(
        _ encoder: SentenceEncoder, _ batch: [Int], temperature: Double,
        _ random: inout RandomGenerator?
    ) -> (Tensor, BatchOutcome) {
        let chosen = batch.map { pairs[$0] }
        let rows = chosen.map { questions[$0.question] } + chosen.map { targets[$0.target] }
        let vectors = encoder.vectors(of: rows, dropout: &random)
        let count = batch.count
        let loss = vectors.slice(axis: 0, 0..<count).contrastiveLoss(
            vectors.slice(axis: 0, count..<2 * count), temperature: temperature,
            same: (chosen.map(\.question), chosen.map(\.target)))
        let tokens = rows.reduce(0) { $0 + $1.count }
        return (loss, BatchOutcome(examples: count, tokens: tokens))
    }

    /// What is found.
    func scores(_ encoder: SentenceEncoder, temperature: Double) -> RetrievalScores {
        var right = [Set<Int>](repeating: [], count: questions.count)
        for pair in pairs { right[pair.question].insert(pair.target) }
        return RetrievalScores(
            encoder.embed(tokens: questions), encoder.embed(tokens: targets), right: right,
            temperature: temperature)
    }
}
