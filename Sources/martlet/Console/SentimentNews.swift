import MartletData
import MartletText
import MartletTraining

extension SentimentEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let dataset, let split): return .texts(dataset, split)
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
}
