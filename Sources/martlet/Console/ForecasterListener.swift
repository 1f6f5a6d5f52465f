import MartletTraining

/// Tells what the training of a forecaster does: to people on standard error, or as JSON lines on standard output.
final class ForecasterListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(
        isLive: Terminal.hasLiveErrors,
        words: .init(answers: "within band", unit: "values", hasPerplexity: false))

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: ForecasterEvent) {
        if json {
            try? printObject(event)
            return
        }
        switch event {
        case .data(let data):
            say(
                "series   \(data.path): \(data.series), \(data.step), \(Decimals.grouped(data.steps)) steps, \(Decimals.grouped(data.missing)) values missing\nsplit    \(Decimals.grouped(data.training)) steps to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by"
            )
        case .model(let horizon, let context, let lags, let parameters, let resumedAt):
            let seen = lags.isEmpty ? "none" : lags.map { "\($0)" }.joined(separator: ", ")
            let resumed = resumedAt.map {
                "\nresumed  after \($0.epoch) epochs and \($0.step) steps of the next"
            }
            say(
                "model    \(Decimals.grouped(parameters)) parameters; \(horizon) steps ahead after at least \(context); lags: \(seen)"
                    + (resumed ?? ""))
        case .training(let event): bar.take(event)
        case .testing: say("judging the best epoch, beside repeating old values …")
        case .finished(let record): tellResult(record)
        }
    }

    private func printObject(_ event: ForecasterEvent) throws {
        switch event {
        case .data(let data): try JSONOutput.print(DataLine(data: data))
        case .model(let horizon, let context, let lags, let parameters, let resumedAt):
            try JSONOutput.print(
                SizesLine(
                    horizon: horizon, context: context, lags: lags, parameters: parameters,
                    epoch: resumedAt?.epoch, step: resumedAt?.step))
        case .training(let event):
            if let line = TrainingLine(event) { try JSONOutput.print(line) }
        case .testing: try JSONOutput.print(PlainLine(event: "testing"))
        case .finished(let record): try JSONOutput.print(FinishedLine(record: record))
        }
    }

    /// The series, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: ForecasterRecord.DataRecord
    }

    /// The model that is made or restored, as a JSON object.
    private struct SizesLine: Encodable {
        var event = "model"
        var horizon: Int
        var context: Int
        var lags: [Int]
        var parameters: Int
        var epoch: Int?
        var step: Int?
    }

    private func say(_ text: String) { Terminal.writeError(text + "\n") }

    private func tellResult(_ record: ForecasterRecord) {
        var lines = [""]
        for (name, scores) in [("choice", record.validation), ("test", record.test)] {
            guard let scores, scores.values > 0 else { continue }
            let head = name + String(repeating: " ", count: 9 - name.count)
            lines.append(
                head
                    + "mean absolute error \(Decimals.magnitude(scores.error)) on \(Decimals.grouped(scores.values)) values, \(scores.horizon) steps ahead; \(Decimals.percent(scores.coverage)) within the \(Decimals.percent(scores.band, 0)) band"
            )
            for baseline in scores.baselines {
                lines.append(
                    "         \(Decimals.magnitude(baseline.error)) \(baseline.name): the network has \(Decimals.fixed(scores.error / max(baseline.error, 1e-300), 3)) of it"
                )
            }
            if let best = scores.best, scores.error >= best.error {
                lines.append(
                    "         the network does not beat \(best.name): prefer the simple method here"
                )
            }
        }
        lines.append(
            RunNews.end(
                record, "\(folder)  (martlet forecast --model \(folder); report.html)"))
        say(lines.joined(separator: "\n"))
    }
}
