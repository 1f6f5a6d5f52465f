import MartletData
import MartletTraining

extension SeriesClassifierEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data, let labels):
            return .told(Self.words(data, labels), DataLine(data: data, labels: labels))
        case .model(let parameters, let resumedAt):
            return .model(parameters: parameters, resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .testing: return .testing(beside: "time warping")
        case .finished(let record):
            let outcome = (record.test ?? record.validation).map {
                RunNews.answers(
                    record.test == nil ? "kept" : "test", $0,
                    to: record.test == nil ? "kept back cases" : "unseen cases",
                    beside: record.baselines)
            }
            return .finished(
                record, outcome ?? [], saved: "\(folder)  (open report.html in a browser)")
        }
    }

    /// The data, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: SeriesClassifierRecord.DataRecord
        var labels: [String]
    }

    private static func words(
        _ data: SeriesClassifierRecord.DataRecord, _ labels: [String]
    ) -> String {
        let interpolated =
            data.interpolated > 0
            ? "; \(Decimals.grouped(data.interpolated)) missing values interpolated" : ""
        return """
            data     \(data.path): \(data.channels.count) channels, \(data.lengths[0]) … \(data.lengths[1]) steps\(interpolated)
            labels   \(labels.prefix(20).joined(separator: ", "))\(labels.count > 20 ? " …" : "")
            split    \(Decimals.grouped(data.training)) to learn from, \(Decimals.grouped(data.validation)) to choose by, \
            \(Decimals.grouped(data.test)) to judge by
            """
    }
}
