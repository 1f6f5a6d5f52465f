public import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

extension SentimentRecipe {
    /// The options and the data of the run that a folder holds a checkpoint of.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(
        in folder: String
    ) throws -> (options: SentimentOptions, data: String, columns: TextColumns) {
        let header = try RunCheckpoint.header(SentimentRunHeader.self, run: folder)
        return (header.options, header.dataPath, header.columns)
    }

    /// Refuses data too few to be split, or with nothing to tell apart.
    static func check(_ split: DataSplit, _ dataset: TextDataset) throws {
        if split.validation.isEmpty {
            throw TrainingError.tooLittleData(
                "\(dataset.source) has \(dataset.examples.count) usable texts: a tenth of them must make a test of at least one; give at least 10, better thousands"
            )
        }
        let first = split.training[0].label
        if split.training.allSatisfy({ $0.label == first }) {
            throw TrainingError.tooLittleData(
                "\(dataset.source): all \(split.training.count) texts to learn from have the label \(dataset.labels[first]); give texts of at least two labels"
            )
        }
    }

    /// The model's sizes.
    func configuration(
        _ tokenizer: Tokenizer, labels: [String]
    ) -> SentimentClassifier.Configuration {
        SentimentClassifier.Configuration(
            network: options.network, cell: options.cell, kernelSizes: options.convolutions,
            heads: AttentionStack.heads(of: options.hidden),
            vocabularySize: tokenizer.vocabulary.count,
            embeddingSize: options.embedding, hiddenSize: options.hidden, layers: options.layers,
            bidirectional: options.bidirectional, dropout: options.dropout,
            tokenDropout: options.tokenDropout, longestNGram: options.longestNGram,
            nGramRows: tokenizer.nGrams?.rowCount ?? 0, labels: labels)
    }

    /// How long the training is.
    func plan(
        stepsPerEpoch: Int, beginningWith pretrained: PretrainedClassifier?
    ) -> Trainer<SentimentClassifier, AdamW>.Plan {
        var plan = options.plan(
            of: Trainer<SentimentClassifier, AdamW>.self, stepsPerEpoch: stepsPerEpoch,
            judgedBy: .accuracy)
        if let pretrained { plan.isFrozen = { pretrained.isFrozen($0, epoch: $1) } }
        return plan
    }

    /// What `training.json` says before the first epoch.
    func newRecord(_ dataset: TextDataset, _ split: DataSplit, parameters: Int) -> RunRecord {
        RunRecord(
            version: version, task: "sentiment", options: options, labels: dataset.labels,
            data: RunRecord.DataRecord(
                path: data, columns: columns, sha256: dataset.sha256, summary: dataset.summary,
                training: split.training.count, validation: split.validation.count,
                test: split.test.count),
            parameters: parameters,
            machine: .current)
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once,
    /// with a report that belongs to it.
    func save(
        _ snapshot: Snapshot<SentimentClassifier, AdamW>, _ tokenizer: Tokenizer,
        _ record: RunRecord, _ dataset: TextDataset
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            let classifier = TextClassifier(tokenizer: tokenizer, model: snapshot.best)
            try CheckpointFolder.write(
                to: folder,
                files: try Self.files(classifier, record, explanations: []))
        }
        let header = SentimentRunHeader(
            options: options, dataPath: data, columns: columns, dataSHA256: dataset.sha256,
            progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    static func files(
        _ classifier: TextClassifier, _ record: RunRecord, explanations: [Explanation]
    ) throws -> [(name: String, contents: FileContents)] {
        try classifier.files + [
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(ReportPage.html(record, explanations: explanations))),
        ]
    }
}
