import MartletText
import MartletTraining

/// Tells what the training of a language model does: to people on standard error, or as JSON lines on standard output.
final class LanguageModelListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(isLive: Terminal.hasLiveErrors)

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: LanguageModelEvent) {
        if json {
            try? printObject(event)
            return
        }
        switch event {
        case .data(let data):
            say(
                "text     \(data.paths.joined(separator: " "))\nsplit    \(Decimals.grouped(data.training)) tokens to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by"
            )
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            say(
                RunNews.model(
                    kind, vocabulary: vocabulary, parameters: parameters, resumedAt: resumedAt))
        case .training(let event): bar.take(event)
        case .sample(_, let text):
            say("       ┊ " + text.split(separator: "\n").joined(separator: " ⏎ "))
        case .testing: say("testing the best epoch, beside counted n-grams …")
        case .finished(let record): tellResult(record)
        }
    }

    private func printObject(_ event: LanguageModelEvent) throws {
        switch event {
        case .data(let data): try JSONOutput.print(DataLine(data: data))
        case .model(_, let vocabulary, let parameters, let resumedAt):
            try JSONOutput.print(
                ModelLine(vocabulary: vocabulary, parameters: parameters, resumedAt: resumedAt))
        case .training(let event):
            if let line = TrainingLine(event) { try JSONOutput.print(line) }
        case .sample(let epoch, let text):
            try JSONOutput.print(SampleLine(epoch: epoch, text: text))
        case .testing: try JSONOutput.print(PlainLine(event: "testing"))
        case .finished(let record): try JSONOutput.print(FinishedLine(record: record))
        }
    }

    /// The text, as a JSON object.
    private struct DataLine: Encodable {
        var event = "data"
        var data: LanguageModelRecord.DataRecord
    }

    /// What the model of an epoch writes, as a JSON object.
    private struct SampleLine: Encodable {
        var event = "sample"
        var epoch: Int
        var text: String
    }

    private func say(_ text: String) { Terminal.writeError(text + "\n") }

    private func tellResult(_ record: LanguageModelRecord) {
        guard let test = record.test else { return }
        var lines = [
            "",
            "test     perplexity \(Decimals.fixed(test.perplexity, 2)), \(Decimals.fixed(test.bitsPerCharacter, 3)) bits per character; \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.tokens)) unseen tokens guessed",
        ]
        if let baseline = record.baseline {
            lines.append(
                "         \(Decimals.fixed(baseline.bitsPerCharacter, 3)) bits per character: \(baseline.description)"
            )
        }
        lines.append(
            RunNews.end(
                record, "\(folder)  (martlet generate --model \(folder); report.html)"))
        say(lines.joined(separator: "\n"))
    }
}
