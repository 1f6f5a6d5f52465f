import MartletData
import MartletText
import MartletTraining

extension SentimentEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let dataset, let split):
            return .told(
                Self.words(dataset, split),
                DataLine(data: dataset.summary, sha256: dataset.sha256))
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: (kind.rawValue, vocabulary), resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .testing: return .testing(beside: "the baselines")
        case .finished(let record):
            let outcome = record.test.map {
                RunNews.answers("test", $0, to: "unseen texts", beside: record.baselines)
            }
            return .finished(
                record, outcome ?? [], saved: "\(folder)  (open report.html in a browser)")
        }
    }

    /// The data, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: TextDataset.Summary
        var sha256: String

        enum CodingKeys: String, CodingKey {
            case event, data
            case sha256 = "data_sha256"
        }
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
