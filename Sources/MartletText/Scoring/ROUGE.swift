/// ROUGE (Lin 2004) as Google's rouge-score computes it, without its stemmer.
///
/// F = 2 P R / (P + R), with the share P of the hypothesis's units that the reference has too and the share R of the
/// reference's that the hypothesis has. Of several references, the one with the best F counts. The score of a corpus is the
/// mean over its segments.
public struct ROUGE: TextMetric {
    /// What two texts are to have in common.
    public enum Kind: Sendable, Hashable {
        /// ROUGE-N: n-grams of so many tokens.
        case nGram(Int)
        /// ROUGE-L: the longest row of tokens that both have in this order, with others between them or not.
        case longestCommonSubsequence
    }

    /// What two texts are to have in common.
    public let kind: Kind
    /// How texts become tokens.
    public var tokenization: ROUGETokenization

    /// ROUGE of a kind.
    public init(_ kind: Kind, tokenization: ROUGETokenization = .ascii) {
        if case .nGram(let order) = kind {
            precondition(order > 0, "ROUGE of n-grams of \(order) tokens")
        }
        self.kind = kind
        self.tokenization = tokenization
    }

    /// `ROUGE-1`, `ROUGE-2`, `ROUGE-L`.
    public var name: String {
        switch kind {
        case .nGram(let order): "ROUGE-\(order)"
        case .longestCommonSubsequence: "ROUGE-L"
        }
    }

    /// The tokenisation; case never counts.
    public var settings: String { "case:lc|tok:\(tokenization.rawValue)|stem:no" }

    /// Four.
    public var statisticsWidth: Int { 4 }

    /// 1 for the segment, then its precision, recall and F, 0 … 1.
    public func statistics(hypothesis: String, references: [String]) -> [Double] {
        let texts = wordNumbers(
            ([hypothesis] + references).map { tokenization.tokens(ScalarText($0)) })
        var best: (precision: Double, recall: Double, fMeasure: Double)?
        for (match, hypothesis, reference) in overlaps(texts) {
            let precision = Double(match) / Double(max(hypothesis, 1))
            let recall = Double(match) / Double(max(reference, 1))
            let fMeasure = match > 0 ? 2 * precision * recall / (precision + recall) : 0
            if best.map({ fMeasure > $0.fMeasure }) ?? true { best = (precision, recall, fMeasure) }
        }
        return [1, best?.precision ?? 0, best?.recall ?? 0, best?.fMeasure ?? 0]
    }

    /// What the first text has in common with each of the others, and how much there is in both.
    private func overlaps(_ texts: [[UInt32]]) -> [(match: Int, hypothesis: Int, reference: Int)] {
        switch kind {
        case .nGram(let order):
            var nGrams = NGramNumbering(texts)
            for _ in 1..<order { nGrams.lengthen() }
            return (1..<texts.count).map {
                (
                    nGrams.matches(0, in: nGrams.counts($0)), nGrams.texts[0].count,
                    nGrams.texts[$0].count
                )
            }
        case .longestCommonSubsequence:
            return texts.dropFirst().map {
                (BitParallel.commonSubsequence(texts[0], $0), texts[0].count, $0.count)
            }
        }
    }

    /// The mean over the segments.
    public func score(_ sum: [Double]) -> ROUGEScore {
        let factor = 100 / max(sum[0], 1)
        return ROUGEScore(
            precision: sum[1] * factor, recall: sum[2] * factor, fMeasure: sum[3] * factor)
    }
}

/// A ROUGE score.
public struct ROUGEScore: TextScore, Codable, Equatable {
    /// The share of the hypotheses that the references have, 0 … 100.
    public var precision: Double
    /// The share of the references that the hypotheses have, 0 … 100.
    public var recall: Double
    /// The harmonic mean of precision and recall, 0 … 100; of a corpus, the mean of the segments'.
    public var fMeasure: Double
    /// The F-measure.
    public var value: Double { fMeasure }

    private enum CodingKeys: String, CodingKey {
        case precision, recall
        case fMeasure = "f_measure"
    }

    /// `47.62 (precision 50.00, recall 45.45)`.
    public var description: String {
        "\(fixedDecimals(fMeasure, 2)) "
            + "(precision \(fixedDecimals(precision, 2)), recall \(fixedDecimals(recall, 2)))"
    }
}
