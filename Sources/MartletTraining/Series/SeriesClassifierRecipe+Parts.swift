import MartletData
import MartletModels
import MartletStore
import MartletTensor

/// What a resumed run of a series classifier must agree with.
struct SeriesRunHeader: RunHeader {
    var options: SeriesClassifierOptions
    var dataPath: String
    var testPath: String?
    var columns: CaseColumns
    var dataSHA256: String
    var progress: TrainingProgress

    enum CodingKeys: String, CodingKey {
        case options, columns, progress
        case dataPath = "data_path"
        case testPath = "test_path"
        case dataSHA256 = "data_sha256"
    }
}

extension SeriesClassifierRecipe {
    /// The recipe of the run that a folder holds a checkpoint of, to be resumed.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none.
    public static func savedRun(in folder: String, version: String) throws -> Self {
        let header = try RunCheckpoint.header(SeriesRunHeader.self, run: folder)
        return SeriesClassifierRecipe(
            options: header.options, data: header.dataPath, test: header.testPath,
            columns: header.columns, folder: folder, existing: .resume, version: version)
    }

    /// Refuses data with nothing to tell apart, or with nothing to choose by.
    func check(
        _ cases: [SeriesCase], _ chosen: [SeriesCase], _ dataset: SeriesDataset
    ) throws {
        if options.folds > 0, chosen.isEmpty {
            throw TrainingError.tooLittleData(
                "\(dataset.source): no label has more than \(options.fold) cases, so fold \(options.fold) of \(options.folds) is empty; give more, another --fold, or --folds 0 to learn from all"
            )
        }
        let labels = Set(cases.map(\.label))
        if let absent = dataset.labels.indices.first(where: { !labels.contains($0) }) {
            throw TrainingError.tooLittleData(
                "\(dataset.source): no case with the label \(dataset.labels[absent]) is left to learn from; give at least two of each, another --fold, or --folds 0 to learn from all"
            )
        }
    }

    /// The model's sizes and scales.
    func configuration(
        _ dataset: SeriesDataset, _ scales: SeriesScales
    ) -> SeriesClassifier.Configuration {
        SeriesClassifier.Configuration(
            cell: options.cell, channels: dataset.channels, hiddenSize: options.hidden,
            layers: options.layers, bidirectional: options.bidirectional, dropout: options.dropout,
            filters: options.filters, kernelSize: options.kernel, stride: options.stride,
            members: options.members, means: scales.means, deviations: scales.deviations,
            differenceDeviations: options.differences ? scales.differenceDeviations : nil,
            lengthScale: options.length ? scales.lengthScale : nil, labels: dataset.labels)
    }

    /// How long the training is.
    func plan(stepsPerEpoch: Int) -> Trainer<SeriesClassifier, AdamW>.Plan {
        options.plan(
            of: Trainer<SeriesClassifier, AdamW>.self, stepsPerEpoch: stepsPerEpoch,
            judgedBy: options.folds == 0 ? .last : .loss)
    }

    /// What `training.json` says before the first epoch.
    func newRecord(
        _ dataset: SeriesDataset, _ judging: SeriesDataset?, training: Int, validation: Int,
        parameters: Int
    ) -> SeriesClassifierRecord {
        SeriesClassifierRecord(
            version: version, task: "series-classifier", options: options, labels: dataset.labels,
            data: SeriesClassifierRecord.DataRecord(
                path: data, columns: columns, sha256: dataset.sha256, testPath: test,
                testSHA256: judging?.sha256, channels: dataset.channels,
                lengths: [dataset.lengths.lowerBound, dataset.lengths.upperBound],
                interpolated: dataset.interpolated + (judging?.interpolated ?? 0),
                training: training, validation: validation, test: judging?.cases.count ?? 0),
            parameters: parameters, machine: .current)
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    func save(
        _ snapshot: Snapshot<SeriesClassifier, AdamW>, _ record: SeriesClassifierRecord
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(to: folder, files: try Self.files(snapshot.best, record))
        }
        let header = SeriesRunHeader(
            options: options, dataPath: data, testPath: test, columns: columns,
            dataSHA256: record.data.sha256, progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    static func files(
        _ model: SeriesClassifier, _ record: SeriesClassifierRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(SeriesClassifierPage.html(record))),
        ]
    }
}
