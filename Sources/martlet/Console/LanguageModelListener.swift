import MartletText
import MartletTraining

/// Tells what the training of a language model does: to people on standard error, or as JSON lines on standard output.
final class LanguageModelListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(isLive: Terminal.hasLiveErrors, measure: .perplexity)

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: LanguageModelEvent) {
        if json {
            if let line = LanguageModelEventLine(event) { try? JSONOutput.print(line) }
            return
        }
        switch event {
        case .data(let data):
            say(
                "text     \(data.paths.joined(separator: " "))\nsplit    \(Decimals.grouped(data.training)) tokens to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by"
            )
        case .model(let kind, let vocabulary, let parameters, let resumedAt):
            say(
                "tokens   \(kind.rawValue), \(Decimals.grouped(vocabulary)) known\nmodel    \(Decimals.grouped(parameters)) parameters"
            )
            if let resumedAt {
                say(
                    "resumed  after \(resumedAt.epoch) epochs and \(resumedAt.step) steps of the next"
                )
            }
        case .training(let event): bar.take(event)
        case .sample(_, let text):
            say("       ┊ " + text.split(separator: "\n").joined(separator: " ⏎ "))
        case .testing: say("testing the best epoch, beside counted n-grams …")
        case .finished(let record): tellResult(record)
        }
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
            "trained  \(Decimals.duration(record.trainingSeconds)); best epoch \(record.bestEpoch ?? 0) of \(record.epochs.count)"
        )
        lines.append("saved    \(folder)  (martlet generate --model \(folder); report.html)")
        say(lines.joined(separator: "\n"))
    }
}

/// One event as a JSON object.
private struct LanguageModelEventLine: Encodable {
    var event: String
    var data: LanguageModelRecord.DataRecord?
    var parameters: Int?
    var vocabulary: Int?
    var epoch: Int?
    var step: Int?
    var steps: Int?
    var loss: Double?
    var tokensPerSecond: Double?
    var secondsLeft: Double?
    var validationLoss: Double?
    var validationAccuracy: Double?
    var isBest: Bool?
    var text: String?
    var record: LanguageModelRecord?

    enum CodingKeys: String, CodingKey {
        case event, data, parameters, vocabulary, epoch, step, steps, loss, text, record
        case tokensPerSecond = "tokens_per_second"
        case secondsLeft = "seconds_left"
        case validationLoss = "validation_loss"
        case validationAccuracy = "validation_accuracy"
        case isBest = "is_best"
    }

    init?(_ source: LanguageModelEvent) {
        switch source {
        case .data(let record):
            event = "data"
            data = record
        case .model(_, let vocabulary, let parameters, let resumedAt):
            event = "model"
            self.vocabulary = vocabulary
            self.parameters = parameters
            epoch = resumedAt?.epoch
            step = resumedAt?.step
        case .training(.step(let report)):
            guard report.step % 50 == 0 || report.step == report.steps else { return nil }
            event = "step"
            epoch = report.epoch
            step = report.step
            steps = report.steps
            loss = report.loss
            tokensPerSecond = report.tokensPerSecond
            secondsLeft = report.secondsLeft
        case .training(.epoch(let record, let isBest)):
            event = "epoch"
            epoch = record.epoch
            loss = record.trainingLoss
            validationLoss = record.validationLoss
            validationAccuracy = record.validationAccuracy
            tokensPerSecond = record.tokensPerSecond
            self.isBest = isBest
        case .training(.saved): event = "saved"
        case .training(.stoppedEarly): event = "stopped_early"
        case .training(.gradients(let alarm, let epoch, let step)):
            event = "gradients"
            text = alarm.description
            self.epoch = epoch
            self.step = step
        case .sample(let epoch, let text):
            event = "sample"
            self.epoch = epoch
            self.text = text
        case .testing: event = "testing"
        case .finished(let record):
            event = "finished"
            self.record = record
        }
    }
}
