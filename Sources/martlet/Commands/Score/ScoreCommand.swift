import ArgumentParser
import MartletText

/// `martlet score`: how good texts are, by references.
struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score translations, summaries, pronunciations against references.",
        discussion: """
            Each line of HYPOTHESES is a text, and the same line of every file of REFERENCES what it should be like. One of \
            the files may be - for standard input. BLEU, chrF and chrF++ are those of sacreBLEU, ROUGE that of rouge-score \
            without its stemmer; exact is the share of lines that are just like a reference; wer, cer and per count \
            the edits a word, a character, a phoneme (lower is better). All are of 100.

            Below the table stands how each score was computed, as sacreBLEU's signature. With --confidence 95 % intervals are \
            drawn at random from the lines; with --baseline another system is judged on the same lines, and whether the \
            difference could be chance (paired bootstrap, Koehn 2004). With --sentence each line is scored by itself.
            """)

    @Argument(help: "The texts to judge, a line each.")
    var hypotheses: String
    @Argument(help: "What they should be like, line by line; several files: any of them.")
    var references: [String]
    @OptionGroup var scoring: ScoringFlags
    @Flag(help: "Say where each score lies, 95 times of 100.")
    var confidence = false
    @Option(help: "Texts of another system, to compare the hypotheses with.")
    var baseline: String?
    @Option(
        parsing: .unconditional,
        help: "How many corpora are drawn for --confidence and --baseline (default: 1000).")
    var resamples: Int?
    @Option(help: "What the draws follow from (default: 12345).")
    var seed: UInt64?
    @Flag(help: "Score each line by itself, as a table with tabs.")
    var sentence = false
    @Flag(help: "Let a reference be empty: the right answer is then to say nothing.")
    var allowEmptyReferences = false
    @Flag(help: "Print one JSON object for each metric, or with --sentence for each line.")
    var json = false

    func validate() throws {
        let files = [hypotheses] + references + (baseline.map { [$0] } ?? [])
        if files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("- is given more than once: standard input can be read once")
        }
        if sentence, confidence || baseline != nil {
            throw ValidationError(
                "--sentence is of single lines: it excludes --confidence and --baseline")
        }
        if !confidence, baseline == nil, resamples != nil || seed != nil {
            throw ValidationError("--resamples and --seed are for --confidence and --baseline")
        }
        if let resamples, resamples < 1 {
            throw ValidationError("--resamples is \(resamples): expected at least 1")
        }
    }

    func run() throws {
        try Failure.exiting {
            let files = try LineFiles(
                hypotheses: hypotheses, references: references, allowsEmpty: allowEmptyReferences)
            let texts = try files.texts(of: hypotheses)
            if sentence { return try printSentences(texts) }
            let others = try baseline.map { try files.texts(of: $0) }
            let reports = try scoring.metrics.map { try report($0, texts, others) }
            if json {
                for report in reports { try JSONOutput.print(report) }
            } else {
                try Output.line(ScoreView(reports).text)
            }
        }
    }

    /// The bootstrap that was asked for.
    private var bootstrap: Bootstrap? {
        guard confidence || baseline != nil else { return nil }
        let usual = Bootstrap()
        return Bootstrap(resamples: resamples ?? usual.resamples, seed: seed ?? usual.seed)
    }

    /// What one metric says.
    private func report(
        _ metric: some TextMetric, _ texts: ParallelTexts, _ others: ParallelTexts?
    ) throws -> ScoreReport {
        let statistics = metric.statistics(of: texts)
        let score = metric.score(statistics.sum)
        let comparison = try others.flatMap { others in
            try bootstrap?.compare(
                metric, baseline: metric.statistics(of: others), system: statistics)
        }
        return ScoreReport(
            metric: metric.name, score: score.value, details: score, lines: texts.count,
            isHigherBetter: metric.isHigherBetter,
            signature: metric.signature(for: texts, bootstrap: bootstrap),
            interval: comparison?.systemInterval
                ?? bootstrap?.interval(of: metric, statistics),
            comparison: comparison)
    }

    /// The scores of each line.
    private func printSentences(_ texts: ParallelTexts) throws {
        let metrics = scoring.metrics
        let names = metrics.map(\.name)
        func scores(_ metric: some TextMetric) -> [any TextScore] {
            metric.segmentScores(of: texts).map { $0 }
        }
        let columns = metrics.map { scores($0) }
        if !json { try Output.line((["line"] + names).joined(separator: "\t")) }
        for line in 0..<texts.count {
            let values = columns.map { $0[line] }
            if json {
                try JSONOutput.print(
                    SentenceReport(
                        line: line + 1,
                        scores: Dictionary(
                            uniqueKeysWithValues: zip(names, values.map(\.value)))))
            } else {
                let cells = values.map(ScoreView.number)
                try Output.line((["\(line + 1)"] + cells).joined(separator: "\t"))
            }
        }
    }
}

/// What `--json` says of a line.
private struct SentenceReport: Encodable {
    var line: Int
    var scores: [String: Double]
}

/// What one metric says of a system.
struct ScoreReport: Encodable {
    var metric: String
    var score: Double
    var details: any TextScore
    var lines: Int
    var isHigherBetter: Bool
    var signature: String
    var interval: ConfidenceInterval?
    var comparison: PairedComparison?

    private enum CodingKeys: String, CodingKey {
        case metric, score, details, lines, signature, comparison
        case isHigherBetter = "higher_is_better"
        case interval = "score_95"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(metric, forKey: .metric)
        try values.encode(score, forKey: .score)
        try details.encode(to: values.superEncoder(forKey: .details))
        try values.encode(lines, forKey: .lines)
        try values.encode(isHigherBetter, forKey: .isHigherBetter)
        try values.encode(signature, forKey: .signature)
        try values.encodeIfPresent(interval, forKey: .interval)
        try values.encodeIfPresent(comparison, forKey: .comparison)
    }
}
