import MartletData
import MartletText
import MartletTraining

/// Tells what a sentiment run does: to people on standard error, or as JSON lines on standard output.
final class SentimentListener {
    private let json: Bool
    private let folder: String
    private var bar = ProgressBar(isLive: Terminal.hasLiveErrors)

    init(json: Bool, folder: String) {
        self.json = json
        self.folder = folder
    }

    /// Takes one event.
    func hear(_ event: SentimentEvent) {
        if json {
            if let line = SentimentEventLine(event) { try? JSONOutput.print(line) }
            return
        }
        switch event {
        case .data(let dataset, let split): tellData(dataset, split)
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
        case .testing: say("testing the best epoch, beside the baselines …")
        case .finished(let record): tellResult(record)
        }
    }

    private func say(_ text: String) { Terminal.writeError(text + "\n") }

    private func tellData(_ dataset: TextDataset, _ split: DataSplit) {
        let summary = dataset.summary
        let perLabel = dataset.labels.map { "\($0) \(Decimals.grouped(summary.perLabel[$0] ?? 0))" }
        say(
            """
            data     \(dataset.source): \(Decimals.grouped(summary.kept)) of \(Decimals.grouped(summary.read)) texts kept \
            (\(Decimals.grouped(summary.duplicates)) duplicates, \(Decimals.grouped(summary.conflicting)) with two labels, \
            \(Decimals.grouped(summary.empty)) empty)
            labels   \(perLabel.joined(separator: ", "))
            split    \(Decimals.grouped(split.training.count)) to learn from, \(Decimals.grouped(split.validation.count)) to \
            choose by, \(Decimals.grouped(split.test.count)) to judge by
            """)
    }

    private func tellResult(_ record: RunRecord) {
        guard let test = record.test else { return }
        let interval = test.accuracyInterval
        var lines = [
            "",
            "test     \(Decimals.percent(test.accuracy)) of \(Decimals.grouped(test.examples)) unseen texts right (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))",
        ]
        for baseline in record.baselines {
            lines.append(
                "         \(Decimals.percent(baseline.metrics.accuracy))  \(baseline.name): \(baseline.description)"
            )
        }
        lines.append(
            "trained  \(Decimals.duration(record.trainingSeconds)); best epoch \(record.bestEpoch ?? 0) of \(record.epochs.count)"
        )
        lines.append("saved    \(folder)  (open report.html in a browser)")
        say(lines.joined(separator: "\n"))
    }
}

/// One event as a JSON object.
private struct SentimentEventLine: Encodable {
    var event: String
    var data: TextDataset.Summary?
    var dataSHA256: String?
    var parameters: Int?
    var vocabulary: Int?
    var epoch: Int?
    var step: Int?
    var steps: Int?
    var loss: Double?
    var accuracy: Double?
    var tokensPerSecond: Double?
    var secondsLeft: Double?
    var figures: EpochRecord?
    var isBest: Bool?
    var warning: String?
    var record: RunRecord?

    enum CodingKeys: String, CodingKey {
        case event, data, parameters, vocabulary, epoch, step, steps, loss, accuracy, figures,
            warning, record
        case dataSHA256 = "data_sha256"
        case tokensPerSecond = "tokens_per_second"
        case secondsLeft = "seconds_left"
        case isBest = "is_best"
    }

    init?(_ source: SentimentEvent) {
        switch source {
        case .data(let dataset, _):
            event = "data"
            data = dataset.summary
            dataSHA256 = dataset.sha256
        case .model(_, let vocabulary, let parameters, let resumedAt):
            event = "model"
            self.vocabulary = vocabulary
            self.parameters = parameters
            epoch = resumedAt?.epoch
            step = resumedAt?.step
        case .training(.step(let report)):
            // A line for each step would be thousands; every fiftieth and the last tell enough.
            guard report.step % 50 == 0 || report.step == report.steps else { return nil }
            event = "step"
            epoch = report.epoch
            step = report.step
            steps = report.steps
            loss = report.loss
            accuracy = report.accuracy
            tokensPerSecond = report.tokensPerSecond
            secondsLeft = report.secondsLeft
        case .training(.epoch(let record, let isBest)):
            event = "epoch"
            figures = record
            self.isBest = isBest
        case .training(.gradients(let alarm, let epoch, let step)):
            event = "gradients"
            self.epoch = epoch
            self.step = step
            warning = "\(alarm)"
        case .training(.saved): event = "saved"
        case .training(.stoppedEarly): event = "stopped_early"
        case .testing: event = "testing"
        case .finished(let record):
            event = "finished"
            self.record = record
        }
    }
}
