import MartletText
import MartletTraining

extension LanguageModelEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data):
            return .told(
                "text     \(data.paths.joined(separator: " "))\nsplit    \(Decimals.grouped(data.training)) tokens to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by",
                DataLine(data: data))
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: (kind, vocabulary), resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .sample(let epoch, let text):
            return .told(
                "       ┊ " + text.split(separator: "\n").joined(separator: " ⏎ "),
                SampleLine(epoch: epoch, text: text))
        case .testing: return .testing(beside: "counted n-grams")
        case .finished(let record):
            return .finished(
                record, Self.outcome(record),
                saved: "\(folder)  (martlet generate --model \(folder); report.html)")
        }
    }

    /// The text, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: LanguageModelRecord.DataRecord
    }

    /// What the model of an epoch writes, as a JSON object.
    private struct SampleLine: Encodable {
        var event = "sample"
        var epoch: Int
        var text: String
    }

    private static func outcome(_ record: LanguageModelRecord) -> [String] {
        guard let test = record.test else { return [] }
        var lines = [
            "test     perplexity \(Decimals.fixed(test.perplexity, 2)), \(Decimals.fixed(test.bitsPerCharacter, 3)) bits per character; \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.tokens)) unseen tokens guessed"
        ]
        if let baseline = record.baseline {
            lines.append(
                "         \(Decimals.fixed(baseline.bitsPerCharacter, 3)) bits per character: \(baseline.description)"
            )
        }
        return lines
    }
}
