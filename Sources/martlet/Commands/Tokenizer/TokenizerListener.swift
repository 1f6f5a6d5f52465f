import MartletText
import MartletTraining

/// Shows how the training of a tokenizer goes: a line on standard error, or JSON on standard output.
struct TokenizerListener {
    private let json: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var last: ContinuousClock.Instant?
    private var words: (all: Int, distinct: Int)?
    private var failure: (any Error)?

    init(json: Bool) {
        self.json = json
        start = clock.now
    }

    /// Shows one event.
    mutating func hear(_ event: TokenizerTrainingEvent) {
        if case .counted(let all, let distinct) = event { words = (all, distinct) }
        if json {
            guard failure == nil else { return }
            do { try JSONOutput.print(EventLine(event)) } catch { failure = error }
            return
        }
        switch event {
        case .counted: break
        case .reading(let bytes, let total):
            let share = total > 0 ? Double(bytes) / Double(total) : 1
            show("reading  \(Decimals.percent(min(1, share), 0))")
        case .merging(let pieces, let total):
            show("merging  \(Decimals.grouped(pieces)) of \(Decimals.grouped(total)) pieces")
        case .seeded(let pieces):
            show("seeds    \(Decimals.grouped(pieces)) pieces")
        case .fitted(let pieces, let total, _):
            show("fitting  \(Decimals.grouped(pieces)) pieces, down to \(Decimals.grouped(total))")
        }
    }

    /// Throws what printing an event threw.
    func check() throws {
        if let failure { throw failure }
    }

    /// Says what came of it.
    mutating func end(_ outcome: TokenizerRecipe.Outcome, path: String) throws {
        let seconds = (clock.now - start) / .seconds(1)
        let pieces = outcome.tokenizer.model.pieceCount
        if json {
            try JSONOutput.print(
                EndLine(path: path, pieces: pieces, seconds: seconds, score: outcome.score))
            return
        }
        if let words {
            Terminal.writeError(
                "read     \(Decimals.grouped(words.all)) words, "
                    + "\(Decimals.grouped(words.distinct)) different\n")
        }
        if let score = outcome.score {
            Terminal.writeError(
                "held out \(Decimals.grouped(score.wanted)) words: F1 \(Decimals.fixed(score.f1, 4)) "
                    + "(precision \(Decimals.fixed(score.precision, 4)), "
                    + "recall \(Decimals.fixed(score.recall, 4))"
                    + (score.newRecall.map { ", of new words \(Decimals.fixed($0, 3))" } ?? "")
                    + ")\n")
        }
        Terminal.writeError(
            "saved    \(path)  (\(Decimals.grouped(pieces)) pieces, \(Decimals.duration(seconds)))\n"
        )
    }

    /// Clears the line of a terminal, for what is said after it.
    func clear() {
        if last != nil { Terminal.writeError("\r\u{1B}[K") }
    }

    /// Rewrites the line in a terminal, at most ten times a second; shows nothing elsewhere.
    private mutating func show(_ line: String) {
        guard Terminal.hasLiveErrors else { return }
        let now = clock.now
        if let last, now - last < .milliseconds(100) { return }
        last = now
        Terminal.writeError("\r\u{1B}[K" + line)
    }

    /// One event as JSON.
    private struct EventLine: Encodable {
        var event: String
        var bytes: Int?
        var words: Int?
        var distinct: Int?
        var pieces: Int?
        var of: Int?
        var logProbability: Double?

        enum CodingKeys: String, CodingKey {
            case event, bytes, words, distinct, pieces, of
            case logProbability = "log_probability"
        }

        init(_ event: TokenizerTrainingEvent) {
            switch event {
            case .reading(let bytes, let total):
                (self.event, self.bytes, of) = ("reading", bytes, total)
            case .counted(let words, let distinct):
                (self.event, self.words, self.distinct) = ("counted", words, distinct)
            case .merging(let pieces, let total):
                (self.event, self.pieces, of) = ("merging", pieces, total)
            case .seeded(let pieces): (self.event, self.pieces) = ("seeded", pieces)
            case .fitted(let pieces, let total, let logProbability):
                (self.event, self.pieces, of) = ("fitted", pieces, total)
                self.logProbability = logProbability
            }
        }
    }

    /// The last line of JSON.
    private struct EndLine: Encodable {
        var event = "saved"
        var path: String
        var pieces: Int
        var seconds: Double
        var f1: Double?
        var precision: Double?
        var recall: Double?
        var newRecall: Double?

        enum CodingKeys: String, CodingKey {
            case event, path, pieces, seconds, f1, precision, recall
            case newRecall = "new_recall"
        }

        init(path: String, pieces: Int, seconds: Double, score: SegmentationScore?) {
            self.path = path
            self.pieces = pieces
            self.seconds = seconds
            f1 = score?.f1
            precision = score?.precision
            recall = score?.recall
            newRecall = score?.newRecall
        }
    }
}
