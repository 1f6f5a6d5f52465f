import MartletData
import MartletTraining

extension ImageClassifierEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data, let labels):
            return .told(
                """
                data     \(data.path): images of \(data.height) × \(data.width)
                labels   \(labels.prefix(20).joined(separator: ", "))\(labels.count > 20 ? " …" : "")
                split    \(Decimals.grouped(data.training)) to learn from, \(Decimals.grouped(data.validation)) to choose by, \
                \(Decimals.grouped(data.test)) to judge by
                """, DataLine(data: data, labels: labels))
        case .model(let parameters, let resumedAt):
            return .model(parameters: parameters, resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .testing: return .testing(beside: "the baselines")
        case .finished(let record):
            let outcome = record.test.map {
                RunNews.answers("test", $0, to: "unseen images", beside: record.baselines)
            }
            return .finished(
                record, outcome ?? [], saved: "\(folder)  (open report.html in a browser)")
        }
    }

    /// The data, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: ImageClassifierRecord.DataRecord
        var labels: [String]
    }
}
