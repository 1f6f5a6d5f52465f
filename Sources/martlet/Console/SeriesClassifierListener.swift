import MartletData
import MartletTraining

/// Tells what the training of a series classifier does: to people on standard error, or as JSON lines on standard output.
final class SeriesClassifierListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(isLive: Terminal.hasLiveErrors)

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: SeriesClassifierEvent) {
        if json {
            try? printObject(event)
            return
        }
        switch event {
        case .data(let data, let labels): tellData(data, labels)
        case .model(let parameters, let resumedAt):
            let resumed = resumedAt.map {
                "\nresumed  after \($0.epoch) epochs and \($0.step) steps of the next"
            }
            say("model    \(Decimals.grouped(parameters)) parameters" + (resumed ?? ""))
        case .training(let event): bar.take(event)
        case .testing: say("testing the best epoch, beside time warping …")
        case .finished(let record): tellResult(record)
        }
    }

    private func printObject(_ event: SeriesClassifierEvent) throws {
        switch event {
        case .data(let data, let labels):
            try JSONOutput.print(DataLine(data: data, labels: labels))
        case .model(let parameters, let resumedAt):
            try JSONOutput.print(ModelLine(parameters: parameters, resumedAt: resumedAt))
        case .training(let event):
            if let line = TrainingLine(event) { try JSONOutput.print(line) }
        case .testing: try JSONOutput.print(PlainLine(event: "testing"))
        case .finished(let record): try JSONOutput.print(FinishedLine(record: record))
        }
    }

    /// The data, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: SeriesClassifierRecord.DataRecord
        var labels: [String]
    }

    /// The model, as a JSON object.
    private struct ModelLine: Encodable {
        var event = "model"
        var parameters: Int
        var epoch: Int?
        var step: Int?

        init(parameters: Int, resumedAt: Resumption?) {
            self.parameters = parameters
            epoch = resumedAt?.epoch
            step = resumedAt?.step
        }
    }

    private func say(_ text: String) { Terminal.writeError(text + "\n") }

    private func tellData(_ data: SeriesClassifierRecord.DataRecord, _ labels: [String]) {
        let interpolated =
            data.interpolated > 0
            ? "; \(Decimals.grouped(data.interpolated)) missing values interpolated" : ""
        say(
            """
            data     \(data.path): \(data.channels.count) channels, \(data.lengths[0]) … \(data.lengths[1]) steps\(interpolated)
            labels   \(labels.prefix(20).joined(separator: ", "))\(labels.count > 20 ? " …" : "")
            split    \(Decimals.grouped(data.training)) to learn from, \(Decimals.grouped(data.validation)) to choose by, \
            \(Decimals.grouped(data.test)) to judge by
            """)
    }

    private func tellResult(_ record: SeriesClassifierRecord) {
        var lines = [""]
        let judged = record.test ?? record.validation
        if let judged {
            let interval = judged.accuracyInterval
            let what = record.test == nil ? "kept back" : "unseen"
            lines.append(
                "\(record.test == nil ? "kept    " : "test    ") \(Decimals.percent(judged.accuracy)) of \(Decimals.grouped(judged.examples)) \(what) cases right (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))"
            )
        }
        for baseline in record.baselines {
            lines.append(
                "         \(Decimals.percent(baseline.metrics.accuracy))  \(baseline.name): \(baseline.description)"
            )
        }
        lines.append(RunNews.end(record, "\(folder)  (open report.html in a browser)"))
        say(lines.joined(separator: "\n"))
    }
}
