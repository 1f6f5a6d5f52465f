import MartletTraining

extension ContrastiveEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data, let cut, let longest):
            return .told(
                """
                data     \(data.path): \(Decimals.grouped(data.training)) pairs to learn from, \
                \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by
                read     at most \(longest) tokens of a text; \(Decimals.grouped(cut)) texts have more, whose rest is not read
                """, DataLine(data: data, cut: cut, longest: longest))
        case .before(let scores):
            return .told(
                "before   " + Self.words(scores), ScoresLine(event: "before", scores: scores))
        case .model(let vocabulary, let parameters, let resumedAt):
            return .model(
                parameters: parameters, tokens: ("subwords", vocabulary), resumedAt: resumedAt)
        case .training(let event): return .training(event)
        case .testing: return .testing(beside: "what it found before")
        case .finished(let record):
            let lines = record.test.map {
                ["before   " + Self.words(record.before), "test     " + Self.words($0)]
            }
            return .finished(record, lines ?? [], saved: folder)
        }
    }

    private static func words(_ scores: RetrievalScores) -> String {
        "\(Decimals.percent(scores.accuracy)) of \(Decimals.grouped(scores.questions)) find theirs first among \(Decimals.grouped(scores.candidates)), \(Decimals.percent(scores.topFive)) in the first five; mean reciprocal rank \(Decimals.fixed(scores.reciprocalRank, 3))"
    }

    /// The data, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: ContrastiveRecord.DataRecord
        var cut: Int
        var longest: Int
    }

    /// What was found, as a JSON object.
    private struct ScoresLine: Encodable {
        var event: String
        var scores: RetrievalScores
    }
}
