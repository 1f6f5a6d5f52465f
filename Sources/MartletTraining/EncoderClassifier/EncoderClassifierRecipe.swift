public import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

/// What the fine-tuning of an encoder tells while it runs.
public enum EncoderClassifierEvent: Sendable {
    /// The data are read and split.
    case data(TextDataset, DataSplit)
    /// The texts are cut into tokens: so many of them have more than are read.
    case tokens(cut: Int, longest: Int)
    /// The model is made, or restored after this many epochs and steps.
    case model(vocabulary: Int, parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being tested, beside the baselines.
    case testing
    /// The run folder is complete.
    case finished(EncoderClassifierRecord)
}

/// From a pretrained encoder and labelled texts to a classifier in a run folder, which Hugging Face reads, too
/// (Devlin et al. 2018: all weights learn, with a fresh layer on the first token).
public struct EncoderClassifierRecipe: Sendable {
    /// The options.
    public var options: EncoderClassifierOptions
    /// The texts: a folder with `pos.txt` and `neg.txt`, or a `.csv`, `.tsv` or `.jsonl` file.
    public var data: String
    /// The names of the columns of such a file.
    public var columns: TextColumns
    /// The run folder.
    public var folder: String
    /// What to do about a run in that folder.
    public var existing: ExistingRun
    /// The version to write into `training.json`.
    public var version: String

    /// A recipe of the given options.
    public init(
        options: EncoderClassifierOptions, data: String, columns: TextColumns = TextColumns(),
        folder: String, existing: ExistingRun = .keep, version: String
    ) {
        self.options = options
        self.data = data
        self.columns = columns
        self.folder = folder
        self.existing = existing
        self.version = version
    }

    /// What a resumed run must agree with.
    struct Header: RunHeader {
        var options: EncoderClassifierOptions
        var dataPath: String
        var columns: TextColumns
        var dataSHA256: String
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, columns, progress
            case dataPath = "data_path"
            case dataSHA256 = "data_sha256"
        }
    }

    /// The options and the data of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: EncoderClassifierOptions, data: String, columns: TextColumns) {
        let header = try RunCheckpoint.header(Header.self, run: folder)
        return (header.options, header.dataPath, header.columns)
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
        report: @escaping (EncoderClassifierEvent) -> Void = { _ in }
    ) throws -> EncoderClassifierRecord {
        let saved = try RunCheckpoint.saved(Header.self, run: folder, existing, options: options)
        let source = try SentenceEncoder.toTrain(options.encoder)
        let dataset = try TextDataset.read(data, columns: columns)
        try saved?.check(data, sha256: dataset.sha256)
        let split = dataset.split()
        try SentimentRecipe.check(split, dataset)
        var random = options.weightRandom
        var fresh = source
        fresh.model = source.model.with(
            head: .classes, classNames: dataset.labels, using: &random)
        fresh.longest = min(source.longest, options.longest ?? source.longest)
        let training = try Tokens(split.training, fresh)
        let validation = try Tokens(split.validation, fresh)
        let test = try Tokens(split.test, fresh)
        let cut = training.cut + validation.cut + test.cut
        try RunCheckpoint.prepare(run: folder, existing)
        report(.data(dataset, split))
        report(.tokens(cut: cut, longest: fresh.longest))

        let batches = Batcher(
            lengths: training.sequences.map(\.count), batchSize: options.batch,
            seed: options.seed)
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

        var record = EncoderClassifierRecord(
            version: version, task: "encoder-classifier", options: options,
            labels: dataset.labels, data: dataRecord(dataset, split), longest: fresh.longest,
            cut: cut, parameters: fresh.model.parameterCount, machine: .current)
        func classifier(_ model: BERT) -> EncoderClassifier {
            var encoder = fresh
            encoder.model = model
            return EncoderClassifier(encoder)
        }
        let order = EpochOrder(batches.batches)
        let task = Trainer<BERT, AdamW>.Task(
            loss: { model, epoch, step, random in
                training.loss(
                    model, order.batch(epoch, step), labelSmoothing: options.labelSmoothing,
                    &random)
            },
            validate: { model in
                let judged = validation.judge(classifier(model))
                return (judged.loss, judged.accuracy)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, classifier(snapshot.best), record, dataset)
            })
        let best = classifier(
            try trainer.run(task: task, isInterrupted: isInterrupted) { report(.training($0)) })

        report(.testing)
        record.take(trainer.snapshot.progress)
        record.test = try best.metrics(split.test)
        record.baselines = Baselines(split.training, labels: dataset.labels).judge(split.test)
        try CheckpointFolder.write(to: folder, files: try files(best, record))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }

    private func dataRecord(_ dataset: TextDataset, _ split: DataSplit) -> RunRecord.DataRecord {
        RunRecord.DataRecord(
            path: data, columns: columns, sha256: dataset.sha256, summary: dataset.summary,
            training: split.training.count, validation: split.validation.count,
            test: split.test.count)
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    private func save(
        _ snapshot: Snapshot<BERT, AdamW>, _ best: EncoderClassifier,
        _ record: EncoderClassifierRecord, _ dataset: TextDataset
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(to: folder, files: try files(best, record))
        }
        let header = Header(
            options: options, dataPath: data, columns: columns, dataSHA256: dataset.sha256,
            progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    private func files(
        _ classifier: EncoderClassifier, _ record: EncoderClassifierRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: classifier.encoder.model) + [
            ("tokenizer.json", .bytes(classifier.encoder.tokenizer.json())),
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(EncoderClassifierPage.html(record))),
        ]
    }
}

/// Texts as tokens, with their labels.
private struct Tokens: Sendable {
    let sequences: [[Int32]]
    let labels: [Int32]
    /// How many texts had more tokens than are read.
    let cut: Int

    init(_ examples: [TextExample], _ encoder: SentenceEncoder) throws {
        (sequences, cut) = try encoder.tokens(of: examples.map(\.text), truncates: true)
        labels = examples.map { Int32($0.label) }
    }

    /// The mean loss of a batch, to be differentiated, and what came of it.
    func loss(
        _ model: BERT, _ batch: [Int], labelSmoothing: Double, _ random: inout RandomGenerator?
    ) -> (Tensor, BatchOutcome) {
        let (rows, truth) = (batch.map { sequences[$0] }, batch.map { labels[$0] })
        let scores = model.scores(packed: rows, dropout: &random)
        let answers = scores.detached.argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
        let outcome = BatchOutcome(
            correct: zip(answers, truth).count { $0 == $1 }, examples: batch.count,
            tokens: rows.reduce(0) { $0 + $1.count })
        return (scores.softmaxCrossEntropy(Tensor(truth), labelSmoothing: labelSmoothing), outcome)
    }

    /// The mean loss and the share of right answers of a classifier.
    func judge(_ classifier: EncoderClassifier) -> (loss: Double, accuracy: Double) {
        LabelledSequences.judge(classifier.probabilities(tokens: sequences), labels)
    }
}
