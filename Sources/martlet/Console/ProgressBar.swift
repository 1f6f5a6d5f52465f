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
    /// What a recipe counts.
    struct Words {
        /// The share of right answers.
        var answers = "accuracy"
        /// What a second has so many of.
        var unit = "tokens"
        /// Whether e^loss says something where answers are not counted.
        var hasPerplexity = true
    }

    private let words: Words
    private let isLive: Bool
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?
    private var hasHeader = false

    init(isLive: Bool, words: Words = Words()) {
        self.isLive = isLive
        self.words = words
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
                "\r\u{1B}[K" + Self.line(report, width: Terminal.width - 1, words))
        } else {
            Terminal.writeError(Self.figures(report, words) + "\n")
        }
    }

    private mutating func finish(_ record: EpochRecord, isBest: Bool) {
        if isLive { Terminal.writeError("\r\u{1B}[K") }
        if !hasHeader {
            hasHeader = true
            Terminal.writeError(
                "epoch  loss   \(record.trainingAccuracy == nil ? "" : "accuracy  ")"
                    + "validation loss  validation \(words.answers)  \(words.unit)/s  time\n")
        }
        var cells = [("\(record.epoch)", 5), (Decimals.fixed(record.trainingLoss, 3), 5)]
        if let accuracy = record.trainingAccuracy { cells.append((Decimals.percent(accuracy), 8)) }
        cells += [
            (Decimals.fixed(record.validationLoss, 3), 15),
            (Decimals.percent(record.validationShare) + (isBest ? "  best" : ""), 19),
            (Decimals.short(record.tokensPerSecond), 8), (Decimals.duration(record.seconds), 0),
        ]
        Terminal.writeError(
            cells.map { $0.1 == 0 ? $0.0 : DisplayWidth.fit($0.0, $0.1) }.joined(separator: "  ")
                + "\n")
    }

    /// The line, as wide as it may be: what does not fit is left out, the bar first.
    static func line(_ report: StepReport, width: Int, _ words: Words = Words()) -> String {
        let head = "epoch \(report.epoch)/\(report.epochs) "
        let tail = " " + figures(report, words, withEpoch: false)
        let room = width - head.count - tail.count
        guard room >= 10 else { return String((head + tail).prefix(max(0, width))) }
        let length = min(40, room)
        let share = Double(report.step) / Double(max(1, report.steps))
        let halves = Int(share * Double(2 * length))
        let done = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
        return head + done + String(repeating: " ", count: length - done.count) + tail
    }

    /// Loss, accuracy (or perplexity, where answers are not counted), speed and time left.
    private static func figures(
        _ report: StepReport, _ words: Words, withEpoch: Bool = true
    ) -> String {
        let quality =
            report.accuracy.map { "\(words.answers) \(Decimals.percent($0))  " }
            ?? (words.hasPerplexity ? "perplexity \(Decimals.fixed(exp(report.loss), 2))  " : "")
        let head =
            withEpoch
            ? "epoch \(report.epoch)/\(report.epochs)  step \(report.step)/\(report.steps)  " : ""
        return head + "loss \(Decimals.fixed(report.loss, 3))  \(quality)"
            + "\(Decimals.short(report.tokensPerSecond)) \(words.unit)/s  \(Decimals.duration(report.secondsLeft)) left"
    }
}
