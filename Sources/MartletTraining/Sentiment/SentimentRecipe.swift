public import MartletData
import MartletModels
import MartletStore
import MartletTensor
public import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a sentiment run tells while it runs.
public enum SentimentEvent: Sendable {
    /// The data are read and split.
    case data(TextDataset, DataSplit)
    /// The model is made, or restored after this many epochs and steps.
    case model(tokenizer: TokenizerKind, vocabulary: Int, parameters: Int, resumedAt: Resumption?)
    /// The training loop's own news.
    case training(TrainingEvent)
    /// The best model is being tested, beside the baselines.
    case testing
    /// The run folder is complete.
    case finished(RunRecord)
}

/// From labelled texts to a trained, tested and explained classifier in a run folder.
///
/// Read, split, tokenise, build, train, test, save: ``run(isInterrupted:report:)`` has the order.
public struct SentimentRecipe: Sendable {
    /// The options.
    public var options: SentimentOptions
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
        options: SentimentOptions, data: String, columns: TextColumns = TextColumns(),
        folder: String, existing: ExistingRun = .keep, version: String
    ) {
        self.options = options
        self.data = data
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
        isInterrupted: () -> Bool = { false }, report: @escaping (SentimentEvent) -> Void = { _ in }
    ) throws -> RunRecord {
        let saved = try RunCheckpoint.saved(
            SentimentRunHeader.self, run: folder, existing, options: options)
        let pretrained = try options.pretrained.map { try PretrainedClassifier($0, options) }
        let dataset = try TextDataset.read(data, columns: columns)
        try saved?.check(data, sha256: dataset.sha256)
        let split = dataset.split()
        try Self.check(split, dataset)
        try RunCheckpoint.prepare(run: folder, existing)
        report(.data(dataset, split))

        let texts = split.training.map(\.text)
        let tokenizer =
            pretrained?.tokenizer(texts, options)
            ?? Tokenizer.train(
                on: texts, kind: options.tokenizer,
                minimumCount: options.minimumCount, maximumSize: options.vocabulary,
                longestNGram: options.longestNGram, maximumNGrams: options.nGrams)
        let training = LabelledSequences(split.training, tokenizer)
        let validation = LabelledSequences(split.validation, tokenizer)

        var random = options.weightRandom
        let randomWeights = SentimentClassifier(
            configuration(tokenizer, labels: dataset.labels), using: &random)
        let fresh = pretrained?.filled(randomWeights) ?? randomWeights
        let optimizer = AdamW(
            learningRate: options.learningRate, weightDecay: options.weightDecay)
        let batches = Batcher(
            lengths: training.lengths, batchSize: options.batch, seed: options.seed)
        let plan = plan(stepsPerEpoch: batches.batchCount, beginningWith: pretrained)
        var trainer = try RunCheckpoint.trainer(
            plan, model: fresh, optimizer: optimizer, resuming: saved, run: folder
        ).trainer
        report(
            .model(
                tokenizer: tokenizer.kind, vocabulary: tokenizer.vocabulary.count,
                parameters: fresh.parameterCount,
                resumedAt: saved?.resumption))

        var record = newRecord(dataset, split, parameters: fresh.parameterCount)
        let order = EpochOrder(batches.batches)
        let task = Trainer<SentimentClassifier, AdamW>.Task(
            loss: { model, epoch, step, random in
                training.loss(
                    model, order.batch(epoch, step), labelSmoothing: options.labelSmoothing,
                    crop: options.crop, &random)
            },
            validate: { model in
                let judged = validation.judge(TextClassifier(tokenizer: tokenizer, model: model))
                return (judged.loss, judged.accuracy)
            },
            save: { snapshot in
                record.take(snapshot.progress)
                try save(snapshot, tokenizer, record, dataset)
            })
        let best = try trainer.run(task: task, isInterrupted: isInterrupted) {
            report(.training($0))
        }

        report(.testing)
        let classifier = TextClassifier(tokenizer: tokenizer, model: best)
        record.take(trainer.snapshot.progress)
        record.test = try classifier.metrics(split.test)
        record.baselines = Baselines(split.training, labels: dataset.labels).judge(split.test)
        try CheckpointFolder.write(
            to: folder,
            files: try Self.files(
                classifier, record, explanations: classifier.explanations(of: split.test)))
        try CheckpointFolder.remove(RunCheckpoint.folder(of: folder))
        report(.finished(record))
        return record
    }
}
