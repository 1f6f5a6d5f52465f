import MartletText

/// What texts that were written are measured by.
public enum PairMetric: String, Codable, Sendable, CaseIterable {
    /// n-grams of words, of Chinese and Japanese of characters (Papineni et al. 2002).
    case bleu
    /// n-grams of characters (Popović 2015).
    case chrf
    /// Errors by words, by characters, by phonemes.
    case wer, cer, per
    /// Words, pairs of words, the longest row of words in the same order (Lin 2004): of summaries.
    case rouge1 = "rouge-1"
    case rouge2 = "rouge-2"
    case rougeL = "rouge-l"
    /// Texts that are just like a reference.
    case exact

    /// A score of a corpus.
    public struct Score: Codable, Sendable, Equatable {
        /// The metric's name, such as `BLEU`.
        public var name: String
        /// The score, of 100.
        public var value: Double
        /// Whether a better text has a higher score.
        public var isHigherBetter: Bool
        /// What was computed how, in the manner of sacreBLEU.
        public var signature: String

        enum CodingKeys: String, CodingKey {
            case name, signature
            case value = "score"
            case isHigherBetter = "higher_is_better"
        }
    }

    /// The metric, for references like these.
    func metric(for references: some Sequence<String>) -> any TextMetric {
        switch self {
        case .bleu: BLEU(tokenization: isMostlyCJK(references) ? .chinese : .mteval13a)
        case .chrf: ChrF()
        case .wer: ErrorRate(.word)
        case .cer: ErrorRate(.character)
        case .per: ErrorRate(.phoneme)
        case .rouge1: ROUGE(.nGram(1))
        case .rouge2: ROUGE(.nGram(2))
        case .rougeL: ROUGE(.longestCommonSubsequence)
        case .exact: ExactMatch()
        }
    }

    /// The metric's name, such as `BLEU`.
    public var name: String { metric(for: [String]()).name }
    /// Whether a better text has a higher score.
    public var isHigherBetter: Bool { metric(for: [String]()).isHigherBetter }

    /// What is told of the test where this is told of the validation.
    var testMetrics: [PairMetric] {
        switch self {
        case .bleu, .chrf: [.bleu, .chrf, .exact]
        case .rouge1, .rouge2, .rougeL: [.rouge1, .rouge2, .rougeL, .exact]
        case .exact: [.exact]
        case .wer, .cer, .per: [self, .exact]
        }
    }

    /// The score of all texts together.
    func score(of texts: ParallelTexts) -> Score {
        func score<Metric: TextMetric>(_ metric: Metric) -> Score {
            Score(
                name: metric.name, value: metric.score(of: texts).value,
                isHigherBetter: metric.isHigherBetter, signature: metric.signature(for: texts))
        }
        return score(metric(for: texts.references.lazy.flatMap { $0 }))
    }
}
