import MartletData
import MartletText
import MartletTraining

extension RunNews {
    /// The labelled texts that are read, and how they are split.
    static func texts(_ dataset: TextDataset, _ split: DataSplit) -> RunNews {
        .told(
            words(dataset, split), TextDataLine(data: dataset.summary, sha256: dataset.sha256))
    }

    private static func words(_ dataset: TextDataset, _ split: DataSplit) -> String {
        let summary = dataset.summary
        let perLabel = dataset.labels.map { "\($0) \(Decimals.grouped(summary.perLabel[$0] ?? 0))" }
        return """
            data     \(dataset.source): \(Decimals.grouped(summary.kept)) of \(Decimals.grouped(summary.read)) texts kept \
            (\(Decimals.grouped(summary.duplicates)) duplicates, \(Decimals.grouped(summary.conflicting)) with two labels, \
            \(Decimals.grouped(summary.empty)) empty)
            labels   \(perLabel.joined(separator: ", "))
            split    \(Decimals.grouped(split.training.count)) to learn from, \(Decimals.grouped(split.validation.count)) to \
            choose by, \(Decimals.grouped(split.test.count)) to judge by
            """
    }
}

/// The labelled texts, as a JSON object.
private struct TextDataLine: Encodable {
    var event = "data"
    var data: TextDataset.Summary
    var sha256: String

    enum CodingKeys: String, CodingKey {
        case event, data
        case sha256 = "data_sha256"
    }
}
