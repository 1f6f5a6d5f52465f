import MartletTraining

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The progress of training on standard error: one line that moves in a terminal, plain lines elsewhere.
struct ProgressBar {
    /// What is told beside the loss.
    enum Measure {
        /// The share of right answers.
        case accuracy
        /// e^loss, and that of the next tokens which are guessed in validation.
        case perplexity
    }

    private let isLive: Bool
    private let measure: Measure
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?
    private var hasHeader = false

    init(isLive: Bool, measure: Measure = .accuracy) {
        self.isLive = isLive
        self.measure = measure
    }

    /// Shows one event.
    mutating func take(_ event: TrainingEvent) {
        switch event {
        case .step(let report): show(report)
        case .epoch(let record, let isBest): finish(record, isBest: isBest)
        case .gradients(let alarm, let epoch, let step):
            if isLive { Terminal.writeError("\r\u{1B}[K") }
            Terminal.warn("epoch \(epoch), step \(step): \(alarm)")
        case .saved: break
        case .stoppedEarly(let patience):
            Terminal.writeError("stopped: \(patience) epochs brought nothing better\n")
        }
    }

    /// At most ten times a second in a terminal, every ten seconds elsewhere.
    private mutating func show(_ report: StepReport) {
        let now = clock.now
        if let last, now - last < (isLive ? .milliseconds(100) : .seconds(10)) { return }
        if last == nil, !isLive {
            last = now
            return
        }
        last = now
        if isLive {
            Terminal.writeError(
                "\r\u{1B}[K" + Self.line(report, width: Terminal.width - 1, measure))
        } else {
            Terminal.writeError(Self.figures(report, measure) + "\n")
        }
    }

    private mutating func finish(_ record: EpochRecord, isBest: Bool) {
        if isLive { Terminal.writeError("\r\u{1B}[K") }
        if !hasHeader {
            hasHeader = true
            Terminal.writeError(
                "epoch  loss   \(measure == .accuracy ? "accuracy  " : "")validation loss  "
                    + "validation \(measure == .accuracy ? "accuracy" : "guesses ")  tokens/s  time\n"
            )
        }
        Terminal.writeError(
            DisplayWidth.fit("\(record.epoch)", 5) + "  "
                + DisplayWidth.fit(Decimals.fixed(record.trainingLoss, 3), 5) + "  "
                + (measure == .accuracy
                    ? DisplayWidth.fit(Decimals.percent(record.trainingAccuracy), 8) + "  " : "")
                + DisplayWidth.fit(Decimals.fixed(record.validationLoss, 3), 15) + "  "
                + DisplayWidth.fit(
                    Decimals.percent(record.validationAccuracy) + (isBest ? "  best" : ""), 19)
                + "  " + DisplayWidth.fit(Decimals.short(record.tokensPerSecond), 8) + "  "
                + Decimals.duration(record.seconds) + "\n")
    }

    /// The line, as wide as it may be: what does not fit is left out, the bar first.
    static func line(
        _ report: StepReport, width: Int, _ measure: Measure = .accuracy
    ) -> String {
        let head = "epoch \(report.epoch)/\(report.epochs) "
        let tail = " " + figures(report, measure, withEpoch: false)
        let room = width - head.count - tail.count
        guard room >= 10 else { return String((head + tail).prefix(max(0, width))) }
        let length = min(40, room)
        let share = Double(report.step) / Double(max(1, report.steps))
        let halves = Int(share * Double(2 * length))
        let done = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
        return head + done + String(repeating: " ", count: length - done.count) + tail
    }

    /// Loss, accuracy or perplexity, speed and time left.
    private static func figures(
        _ report: StepReport, _ measure: Measure, withEpoch: Bool = true
    ) -> String {
        let quality =
            switch measure {
            case .accuracy: "accuracy \(Decimals.percent(report.accuracy))"
            case .perplexity: "perplexity \(Decimals.fixed(exp(report.loss), 2))"
            }
        return figures(report, quality, withEpoch)
    }

    private static func figures(
        _ report: StepReport, _ quality: String, _ withEpoch: Bool
    ) -> String {
        (withEpoch
            ? "epoch \(report.epoch)/\(report.epochs)  step \(report.step)/\(report.steps)  " : "")
            + "loss \(Decimals.fixed(report.loss, 3))  \(quality)  "
            + "\(Decimals.short(report.tokensPerSecond)) tokens/s  \(Decimals.duration(report.secondsLeft)) left"
    }
}
