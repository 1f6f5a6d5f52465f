import MartletTraining

/// Tells on standard error how far a comparison is: a line that moves in a terminal, and a line for each training done;
/// or each event as a JSON object on standard output.
final class ComparisonListener {
    private let json: Bool
    private let isLive = Terminal.hasLiveErrors
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant?

    init(json: Bool) {
        self.json = json
    }

    /// Takes one event.
    func hear(_ event: ComparisonEvent) {
        if json {
            if let line = ComparisonEventLine(event) { try? JSONOutput.print(line) }
            return
        }
        switch event {
        case .leftOut(let task, let reason):
            Terminal.writeError("left out  \(task.rawValue): \(reason)\n")
        case .progress(let place, let step, let steps, let score):
            guard isLive else { return }
            let now = clock.now
            if let last, now - last < .milliseconds(100) { return }
            last = now
            let line =
                Self.name(place) + "  step \(step)/\(steps)"
                + (score.map { "  \(Decimals.percent($0))" } ?? "")
            Terminal.writeError("\r\u{1B}[K" + line.prefix(Terminal.width - 1))
        case .finished(let place, let trial):
            end()
            Terminal.writeError(Self.name(place) + "  " + Self.outcome(trial) + "\n")
        case .measured(let cost, let number, let count):
            end()
            Terminal.writeError(
                "\(number)/\(count)  speed \(cost.length)  \(cost.contender.rawValue)  \(ComparisonFigures.rate(cost)) steps/s\n"
            )
        }
    }

    /// Clears the line that moves.
    func end() {
        if isLive, !json { Terminal.writeError("\r\u{1B}[K") }
    }

    private static func name(_ place: ComparisonPlace) -> String {
        let count = "\(place.count)"
        let number = "\(place.number)"
        let space = String(repeating: " ", count: count.count - number.count)
        return "\(space)\(number)/\(count)  \(place.task.rawValue)"
            + (place.length.map { " \($0)" } ?? "")
            + ", seed \(place.seed)  \(place.contender.rawValue)"
    }

    private static func outcome(_ trial: ComparisonTrial) -> String {
        let score =
            trial.task.isShare
            ? Decimals.percent(trial.score)
            : Decimals.fixed(trial.score, 3) + " bits per character"
        let end =
            trial.solvedAt.map { ", solved after \($0) steps" }
            ?? (trial.hasDiverged ? ", diverged after \(trial.steps) steps" : "")
        return score + end + ", \(Decimals.fixed(trial.seconds, 1)) s"
    }
}

/// One event as a JSON object.
struct ComparisonEventLine: Encodable {
    var event: String
    var task: ComparisonTask?
    var reason: String?
    var number: Int?
    var count: Int?
    var trial: ComparisonTrial?
    var cost: ComparisonCost?
    var record: ComparisonRecord?

    /// The end, with everything.
    init(_ record: ComparisonRecord) {
        event = "finished"
        self.record = record
    }

    /// What others than people need to know; nil: nothing.
    init?(_ source: ComparisonEvent) {
        switch source {
        case .leftOut(let task, let reason):
            event = "left_out"
            self.task = task
            self.reason = reason
        case .progress: return nil
        case .measured(let cost, let number, let count):
            event = "cost"
            task = .speed
            self.number = number
            self.count = count
            self.cost = cost
        case .finished(let place, let trial):
            event = "trial"
            number = place.number
            count = place.count
            self.trial = trial
        }
    }
}
