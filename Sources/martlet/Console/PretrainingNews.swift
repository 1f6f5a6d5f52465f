import MartletText
import MartletTraining

extension PretrainingEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data):
            return .told(
                "text     \(data.paths.joined(separator: " "))\nsplit    \(Decimals.grouped(data.training)) tokens to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by",
                DataLine(data: data))
        case .model(let vocabulary, let parameters, let resumedAt):
            return .told(
                ([
                    "tokens   subwords, \(Decimals.grouped(vocabulary)) known",
                    "model    \(Decimals.grouped(parameters)) parameters",
                ] + RunNews.resumed(resumedAt)).joined(separator: "\n"),
                ModelLine(
                    vocabulary: vocabulary, parameters: parameters, epoch: resumedAt?.epoch,
                    step: resumedAt?.step))
        case .training(let event): return .training(event)
        case .sample(let round, let text):
            return .told(
                "       ┊ " + text.split(separator: "\n").joined(separator: " ⏎ "),
                SampleLine(epoch: round, text: text))
        case .testing: return .told("testing the best model …", PlainLine(event: "testing"))
        case .finished(let record):
            let use =
                record.task == .gpt
                ? "martlet generate --model \(folder); report.html" : "report.html"
            return .finished(record, Self.outcome(record), saved: "\(folder)  (\(use))")
        }
    }

    /// The text, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: LanguageModelRecord.DataRecord
    }

    /// What the model of a round makes of text, as a JSON object.
    private struct SampleLine: Encodable {
        var event = "sample"
        var epoch: Int
        var text: String
    }

    private static func outcome(_ record: PretrainingRecord) -> [String] {
        guard let test = record.test else { return [] }
        var line =
            "test     loss \(Decimals.fixed(test.loss, 3)); \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.guesses)) unseen tokens guessed"
        if let bits = test.bitsPerCharacter {
            line += "; \(Decimals.fixed(bits, 3)) bits per character"
        }
        return [line]
            + (record.baseline.map {
                [
                    "         \(Decimals.fixed($0.bitsPerCharacter, 3)) bits per character: \($0.description)"
                ]
            } ?? [])
    }
}
