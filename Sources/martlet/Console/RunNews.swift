import MartletText
import MartletTraining

/// What all recipes on texts tell in the same words, and as the same JSON objects.
enum RunNews {
    /// The model that is made or restored.
    static func model(
        _ tokenizer: TokenizerKind, vocabulary: Int, parameters: Int, resumedAt: Resumption?
    ) -> String {
        let resumed = resumedAt.map {
            "\nresumed  after \($0.epoch) epochs and \($0.step) steps of the next"
        }
        return
            "tokens   \(tokenizer.rawValue), \(Decimals.grouped(vocabulary)) known\nmodel    \(Decimals.grouped(parameters)) parameters"
            + (resumed ?? "")
    }

    /// How long it took, and where it is.
    static func end(_ record: some TrainingRecord, _ saved: String) -> String {
        "trained  \(Decimals.duration(record.trainingSeconds)); best epoch \(record.bestEpoch ?? 0) of \(record.epochs.count)\nsaved    \(saved)"
    }
}

/// The model that is made or restored, as a JSON object.
struct ModelLine: Encodable {
    var event = "model"
    var vocabulary: Int
    var parameters: Int
    var epoch: Int?
    var step: Int?

    init(vocabulary: Int, parameters: Int, resumedAt: Resumption?) {
        self.vocabulary = vocabulary
        self.parameters = parameters
        epoch = resumedAt?.epoch
        step = resumedAt?.step
    }
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
