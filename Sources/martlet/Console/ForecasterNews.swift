import MartletTraining

extension ForecasterEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data):
            return .told(
                "series   \(data.path): \(data.series), \(data.step), \(Decimals.grouped(data.steps)) steps, \(Decimals.grouped(data.missing)) values missing\nsplit    \(Decimals.grouped(data.training)) steps to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by",
                DataLine(data: data))
        case .model(let horizon, let context, let lags, let parameters, let resumedAt):
            let seen = lags.isEmpty ? "none" : lags.map { "\($0)" }.joined(separator: ", ")
            let model =
                "model    \(Decimals.grouped(parameters)) parameters; \(horizon) steps ahead after at least \(context); lags: \(seen)"
            return .told(
                ([model] + RunNews.resumed(resumedAt)).joined(separator: "\n"),
                SizesLine(
                    horizon: horizon, context: context, lags: lags, parameters: parameters,
                    epoch: resumedAt?.epoch, step: resumedAt?.step))
        case .training(let event): return .training(event)
        case .testing:
            return .told(
                "judging the best epoch, beside repeating old values …",
                PlainLine(event: "testing"))
        case .finished(let record):
            return .finished(
                record, Self.outcome(record),
                saved: "\(folder)  (martlet forecast --model \(folder); report.html)")
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

    private static func outcome(_ record: ForecasterRecord) -> [String] {
        var lines: [String] = []
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
        return lines
    }
}
