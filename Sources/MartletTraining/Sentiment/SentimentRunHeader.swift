import MartletData

/// What a resumed sentiment run must agree with.
struct SentimentRunHeader: RunHeader {
    var options: SentimentOptions
    var dataPath: String
    var columns: TextColumns
    var dataSHA256: String
    var progress: TrainingProgress

    enum CodingKeys: String, CodingKey {
        case options, columns, progress
        case dataPath = "data_path"
        case dataSHA256 = "data_sha256"
    }
}
