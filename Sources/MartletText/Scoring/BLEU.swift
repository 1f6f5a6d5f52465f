#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// BLEU (Papineni et al. 2002) as sacreBLEU 2 computes it (Post 2018): the same tokens, counts and smoothing.
///
/// BLEU = BP · exp(Σₙ ln pₙ / N), with the precisions pₙ of n-grams of 1 … N tokens, and BP = exp(1 − r / h)
/// where the hypotheses' length h is less than that of the references, r. Of several references, an n-gram may be taken as often as in
/// the one that has most of it, and r is the length nearest to the hypothesis's, of two the shorter.
public struct BLEU: TextMetric {
    /// What becomes of n-grams that never match (Chen & Cherry 2014).
    public enum Smoothing: Sendable, Hashable {
        /// `exp`: the first such precision is 1 / 2 of a match, the next 1 / 4, and so on. sacreBLEU's usual one.
        case exponential
        /// `floor`: so much of a match.
        case floor(Double = 0.1)
        /// `add-k`: for two tokens and more, as many matches and n-grams are added.
        case addK(Double = 1)
        /// `none`: the score is 0.
        case none
    }

    /// How texts become tokens.
    public var tokenization: BLEUTokenization
    /// What becomes of n-grams that never match.
    public var smoothing: Smoothing
    /// Whether upper and lower case are the same.
    public var lowercase: Bool
    /// Whether orders for which a corpus is too short are left out. Scores of single segments always do so.
    public var usesEffectiveOrder: Bool
    /// The tokens of the longest n-gram.
    public let maximumOrder: Int

    /// BLEU with sacreBLEU's usual options, or others.
    public init(
        tokenization: BLEUTokenization = .mteval13a, smoothing: Smoothing = .exponential,
        lowercase: Bool = false, usesEffectiveOrder: Bool = false, maximumOrder: Int = 4
    ) {
        precondition(maximumOrder > 0, "BLEU of n-grams of up to \(maximumOrder) tokens")
        self.tokenization = tokenization
        self.smoothing = smoothing
        self.lowercase = lowercase
        self.usesEffectiveOrder = usesEffectiveOrder
        self.maximumOrder = maximumOrder
    }

    /// `BLEU`.
    public var name: String { "BLEU" }

    /// The options as sacreBLEU's signature has them.
    public var settings: String {
        let smooth =
            switch smoothing {
            case .exponential: "exp"
            case .floor(let value): "floor[\(fixedDecimals(value, 2))]"
            case .addK(let value): "add-k[\(fixedDecimals(value, 2))]"
            case .none: "none"
            }
        return "case:\(lowercase ? "lc" : "mixed")|eff:\(usesEffectiveOrder ? "yes" : "no")"
            + "|tok:\(tokenization.rawValue)|smooth:\(smooth)"
    }

    /// Two lengths, then the matches and the n-grams of each order.
    public var statisticsWidth: Int { 2 + 2 * maximumOrder }

    /// The hypothesis's length, that of the nearest reference, the matches of each order, and the n-grams of each order.
    public func statistics(hypothesis: String, references: [String]) -> [Double] {
        precondition(!references.isEmpty, "BLEU without a reference")
        let texts = wordNumbers(([hypothesis] + references).map(tokens))
        let length = texts[0].count
        let nearest = texts.dropFirst().map(\.count).min { left, right in
            (abs(left - length), left) < (abs(right - length), right)
        }
        var statistics = [Double](repeating: 0, count: statisticsWidth)
        statistics[0] = Double(length)
        statistics[1] = Double(nearest ?? 0)
        var nGrams = NGramNumbering(texts)
        for order in 0..<min(maximumOrder, length) {
            if order > 0 { nGrams.lengthen() }
            var most = nGrams.counts(1)
            for reference in 2..<max(2, texts.count) {
                for (index, count) in nGrams.counts(reference).enumerated() {
                    most[index] = max(most[index], count)
                }
            }
            statistics[2 + order] = Double(nGrams.matches(0, in: most))
            statistics[2 + maximumOrder + order] = Double(length - order)
        }
        return statistics
    }

