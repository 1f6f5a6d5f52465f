import MartletData
import MartletText
import MartletTraining

/// What is told of an event of a run: how it is said to people, and as a JSON object.
enum RunNews {
    /// Words, and the object that says the same.
    case told(String, any Encodable)
    /// What the training loop tells.
    case training(TrainingEvent)

    /// The model that is made or restored; of one that reads tokens, what they are, too.
    static func model(
        parameters: Int, tokens: (kind: String, known: Int)? = nil, resumedAt: Resumption?
    ) -> RunNews {
        var lines = ["model    \(Decimals.grouped(parameters)) parameters"]
        if let tokens {
            lines.insert(
                "tokens   \(tokens.kind), \(Decimals.grouped(tokens.known)) known", at: 0)
        }
        return .told(
            (lines + resumed(resumedAt)).joined(separator: "\n"),
            ModelLine(
                vocabulary: tokens?.known, parameters: parameters, epoch: resumedAt?.epoch,
                step: resumedAt?.step))
    }

    /// Where a resumed run goes on; nothing of another.
    static func resumed(_ place: Resumption?) -> [String] {
        place.map { ["resumed  after \($0.epoch) epochs and \($0.step) steps of the next"] } ?? []
    }

    /// The running text that is read, and how it is split.
    static func text(_ data: LanguageModelRecord.DataRecord) -> RunNews {
        .told(
            "text     \(data.paths.joined(separator: " "))\nsplit    \(Decimals.grouped(data.training)) tokens to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by",
            RunningTextLine(data: data))
    }

    /// What the model of an epoch makes of text.
    static func sample(epoch: Int, _ text: String) -> RunNews {
        .told(
            "       ┊ " + text.split(separator: "\n").joined(separator: " ⏎ "),
            SampleLine(epoch: epoch, text: text))
    }

    /// The bits that counted n-grams need, if they are counted.
    static func bits(of baseline: LanguageModelRecord.Baseline?) -> [String] {
        baseline.map {
            [
                "         \(Decimals.fixed($0.bitsPerCharacter, 3)) bits per character: \($0.description)"
            ]
        } ?? []
    }

    /// The test of the best epoch, beside something else.
    static func testing(beside others: String) -> RunNews {
        .told("testing the best epoch, beside \(others) …", PlainLine(event: "testing"))
    }

    /// The end of a run: what came out, how long it took, and where it is.
    static func finished(
        _ record: some TrainingRecord, _ outcome: [String], saved: String
    ) -> RunNews {
        .told(
            ([""] + outcome + [
                "trained  \(Decimals.duration(record.trainingSeconds)); best epoch \(record.bestEpoch ?? 0) of \(record.epochs.count)",
                "saved    \(saved)",
            ]).joined(separator: "\n"), FinishedLine(record: record))
    }

    /// The share of right answers, below it those of the baselines.
    static func answers(
        _ title: String, _ metrics: ClassificationMetrics, to what: String,
        beside baselines: [BaselineScores]
    ) -> [String] {
        let interval = metrics.accuracyInterval
        return [
            DisplayWidth.fit(title, 9)
                + "\(Decimals.percent(metrics.accuracy)) of \(Decimals.grouped(metrics.examples)) \(what) right (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))"
        ]
            + baselines.map {
                "         \(Decimals.percent($0.metrics.accuracy))  \($0.name): \($0.description)"
            }
    }
}

/// The model that is made or restored, as a JSON object.
struct ModelLine: Encodable {
    var event = "model"
    var vocabulary: Int?
    var parameters: Int
    var epoch: Int?
    var step: Int?
}

/// The running text that is read, as a JSON object.
struct RunningTextLine: Encodable {
    var event = "data"
    var data: LanguageModelRecord.DataRecord
}

/// What the model of an epoch makes of text, as a JSON object.
struct SampleLine: Encodable {
    var event = "sample"
    var epoch: Int
    var text: String
}

/// An event with nothing but its name, as a JSON object.
struct PlainLine: Encodable {
    var event: String
}

/// The end of a run, as a JSON object.
struct FinishedLine<Record: Encodable>: Encodable {
    var event = "finished"
    var record: Record
}

/// What the training loop tells, as a JSON object.
struct TrainingLine: Encodable {
    var event: String
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

    enum CodingKeys: String, CodingKey {
        case event, epoch, step, steps, loss, accuracy, figures, warning
        case tokensPerSecond = "tokens_per_second"
        case secondsLeft = "seconds_left"
        case isBest = "is_best"
    }

    /// The object; nil for most steps.
    init?(_ source: TrainingEvent) {
        switch source {
        case .step(let report):
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
        case .epoch(let record, let isBest):
            event = "epoch"
            figures = record
            self.isBest = isBest
        case .gradients(let alarm, let epoch, let step):
            event = "gradients"
            self.epoch = epoch
            self.step = step
            warning = "\(alarm)"
        case .saved: event = "saved"
        case .stoppedEarly: event = "stopped_early"
        }
    }
}
