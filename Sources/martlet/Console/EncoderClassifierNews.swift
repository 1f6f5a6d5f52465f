import MartletText
import MartletTraining

extension EncoderClassifierEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let dataset, let split): return .texts(dataset, split)
        case .tokens(let cut, let longest):
            return .told(
                "read     at most \(longest) tokens of a text; \(Decimals.grouped(cut)) texts have more, whose rest is not read",
                TokensLine(cut: cut, longest: longest))
        case .model(let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: ("subwords", vocabulary), resumedAt: resumedAt)
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

    /// What is read of the texts, as a JSON object.
    private struct TokensLine: Encodable {
        var event = "tokens"
        var cut: Int
        var longest: Int
    }
}