    private func tokens(_ text: String) -> [ArraySlice<UInt32>] {
        let text = ScalarText(text)
        return tokenization.tokens(lowercase ? text.lowercased : text)
    }

    /// The score of a corpus.
    public func score(_ sum: [Double]) -> BLEUScore {
        score(sum, usesEffectiveOrder: usesEffectiveOrder)
    }

    /// The score of a segment, without the orders for which it is too short.
    public func segmentScore(_ statistics: [Double]) -> BLEUScore {
        score(statistics, usesEffectiveOrder: true)
    }

    private func score(_ sum: [Double], usesEffectiveOrder: Bool) -> BLEUScore {
        let matches = Array(sum[2..<2 + maximumOrder])
        let totals = Array(sum[(2 + maximumOrder)...])
        let (length, reference) = (sum[0], sum[1])
        let penalty = length >= reference ? 1 : length > 0 ? exp(1 - reference / length) : 0
        var precisions = [Double](repeating: 0, count: maximumOrder)
        var value = 0.0
        if matches.contains(where: { $0 > 0 }) {
            let order = smooth(matches, totals, into: &precisions)
            let count = usesEffectiveOrder ? order : maximumOrder
            // The logarithm of 0 is so small that the score is 0.
            let logarithms = precisions[..<count].map { $0 == 0 ? -9_999_999_999 : log($0) }
            value = penalty * exp(logarithms.reduce(0, +) / Double(count))
        }
        return BLEUScore(
            value: value, precisions: precisions, brevityPenalty: penalty,
            hypothesisLength: Int(length), referenceLength: Int(reference),
            matches: matches.map { Int($0) }, totals: totals.map { Int($0) })
    }

    /// Works out the precisions, of 100; gives the number of orders that have n-grams.
    private func smooth(
        _ matches: [Double], _ totals: [Double], into precisions: inout [Double]
    ) -> Int {
        var portion = 1.0
        for order in 0..<maximumOrder {
            var (matches, total) = (matches[order], totals[order])
            if case .addK(let k) = smoothing, order > 0 {
                matches += k
                total += k
            }
            if total == 0 { return order }
            if matches == 0 {
                switch smoothing {
                case .exponential:
                    portion *= 2
                    precisions[order] = 100 / (portion * total)
                case .floor(let value): precisions[order] = 100 * value / total
                case .addK, .none: break
                }
            } else {
                precisions[order] = 100 * matches / total
            }
        }
        return maximumOrder
    }
}

/// A BLEU score and what it is made of.
public struct BLEUScore: TextScore, Codable, Equatable {
    /// The score, 0 … 100.
    public var value: Double
    /// The precisions of n-grams of 1, 2, … tokens, 0 … 100, smoothed.
    public var precisions: [Double]
    /// What the score is multiplied by because the hypotheses are too short, 0 … 1.
    public var brevityPenalty: Double
    /// The tokens of the hypotheses.
    public var hypothesisLength: Int
    /// The tokens of the references.
    public var referenceLength: Int
    /// The n-grams of 1, 2, … tokens that a reference has too.
    public var matches: [Int]
    /// The n-grams of 1, 2, … tokens that the hypotheses have.
    public var totals: [Int]

    private enum CodingKeys: String, CodingKey {
        case value = "score"
        case precisions, matches, totals
        case brevityPenalty = "brevity_penalty"
        case hypothesisLength = "hypothesis_length"
        case referenceLength = "reference_length"
    }

    /// The score as sacreBLEU prints it: `53.73 80.0/61.5/50.0/40.0 (BP = 0.951 ratio = 0.952 hyp_len = 20 ref_len = 21)`.
    public var description: String {
        let parts = precisions.map { fixedDecimals($0, 1) }.joined(separator: "/")
        let ratio =
            referenceLength == 0 ? 0 : Double(hypothesisLength) / Double(referenceLength)
        return "\(fixedDecimals(value, 2)) \(parts) (BP = \(fixedDecimals(brevityPenalty, 3)) "
            + "ratio = \(fixedDecimals(ratio, 3)) "
            + "hyp_len = \(hypothesisLength) ref_len = \(referenceLength))"
    }
}
