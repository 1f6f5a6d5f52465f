/// What a metric says about a text or a corpus.
public protocol TextScore: Sendable, Encodable, CustomStringConvertible {
    /// The score, of 100.
    var value: Double { get }
}

/// A metric of texts against references: numbers of each segment that add up, and a score that follows from their sum.
///
/// Scores of a corpus, of single segments and of resampled corpora (``Bootstrap``) all come from the same numbers, which are
/// worked out once.
public protocol TextMetric: Sendable {
    /// What the score is.
    associatedtype Score: TextScore

    /// The metric's name, such as `BLEU`.
    var name: String { get }
    /// The options that the score depends on, as `key:value` with `|` between.
    var settings: String { get }
    /// Whether a better text has a higher score.
    var isHigherBetter: Bool { get }
    /// How many numbers a segment has.
    var statisticsWidth: Int { get }

    /// The numbers of one segment; there is at least one reference.
    func statistics(hypothesis: String, references: [String]) -> [Double]
    /// The score of a corpus, by the sum of its segments' numbers.
    func score(_ sum: [Double]) -> Score
    /// The score of one segment, by its numbers.
    func segmentScore(_ statistics: [Double]) -> Score
}

extension TextMetric {
    /// A better text has a higher score.
    public var isHigherBetter: Bool { true }

    /// The score of a corpus of this one segment.
    public func segmentScore(_ statistics: [Double]) -> Score { score(statistics) }

    /// The numbers of every segment.
    public func statistics(of texts: ParallelTexts) -> SegmentStatistics {
        var statistics = SegmentStatistics(width: statisticsWidth)
        statistics.reserve(texts.count)
        for (hypothesis, references) in zip(texts.hypotheses, texts.references) {
            statistics.append(self.statistics(hypothesis: hypothesis, references: references))
        }
        return statistics
    }

    /// The score of all texts together.
    public func score(of texts: ParallelTexts) -> Score {
        score(statistics(of: texts).sum)
    }

    /// The score of each text by itself.
    public func segmentScores(of texts: ParallelTexts) -> [Score] {
        let statistics = statistics(of: texts)
        return (0..<statistics.count).map { segmentScore(statistics[$0]) }
    }

    /// What was computed how, in the manner of sacreBLEU: `nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp`.
    public func signature(for texts: ParallelTexts, bootstrap: Bootstrap? = nil) -> String {
        var parts = ["nrefs:" + (texts.referenceCount.map(String.init) ?? "var")]
        if let bootstrap { parts += ["bs:\(bootstrap.resamples)", "seed:\(bootstrap.seed)"] }
        return (parts + [settings]).joined(separator: "|")
    }
}
