import MartletText
import MartletTraining

extension LanguageModelEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data): return .text(data)
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: (kind, vocabulary), resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .sample(let epoch, let text): return .sample(epoch: epoch, text)
        case .testing: return .testing(beside: "counted n-grams")
        case .finished(let record):
            return .finished(
                record, Self.outcome(record),
                saved: "\(folder)  (martlet generate --model \(folder); report.html)")
        }
    }

    private static func outcome(_ record: LanguageModelRecord) -> [String] {
        guard let test = record.test else { return [] }
        return [
            "test     perplexity \(Decimals.fixed(test.perplexity, 2)), \(Decimals.fixed(test.bitsPerCharacter, 3)) bits per character; \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.tokens)) unseen tokens guessed"
        ] + RunNews.bits(of: record.baseline)
    }
}
