import MartletText
import MartletTraining

extension SequenceToSequenceEvent {
    /// What is told of it, of a run in that folder.
    func news(of folder: String) -> RunNews {
        switch self {
        case .data(let data): return .told(Self.words(data), DataLine(data: data))
        case .model(let source, let target, let vocabularies, let parameters, let resumedAt):
            let line =
                "tokens   \(source), \(Decimals.grouped(vocabularies.source)) known → \(target), \(Decimals.grouped(vocabularies.target)) known\n"
                + "model    \(Decimals.grouped(parameters)) parameters"
            return .told(
                ([line] + RunNews.resumed(resumedAt)).joined(separator: "\n"),
                ModelLine(
                    vocabulary: vocabularies.target, parameters: parameters,
                    epoch: resumedAt?.epoch, step: resumedAt?.step))
        case .training(let event): return .training(event)
        case .samples(let epoch, let samples):
            let lines = samples.map { sample in
                let words =
                    "\(sample.source) → \(sample.answer)"
                    + (sample.isRight
                        ? "" : "  (right: \(sample.references.joined(separator: " | ")))")
                return "       ┊ " + words.split(separator: "\n").joined(separator: " ⏎ ")
            }
            return .told(
                lines.joined(separator: "\n"), SamplesLine(epoch: epoch, samples: samples))
        case .testing: return .told("testing the best epoch …", PlainLine(event: "testing"))
        case .finished(let record):
            return .finished(record, Self.outcome(record), saved: "\(folder)  (report.html)")
        }
    }

    /// The pairs, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: SequenceToSequenceRecord.DataRecord
    }

    /// What the model of an epoch makes of some texts, as a JSON object.
    private struct SamplesLine: Encodable {
        var event = "samples"
        var epoch: Int
        var samples: [SequenceToSequenceRecord.Sample]
    }

    private static func words(_ data: SequenceToSequenceRecord.DataRecord) -> String {
        var lines = [
            "pairs    \(data.source.paths.joined(separator: " "))"
                + (data.duplicates > 0
                    ? " (\(Decimals.grouped(data.duplicates)) duplicates left out)" : ""),
            "split    \(Decimals.grouped(data.training)) pairs to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by",
        ]
        if data.skipped > 0 {
            lines.append(
                "warning  \(Decimals.grouped(data.skipped)) pairs are left out, as a text has more tokens than --longest"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func outcome(_ record: SequenceToSequenceRecord) -> [String] {
        guard let test = record.test else { return [] }
        let scores = test.scores.map { "\($0.name) \(Decimals.fixed($0.value, 2))" }
        return [
            "test     \(scores.joined(separator: ", ")) on \(Decimals.grouped(test.sources)) unseen sources; loss \(Decimals.fixed(test.loss, 3))"
        ]
    }
}
