import MartletText
import MartletTraining

extension PretrainingEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data): return .text(data)
        case .model(let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: ("subwords", vocabulary), resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .sample(let round, let text): return .sample(epoch: round, text)
        case .testing: return .told("testing the best model …", PlainLine(event: "testing"))
        case .finished(let record):
            let use =
                record.task == .gpt
                ? "martlet generate --model \(folder); report.html" : "report.html"
            return .finished(record, Self.outcome(record), saved: "\(folder)  (\(use))")
        }
    }

    private static func outcome(_ record: PretrainingRecord) -> [String] {
        guard let test = record.test else { return [] }
        var line =
            "test     loss \(Decimals.fixed(test.loss, 3)); \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.guesses)) unseen tokens guessed"
        if let bits = test.bitsPerCharacter {
            line += "; \(Decimals.fixed(bits, 3)) bits per character"
        }
        return [line] + RunNews.bits(of: record.baseline)
    }
}
