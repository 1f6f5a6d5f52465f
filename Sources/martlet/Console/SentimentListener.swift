import MartletData
import MartletText
import MartletTraining

/// Tells what a sentiment run does: to people on standard error, or as JSON lines on standard output.
final class SentimentListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(isLive: Terminal.hasLiveErrors)

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: SentimentEvent) {
        if json {
            try? printObject(event)
            return
        }
        switch event {
        case .data(let dataset, let split): tellData(dataset, split)
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            say(
                RunNews.model(
                    kind, vocabulary: vocabulary, parameters: parameters, resumedAt: resumedAt))
        case .training(let event): bar.take(event)
        case .testing: say("testing the best epoch, beside the baselines …")
        case .finished(let record): tellResult(record)
        }
    }

    private func printObject(_ event: SentimentEvent) throws {
        switch event {
        case .data(let dataset, _):
            try JSONOutput.print(DataLine(data: dataset.summary, sha256: dataset.sha256))
        case .model(_, let vocabulary, let parameters, let resumedAt):
            try JSONOutput.print(
                ModelLine(vocabulary: vocabulary, parameters: parameters, resumedAt: resumedAt))
        case .training(let event):
            if let line = TrainingLine(event) { try JSONOutput.print(line) }
        case .testing: try JSONOutput.print(PlainLine(event: "testing"))
        case .finished(let record): try JSONOutput.print(FinishedLine(record: record))
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

    private func say(_ text: String) { Terminal.writeError(text + "\n") }

    private func tellData(_ dataset: TextDataset, _ split: DataSplit) {
        let summary = dataset.summary
        let perLabel = dataset.labels.map { "\($0) \(Decimals.grouped(summary.perLabel[$0] ?? 0))" }
        say(
            """
            data     \(dataset.source): \(Decimals.grouped(summary.kept)) of \(Decimals.grouped(summary.read)) texts kept \
            (\(Decimals.grouped(summary.duplicates)) duplicates, \(Decimals.grouped(summary.conflicting)) with two labels, \
            \(Decimals.grouped(summary.empty)) empty)
            labels   \(perLabel.joined(separator: ", "))
            split    \(Decimals.grouped(split.training.count)) to learn from, \(Decimals.grouped(split.validation.count)) to \
            choose by, \(Decimals.grouped(split.test.count)) to judge by
            """)
    }

    private func tellResult(_ record: RunRecord) {
        guard let test = record.test else { return }
        let interval = test.accuracyInterval
        var lines = [
            "",
            "test     \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.examples)) unseen texts right (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))",
        ]
        for baseline in record.baselines {
            lines.append(
                "         \(Decimals.percent(baseline.metrics.accuracy))  \(baseline.name): \(baseline.description)"
            )
        }
        lines.append(RunNews.end(record, "\(folder)  (open report.html in a browser)"))
        say(lines.joined(separator: "\n"))
    }
}
